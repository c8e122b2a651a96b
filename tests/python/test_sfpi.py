"""Kernels that program the vector unit themselves, against NumPy, on both architectures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import from_bf16, run_program

import tilewright as tw

#: Each function is called for the faces of a tile that has x; y is in the tile behind it.
KERNEL = """
#include "api/compute/common.h"
#include "api/compute/compute_kernel_api.h"
#ifdef TRISC_MATH
#include "sfpi.h"
#include "experimental/llk_sfpu/ckernel_sfpu_custom_add.h"
namespace ckernel::sfpu {
template <class F>
inline __attribute__((always_inline)) void each(F f) {
    for (int i = 0; i < 8; ++i) {
        f();
        dst_reg++;
    }
}
constexpr int y_at = 32;
FUNCTIONS
}
#endif
template <class F>
void apply(F f) {
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    copy_tile(1, 0, 1);
    f();
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
void kernel_main() {
    init_sfpu(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
CALLS
    apply([] {
        MATH(SFPU_BINARY_CALL_NO_TEMPLATE_ARGS(
            DST_SYNC_MODE, DST_ACCUM_MODE, my_add_tile_face, 0, 1, 0, VectorMode::RC));
    });
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
Numbers = NDArray[np.float32]
STRAIGHT: dict[str, Any] = {
    "data_format": "float32",
    "fp32_dest_acc_en": True,
    "unpack_to_dest_fp32": [0, 1],
}
LOAD = "vFloat x = dst_reg[0]; vFloat y = dst_reg[y_at];"


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


def run_all(chip: tw.Device, bodies: list[str], x: Numbers, y: Numbers) -> Numbers:
    functions = "".join(
        f"void f{i}() {{ each([] {{ {LOAD} {body} }}); }}\n" for i, body in enumerate(bodies)
    )
    calls = "".join(
        "apply([] { MATH((_llk_math_eltwise_unary_sfpu_params_<false>"
        f"(ckernel::sfpu::f{i}, 0))); }});\n"
        for i in range(len(bodies))
    )
    source = KERNEL.replace("FUNCTIONS", functions).replace("CALLS", calls)
    result = run_program(chip, source, x[None], y[None], len(bodies) + 1, **STRAIGHT)
    np.testing.assert_array_equal(result.tiles[-1], x + y)
    return result.tiles[:-1]


def bits(x: Any) -> NDArray[np.int32]:
    return np.ascontiguousarray(x, np.float32).view(np.int32)


def floats(x: NDArray) -> Numbers:  # type: ignore[type-arg]
    return np.ascontiguousarray(x.astype(np.int64) & 0xFFFFFFFF).astype(np.uint32).view(np.float32)


def numbers(seed: int) -> Numbers:
    return np.random.default_rng(seed).standard_normal((32, 32)).astype(np.float32) * 3


def test_lanes_and_floats(chip: tw.Device) -> None:
    x, y = numbers(1), numbers(2)
    one = np.float32(1)
    nested = np.where(x > 0, np.where(y > 0, x + y, x - y), np.where(y > 1, x * y, -x))
    expected = {
        "v_if(x < 0.0f) { x = -x; } v_endif; dst_reg[0] = x;": abs(x),
        # A copy keeps its lanes, wherever the compiler puts it.
        "vFloat z = x; v_if(y > 0.0f) { x = y; vFloat t = z; z = x + t; } v_endif;"
        "dst_reg[0] = z - x;": np.where(y > 0, (y + x) - y, 0),
        "v_if(x > 0.0f) { v_if(y > 0.0f) { x += y; } v_else { x -= y; } v_endif; }"
        "v_elseif(y > 1.0f) { x *= y; } v_else { x = -x; } v_endif; dst_reg[0] = x;": nested,
        "v_if(x > 0.0f && (y > 0.0f || y < -2.0f)) { x = 5.0f; } v_endif;dst_reg[0] = x;": np.where(
            (x > 0) & ((y > 0) | (y < -2)), 5, x
        ),
        "v_if(x >= y || !(x < 1.0f && y <= 3)) { x = y; } v_endif; dst_reg[0] = x;": np.where(
            (x >= y) | ~((x < 1) & (y <= 3)), y, x
        ),
        "v_block { v_and(x > y); y = x; v_and(x > 2.0f); y = 2.0f; } v_endblock"
        " dst_reg[0] = y;": np.minimum(np.maximum(x, y), np.where(x > y, 2, y)),
        "vBool positive = x > 0.0f; v_if(positive && y != 0.0f) { x = 0.0f; } v_endif;"
        "dst_reg[0] = x;": np.minimum(x, 0),
        "dst_reg[0] = x * y + 0.1f;": (x.astype(np.float64) * y + np.float32(0.1)).astype("f4"),
        "dst_reg[0] = 2 - x * y;": (2 - x.astype(np.float64) * y).astype("f4"),
        "dst_reg[0] = x * y - x;": (x.astype(np.float64) * y - x).astype("f4"),
        "x++; --x; x += 0.1f; dst_reg[0] = x - dst_reg[y_at];": ((x + one) - one)
        + np.float32(0.1)
        - y,
        "vConstFloatPrgm0 = 1.25f; dst_reg[0] = vConstFloatPrgm0 * x + vConst1;": np.float32(1.25)
        * x.astype(np.float64)
        + 1,
        "l_reg[LRegs::LReg3] = x; vFloat z = l_reg[LRegs::LReg3]; dst_reg[0] = z;": x,
        "vec_min_max(x, y); dst_reg[0] = x - y;": np.minimum(x, y) - np.maximum(x, y),
        "vec_swap(x, y); dst_reg[0] = x;": y,
        "dst_reg[0] = max(min(x, 1.0f), vFloat(-1.0f));": np.clip(x, -1, 1),
        "dst_reg[0] = vFloat(s2vFloat16b(1.0078125f)) + vFloat(sFloat16a(0.5f));": x * 0
        + np.float32(1.5078125),
    }
    for (body, tile), taken in zip(
        expected.items(), run_all(chip, list(expected), x, y), strict=True
    ):
        np.testing.assert_allclose(taken, tile, rtol=2**-22, atol=2**-22, err_msg=body)


def test_parts_of_numbers_and_integers(chip: tw.Device) -> None:
    x, y = numbers(3), numbers(4)
    mantissa, exponent = np.frexp(x)
    xi, yi = bits(x), bits(y)
    lanes = np.zeros((32, 32), np.int64)
    # Lanes 0 to 7 are every other number of a row, those behind of the rows below.
    for row in range(32):
        lanes[row] = (np.arange(32) % 16 // 2 + row % 4 * 8) * 2
    to_float = "dst_reg[0] = int32_to_float(r, 0);"
    raw = "dst_reg[0] = vUInt(r);"
    expected = {
        "dst_reg[0] = setexp(x, 127);": (2 * mantissa),
        "dst_reg[0] = setexp(x, exexp(x) + 128);": 2 * x,
        "dst_reg[0] = addexp(x, -3);": x / 8,
        "dst_reg[0] = setsgn(x, 1);": -abs(x),
        "dst_reg[0] = setsgn(x, y);": np.copysign(x, y),
        "dst_reg[0] = setman(x, 0x400);": np.copysign(1.25 * np.exp2(exponent - 1.0), x),
        "dst_reg[0] = setman(x, reinterpret<vUInt>(y));": floats(
            (xi.astype(np.int64) & ~0x7FFFFF) | (yi & 0x7FFFFF)
        ),
        f"vInt r = exman8(x); {to_float}": (xi & 0x7FFFFF) | 0x800000,
        f"vInt r = exman9(x) >> 3; {to_float}": (xi & 0x7FFFFF) >> 3,
        f"vInt r = exexp_nodebias(x); {to_float}": exponent + 126,
        f"vInt r = abs(exexp(x)); {to_float}": abs(exponent - 1),
        f"vInt r = lz(exman9(x)); {to_float}": 32
        - np.floor(np.log2((xi & 0x7FFFFF).astype(np.float64)) + 1),
        f"vInt r = reinterpret<vInt>(x); r = (r & 0xffff) ^ 0x1234; {to_float}": (xi & 0xFFFF)
        ^ 0x1234,
        f"vInt r = reinterpret<vInt>(x); r = ~(r | 0x55); {raw}": floats(~(xi | 0x55)),
        f"vInt r = reinterpret<vInt>(x) >> 5; {raw}": floats(xi >> 5),
        f"vUInt r = reinterpret<vUInt>(x) >> 5; {raw}": floats(xi.view(np.uint32) >> 5),
        f"vUInt r = shft(reinterpret<vUInt>(x), 3); {raw}": floats(xi.astype(np.int64) << 3),
        f"vUInt r = reinterpret<vUInt>(x) >> (exman9(y) & 7); {raw}": floats(
            xi.view(np.uint32) >> (yi & 7).astype(np.uint32)
        ),
        f"vInt r = vConstTileId; {to_float}": lanes,
        "vInt r = 0; v_if(exexp(x) >= 1) { r = 7; }"
        "v_elseif(exexp(x) == -1) { r += 2000; r -= 100000; r = 0 - r; }"
        f"v_endif; {to_float}": np.where(exponent >= 2, 7, np.where(exponent == 0, 98000, 0)),
        "dst_reg[0] = reinterpret<vFloat>(float_to_fp16b(x, 0));": from_bf16(
            ((xi.view(np.uint32) + 0x8000) >> 16).astype(np.uint16)
        ),
        f"vUInt r = float_to_uint8(abs(x) * 10.0f, 0); {to_float}": np.minimum(
            np.floor(abs(x) * np.float32(10) + np.float32(0.5)), 255
        ),
        "dst_reg[0] = convert<vFloat>(vInt(0) - (reinterpret<vInt>(x) & 0xff), 0);": -(xi & 0xFF),
        "vInt r = vInt(-5) - 7; dst_reg[y_at] = r; vInt back = dst_reg[y_at];"
        "dst_reg[0] = convert<vFloat>(back + 2, RoundMode::Nearest);": lanes * 0 - 10,
        "dst_reg[0] = polynomial(x, 1.0f, 2.0f, 3.0f);": 1
        + x.astype(np.float64) * (2 + 3 * x.astype(np.float64)),
    }
    for (body, tile), taken in zip(
        expected.items(), run_all(chip, list(expected), x, y), strict=True
    ):
        if "polynomial" in body:
            np.testing.assert_allclose(taken, tile, rtol=2**-20, atol=2**-20)
        else:
            np.testing.assert_array_equal(bits(taken), bits(np.float32(tile)), err_msg=body)


def test_tables(chip: tw.Device) -> None:
    x, y = numbers(5), numbers(6)
    magnitude = abs(x)
    third = np.where(magnitude < 1, 0, np.where(magnitude < 2, 1, 2))
    lines = np.array([[0.5, 0.25], [0.25, 0.5], [0.125, 1]], np.float32)
    line = lines[third]
    value = line[..., 0] * magnitude + line[..., 1]
    code = {0.5: 0x10, 0.25: 0x20, 0.125: 0x30, 1: 0x00}
    eights = ", ".join(f"vUInt({code[a] << 8 | code[b]})" for a, b in lines.tolist())
    sixteens = ", ".join(
        f"vUInt({int(np.float16(a).view(np.uint16)) << 16 | int(np.float16(b).view(np.uint16))}u)"
        for a, b in lines.tolist()
    )
    floats32 = ", ".join(f"vFloat({v}f)" for v in [*lines[:, 0].tolist(), *lines[:, 1].tolist()])
    expected = {
        f"dst_reg[0] = lut(x, {eights});": np.copysign(value, x),
        f"dst_reg[0] = lut_sign(x, {eights});": value,
        f"dst_reg[0] = lut2(x, {sixteens});": np.copysign(value, x),
        f"dst_reg[0] = lut2(x, {floats32}) + dst_reg[y_at];": np.copysign(value, x) + y,
    }
    for (body, tile), taken in zip(
        expected.items(), run_all(chip, list(expected), x, y), strict=True
    ):
        np.testing.assert_allclose(taken, tile, rtol=2**-22, atol=2**-20, err_msg=body)


def test_too_many_values_are_named(chip: tw.Device) -> None:
    ten = "".join(f"vFloat a{i} = dst_reg[{i}];" for i in range(10))
    total = " + ".join(f"a{i}" for i in range(10))
    body = f"{ten} x = a0 * a9; {' '.join(f'a{i} *= x;' for i in range(10))} dst_reg[0] = {total};"
    with pytest.raises(tw.CompileError, match=r"(?s)compute:16 in .*registers, which are eight"):
        run_all(chip, [body], numbers(7), numbers(8))
