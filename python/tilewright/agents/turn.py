"""One turn of an agent, and what is known behind it; None for what a story does not tell."""

from __future__ import annotations

import secrets
from typing import Any

from tilewright.agents import outcome
from tilewright.errors import StoryError
from tilewright.zmachine import Game, given
from tilewright.zmachine.layout import Status

#: Instructions of a turn that are too many for any that ends; some big stories need more at first.
LIMIT = 10_000_000


def play(game: Game, line: str | None, limit: int | None) -> str:
    """Type a line, or nothing before the first turn, and play to the next prompt; gives the text.

    An agent has no files: a story that asks for one is told that it did not work. After `limit`
    instructions the game stops where it is; `check_stopped` tells.
    """
    before = game.instructions
    text = game.read(limit) if line is None else game.send(line, limit)
    while game.file_request is not None:
        left = None if limit is None else limit - (game.instructions - before)
        if left is not None and left <= 0:
            break
        text += game.read(left)
    return text


def is_stuck(game: Game) -> bool:
    """The game came to its limit, not to a prompt or to its end."""
    status = game.session.control().status
    return status not in (Status.WAITING_FOR_LINE, Status.WAITING_FOR_KEY, Status.FINISHED)


def check_stopped(game: Game, limit: int | None, text: str) -> None:
    """StoryError if the game is stuck."""
    if is_stuck(game):
        raise StoryError(
            f"the story has come to no prompt after {limit} instructions (see `limit`); expected "
            f"reset() or set_state(). It printed: ...{text[-80:]!r}"
        )


def score_of(game: Game, text: str) -> int | None:
    """The score. A story that draws it itself may report the last points only in its last text."""
    reported = outcome.reported_score(text) if game.version > 3 else None
    if reported is None:
        return game.score
    over = game.finished or outcome.is_victory(text, False) or outcome.is_defeat(text)
    return reported if over else game.score


def gain(before: int | None, after: int | None) -> float:
    """The reward of a turn; 0 where a score is not known."""
    return 0.0 if before is None or after is None else float(after - before)


def check_seed(seed: Any) -> int | None:
    """A seed of the user; StoryError unless it is None, -1 or one of a game."""
    return None if seed is None else given.seed(seed, least=-1)


def game_seed(seed: int | None) -> int | None:
    """The seed of the next game. -1 is a new one each time, as with Jericho."""
    return secrets.randbits(32) if seed == -1 else seed
