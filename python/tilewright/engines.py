"""Commands of engines, which move data and multiply matrices without a processor.

They only fill the queues of engines: `Device.finish`, `run_until_idle`, `advance_to` and `wait_for`
let time pass for them. Each function is a method of `Device`, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, SupportsIndex, TypeAlias

from tilewright.buffer import Buffer
from tilewright.errors import AddressError, ArgumentError
from tilewright.flag import Signal, Wait, signal_words, wait_words
from tilewright.open_device import OpenDevice
from tilewright.unsigned import unsigned, unsigned32

Address: TypeAlias = SupportsIndex | Buffer
Callback: TypeAlias = Callable[[], object]
EngineName: TypeAlias = Literal["dma", "block_mover", "streamer", "systolic_array"]
ELEMENT_BYTES = 4


def dma(
    device: OpenDevice,
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
    on_done: Callback | None = None,
) -> None:
    """Have a DMA engine copy `nbytes` between global addresses, or buffers that lie in one
    memory; `rows` times, the rows so many bytes apart (0: one after another).

    `wait` is (flag, value): the engine waits until the flag is at least that. `signal` is a
    flag, or (flag, increment), that is added to at the end. `on_done` is called at the end, by
    whichever call lets time pass; it may call the device, and what it raises reaches that call.
    AddressError or ArgumentError names what does not exist or fit; nothing has happened then.
    """
    if nbytes is None:
        sizes = [end.nbytes for end in (source, destination) if isinstance(end, Buffer)]
        if not sizes or rows != 1:
            raise ArgumentError("dma: expected nbytes, the bytes of one row")
        nbytes = min(sizes)
    nbytes, rows = unsigned("nbytes", nbytes), unsigned("rows", rows)
    source_stride = unsigned("source_stride", source_stride)
    destination_stride = unsigned("destination_stride", destination_stride)
    device.handle.dma(
        unsigned("engine", engine),
        _address(device, "source", source, _extent(rows, nbytes, source_stride)),
        _address(device, "destination", destination, _extent(rows, nbytes, destination_stride)),
        nbytes,
        rows,
        source_stride,
        destination_stride,
        *_end(device, wait, signal, on_done),
    )


def move_block(
    device: OpenDevice,
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
    on_done: Callback | None = None,
) -> None:
    """Have a block mover bring a matrix from one memory on the chip to another.

    "transpose" writes width x height; "reshape" the elements in their order as rows of
    `reshaped_width` (0: of `height`); "shuffle" of each row the elements of its two halves by
    turns. Strides are bytes between rows (0: one after another). The rest as for `dma`.
    """
    height, width = unsigned32("height", height), unsigned32("width", width)
    element_bytes = unsigned32("element_bytes", element_bytes)
    reshaped_width = unsigned32("reshaped_width", reshaped_width)
    source_stride = unsigned("source_stride", source_stride)
    destination_stride = unsigned("destination_stride", destination_stride)
    arrived = {"transpose": (width, height)}.get(transform, (height, width))
    if transform == "reshape":
        rows = reshaped_width or height
        arrived = (height * width // max(1, rows), rows)
    device.handle.move_block(
        unsigned("engine", engine),
        _address(device, "source", source, _extent(height, width * element_bytes, source_stride)),
        _address(
            device,
            "destination",
            destination,
            _extent(arrived[0], arrived[1] * element_bytes, destination_stride),
        ),
        height,
        width,
        element_bytes,
        transform,
        reshaped_width,
        source_stride,
        destination_stride,
        *_end(device, wait, signal, on_done),
    )


def stream(
    device: OpenDevice,
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
    on_done: Callback | None = None,
) -> None:
    """Have a streamer bring a matrix from an L2 bank or scratchpad, where it lies in rows, to
    an L1 buffer, where its rows (or columns) follow each other, or back. The rest as for
    `dma`."""
    height, width = unsigned32("height", height), unsigned32("width", width)
    element_bytes = unsigned32("element_bytes", element_bytes)
    l2_stride = unsigned("l2_stride", l2_stride)
    extent = _extent(height, width * element_bytes, l2_stride)
    device.handle.stream(
        unsigned("engine", engine),
        _address(device, "l2", l2, extent),
        _address(device, "l1", l1, height * width * element_bytes),
        height,
        width,
        element_bytes,
        order,
        direction,
        l2_stride,
        *_end(device, wait, signal, on_done),
    )


def multiply(
    device: OpenDevice,
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
    on_done: Callback | None = None,
) -> None:
    """Have a systolic array write a (m x k) times b (k x n), all row-major at global addresses
    of memories on the chip; plus what the result holds (`accumulate`), plus a row of n
    (`bias`), with an activation.

    `strides` are the bytes between the rows of a, b and the result (0: rows follow each other).
    Sums are float32, or int32 of int8; so is the result unless `out_dtype` is narrower. The
    rest is as for `dma`.
    """
    device.handle.multiply(
        unsigned("engine", engine),
        unsigned("a", a),
        unsigned("b", b),
        unsigned("result", result),
        unsigned32("m", m),
        unsigned32("n", n),
        unsigned32("k", k),
        dtype,
        out_dtype or ("int32" if dtype == "int8" else "float32"),
        dataflow,
        activation or "none",
        accumulate,
        None if bias is None else unsigned("bias", bias),
        (
            unsigned("a_stride", strides[0]),
            unsigned("b_stride", strides[1]),
            unsigned("result_stride", strides[2]),
        ),
        *_end(device, wait, signal, on_done),
    )


def idle(device: OpenDevice, kind: EngineName, index: int = 0) -> bool:
    """That engine has no commands."""
    return device.handle.idle(kind, unsigned("engine", index))


def wait_for(
    device: OpenDevice, kind: EngineName, index: int = 0, cycle_limit: int | None = None
) -> None:
    """Let time pass until that engine is idle; everything else goes on meanwhile."""
    device.handle.wait(kind, unsigned("engine", index), cycle_limit)


def _extent(rows: int, row_bytes: int, stride: int) -> int:
    return (rows - 1) * (stride or row_bytes) + row_bytes


def _address(device: OpenDevice, name: str, operand: Address, extent: int) -> int:
    if not isinstance(operand, Buffer):
        return unsigned(name, operand)
    if operand.device.handle is not device.handle:
        raise ArgumentError(f"{name}: {operand!r} belongs to another device")
    if extent > operand.nbytes:
        raise AddressError(f"{name}: {extent} bytes do not fit into {operand!r}")
    return operand.global_address


def _end(
    device: OpenDevice, wait: Wait | None, signal: Signal | None, on_done: Callback | None
) -> tuple[tuple[int, int] | None, tuple[int, int] | None, Callback | None]:
    """What every command ends with: the flag it waits for, the one it adds to, the callback."""
    return wait_words(device, wait), signal_words(device, signal), on_done
