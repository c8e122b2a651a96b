"""What a game has printed, and what its last call did to the screen."""

from __future__ import annotations

from tilewright.zmachine.events import Event, parse_events
from tilewright.zmachine.upper import UpperWindow


class Transcript:
    """All text so far, and the events of the call that is under way or was the last."""

    def __init__(self, text: str = "", upper: UpperWindow | None = None) -> None:
        self._printed = [text]
        #: What the story has drawn above its text.
        self.upper = UpperWindow() if upper is None else upper
        self._events: list[Event] = []
        self._shown = 0

    def begin(self) -> None:
        """A call begins whose text and events belong together."""
        self._events = []
        self._shown = 0

    def add(self, output: bytes, entries: bytes) -> str:
        """The output of a batch and its events, as the kernel wrote them; gives the text."""
        text = output.decode("utf-8")
        self._printed.append(text)
        if entries:
            events = parse_events(entries, output, self._shown)
            self.upper.follow(events)
            self._events += events
        self._shown += len(text)
        return text

    @property
    def text(self) -> str:
        """All that was printed."""
        return "".join(self._printed)

    @property
    def events(self) -> list[Event]:
        """What the last call did to the screen."""
        return list(self._events)
