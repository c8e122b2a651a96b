"""What is typed for a game: lines, keys, and time that passes while it waits for them."""

from __future__ import annotations

from tilewright.errors import StoryError
from tilewright.zmachine import given, layout
from tilewright.zmachine.layout import Control, Status
from tilewright.zmachine.session import Session
from tilewright.zmachine.text import to_zscii

ENTER = 13
_WAITING = (Status.WAITING_FOR_LINE, Status.WAITING_FOR_KEY)


def is_waiting(control: Control) -> bool:
    """The game waits for a line or a key."""
    return control.status in _WAITING


def is_finished(control: Control) -> bool:
    """The game has ended."""
    return control.status == Status.FINISHED


def timer(control: Control) -> float | None:
    """Seconds after which the waiting game wants to be called, or None."""
    return control.time_interval / 10 if is_waiting(control) and control.time_interval else None


def enter(session: Session, line: str, terminator: int = ENTER) -> None:
    """Put a line where the game reads its next one."""
    line = given.line(line)
    terminator = given.integer("terminator", terminator, 0, 255)
    session.check_usable()
    if is_finished(session.control()):
        raise StoryError(f"{session.name}: the game has ended, nobody reads {line!r}")
    # Stories differ in other characters than those of ASCII only.
    memory = b"" if line.isascii() else session.memory()
    codes = to_zscii(memory, line)[: layout.MAX_INPUT]
    session.area.put_input(codes, terminator)


def press(session: Session, key: str | int) -> None:
    """Put a key where the game reads its next one."""
    key = given.key(key)
    session.check_usable()
    code = key if isinstance(key, int) else to_zscii(session.memory(), key)[0] if key else ENTER
    session.area.put_input(bytes([code]), ENTER)


def pass_time(session: Session, tenths: int) -> None:
    """Let the timed read that the game waits in see this many tenths of a second more."""
    (passed,) = session.area.read_words(layout.TIME_PASSED)
    session.area.write_words(layout.TIME_PASSED, min(passed + tenths, 0x7FFFFFFF))
