"""The upper window: what a story has drawn there, kept from its events."""

from __future__ import annotations

from collections.abc import Iterable

from tilewright.zmachine.events import Event, EventKind

COLUMNS = 80  #: what the interpreter tells stories (story.hpp)
_ERASE_ALL = 0xFFFF


class UpperWindow:
    """Rows of characters, each with its style (see `EventKind.STYLE`)."""

    def __init__(self, rows: Iterable[str] = (), columns: int = COLUMNS) -> None:
        self._columns = columns
        self._cells = [[(c, 0) for c in row[:columns].ljust(columns)] for row in rows]
        self._row = self._column = 0
        self._style = 0

    def follow(self, events: Iterable[Event]) -> None:
        """Take in what the story did to the screen."""
        for event in events:
            if event.kind == EventKind.SPLIT:
                more = event.a - len(self._cells)
                self._cells = self._cells[: event.a] + [self._blank() for _ in range(more)]
            elif event.kind == EventKind.WINDOW and event.a == 1:
                self._row = self._column = 0
            elif event.kind == EventKind.CURSOR:
                self._row, self._column = event.a - 1, event.b - 1
            elif event.kind == EventKind.STYLE:
                self._style = event.a and self._style | event.a
            elif event.kind == EventKind.ERASE_WINDOW and event.a != 0:
                rows = 0 if event.a == _ERASE_ALL else len(self._cells)
                self._cells = [self._blank() for _ in range(rows)]
                self._row = self._column = 0
            elif event.kind == EventKind.ERASE_LINE:
                self._erase_line()
            elif event.kind == EventKind.UPPER_TEXT:
                self._put(event.text)

    def copy(self) -> UpperWindow:
        """The same once more."""
        twin = UpperWindow((), self._columns)
        twin._cells = [list(row) for row in self._cells]
        twin._row, twin._column, twin._style = self._row, self._column, self._style
        return twin

    @property
    def rows(self) -> list[str]:
        """The lines as they stand."""
        return ["".join(character for character, _ in row) for row in self._cells]

    @property
    def cells(self) -> list[list[tuple[str, int]]]:
        """Character and style of every place."""
        return self._cells

    def _blank(self) -> list[tuple[str, int]]:
        return [(" ", 0)] * self._columns

    def _erase_line(self) -> None:
        """The event comes for either window; only a cursor up here has a line to erase."""
        if 0 <= self._row < len(self._cells):
            rest = self._columns - self._column
            self._cells[self._row][self._column :] = [(" ", 0)] * max(0, rest)

    def _put(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self._row, self._column = self._row + 1, 0
            elif 0 <= self._row < len(self._cells) and 0 <= self._column < self._columns:
                self._cells[self._row][self._column] = (character, self._style)
                self._column += 1
