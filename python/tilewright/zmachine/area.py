"""The area of L1 that holds a game, read and written by the host between two batches.

What was read is kept until it may have changed: until time has passed, or the host has written to
the chip's memories.
"""

from __future__ import annotations

import struct

from tilewright import memory
from tilewright.errors import StoryError
from tilewright.open_device import OpenDevice
from tilewright.zmachine import layout
from tilewright.zmachine.layout import Control
from tilewright.zmachine.state import Parts


class Area:
    """The area of one tile, by the offsets of `layout`."""

    def __init__(self, device: OpenDevice, tile: tuple[int, int]) -> None:
        self._device = device
        self._tile = tile
        self._seen = (-1, -1)  # cycle and Device.host_writes for which the rest holds
        self._head: bytes | None = None
        self._control: Control | None = None
        self._dynamic: bytes | None = None

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the area."""
        if not size:
            return b""
        return memory.read_l1(self._device, self._tile, layout.BASE + offset, size)

    def write(self, offset: int, data: bytes) -> None:
        """Replace bytes of the area."""
        if not data:
            return
        self._device.handle.write_l1(*self._tile, layout.BASE + offset, data)
        if offset < layout.MEMORY:
            self._head = self._control = None
        if offset + len(data) > layout.MEMORY:
            self._dynamic = None

    def read_words(self, offset: int, count: int = 1) -> tuple[int, ...]:
        """Words of 32 bits."""
        return struct.unpack(f"<{count}I", self.read(offset, 4 * count))

    def write_words(self, offset: int, *words: int) -> None:
        """Replace words of 32 bits."""
        self.write(offset, struct.pack(f"<{len(words)}I", *words))

    def clear(self) -> None:
        """A control block of zeros, with which a story begins."""
        self.write(0, bytes(layout.CONTROL_BYTES))

    def control(self) -> Control:
        """The control block as it is now."""
        self._forget_what_is_old()
        if self._control is None:
            self._control = Control.parse(self._read_head())
        return self._control

    def dynamic(self) -> bytes:
        """The story's dynamic memory as it is now."""
        size = self.control().dynamic_bytes
        if self._dynamic is None:
            self._dynamic = self.read(layout.MEMORY, size)
        return self._dynamic

    def _read_head(self) -> bytes:
        """Control block and input."""
        if self._head is None:
            self._head = self.read(0, layout.MEMORY)
        return self._head

    def _forget_what_is_old(self) -> None:
        now = (self._device.handle.cycle, self._device.host_writes)
        if now != self._seen:
            self._seen = now
            self._head = self._control = self._dynamic = None

    def check_layout(self) -> None:
        """StoryError unless the kernel lays the area out as this package does."""
        control = self.control()
        expected = (layout.MAGIC, layout.LAYOUT, layout.AREA_BYTES)
        if (control.magic, control.layout, control.area_bytes) != expected:
            raise StoryError(
                f"the kernel 'zmachine' has layout {control.layout} of {control.area_bytes} bytes, "
                f"this package expects layout {layout.LAYOUT} of {layout.AREA_BYTES} bytes"
            )

    def live(self) -> Parts:
        """All that changes as the game goes on: see layout.live_parts."""
        control = self.control()
        rest = layout.live_parts(control)[2:]
        return [
            (0, self._read_head()),
            (layout.MEMORY, self.dynamic()),
            *((offset, self.read(offset, size)) for offset, size in rest),
        ]

    def put(self, parts: Parts) -> None:
        """Go back to what `live` gave."""
        for offset, data in parts:
            self.write(offset, data)

    def put_input(self, codes: bytes, terminator: int) -> None:
        """ZSCII codes where the game reads next, and the key that ends them."""
        self.write(layout.INPUT, codes)
        self.write_words(layout.TERMINATOR, terminator)
        self.write_words(layout.INPUT_READY, 1, len(codes))
