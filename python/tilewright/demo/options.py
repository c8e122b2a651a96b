"""What the user of the demonstration may choose."""

from dataclasses import dataclass
from pathlib import Path

from tilewright.errors import StoryError


@dataclass(frozen=True)
class DemoOptions:
    """A story (None: the one that ships), what to type (None: a default), the random seed."""

    story: Path | None = None
    commands: list[str] | None = None
    seed: int = 1


def read_commands(text: str) -> list[str]:
    """Commands from a file with one a line, or from text with commas between them."""
    path = Path(text)
    try:
        lines = path.read_text().splitlines() if path.is_file() else text.split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise StoryError(f"commands {text}: {error}") from error
    return [line.strip() for line in lines if line.strip()]
