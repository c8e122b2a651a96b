"""Engines that move data without a processor, the memories they reach, and flags between them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer, as_bytes
from tilewright.errors import AddressError, ArgumentError

if TYPE_CHECKING:
    from tilewright.device import Device

Address: TypeAlias = SupportsIndex | Buffer
Wait: TypeAlias = tuple[SupportsIndex, int]  # flag, value
Signal: TypeAlias = SupportsIndex | tuple[SupportsIndex, int]  # flag, increment
MemoryName: TypeAlias = Literal[
    "host", "dram", "l3", "l2", "scratchpad", "l1_buffer", "page_buffer", "tile_l1"
]
EngineName: TypeAlias = Literal["dma", "block_mover", "streamer", "systolic_array"]
ELEMENT_BYTES = 4


class Flag:
    """A 32-bit counter of the chip that commands wait for and add to; made by `Device.flag`."""

    def __init__(self, core: _core.Device, number: int) -> None:
        self._core = core
        self._number = number

    @property
    def value(self) -> int:
        """What it has counted up to."""
        return self._core.flag_value(self._number)

    @value.setter
    def value(self, value: int) -> None:
        self._core.set_flag(self._number, _unsigned("value", value, 32))

    def add(self, increment: int = 1) -> None:
        """Add to it now; whoever waits for the value it then has goes on."""
        self._core.add_to_flag(self._number, _unsigned("increment", increment, 32))

    def __index__(self) -> int:
        """Its number, which is what a kernel knows it by."""
        return self._number

    __int__ = __index__

    def __repr__(self) -> str:
        return f"<Flag {self._number} at {self.value}>"


class Memory:
    """One memory of the chip, by byte offsets inside it, outside simulated time."""

    def __init__(self, device: Device, kind: MemoryName, index: int) -> None:
        if index < 0:
            raise ArgumentError(f"{kind}: expected an index of at least 0, got {index}")
        self._device = device
        self.kind = kind
        self.index = index
        #: Global address of its first byte.
        self.address = device._core.memory_address(kind, index, 0)
        #: Its size.
        self.nbytes = device._core.window(kind)[2]

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` on. AddressError unless they lie in it."""
        return self._device.read(self._at(offset, count), count)

    def write(self, offset: int, data: bytes | npt.NDArray[Any]) -> None:
        """Write the bytes of `data`. AddressError, and nothing written, unless they fit."""
        source = _contiguous(data)
        self._device.write(self._at(offset, source.nbytes), source)

    def numpy(self, offset: int, count: int, dtype: npt.DTypeLike = np.float32) -> npt.NDArray[Any]:
        """`count` elements from `offset` on, as an array."""
        kind = np.dtype(dtype)
        if kind.hasobject:
            raise ArgumentError(f"dtype: a memory cannot hold Python objects ({kind})")
        address = self._at(offset, count * kind.itemsize)  # before memory is set aside
        result = np.empty(count, kind)
        self._device._core.read_global_into(address, as_bytes(result))
        return result

    def _at(self, offset: int, count: int) -> int:
        if offset < 0 or count < 0 or offset + count > self.nbytes:
            raise AddressError(
                f"{self.kind} {self.index}: {count} bytes at {offset} do not fit into its "
                f"{self.nbytes} bytes"
            )
        return self.address + offset

    def __repr__(self) -> str:
        return f"<Memory {self.kind} {self.index}, {self.nbytes} bytes at {self.address:#x}>"


class EngineMethods:
    """The part of `Device` that is about engines. Commands only fill the queues of engines:
    `Device.finish`, `settle`, `advance_to` and `wait_for` let time pass for them."""

    _core: _core.Device

    # --- Memories ---------------------------------------------------------------------------

    def memory(self: Device, kind: MemoryName, index: int = 0) -> Memory:  # type: ignore[misc]
        """One memory of the chip, such as ``("l2", 3)``."""
        return Memory(self, kind, index)

    def memories(self: Device, kind: MemoryName) -> list[Memory]:  # type: ignore[misc]
        """All memories of a kind."""
        return [Memory(self, kind, index) for index in range(self._core.window(kind)[1])]

    def read(self, address: SupportsIndex, count: int) -> bytes:
        """Bytes at a global address, outside simulated time. AddressError unless all of them lie
        in one memory."""
        if count < 0:
            raise ArgumentError(f"read: expected a count of at least 0, got {count}")
        self._core.resolve(_unsigned("address", address), count)  # before memory is set aside
        result = bytearray(count)
        self._core.read_global_into(_unsigned("address", address), result)
        return bytes(result)

    def write(self, address: SupportsIndex, data: bytes | npt.NDArray[Any]) -> None:
        """Write bytes at a global address, outside simulated time. AddressError, and nothing
        written, unless all of them lie in one memory."""
        self._core.write_global(_unsigned("address", address), _contiguous(data))

    # --- Commands ---------------------------------------------------------------------------

    def dma(
        self,
        source: Address,
        destination: Address,
        nbytes: int | None = None,
        *,
        engine: int = 0,
        rows: int = 1,
        source_stride: int = 0,
        destination_stride: int = 0,
        wait: Wait | None = None,
        signal: Signal | None = None,
        on_done: Callable[[], object] | None = None,
    ) -> None:
        """Have a DMA engine copy `nbytes` between global addresses, or buffers that lie in one
        memory; `rows` times, the rows so many bytes apart (0: one after another).

        `wait` is (flag, value): the engine waits until the flag is at least that. `signal` is a
        flag, or (flag, increment), that is added to at the end. `on_done` is called at the end, by
        whichever call lets time pass; it may call the device, and what it raises reaches that call.
        AddressError names what does not exist or fit; nothing has happened then.
        """
        if nbytes is None:
            sizes = [side.nbytes for side in (source, destination) if isinstance(side, Buffer)]
            if not sizes or rows != 1:
                raise ArgumentError("dma: expected nbytes, the bytes of one row")
            nbytes = min(sizes)
        self._core.dma(
            _unsigned("engine", engine),
            _address("source", source, _extent(rows, nbytes, source_stride)),
            _address("destination", destination, _extent(rows, nbytes, destination_stride)),
            _unsigned("nbytes", nbytes),
            _unsigned("rows", rows),
            _unsigned("source_stride", source_stride),
            _unsigned("destination_stride", destination_stride),
            _wait(wait),
            _signal(signal),
            on_done,
        )

    def move_block(
        self,
        source: Address,
        destination: Address,
        height: int,
        width: int,
        element_bytes: int = ELEMENT_BYTES,
        transform: Literal["identity", "transpose", "reshape", "shuffle"] = "identity",
        *,
        engine: int = 0,
        reshaped_width: int = 0,
        source_stride: int = 0,
        destination_stride: int = 0,
        wait: Wait | None = None,
        signal: Signal | None = None,
        on_done: Callable[[], object] | None = None,
    ) -> None:
        """Have a block mover bring a matrix from one memory on the chip to another.

        "transpose" writes width x height; "reshape" the elements in their order as rows of
        `reshaped_width` (0: of `height`); "shuffle" of each row the elements of its two halves by
        turns. Strides are bytes between rows (0: one after another). The rest as for `dma`.
        """
        arrived = {"transpose": (width, height)}.get(transform, (height, width))
        if transform == "reshape":
            rows = reshaped_width or height
            arrived = (height * width // max(1, rows), rows)
        self._core.move_block(
            _unsigned("engine", engine),
            _address("source", source, _extent(height, width * element_bytes, source_stride)),
            _address(
                "destination",
                destination,
                _extent(arrived[0], arrived[1] * element_bytes, destination_stride),
            ),
            _unsigned32("height", height),
            _unsigned32("width", width),
            _unsigned32("element_bytes", element_bytes),
            transform,
            _unsigned32("reshaped_width", reshaped_width),
            _unsigned("source_stride", source_stride),
            _unsigned("destination_stride", destination_stride),
            _wait(wait),
            _signal(signal),
            on_done,
        )

    def stream(
        self,
        l2: Address,
        l1: Address,
        height: int,
        width: int,
        element_bytes: int = ELEMENT_BYTES,
        order: Literal["rows", "columns"] = "rows",
        direction: Literal["l2_to_l1", "l1_to_l2"] = "l2_to_l1",
        *,
        engine: int = 0,
        l2_stride: int = 0,
        wait: Wait | None = None,
        signal: Signal | None = None,
        on_done: Callable[[], object] | None = None,
    ) -> None:
        """Have a streamer bring a matrix from an L2 bank or scratchpad, where it lies in rows, to
        an L1 buffer, where its rows (or columns) follow each other, or back. The rest as for
        `dma`."""
        extent = _extent(height, width * element_bytes, l2_stride)
        self._core.stream(
            _unsigned("engine", engine),
            _address("l2", l2, extent),
            _address("l1", l1, height * width * element_bytes),
            _unsigned32("height", height),
            _unsigned32("width", width),
            _unsigned32("element_bytes", element_bytes),
            order,
            direction,
            _unsigned("l2_stride", l2_stride),
            _wait(wait),
            _signal(signal),
            on_done,
        )

    def multiply(
        self,
        a: SupportsIndex,
        b: SupportsIndex,
        result: SupportsIndex,
        m: int,
        n: int,
        k: int,
        *,
        engine: int = 0,
        dtype: str = "float32",
        out_dtype: str | None = None,
        dataflow: str = "output_stationary",
        activation: str | None = None,
        accumulate: bool = False,
        bias: SupportsIndex | None = None,
        strides: tuple[int, int, int] = (0, 0, 0),
        wait: Wait | None = None,
        signal: Signal | None = None,
        on_done: Callable[[], object] | None = None,
    ) -> None:
        """Have a systolic array write a (m x k) times b (k x n), all row-major at global addresses
        of memories on the chip; plus what the result holds (`accumulate`), plus a row of n
        (`bias`), with an activation.

        `strides` are the bytes between the rows of a, b and the result (0: rows follow each other).
        Sums are float32, or int32 of int8; so is the result unless `out_dtype` is narrower. The
        rest is as for `dma`.
        """
        self._core.multiply(
            _unsigned("engine", engine),
            _unsigned("a", a),
            _unsigned("b", b),
            _unsigned("result", result),
            _unsigned32("m", m),
            _unsigned32("n", n),
            _unsigned32("k", k),
            dtype,
            out_dtype or ("int32" if dtype == "int8" else "float32"),
            dataflow,
            activation or "none",
            accumulate,
            None if bias is None else _unsigned("bias", bias),
            (
                _unsigned("a_stride", strides[0]),
                _unsigned("b_stride", strides[1]),
                _unsigned("result_stride", strides[2]),
            ),
            _wait(wait),
            _signal(signal),
            on_done,
        )

    def idle(self, kind: EngineName, index: int = 0) -> bool:
        """That engine has no commands."""
        return self._core.idle(kind, _unsigned("engine", index))

    def wait_for(self, kind: EngineName, index: int = 0, cycle_limit: int | None = None) -> None:
        """Let time pass until that engine is idle; everything else goes on meanwhile."""
        self._core.wait(kind, _unsigned("engine", index), cycle_limit)

    # --- Flags ------------------------------------------------------------------------------

    def flag(self, initial: int = 0, *, host: bool = False) -> Flag:
        """A flag for commands to wait for and to add to. With `host`, engines that wait for it
        wait for the host, which is no deadlock."""
        return Flag(self._core, self._core.flag(_unsigned32("initial", initial), host))


def _contiguous(data: bytes | npt.NDArray[Any]) -> npt.NDArray[Any]:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return np.frombuffer(data, np.uint8)
    array = np.asarray(data)
    if array.dtype.hasobject:
        raise ArgumentError(f"data: a memory cannot hold Python objects ({array.dtype})")
    # In the chip's own byte order.
    return as_bytes(np.ascontiguousarray(array, array.dtype.newbyteorder("=")))


def _unsigned(name: str, value: SupportsIndex, bits: int = 64) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name}: expected an integer, got {type(value).__name__}") from None
    if not 0 <= number < 1 << bits:
        raise ArgumentError(f"{name}: expected 0 to 2**{bits} - 1, got {number}")
    return number


def _unsigned32(name: str, value: SupportsIndex) -> int:
    return _unsigned(name, value, 32)


def _extent(rows: int, row_bytes: int, stride: int) -> int:
    return (rows - 1) * (stride or row_bytes) + row_bytes


def _address(name: str, side: Address, extent: int) -> int:
    if not isinstance(side, Buffer):
        return _unsigned(name, side)
    if extent > side.nbytes:
        raise AddressError(f"{name}: {extent} bytes do not fit into {side!r}")
    return side.global_address


def _wait(wait: Wait | None) -> tuple[int, int] | None:
    if wait is None:
        return None
    if not isinstance(wait, tuple) or len(wait) != 2:
        raise ArgumentError(f"wait: expected (flag, value), got {wait!r}")
    return _unsigned32("wait", wait[0]), _unsigned32("wait", wait[1])


def _signal(signal: Signal | None) -> tuple[int, int] | None:
    if signal is None:
        return None
    flag, increment = signal if isinstance(signal, tuple) else (signal, 1)
    return _unsigned32("signal", flag), _unsigned32("signal", increment)
