"""Programs of a reader, a compute kernel and a writer on one tile, for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import tilewright as tw
from tilewright import metalium

Tiles = NDArray[np.float32]  #: n x 32 x 32

READER = """
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(2);
    constexpr auto args = TensorAccessorArgs<0>();
    const auto a = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const auto b = TensorAccessor(args, get_arg_val<uint32_t>(1));
    for (uint32_t i = 0; i < count; ++i) {
        cb_reserve_back(0, 1);
        noc_async_read_page(i, a, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_reserve_back(1, 1);
        noc_async_read_page(i, b, get_write_ptr(1));
        noc_async_read_barrier();
        cb_push_back(1, 1);
    }
}
"""
WRITER = """
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(1);
    constexpr auto args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(args, get_arg_val<uint32_t>(0));
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(16, 1);
        noc_async_write_page(i, c, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""


def bf16_bits(x: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Rounded to nearest, ties to even."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def from_bf16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    return (bits.astype(np.uint32) << 16).view(np.float32)


def to_faces(tiles: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Tiles of 32 x 32 as they lie in memory: four faces of 16 x 16."""
    return tiles.reshape(-1, 2, 16, 2, 16).transpose(0, 1, 3, 2, 4).reshape(-1)


def from_faces(numbers: NDArray) -> NDArray:  # type: ignore[type-arg]
    return numbers.reshape(-1, 2, 2, 16, 16).transpose(0, 1, 3, 2, 4).reshape(-1, 32, 32)


def to_bfp8(numbers: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Tiles with one exponent for 16 numbers: exponents, then signs with 7 bits of mantissa."""
    blocks = numbers.reshape(-1, 64, 16)
    exponents = (blocks.view(np.uint32) >> 23 & 0xFF).max(axis=2)
    scale = np.ldexp(np.float32(1), 133 - exponents.astype(np.int32))[..., None]
    mantissas = np.minimum(np.floor(np.abs(blocks) * scale + np.float32(0.5)), 127)
    # A sign without a mantissa would be -infinity.
    negative = np.signbit(blocks) & (mantissas != 0)
    bits = mantissas.astype(np.uint8) | negative.astype(np.uint8) << 7
    return np.concatenate(
        [exponents.astype(np.uint8), bits.reshape(len(blocks), 1024)], axis=1
    ).reshape(-1)


def from_bfp8(data: NDArray[np.uint8]) -> Tiles:
    parts = data.reshape(-1, 1088)
    exponents = parts[:, :64].astype(np.int32)[..., None]
    bits = parts[:, 64:].reshape(-1, 64, 16)
    numbers = np.ldexp((bits & 0x7F).astype(np.float32), exponents - 133)
    return from_faces(np.where(bits >> 7 != 0, -numbers, numbers).astype(np.float32))


def to_tiles(data: NDArray[np.uint8], data_format: str) -> Tiles:
    """Tiles as they lie in memory."""
    if data_format == "bfp8_b":
        return from_bfp8(data)
    if data_format == "float16_b":
        return from_faces(from_bf16(data.view(np.uint16)))
    return from_faces(data.view(np.float32))


def random_tiles(seed: int, count: int) -> Tiles:
    """Numbers that BF16 holds."""
    numbers = np.random.default_rng(seed).standard_normal((count, 32, 32)).astype(np.float32)
    return from_bf16(bf16_bits(numbers))


@dataclass
class Result:
    tiles: Tiles
    run: tw.Run


def run_program(
    device: tw.Device,
    compute: str,
    a: Tiles,
    b: Tiles,
    outputs: int,
    *,
    data_format: str = "float16_b",
    out_format: str | None = None,
    pages: int = 2,
    args: tuple[int, ...] = (),
    movers: tuple[str, str] = (READER, WRITER),
    **config: object,
) -> Result:
    """The kernel finds tiles of `a` in circular buffer 0, of `b` in 1, and pushes to 16; its first
    argument is how many tiles each has."""
    out_format = out_format or data_format
    bytes_in = metalium.DATA_FORMATS[data_format][1]
    bytes_out = metalium.DATA_FORMATS[out_format][1]

    def put(tiles: Tiles) -> tw.Buffer:
        numbers = to_faces(tiles)
        data = bf16_bits(numbers) if data_format == "float16_b" else numbers
        if data_format == "bfp8_b":
            data = to_bfp8(numbers)
        return device.put(data, tw.Placement.interleaved(bytes_in))

    inputs = [put(a), put(b)]
    result = device.empty(outputs * bytes_out, "uint8", tw.Placement.interleaved(bytes_out))
    program = metalium.Program(device)
    tile = [(0, 0)]
    for index, size, kind in ((0, bytes_in, data_format), (1, bytes_in, data_format)):
        program.create_circular_buffer(tile, index, page_size=size, pages=pages, data_format=kind)
    program.create_circular_buffer(
        tile, 16, page_size=bytes_out, pages=pages, data_format=out_format
    )
    reader = program.create_kernel(
        movers[0],
        tile,
        name="reader",
        processor="riscv_1",
        compile_args=metalium.tensor_accessor_args(page_size=bytes_in),
    )
    writer = program.create_kernel(
        movers[1],
        tile,
        name="writer",
        compile_args=metalium.tensor_accessor_args(page_size=bytes_out),
    )
    kernel = program.create_kernel(compute, tile, name="compute", processor="compute", **config)
    program.set_runtime_args(reader, tile[0], [*inputs, len(a)])
    program.set_runtime_args(writer, tile[0], [result, outputs])
    program.set_runtime_args(kernel, tile[0], [len(a), *args])
    run = program.run()
    return Result(to_tiles(result.numpy(), out_format), run)


def run_kernel(
    device: tw.Device,
    compute: str,
    inputs: list[tuple[str, NDArray[np.generic]]],
    outputs: list[tuple[str, int]],
    *,
    args: tuple[int, ...] = (),
    **config: object,
) -> tuple[list[NDArray[np.uint8]], tw.Run]:
    """The kernel finds all tiles of the i-th input, which are as they lie in memory, in circular
    buffer i; what it pushes to buffer 16 + i, tiles of a format and their count, is returned."""
    program = metalium.Program(device)
    tile = [(0, 0)]

    def ring(index: int, data_format: str, pages: int) -> int:
        size = metalium.DATA_FORMATS[data_format][1]
        program.create_circular_buffer(
            tile, index, page_size=size, pages=pages, data_format=data_format
        )
        return size

    def mover(
        rings: list[tuple[int, int, int]], place: str, transfer: str, before: str, after: str
    ) -> tuple[str, list[int]]:
        body, compile_args = "", list[int]()
        for i, (index, size, count) in enumerate(rings):
            body += f"""
    {{
        constexpr auto args = TensorAccessorArgs<{len(compile_args)}>();
        const auto t = TensorAccessor(args, get_arg_val<uint32_t>({i}));
        {before}({index}, {count});
        for (uint32_t n = 0; n < {count}; ++n)
            {transfer}(n, t, {place}({index}) + n * {size});
        noc_async_full_barrier();
        {after}({index}, {count});
    }}"""
            compile_args += metalium.tensor_accessor_args(page_size=size)
        return "void kernel_main() {" + body + "\n}", compile_args

    reads, writes, buffers, results = [], [], [], []
    for i, (data_format, data) in enumerate(inputs):
        size = metalium.DATA_FORMATS[data_format][1]
        count = data.nbytes // size
        ring(i, data_format, count)
        reads.append((i, size, count))
        buffers.append(device.put(data.reshape(-1), tw.Placement.interleaved(size)))
    for i, (data_format, count) in enumerate(outputs):
        size = ring(16 + i, data_format, count)
        writes.append((16 + i, size, count))
        results.append(device.empty(count * size, "uint8", tw.Placement.interleaved(size)))
    source, compile_args = mover(
        reads, "get_write_ptr", "noc_async_read_page", "cb_reserve_back", "cb_push_back"
    )
    reader = program.create_kernel(
        source, tile, name="reader", processor="riscv_1", compile_args=compile_args
    )
    source, compile_args = mover(
        writes, "get_read_ptr", "noc_async_write_page", "cb_wait_front", "cb_pop_front"
    )
    writer = program.create_kernel(source, tile, name="writer", compile_args=compile_args)
    kernel = program.create_kernel(compute, tile, name="compute", processor="compute", **config)
    program.set_runtime_args(reader, tile[0], buffers)
    program.set_runtime_args(writer, tile[0], results)
    program.set_runtime_args(kernel, tile[0], list(args))
    run = program.run()
    return [result.numpy() for result in results], run
