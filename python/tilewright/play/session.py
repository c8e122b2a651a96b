"""A game that is played by a person: batches, save files and the transcript.

Nothing here prints or asks; `plain` and `screen` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from tilewright.errors import StoryError
from tilewright.play.files import complaint, read_file, write_file
from tilewright.play.streams import Ask, Streams
from tilewright.zmachine import Event, Game
from tilewright.zmachine.keyboard import pass_time


@dataclass(frozen=True)
class Batch:
    """What one run of the device brought; `number` counts from 1."""

    number: int
    notes: str  #: what to tell the player before the text
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
    """A game, cut into batches of `batch` Z-instructions (None: from prompt to prompt). `name` is
    what its files are called if the player does not say; `ask` asks for the names of others than
    saved games when the story begins with them, before the text of that batch is shown."""

    def __init__(self, game: Game, batch: int | None, transcript: TextIO | None, name: str) -> None:
        self.game = game
        self._save_name = f"{name}.qzl"
        self.streams = Streams(game, name, lambda question: self.ask(question))
        #: Asks the player for the name of a file; whoever plays sets it.
        self.ask: Ask = lambda question: None
        self._batch = LONG if batch is None else batch
        self._transcript = transcript
        self._count = 0
        self._answered = False

    def typed(self, line: str) -> None:
        """The player has typed a line where the game reads one."""
        self.streams.record(line)
        self._enter(line)

    def pressed(self, key: str | int) -> None:
        """The player has pressed a key where the game reads one."""
        self.streams.record_key(key)
        self.game.press(key)

    def waited(self, seconds: float) -> None:
        """The player has typed nothing for so long, where the game reads with a time."""
        pass_time(self.game.session, round(10 * seconds))

    def replayed(self) -> str | None:
        """Enter the next line or key of a command file that the story reads from; gives what it
        was, or None if it is the player who types."""
        line = self.streams.command()
        if line is None:
            return None
        if self.game.waiting_for_key:
            self.game.press(self.streams.decode_key(line))
            return ""
        line = self.streams.decode(line)
        self._enter(line)
        return line

    def _enter(self, line: str) -> None:
        self._write(f"{line}\n")
        self.streams.typed(line)
        self.game.enter(line)

    def run(self) -> Iterator[Batch]:
        """Play to where the player has to do something, batch by batch. After a `command` that is
        where the game stands already."""
        stopped, self._answered = self._answered, False
        while not stopped:
            instructions, cycle = self.game.instructions, self.game.device.cycle
            text = self.game.step(self._batch)
            self.streams.follow(text, self.game.events)
            problems, self.streams.problems = self.streams.problems, []
            self._write(text)
            self._count += 1
            yield Batch(
                self._count,
                "".join(f"{problem}\n" for problem in problems),
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
            self.streams.keep()
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
