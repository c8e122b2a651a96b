"""The files that a story writes and reads beside its screen, as Frotz has them.

They are a transcript (output stream 2), a record of what is typed (output stream 4), and commands
from such a record (input stream 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import IO

from tilewright.errors import StoryError
from tilewright.play.files import complaint, path_of, read_file
from tilewright.zmachine import Event, EventKind, Game, layout
from tilewright.zmachine.text import from_zscii, to_zscii

_COLUMNS = 80  #: of a transcript
_CODE = re.compile(r"\[(\d+)\]")

#: Asks the player for the name of a file; None if nobody answers.
Ask = Callable[[str], str | None]


class Streams:
    """The files of one game. They are asked for when the story begins with them; what does not work
    is in `problems`."""

    def __init__(self, game: Game, name: str, ask: Ask) -> None:
        self._game = game
        self._ask = ask
        self._files = ExitStack()
        self._script_name = f"{name}.scr"
        self._record_name = f"{name}.rec"
        self._script: Script | None = None
        self._scripting = False
        self._record: IO[str] | None = None
        self._commands: list[str] = []
        self.problems: list[str] = []

    def follow(self, text: str, events: Iterable[Event]) -> None:
        """Take in what the story printed in one call, and did to its streams meanwhile."""
        shown = 0
        for event in events:
            if event.kind in (EventKind.STREAM, EventKind.TRANSCRIPT, EventKind.INPUT_STREAM):
                self._print(text[shown : event.at])
                shown = event.at
            if event.kind == EventKind.TRANSCRIPT:
                self._print(event.text)
            elif event.kind == EventKind.STREAM and event.a == 2:
                self._switch_script(bool(event.b))
            elif event.kind == EventKind.STREAM and event.a == 4:
                self._switch_record(bool(event.b))
            elif event.kind == EventKind.INPUT_STREAM:
                self._switch_input(event.a)
        self._print(text[shown:])

    def typed(self, line: str) -> None:
        """The player has typed a line, or a command file has given it."""
        if self._script is not None and self._scripting:
            self._script.write_input(line)

    def record(self, line: str) -> None:
        """The player has typed a line."""
        self._write_record(to_zscii(self._game.memory, line))

    def record_key(self, key: str | int) -> None:
        """The player has pressed a key."""
        codes = to_zscii(self._game.memory, key) if isinstance(key, str) else bytes([key])
        self._write_record(codes if codes != b"\r" else b"")

    def keep(self) -> None:
        """A state was restored: whether there is a transcript belongs to the player, not to it."""
        area = self._game.session.area
        (flags,) = area.read(layout.MEMORY + layout.TRANSCRIPT, 1)
        area.write(layout.MEMORY + layout.TRANSCRIPT, bytes([flags & ~1 | self._scripting]))

    def command(self) -> str | None:
        """The next line of the command file, or None if the player is to type it. A key is a line
        of one character, or of the code of a key."""
        return self._commands.pop(0) if self._commands else None

    def decode(self, line: str) -> str:
        """What a line of a command file means: characters can be codes of ZSCII in brackets."""
        memory = self._game.memory
        return _CODE.sub(lambda code: from_zscii(memory, int(code[1])) or "?", line)

    def decode_key(self, line: str) -> str | int:
        """The key that a line of a command file means; an empty one is Enter."""
        code = _CODE.match(line)
        return int(code[1]) if code else line[:1]

    def close(self) -> None:
        """Close the files. As with Frotz, the end of a game is an empty line of its transcript."""
        if self._script is not None and self._scripting and self._game.finished:
            self._script.write("\n")
        self._files.close()

    def _print(self, text: str) -> None:
        if self._script is not None and self._scripting and text:
            self._script.write(text)

    def _switch_script(self, on: bool) -> None:
        if on and self._script is None:
            file = self._open("transcript", self._script_name, "a")
            self._script = None if file is None else Script(file)
        self._scripting = on

    def _switch_record(self, on: bool) -> None:
        if on and self._record is None:
            self._record = self._open("record of commands", self._record_name, "w")
        elif not on and self._record is not None:
            self._record.close()
            self._record = None

    def _switch_input(self, stream: int) -> None:
        self._commands = []
        if stream != 1:
            return
        name = self._ask_name("commands", self._record_name)
        if name is None:
            return
        self._record_name = name
        try:
            self._commands = read_file(name).decode("utf-8", "replace").splitlines()
        except (OSError, StoryError) as error:
            self.problems.append(complaint(name, error))

    def _open(self, what: str, default: str, mode: str) -> IO[str] | None:
        name = self._ask_name(what, default)
        if name is None:
            return None
        if what == "transcript":
            self._script_name = name
        else:
            self._record_name = name
        try:
            # Line by line, so that a session that is broken off loses nothing.
            file = path_of(name).open(mode, encoding="utf-8", buffering=1)
        except (OSError, StoryError) as error:
            self.problems.append(complaint(name, error))
            return None
        self._files.enter_context(file)
        return file

    def _ask_name(self, what: str, default: str) -> str | None:
        answer = self._ask(f"Name of the file for the {what} [{default}]: ")
        return None if answer is None else answer.strip() or default

    def _write_record(self, codes: bytes) -> None:
        if self._record is not None:
            self._record.write("".join(map(_encoded, codes)) + "\n")


def _encoded(code: int) -> str:
    return chr(code) if 32 <= code <= 126 and code != ord("[") else f"[{code}]"


class Script:
    """A transcript: text broken between words, as wide as Frotz writes it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._column = 0

    def write(self, text: str) -> None:
        """What the story printed."""
        # A word has the space before it, and ends behind hyphens.
        for word in re.findall(r"\n| ?[^ \n-]*-+| ?[^ \n-]+| ", text):
            if word == "\n":
                self._new_line()
            elif self._column + len(word) > _COLUMNS:
                self._new_line()
                self._put(word.removeprefix(" "))
            else:
                self._put(word)

    def write_input(self, line: str) -> None:
        """What the player typed."""
        if self._column + len(line) > _COLUMNS:
            self._new_line()
        self._put(line)
        self._new_line()

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._column += len(text)

    def _new_line(self) -> None:
        self._file.write("\n")
        self._column = 0
