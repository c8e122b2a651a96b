"""The status line: ours for versions 1 to 3, the upper window of the story itself later."""

from __future__ import annotations

from collections.abc import Iterable

from tilewright.zmachine import Event, EventKind, Game
from tilewright.zmachine.world import signed

ERASE_ALL = 0xFFFF
_TIME_GAME = 2  #: bit of the second byte of the header


class StatusLine:
    """What stands above a story, kept from the events of its batches."""

    def __init__(self, game: Game, columns: int) -> None:
        self._game = game
        self._columns = columns
        self._clock = game.version == 3 and bool(game.memory[1] & _TIME_GAME)
        self._left = self._right = ""
        self._rows: list[list[str]] = []
        self._row = self._column = 0

    def follow(self, events: Iterable[Event]) -> None:
        """Take in what the story did to the screen."""
        for event in events:
            if event.kind == EventKind.STATUS:
                self._show(event)
            elif event.kind == EventKind.SPLIT:
                more = event.a - len(self._rows)
                self._rows = self._rows[: event.a] + [self._blank() for _ in range(more)]
            elif event.kind == EventKind.WINDOW and event.a == 1:
                self._row = self._column = 0
            elif event.kind == EventKind.CURSOR:
                self._row, self._column = event.a - 1, event.b - 1
            elif event.kind == EventKind.ERASE_WINDOW and event.a != 0:
                rows = 0 if event.a == ERASE_ALL else len(self._rows)
                self._rows = [self._blank() for _ in range(rows)]
            elif event.kind == EventKind.UPPER_TEXT:
                self._put(event.text)

    def recall(self) -> None:
        """A restored game tells what it shows only with its next turn: look it up (version 3)."""
        place = self._game.location
        if self._game.version <= 3 and place is not None:
            self._fill(place.name, self._game.score, self._game.moves)

    @property
    def text(self) -> str:
        """The lines as they stand; empty if the story has none."""
        if self._rows:
            return "\n".join("".join(row) for row in self._rows)
        if not self._left:
            return ""
        room = max(0, self._columns - len(self._right) - 3)
        return f" {self._left[:room]:<{room}} {self._right} "

    def _show(self, event: Event) -> None:
        place = self._game.objects.get(event.a)
        self._fill(place.name if place else "", signed(event.b), event.c)

    def _fill(self, place: str, first: int, second: int) -> None:
        self._left = place
        if self._clock:
            half = "am" if first < 12 else "pm"
            self._right = f"{(first - 1) % 12 + 1}:{second:02} {half}"
        else:
            self._right = f"Score: {first}  Moves: {second}"

    def _blank(self) -> list[str]:
        return [" "] * self._columns

    def _put(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self._row, self._column = self._row + 1, 0
            elif 0 <= self._row < len(self._rows) and 0 <= self._column < self._columns:
                self._rows[self._row][self._column] = character
                self._column += 1
