"""Files that a player names: read and written, with errors that fit into the text of a game."""

from __future__ import annotations

from pathlib import Path

from tilewright.errors import StoryError

_MOST = 1 << 24


def path_of(name: str) -> Path:
    """The file that a name means. StoryError for what can be none."""
    if "\0" in name:
        raise StoryError("expected a name of a file, got one with a character 0")
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise StoryError(str(error).rstrip(".")) from None


def read_file(name: str) -> bytes:
    """The bytes of a file. OSError or StoryError if there is none that can be a game: a device may
    go on for ever."""
    with path_of(name).open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise StoryError(f"expected a file of at most {_MOST} bytes")
    return data


def write_file(name: str, data: bytes) -> None:
    """Make a file of bytes. OSError or StoryError if it cannot be written."""
    path_of(name).write_bytes(data)


def complaint(name: str, error: OSError | StoryError) -> str:
    """What to tell the player of a file that did not work."""
    return f"[{name}: {error.strerror if isinstance(error, OSError) else error}]"
