"""Matmuls and convolutions: operands in, a buffer out. On the systolic arrays, or where a chip has
none matmuls on the compute engines of its tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.allocation import empty, put
from tilewright.buffer import Buffer
from tilewright.conv_shape import Padding, Stride, padding_of, strides_of
from tilewright.errors import ArgumentError, ConfigError, OutOfMemoryError
from tilewright.open_device import OpenDevice
from tilewright.tiled_buffer import TiledBuffer, empty_tiles, put_tiles
from tilewright.unsigned import optional_cycles, unsigned, unsigned32

Dataflow = Literal["auto", "output_stationary", "weight_stationary", "input_stationary"]
Activation = Literal["relu", "gelu", "sigmoid", "tanh", "silu"]

#: The element types of matrices and how NumPy holds them; bfloat16 as its bits.
DTYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype(np.float32),
    "bfloat16": np.dtype(np.uint16),
    "float16": np.dtype(np.float16),
    "int8": np.dtype(np.int8),
    "int32": np.dtype(np.int32),
}
_FACTORS = ("float32", "bfloat16", "float16", "int8")

#: Phases in which compute engines multiply at each fidelity.
FIDELITIES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}


#: Element types that formats of tiles have another name for.
_OF_FORMAT = {"float16_b": "bfloat16"}


class ArrayDevice(OpenDevice, Protocol):
    """A device that keeps what its last matmul took."""

    last_matmul: _core.MatmulReport | None


def to_bfloat16(array: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """The bits of the nearest bfloat16 numbers, ties to even."""
    values = np.asarray(array, np.float32)
    bits = values.view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded.astype(np.uint16))


def from_bfloat16(bits: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The numbers that bits of bfloat16 stand for, exactly."""
    return (np.asarray(bits, np.uint16).astype(np.uint32) << np.uint32(16)).view(np.float32)


def _type_of(operand: Buffer | npt.NDArray[Any], name: str, dtype: str | None) -> str:
    """The element type of an operand, by its own dtype or as the caller says."""
    own = operand.dtype
    if dtype is not None:
        if dtype not in _FACTORS:
            raise ArgumentError(f"dtype: expected one of {', '.join(_FACTORS)}, got {dtype!r}")
        if isinstance(operand, Buffer) and own != DTYPES[dtype]:
            raise ArgumentError(f"{name}: a buffer of {own} does not hold {dtype}")
        return dtype
    if own.name in _FACTORS:
        return own.name
    hint = "; pass dtype= to convert it" if not isinstance(operand, Buffer) else ""
    raise ArgumentError(f"{name}: expected {', '.join(_FACTORS)}, got {own}{hint}")


def _convert(array: npt.NDArray[Any], name: str, to: str) -> npt.NDArray[Any]:
    if array.dtype.name == to == "bfloat16":  # of a package that adds the type to NumPy
        return array.view(np.uint16)
    if not np.can_cast(array.dtype, np.float32 if to == "bfloat16" else DTYPES[to], "same_kind"):
        raise ArgumentError(f"{name}: {array.dtype} does not convert to {to}")
    return to_bfloat16(array) if to == "bfloat16" else array.astype(DTYPES[to], copy=False)


def _allocate(
    device: OpenDevice, shape: tuple[int, ...], dtype: np.dtype[Any], bank: int
) -> Buffer:
    """A buffer in one bank, where rows follow each other; round all banks if that one is full."""
    banks = device.config.dram_bank_count
    if banks == 0:
        raise ConfigError("there is no DRAM to put operands in: dram_bank_count is 0")
    try:
        return empty(device, shape, dtype, _core.Placement.bank(bank % banks))
    except OutOfMemoryError:
        return empty(device, shape, dtype)


def _place(
    device: OpenDevice,
    value: Buffer | npt.ArrayLike,
    name: str,
    rank: int,
    dtype: str | None,
    bank: int,
) -> tuple[Buffer, str]:
    """An operand as a buffer of the device, and its element type."""
    operand = value if isinstance(value, Buffer) else np.asarray(value)
    if len(operand.shape) != rank or 0 in operand.shape:
        raise ArgumentError(
            f"{name}: expected {rank} dimensions, none of them 0, got shape {operand.shape}"
        )
    to = _type_of(operand, name, dtype)
    if isinstance(operand, Buffer):
        return operand, to
    array = _convert(operand, name, to)
    buffer = _allocate(device, array.shape, array.dtype, bank)
    buffer.write(array)
    return buffer, to


def _place_bias(
    device: OpenDevice, value: Buffer | npt.ArrayLike | None, size: int, sums: str
) -> Buffer | None:
    if value is None:
        return None
    bias = value if isinstance(value, Buffer) else np.asarray(value)
    if bias.shape != (size,):
        raise ArgumentError(f"bias: expected shape ({size},), got {bias.shape}")
    if isinstance(bias, Buffer):
        if bias.dtype != DTYPES[sums]:
            raise ArgumentError(f"bias: expected a buffer of {sums}, got {bias.dtype}")
        return bias
    if not np.can_cast(bias.dtype, DTYPES[sums], "same_kind"):
        raise ArgumentError(f"bias: {bias.dtype} does not convert to {sums}")
    return put(device, bias.astype(DTYPES[sums]))


def _place_out(
    device: OpenDevice, out: Buffer | None, shape: tuple[int, ...], dtype: str
) -> Buffer:
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ArgumentError(f"out_dtype: expected one of {', '.join(DTYPES)}, got {dtype!r}")
    if out is not None and not isinstance(out, Buffer):
        raise ArgumentError(f"out: expected a Buffer, got {type(out).__name__}")
    if out is None:
        return _allocate(device, shape, DTYPES[dtype], 2)
    if out.shape != shape or out.dtype != DTYPES[dtype]:
        raise ArgumentError(
            f"out: expected shape {shape} and {DTYPES[dtype]}, got {out.shape} and {out.dtype}"
        )
    return out


def _options(
    config: _core.ChipConfig,
    dtype: str,
    out_dtype: str | None,
    dataflow: str,
    activation: str | None,
    tiles: tuple[int, int, int, int, int] | None = None,
    arrays: int = 0,
    bias: bool = False,
    fidelity: str = "HiFi4",
) -> _core.MatmulOptions:
    if tiles is not None and not (
        isinstance(tiles, Sequence)
        and len(tiles) == 5
        and all(isinstance(t, int) and 0 < t < 2**63 for t in tiles)
    ):
        raise ArgumentError(
            f"tiles: expected block m, n and k and panel m and n, each at least 1, got {tiles}"
        )
    there = int(config.fields()["systolic_array_count"])
    if unsigned32("arrays", arrays) > there > 0:
        raise ArgumentError(f"arrays: expected 0 (all) to {there}, got {arrays}")
    for name, value in (("dataflow", dataflow), ("activation", activation or "none")):
        if not isinstance(value, str):
            raise ArgumentError(f"{name}: expected a name, got {type(value).__name__}")
    if fidelity not in FIDELITIES:
        raise ArgumentError(f"fidelity: expected one of {', '.join(FIDELITIES)}, got {fidelity!r}")
    return _core.MatmulOptions(
        dtype,
        out_dtype,
        None if dataflow == "auto" else dataflow,
        activation or "none",
        bias,
        None if tiles is None else (tiles[0], tiles[1], tiles[2], tiles[3], tiles[4]),
        arrays,
        FIDELITIES[fidelity],
    )


def _sums_of(dtype: str) -> str:
    return "int32" if dtype == "int8" else "float32"


def plan(
    config: _core.ChipConfig,
    m: int,
    n: int,
    k: int,
    *,
    dtype: str = "float32",
    out_dtype: str | None = None,
    dataflow: str = "auto",
    activation: str | None = None,
    bias: bool = False,
    tiles: tuple[int, int, int, int, int] | None = None,
    arrays: int = 0,
    fidelity: str = "HiFi4",
) -> _core.MatmulPlan:
    """How a chip would multiply m x k by k x n; print it to read it."""
    sizes = unsigned("m", m), unsigned("n", n), unsigned("k", k)
    options = _options(
        config, dtype, out_dtype, dataflow, activation, tiles, arrays, bias, fidelity
    )
    return _core.plan_matmul(config, sizes, options)


def matmul(
    device: ArrayDevice,
    a: Buffer | npt.ArrayLike,
    b: Buffer | npt.ArrayLike,
    *,
    dtype: str | None = None,
    out_dtype: str | None = None,
    dataflow: str = "auto",
    bias: Buffer | npt.ArrayLike | None = None,
    activation: str | None = None,
    out: Buffer | None = None,
    tiles: tuple[int, int, int, int, int] | None = None,
    arrays: int = 0,
    fidelity: str = "HiFi4",
    cycle_limit: int | None = None,
) -> Buffer:
    """The product of a (m x k) and b (k x n) on the chip's systolic arrays, plus a bias (a row
    of n), with an activation ("relu", "gelu", "sigmoid", "tanh", "silu"). `Device.last_matmul`
    then tells what it took.

    On a chip without arrays whose tiles have compute engines they do it, in float32 (of which they
    multiply 11 bits of mantissa), float16, bfloat16 or int8 (-127 to 127). Operands are arrays, or
    buffers of `Device.put_tiles`, and so is the result; a bias is an array, or a buffer of
    `Device.put`. `fidelity` is "LoFi", "HiFi2", "HiFi3" or "HiFi4": how many bits of the operands
    take part, and as many phases; int8 takes "HiFi4". There is no other dataflow, and no choice of
    `tiles` and `arrays`: UnsupportedError.

    Operands are buffers, or arrays that are put on the device first. float32, float16, int8, or
    with ``dtype="bfloat16"`` its bits in a buffer of uint16; `dtype` also converts arrays. Sums
    and bias are float32, or int32 of int8; so is the result unless `out_dtype` says float16 or
    bfloat16. `dataflow` is "auto", "output_stationary", "weight_stationary" or
    "input_stationary"; `tiles` block m, n and k and panel m and n; `arrays` how many of the chip's
    to use at most (0: all). ArgumentError names what does not fit; ConfigError says that the chip
    has neither arrays nor engines.
    """
    fields = device.config.fields()
    if fields["systolic_array_count"] == 0 and fields["compute_engines"] != 0:
        options = _options(
            device.config,
            dtype or _tiled_type(a, b),
            out_dtype,
            dataflow,
            activation,
            tiles,
            arrays,
            bias is not None,
            fidelity,
        )
        return _matmul_of_tiles(device, a, b, bias, out, options, cycle_limit)
    left, type_a = _place(device, a, "a", 2, dtype, 0)
    right, type_b = _place(device, b, "b", 2, dtype, 1)
    (m, k), (rows, n) = left.shape, right.shape
    if k != rows:
        raise ArgumentError(f"matmul: shapes {left.shape} and {right.shape} do not fit together")
    if type_a != type_b:
        raise ArgumentError(f"matmul: a is {type_a}, b is {type_b}; pass dtype= to convert them")
    sums = _sums_of(type_a)
    row = _place_bias(device, bias, n, sums)
    result = _place_out(device, out, (m, n), out_dtype or sums)
    device.last_matmul = _core.matmul(
        device.handle,
        left.handle,
        right.handle,
        result.handle,
        (m, n, k),
        _options(device.config, type_a, out_dtype or sums, dataflow, activation, tiles, arrays),
        None if row is None else row.handle,
        optional_cycles("cycle_limit", cycle_limit),
    )
    return result


def _number(tiles: TiledBuffer) -> str:
    """The element type of a matrix as tiles."""
    return _OF_FORMAT.get(tiles.data_format, tiles.data_format)


def _tiled_type(a: Buffer | npt.ArrayLike, b: Buffer | npt.ArrayLike) -> str:
    """The element type of both operands, by their own."""
    kinds = [
        _number(each)
        if isinstance(each, TiledBuffer)
        else _type_of(each if isinstance(each, Buffer) else np.asarray(each), name, None)
        for name, each in (("a", a), ("b", b))
    ]
    if kinds[0] != kinds[1]:
        raise ArgumentError(
            f"matmul: a is {kinds[0]}, b is {kinds[1]}; pass dtype= to convert them"
        )
    return kinds[0]


def _place_tiles(
    device: OpenDevice, value: Buffer | npt.ArrayLike, name: str, dtype: str
) -> TiledBuffer:
    if isinstance(value, TiledBuffer):
        if _number(value) != dtype:
            raise ArgumentError(f"{name}: expected a matrix of {dtype}, got {value!r}")
        return value
    if isinstance(value, Buffer):
        raise ArgumentError(
            f"{name}: compute engines read matrices as tiles, and this buffer lies row by row; "
            f"expected an array or a buffer of put_tiles(), got {value!r}"
        )
    array = np.asarray(value)
    if array.ndim != 2 or 0 in array.shape:
        raise ArgumentError(f"{name}: expected 2 dimensions, none of them 0, got {array.shape}")
    number = np.int8 if dtype == "int8" else np.float32
    if not np.can_cast(array.dtype, number, "same_kind") and array.dtype.name != "bfloat16":
        raise ArgumentError(f"{name}: {array.dtype} does not convert to {dtype}")
    return put_tiles(device, array, dtype)


def _matmul_of_tiles(
    device: ArrayDevice,
    a: Buffer | npt.ArrayLike,
    b: Buffer | npt.ArrayLike,
    bias: Buffer | npt.ArrayLike | None,
    out: Buffer | None,
    options: _core.MatmulOptions,
    cycle_limit: int | None,
) -> Buffer:
    """`matmul` on compute engines."""
    _core.plan_matmul(device.config, (1, 1, 1), options)  # refuses options before anything is put
    left = _place_tiles(device, a, "a", options.type)
    right = _place_tiles(device, b, "b", options.type)
    (m, k), (rows, n) = left.shape, right.shape
    if k != rows:
        raise ArgumentError(f"matmul: shapes {left.shape} and {right.shape} do not fit together")
    row = _place_bias(device, bias, n, _sums_of(options.type))
    plan = _core.plan_matmul(device.config, (m, n, k), options)
    if out is None:
        kind = "float16_b" if plan.out == "bfloat16" else plan.out
        result = empty_tiles(device, (m, n), kind)
    elif not isinstance(out, TiledBuffer) or (out.shape, _number(out)) != ((m, n), plan.out):
        raise ArgumentError(f"out: expected a matrix {(m, n)} as tiles of {plan.out}, got {out!r}")
    else:
        result = out
    device.last_matmul = _core.matmul(
        device.handle,
        left.handle,
        right.handle,
        result.handle,
        (m, n, k),
        options,
        None if row is None else row.handle,
        optional_cycles("cycle_limit", cycle_limit),
    )
    return result


def conv2d(
    device: ArrayDevice,
    images: Buffer | npt.ArrayLike,
    filters: Buffer | npt.ArrayLike,
    *,
    stride: Stride = 1,
    padding: Padding = 0,
    method: Literal["direct", "im2col"] = "direct",
    dtype: str | None = None,
    out_dtype: str | None = None,
    dataflow: str = "auto",
    bias: Buffer | npt.ArrayLike | None = None,
    activation: str | None = None,
    out: Buffer | None = None,
    cycle_limit: int | None = None,
) -> Buffer:
    """A convolution of images (count, height, width, channels) with filters (height, width,
    channels, outputs) on the systolic arrays; the rest is as for `matmul`.

    `stride` is a number, or one (down, right). `padding`, the zeros around each image, is a number,
    (rows, columns) or ((top, bottom), (left, right)), fewer than the filter has; "same" makes the
    output as large as the image, divided by the stride and rounded up; "valid" is 0.

    "direct" gathers the rows of its matmul from the images as it goes along, "im2col" writes
    them to DRAM first, which takes memory, bytes and cycles.
    """
    if method not in ("direct", "im2col"):
        raise ArgumentError(f"method: expected 'direct' or 'im2col', got {method!r}")
    strides = strides_of(stride)
    x, type_x = _place(device, images, "images", 4, dtype, 0)
    w, type_w = _place(device, filters, "filters", 4, dtype, 1)
    (count, height, width, channels) = x.shape
    (kernel_height, kernel_width, depth, outputs) = w.shape
    if channels != depth:
        raise ArgumentError(f"conv2d: images have {channels} channels, filters {depth}")
    if type_x != type_w:
        raise ArgumentError(f"conv2d: images are {type_x}, filters {type_w}; pass dtype=")
    rows, columns = padding_of(padding, (height, width), (kernel_height, kernel_width), strides)
    padded = height + sum(rows), width + sum(columns)
    if kernel_height > padded[0] or kernel_width > padded[1]:
        raise ArgumentError(f"conv2d: filters of {w.shape[:2]} are larger than the padded images")
    sums = _sums_of(type_x)
    row = _place_bias(device, bias, outputs, sums)
    places = (
        (padded[0] - kernel_height) // strides[0] + 1,
        (padded[1] - kernel_width) // strides[1] + 1,
    )
    result = _place_out(device, out, (count, *places, outputs), out_dtype or sums)
    shape = _core.Convolution(
        (count, height, width, channels),
        (kernel_height, kernel_width),
        outputs,
        strides,
        (*rows, *columns),
        method == "im2col",
    )
    device.last_matmul = _core.conv2d(
        device.handle,
        x.handle,
        w.handle,
        result.handle,
        shape,
        _options(device.config, type_x, out_dtype or sums, dataflow, activation),
        None if row is None else row.handle,
        optional_cycles("cycle_limit", cycle_limit),
    )
    return result
