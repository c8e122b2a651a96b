"""How a game has ended, as far as it can be told of any story.

The machine only says that a story has stopped. Stories announce the rest between asterisks
("*** You have won ***"), or report a score that cannot be raised any more.
"""

from __future__ import annotations

import re

_WON = re.compile(r"\*{3,}\s*(?:you have won|you win|you've won|victory)", re.IGNORECASE)
_LOST = re.compile(
    r"\*{3,}\s*(?:you have (?:died|lost|failed)|you are dead|you've (?:died|lost)|game over)",
    re.IGNORECASE,
)
_ASTERISKS = "***"  # most texts have none, which is found out sooner than what they do not tell
_SCORE = re.compile(
    r"score(?: is| was| would be| of|d)\s+(-?\d+)\s+"
    r"(?:\(total of (\d+)|(?:points? )?(?:out )?of (?:a (?:possible|maximum)(?: of)? )?(\d+))",
    re.IGNORECASE,
)


def is_victory(text: str, finished: bool) -> bool:
    """The last text tells of a victory, or the story has stopped with the full score."""
    if _ASTERISKS in text and _WON.search(text):
        return True
    reports = _SCORE.findall(text) if finished else []
    return any(int(score) == int(total or maximum) for score, total, maximum in reports)


def reported_score(text: str) -> int | None:
    """The score that a text reports, the last one if there are more."""
    reports = _SCORE.findall(text)
    return int(reports[-1][0]) if reports else None


def reported_maximum(text: str) -> int | None:
    """The greatest score there is, if a text reports it beside the score."""
    reports = _SCORE.findall(text)
    return int(reports[-1][1] or reports[-1][2]) if reports else None


def is_defeat(text: str) -> bool:
    """The last text tells of the player's end; some stories go on after it."""
    return _ASTERISKS in text and _LOST.search(text) is not None
