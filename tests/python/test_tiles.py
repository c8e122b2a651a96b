"""Matrices as tiles: where each number lies, what rounding does, and that the compute engine makes
the same bytes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.python.compute_programs import (
    READER,
    WRITER,
    bf16_bits,
    from_bfp8,
    from_faces,
    to_bfp8,
    to_faces,
)

import tilewright as tw
from tilewright import metalium
from tilewright.tiles import TILE_FORMATS, tile_bytes

FLOATS = ("float32", "float16", "float16_b")
INTEGERS = ("int32", "uint32", "uint16", "int8", "uint8")
COPY = """
#include "compute_kernel_api/tile_move_copy.h"
void kernel_main() {
    unary_op_init_common(0, 16);
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        copy_tile(0, 0, 0);
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
"""


def random_matrix(shape: tuple[int, ...], data_format: str) -> npt.NDArray[Any]:
    random = np.random.default_rng(7)
    if data_format in INTEGERS:
        limits = np.iinfo(data_format)
        least = -127 if data_format == "int8" else limits.min
        return random.integers(least, limits.max, shape, data_format, endpoint=True)
    return random.standard_normal(shape).astype(np.float32)


def test_all_formats_of_circular_buffers_are_there() -> None:
    assert set(TILE_FORMATS) == set(metalium.DATA_FORMATS)
    for name, (_, size) in metalium.DATA_FORMATS.items():
        assert tile_bytes(name) == size


def test_a_number_lies_in_its_face() -> None:
    rows, columns = 3, 2
    matrix = np.arange(rows * columns * 1024, dtype=np.uint32).reshape(rows * 32, columns * 32)
    tiles = tw.tilize(matrix).view(np.uint32)
    for row, column in ((0, 0), (1, 2), (15, 17), (16, 3), (31, 31), (40, 33), (95, 63)):
        tile = row // 32 * columns + column // 32
        inside = row % 32 // 16 * 512 + column % 32 // 16 * 256 + row % 16 * 16 + column % 16
        assert tiles[tile, inside] == matrix[row, column]


@pytest.mark.parametrize("data_format", [*FLOATS[:1], *INTEGERS])
@pytest.mark.parametrize("shape", [(32, 32), (64, 96), (2, 3, 32, 64), (0, 32), (2, 64, 0)])
def test_there_and_back(shape: tuple[int, ...], data_format: str) -> None:
    matrix = random_matrix(shape, data_format)
    tiles = tw.tilize(matrix, data_format)
    assert tiles.dtype == np.uint8
    assert tiles.shape == (matrix.size // 1024, tile_bytes(data_format))
    back = tw.untilize(tiles, shape, data_format)
    assert back.dtype == data_format
    np.testing.assert_array_equal(back, matrix)
    np.testing.assert_array_equal(tw.untilize(tiles.tobytes(), shape, data_format), matrix)


def test_floats_are_rounded_to_the_nearest() -> None:
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    values = random_matrix((64, 64), "float32")
    values[0, :6] = [np.inf, -np.inf, np.nan, 3.4e38, 1.00390625, -0.0]
    narrow = values.astype(bfloat16)
    assert (tw.tilize(values, "bfloat16") == tw.tilize(narrow)).all()
    back = tw.untilize(tw.tilize(values, "float16_b"), (64, 64), "float16_b")
    np.testing.assert_array_equal(back, narrow.astype(np.float32))
    again = tw.untilize(tw.tilize(narrow), (64, 64), "bfloat16", bfloat16)
    assert again.dtype == bfloat16
    np.testing.assert_array_equal(again.astype(np.float32), back)
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    np.testing.assert_array_equal(tw.untilize(tw.tilize(half), (64, 64), "float16"), half)


def test_bytes_are_those_of_another_implementation() -> None:
    matrix = random_matrix((32, 32), "float32")
    faces = to_faces(matrix)
    assert (tw.tilize(matrix, "float16_b").ravel() == bf16_bits(faces).view(np.uint8)).all()
    rounded = (bf16_bits(faces).astype(np.uint32) << 16).view(np.float32)  # so that both round once
    whole = from_faces(rounded)[0]
    assert (tw.tilize(whole, "bfp8_b").ravel() == to_bfp8(rounded)).all()
    assert (tw.untilize(to_bfp8(rounded), (32, 32), "bfp8_b") == from_bfp8(to_bfp8(rounded))).all()


def engine_packs(device: tw.Device, tiles: npt.NDArray[np.uint8], out: str) -> tw.Buffer:
    """Float32 tiles, through Dst in 32 bits, packed in another format by the compute engine."""
    size = tile_bytes(out)
    source = device.put(tiles, tw.Placement.interleaved(4096))
    result = device.zeros((len(tiles), size), "uint8", tw.Placement.interleaved(size))
    program = metalium.Program(device)
    tile = [(0, 0)]
    for index, page, kind in ((0, 4096, "float32"), (1, 4096, "float32"), (16, size, out)):
        program.create_circular_buffer(tile, index, page_size=page, pages=2, data_format=kind)
    reads: list[int | tw.Buffer] = [source, source, len(tiles)]
    writes: list[int | tw.Buffer] = [result, len(tiles)]
    for text, name, processor, page, args in (
        (READER, "reader", "riscv_1", 4096, reads),
        (WRITER, "writer", "riscv_0", size, writes),
    ):
        kernel = program.create_kernel(
            text,
            tile,
            name=name,
            processor=processor,
            compile_args=metalium.tensor_accessor_args(page_size=page),
        )
        program.set_runtime_args(kernel, tile[0], args)
    compute = program.create_kernel(
        COPY,
        tile,
        name="copy",
        processor="compute",
        fp32_dest_acc_en=True,
        unpack_to_dest_fp32=[0],
    )
    program.set_runtime_args(compute, tile[0], [len(tiles)])
    program.run()
    return result


@pytest.mark.parametrize(
    ("chip", "data_format"),
    [("blackhole", "bfp8_b"), ("blackhole", "bfp4_b"), ("wormhole", "bfp8_b")],
)
def test_blocks_are_what_the_engine_packs(chip: str, data_format: str) -> None:
    matrix = random_matrix((64, 32), "float32")
    matrix[32:] *= np.float32(2) ** np.random.default_rng(3).integers(-40, 40, (32, 32))
    matrix[0, :16] = [0, -0.0, 1e-40, 1.9921875, -1.9999999, 1, 2, -3, *np.arange(8) / 64]
    matrix[1, :16] = 0
    matrix[2, :16] = np.float32(255.99998) / 2 ** np.arange(16)
    # Packers round to 7 bits with the hidden one before numbers share an exponent.
    bits = (matrix.view(np.uint32) >> 16) + 1 & np.uint32(0xFFFE)
    rounded = np.where(bits & 0x7FFF < 0x80, 0, bits).astype(np.uint32) << 16
    expected = tw.tilize(rounded.view(np.float32), data_format)
    with tw.open(chip) as device:
        packed = engine_packs(device, tw.tilize(matrix), data_format).numpy()
    np.testing.assert_array_equal(packed, expected)


def test_blocks_are_read_as_the_engine_reads_them() -> None:
    """Each number there is, under several exponents, unpacked by the engine into Dst. (Those of
    bfp8_b against another implementation, see above.)"""
    data_format = "bfp4_b"
    size = tile_bytes(data_format)
    tiles = np.zeros((1, size), np.uint8)
    tiles[0, :64] = np.tile([120, 127, 130, 140], 16)
    tiles[0, 64:] = np.resize(np.arange(256, dtype=np.uint8), size - 64)
    ours = tw.untilize(tiles, (32, 32), data_format)
    with tw.open("blackhole") as device:
        source = device.put(tiles, tw.Placement.interleaved(size))
        result = device.zeros((1, 2048), "uint8", tw.Placement.interleaved(2048))
        program = metalium.Program(device)
        tile = [(0, 0)]
        for index, page, kind in ((0, size, data_format), (1, size, data_format)):
            program.create_circular_buffer(tile, index, page_size=page, pages=2, data_format=kind)
        program.create_circular_buffer(tile, 16, page_size=2048, pages=2)
        accessor = metalium.tensor_accessor_args
        reader = program.create_kernel(
            READER,
            tile,
            name="reader",
            processor="riscv_1",
            compile_args=accessor(page_size=size),
        )
        writer = program.create_kernel(
            WRITER, tile, name="writer", compile_args=accessor(page_size=2048)
        )
        compute = program.create_kernel(COPY, tile, name="copy", processor="compute")
        program.set_runtime_args(reader, tile[0], [source, source, 1])
        program.set_runtime_args(writer, tile[0], [result, 1])
        program.set_runtime_args(compute, tile[0], [1])
        program.run()
        theirs = tw.untilize(result.numpy(), (32, 32), "float16_b")
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("matrix", "data_format", "message"),
    [
        (np.zeros((32, 33)), None, r"matrix: .*multiples of 32, got the shape \(32, 33\)"),
        (np.zeros((16, 32)), None, r"multiples of 32"),
        (np.zeros(1024), None, r"matrix: expected a matrix, got the shape \(1024,\)"),
        (np.zeros((32, 32)), "tf32", r"data_format: expected one of float32, .*got 'tf32'"),
        (np.zeros((32, 32), complex), None, "complex128"),
        (np.zeros((32, 32), np.int64), None, "no tiles of int64; name a data_format"),
        (np.full((32, 32), 256), "uint8", "uint8 from 0 to 255"),
        (np.full((32, 32), -128), "int8", "int8 from -127 to 127"),
        (np.zeros((32, 32)), "int32", "float64 does not convert to int32; round it first"),
        (np.full((32, 32), "a"), "int8", "expected numbers"),
    ],
)
def test_what_has_no_tiles_is_refused(
    matrix: npt.NDArray[Any], data_format: str | None, message: str
) -> None:
    with pytest.raises(tw.ArgumentError, match=message):
        tw.tilize(matrix, data_format)


def test_bytes_that_do_not_fit_are_refused() -> None:
    tiles = tw.tilize(np.zeros((64, 32), np.float32), "bfp8_b")
    with pytest.raises(tw.ArgumentError, match=r"data: expected 2176 bytes .*got 1088"):
        tw.untilize(tiles[:1], (64, 32), "bfp8_b")
    with pytest.raises(tw.ArgumentError, match=r"shape: .*multiples of 32"):
        tw.untilize(tiles, (68, 32), "bfp8_b")
