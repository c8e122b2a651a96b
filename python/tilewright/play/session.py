"""A game that is played by a person: batches, save files and the transcript.

Nothing here prints or asks; `plain` and `screen` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from tilewright.errors import StoryError
from tilewright.play.files import complaint, read_file, write_file
from tilewright.zmachine import Event, Game


@dataclass(frozen=True)
class Batch:
    """What one run of the device brought; `number` counts from 1."""

    number: int
    text: str
    events: list[Event]
    instructions: int
    cycles: int

    def __str__(self) -> str:
        return f"[batch {self.number}: {self.instructions} Z-instructions, {self.cycles} cycles]"


#: Instructions of a batch from prompt to prompt: more than a turn takes, and so few that a story
#: which never comes to a prompt shows its text as it comes.
LONG = 1_000_000


class Session:
    """A game, cut into batches of `batch` Z-instructions (None: from prompt to prompt). `save_name`
    is what an empty answer to the question for a save file means."""

    def __init__(
        self, game: Game, batch: int | None, transcript: TextIO | None, save_name: str
    ) -> None:
        self.game = game
        self._save_name = save_name
        self._batch = LONG if batch is None else batch
        self._transcript = transcript
        self._count = 0
        self._answered = False

    def typed(self, line: str) -> None:
        """The player has typed a line where the game reads one."""
        self._write(f"{line}\n")
        self.game.enter(line)

    def pressed(self, key: str | int) -> None:
        """The player has pressed a key where the game reads one."""
        self.game.press(key)

    def run(self) -> Iterator[Batch]:
        """Play to where the player has to do something, batch by batch. After a `command` that is
        where the game stands already."""
        stopped, self._answered = self._answered, False
        while not stopped:
            instructions, cycle = self.game.instructions, self.game.device.cycle
            text = self.game.step(self._batch)
            self._write(text)
            self._count += 1
            yield Batch(
                self._count,
                text,
                self.game.events,
                self.game.instructions - instructions,
                self.game.device.cycle - cycle,
            )
            stopped = self.game.stopped

    def command(self, line: str) -> str | None:
        """``/save FILE`` or ``/restore FILE``: the state of the game at any prompt, for stories
        that have no such command too. Gives what to tell the player, or None for other lines."""
        verb, _, rest = line.strip().partition(" ")
        if verb not in ("/save", "/restore"):
            return None
        self._answered = True
        name = rest.strip()
        if not name:
            return f"[{verb}: expected the name of a file]"
        try:
            if verb == "/save":
                write_file(name, self.game.state())
                return f"[saved: {name}]"
            self.game.restore(read_file(name))
        except (OSError, StoryError) as error:
            return complaint(name, error)
        return f"[restored: {name}]"

    # --- Files ------------------------------------------------------------------------------------

    def file_question(self) -> str:
        """What to ask when the story wants a file."""
        return f"Name of the file to {self.game.file_request} [{self._save_name}]: "

    def use_file(self, answer: str) -> str | None:
        """Do what the story asks with the file; a message if it did not work, which the story is
        told when it plays on."""
        name = answer.strip() or self._save_name
        try:
            if self.game.file_request == "save":
                write_file(name, self.game.save())
            else:
                self.game.load(read_file(name))
        except (OSError, StoryError) as error:
            self.game.decline()
            return complaint(name, error)
        return None

    def _write(self, text: str) -> None:
        if self._transcript is not None:
            self._transcript.write(text)
            self._transcript.flush()
