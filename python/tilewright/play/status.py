"""What stands above a story: the interpreter's status line for versions 1 to 3, later the upper
window as the story draws it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from tilewright.play.style import rich_style
from tilewright.zmachine import Event, EventKind, Game, world
from tilewright.zmachine.upper import COLUMNS, UpperWindow


class StatusLine:
    """It is kept from the events of batches, and drawn as wide as the terminal is then."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._left = self._right = ""
        self._upper = UpperWindow()

    def follow(self, events: Iterable[Event]) -> None:
        """Take in what the story did to the screen."""
        events = list(events)
        self._upper.follow(events)
        for event in events:
            if event.kind == EventKind.STATUS:
                place = self._game.objects.get(event.a)
                self._fill(place.name if place else "", world.signed(event.b), event.c)

    def recall(self) -> None:
        """A restored game tells what it shows only with its next turn: look it up."""
        self._upper = self._game.session.upper_window().copy()
        place, memory = self._game.location, self._game.memory
        if self._game.version <= 3 and place is not None:
            score = world.signed(world.global_variable(memory, 1))
            self._fill(place.name, score, world.global_variable(memory, 2))

    def lines(self, columns: int) -> list[Text]:
        """The lines as they stand, cut to the columns there are; none if the story has none."""
        if self._upper.cells:
            return [_styled(row[:columns]) for row in self._upper.cells]
        if not self._left and not self._right:
            return []
        width = min(columns, COLUMNS)
        left, right = f" {self._left}", f"{self._right} "
        room = width - len(right) - 1
        line = f"{left[:room]:<{room}} {right}" if room > len(left) // 2 else left
        return [Text(line[:width].ljust(width), style="reverse")]

    def _fill(self, place: str, first: int, second: int) -> None:
        self._left = place
        if world.has_clock(self._game.memory):
            half = "am" if first < 12 else "pm"
            self._right = f"{(first - 1) % 12 + 1}:{second:02} {half}"
        else:
            self._right = f"Score: {first}  Moves: {second}"


def _styled(row: list[tuple[str, int]]) -> Text:
    line = Text()
    for character, style in row:
        line.append(character, rich_style(style))
    return line
