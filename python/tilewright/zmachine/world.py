"""The world of a story, read from its own tables by the host: objects, dictionary, place, score.

Objects and dictionary are laid out as the Standard says (chapters 12 and 13). Where the player is,
and the score, versions 1 to 3 keep in their first three global variables, for the status line;
`drawn` has what later ones tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tilewright.zmachine.text import decode, word

#: What stories call the one who plays.
_PLAYER_NAMES = {"cretin", "you", "yourself", "self", "me", "myself", "your self", "(self object)"}


@dataclass(frozen=True)
class Object:
    """An object of a story; links are object numbers, 0 for none."""

    number: int
    name: str
    parent: int
    sibling: int
    child: int
    attributes: frozenset[int]
    properties: dict[int, bytes]
    #: How many attributes an object of this story has: 32, or 48 from version 4 on.
    attribute_count: int = 32

    @property
    def num(self) -> int:
        """Its number."""
        return self.number

    @property
    def attr(self) -> npt.NDArray[np.uint8]:
        """A 1 for each attribute that it has, a 0 for each other one."""
        bits = np.zeros(self.attribute_count, np.uint8)
        bits[list(self.attributes)] = 1
        return bits


class Word(NamedTuple):
    """A word of the dictionary; `data` is what the story keeps beside it."""

    text: str
    address: int
    data: bytes

    @property
    def word(self) -> str:
        """The text."""
        return self.text


def signed(value: int) -> int:
    """A word as a number from -32768 on."""
    return value - 0x10000 if value & 0x8000 else value


def global_variable(memory: bytes, index: int) -> int:
    """Global variable `index`, from 0."""
    return word(memory, word(memory, 0x0C) + 2 * index)


# --- Objects --------------------------------------------------------------------------------------


def _object_layout(memory: bytes) -> tuple[int, int, int]:
    """Address of object 1, bytes of an object, bytes of its attributes."""
    table = word(memory, 0x0A)
    return (table + 62, 9, 4) if memory[0] <= 3 else (table + 126, 14, 6)


def object_count(memory: bytes) -> int:
    """No story says how many objects it has: they end where the first properties begin."""
    first, size, _ = _object_layout(memory)
    end = len(memory)
    count = 0
    limit = 255 if memory[0] <= 3 else 65535
    while first + (count + 1) * size <= end and count < limit:
        properties = word(memory, first + count * size + size - 2)
        if first < properties:
            end = min(end, properties)
        count += 1
        if first + count * size >= end:
            break
    return count


def object_table(memory: bytes) -> bytes:
    """The entries of all objects: attributes, places in the tree, addresses of properties."""
    first, size, _ = _object_layout(memory)
    return memory[first : first + object_count(memory) * size]


def _links(memory: bytes, number: int) -> tuple[int, int, int]:
    """Parent, sibling, child."""
    first, size, attributes = _object_layout(memory)
    at = first + (number - 1) * size + attributes
    if size == 9:
        return memory[at], memory[at + 1], memory[at + 2]
    return word(memory, at), word(memory, at + 2), word(memory, at + 4)


def _properties(memory: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Number and data of each property in the list at an address."""
    old = memory[0] <= 3
    while at < len(memory) and memory[at]:
        head = memory[at]
        if old:
            number, size, skip = head & 31, (head >> 5) + 1, 1
        elif head & 0x80:
            second = memory[at + 1] if at + 1 < len(memory) else 0
            number, size, skip = head & 63, (second & 63) or 64, 2
        else:
            number, size, skip = head & 63, (head >> 6) + 1, 1
        yield number, memory[at + skip : at + skip + size]
        at += skip + size


def object_name(memory: bytes, number: int) -> str:
    """The short name of an object."""
    first, size, _ = _object_layout(memory)
    table = word(memory, first + (number - 1) * size + size - 2)
    return decode(memory, table + 1, memory[table]) if table < len(memory) and memory[table] else ""


def read_object(memory: bytes, number: int) -> Object:
    """One object, from 1 on."""
    first, size, attribute_bytes = _object_layout(memory)
    at = first + (number - 1) * size
    bits = int.from_bytes(memory[at : at + attribute_bytes], "big")
    count = 8 * attribute_bytes
    table = word(memory, at + size - 2)
    behind_name = table + 1 + 2 * memory[table] if table < len(memory) else len(memory)
    return Object(
        number,
        object_name(memory, number),
        *_links(memory, number),
        frozenset(i for i in range(count) if bits >> (count - 1 - i) & 1),
        dict(_properties(memory, behind_name)),
        count,
    )


def read_objects(memory: bytes) -> dict[int, Object]:
    """All objects by number."""
    return {n: read_object(memory, n) for n in range(1, object_count(memory) + 1)}


def children(memory: bytes, number: int) -> list[int]:
    """What is in an object, in the story's order."""
    count = object_count(memory)
    result: list[int] = []
    at = _links(memory, number)[2]
    while 1 <= at <= count and at not in result:
        result.append(at)
        at = _links(memory, at)[1]
    return result


# --- Place ----------------------------------------------------------------------------------------

_TIME_GAME = 2  #: bit of the second byte of the header, in version 3


def has_clock(memory: bytes) -> bool:
    """The status line of this story, of versions 1 to 3, shows the time and no score."""
    return memory[0] == 3 and bool(memory[1] & _TIME_GAME)


def status_location(memory: bytes) -> int:
    """The object that the status line of versions 1 to 3 names, or 0."""
    number = global_variable(memory, 0)
    return number if 1 <= number <= object_count(memory) else 0


def ancestors(memory: bytes, number: int) -> list[int]:
    """What an object is in, and what that is in, to the outermost."""
    count = object_count(memory)
    result: list[int] = []
    at = _links(memory, number)[0]
    while 1 <= at <= count and at not in result:
        result.append(at)
        at = _links(memory, at)[0]
    return result


def player(memory: bytes, location: int) -> int:
    """The object that stands for the player, or 0.

    No table says which it is. It is the only one that is called like a player, or the only one of
    them that is in the location.
    """
    numbers = range(1, object_count(memory) + 1)
    called = [n for n in numbers if object_name(memory, n).lower() in _PLAYER_NAMES]
    if len(called) > 1 and location:
        called = [n for n in called if location in ancestors(memory, n)]
    return called[0] if len(called) == 1 else 0


# --- Dictionary -----------------------------------------------------------------------------------


def read_dictionary(memory: bytes) -> dict[str, Word]:
    """The story's words, as far as it keeps them: 6 characters, or 9 from version 4 on."""
    at = word(memory, 0x08)
    at += 1 + memory[at]
    size, count = memory[at], signed(word(memory, at + 1))
    text_bytes = 4 if memory[0] <= 3 else 6
    words = {}
    for i in range(abs(count)):
        entry = at + 3 + i * size
        if size < text_bytes or entry + size > len(memory):
            break
        text = decode(memory, entry, text_bytes // 2)
        words[text] = Word(text, entry, memory[entry + text_bytes : entry + size])
    return words
