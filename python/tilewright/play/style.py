"""The text styles of a story, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from tilewright.zmachine import Event, EventKind

_STYLES = {1: "reverse", 2: "bold", 4: "italic"}  # 8, fixed pitch, is what a terminal has anyway


def rich_style(style: int) -> str:
    """The name that rich has for a sum of styles (see `EventKind.STYLE`)."""
    return " ".join(name for bit, name in _STYLES.items() if style & bit)


class Styler:
    """Text of the main window in the styles that were current when it was printed."""

    def __init__(self) -> None:
        self._style = 0

    def style(self, text: str, events: Iterable[Event]) -> Text:
        """The text of one call, whose events say what was current where."""
        styled = Text()
        at = 0
        for event in events:
            if event.kind == EventKind.STYLE:
                styled.append(text[at : event.at], rich_style(self._style))
                at = event.at
                self._style = event.a and self._style | event.a
        styled.append(text[at:], rich_style(self._style))
        return styled
