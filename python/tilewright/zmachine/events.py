"""What a story does to the screen beside printing in its main window, for those who draw it."""

from __future__ import annotations

import enum
import struct
from typing import NamedTuple

from tilewright.zmachine import layout


class EventKind(enum.IntEnum):
    """What happened; the numbers are those of kernels/zmachine/protocol.hpp."""

    UPPER_TEXT = 1  #: `text` for the upper window
    TRANSCRIPT = 2  #: `text` for the transcript only, for the screen is off
    SPLIT = 3  #: the upper window has `a` lines
    WINDOW = 4  #: window `a` is current; 1 is the upper one, its cursor is at the beginning then
    ERASE_WINDOW = 5  #: window `a`; 0xFFFF: both, and no upper window any more; 0xFFFE: both
    ERASE_LINE = 6  #: from the cursor to the end of the line
    CURSOR = 7  #: of the upper window, to line `a`, column `b`, from 1
    STYLE = 8  #: `a` is a sum of 1 reverse, 2 bold, 4 italic, 8 fixed; 0 is roman
    COLOUR = 9  #: foreground `a`, background `b` (2 black, 3 red, ... 9 white, 1 default)
    TRUE_COLOUR = 10  #: likewise, 5 bits each of blue, green and red
    BUFFERING = 11  #: `a` is 1 if lines are to be broken between words
    STREAM = 12  #: output stream `a` is on (`b` is 1) or off
    INPUT_STREAM = 13
    SOUND = 14  #: sound `a` (1 and 2 are bleeps), effect `b`, volume and repeats `c`
    STATUS = 15  #: draw the status line of object `a`, score or hours `b`, turns or minutes `c`


class Event(NamedTuple):
    """One event, `at` so many characters of the text that came with it."""

    at: int
    kind: EventKind
    a: int = 0
    b: int = 0
    c: int = 0
    text: str = ""


_ENTRY = struct.Struct("<I4H")


def parse_events(data: bytes, output: bytes, before: int) -> list[Event]:
    """The events of a batch that printed `output`, behind `before` characters of earlier ones."""
    events = []
    at = 0
    while at + layout.EVENT_BYTES <= len(data):
        place, kind, a, b, c = _ENTRY.unpack_from(data, at)
        at += layout.EVENT_BYTES
        text = ""
        if kind in (EventKind.UPPER_TEXT, EventKind.TRANSCRIPT):
            text = data[at : at + a].decode("utf-8", "replace")
            at += -(-a // layout.EVENT_BYTES) * layout.EVENT_BYTES
            a = 0
        characters = before + len(output[:place].decode("utf-8", "replace"))
        events.append(Event(characters, EventKind(kind), a, b, c, text))
    return events
