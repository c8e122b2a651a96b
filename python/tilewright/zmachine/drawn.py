"""What a story of version 4 or later tells in the status line that it draws itself.

No table says where such a story keeps place, score and turns; what it shows the player is all that
can be known of any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tilewright.zmachine import world

_SCORE = re.compile(r"\bscore:\s*(-?\d+)", re.IGNORECASE)
_MOVES = re.compile(r"\b(?:moves|turns):\s*(\d+)", re.IGNORECASE)


def score(rows: Sequence[str]) -> int | None:
    """The number behind the only "Score:" in the upper window."""
    return _only(_SCORE, rows)


def moves(rows: Sequence[str]) -> int | None:
    """The number behind the only "Moves:" or "Turns:" there."""
    return _only(_MOVES, rows)


def location(memory: bytes, rows: Sequence[str]) -> int:
    """The object whose name the first row begins with, or 0; of several that are called so, the
    one that the player is in."""
    name = re.split(r"\s{2,}", rows[0].strip())[0] if rows else ""
    if not name:
        return 0
    count = world.object_count(memory)
    found = [n for n in range(1, count + 1) if world.object_name(memory, n) == name]
    if len(found) > 1 and (player := world.player(memory, 0)):
        outer = world.ancestors(memory, player)
        found = [number for number in found if number in outer]
    return found[0] if len(found) == 1 else 0


def _only(pattern: re.Pattern[str], rows: Sequence[str]) -> int | None:
    found = pattern.findall("\n".join(rows))
    return int(found[0]) if len(found) == 1 else None
