"""Functions of the vector unit against NumPy and the standard library, on both architectures."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import run_program

import tilewright as tw

#: Calls on tile 0, which has numbers of all sizes, or on tile 1, whose numbers lie below 1.
KERNEL = """
#include "compute_kernel_api.h"
#include "compute_kernel_api/eltwise_unary/trigonometry.h"
#include "api/compute/eltwise_unary/rounding.h"
template <class F>
void apply(uint32_t result, F f) {
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    copy_tile(1, 0, 1);
    f();
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(result, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
void kernel_main() {
    init_sfpu(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
CALLS
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
Numbers = NDArray[np.float64]
Case = tuple[str, int, Callable[[Numbers, Numbers], Any], float, float]
STRAIGHT: dict[str, Any] = {
    "data_format": "float32",
    "fp32_dest_acc_en": True,
    "unpack_to_dest_fp32": [0, 1],
}
CLOSE, NEAR_ZERO = 2**-20, 2**-21


def bits(x: float) -> str:
    return hex(int(np.float32(x).view(np.uint32))) + "u"


def pair(x: Numbers, y: Numbers) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return x.astype(np.float32), y.astype(np.float32)


def each(f: Callable[[float], float]) -> Callable[[Numbers], Numbers]:
    return np.vectorize(f, otypes=[np.float64])


erf, erfc = each(math.erf), each(math.erfc)


def digamma_above(x: float) -> float:
    """Far up the slope of lgamma, and from there down by its recurrence."""
    far, step = x + 400, 0.5
    slope = (math.lgamma(far + step) - math.lgamma(far - step)) / (2 * step)
    slope += step * step / (6 * far * far)  # what the third derivative adds
    return slope - sum(1 / (x + i) for i in range(400))


@each
def digamma(x: float) -> float:
    """Of positive numbers by the slope of lgamma, of others by the reflection."""
    if x < 0:
        return digamma_above(1 - x) - math.pi / math.tan(math.pi * x)
    return digamma_above(x)


def inverse_erf(y: Numbers) -> Numbers:
    """By Newton's method."""
    x = np.zeros_like(y)
    for _ in range(60):
        x -= np.clip((erf(x) - y) / (2 / math.sqrt(math.pi) * np.exp(-x * x)), -0.5, 0.5)
    return x


def bessel(order: int, x: Numbers) -> Any:
    """The integral that defines it, by the trapezoid rule, which converges quickly."""
    angles = np.linspace(0, math.pi, 400)
    values = np.exp(x[..., None] * np.cos(angles)) * np.cos(order * angles)
    return (values.sum(-1) - (values[..., 0] + values[..., -1]) / 2) / (len(angles) - 1)


def of_x(
    call: str, f: Callable[[Numbers], Any], rtol: float = CLOSE, atol: float = NEAR_ZERO
) -> Case:
    return (call, 0, lambda x, y: f(x), rtol, atol)


def of_y(
    call: str, f: Callable[[Numbers], Any], rtol: float = CLOSE, atol: float = NEAR_ZERO
) -> Case:
    return (call, 1, lambda x, y: f(y), rtol, atol)


def upper(value: Callable[[Numbers], Any]) -> Callable[[Numbers], Any]:
    """Of the upper faces; the lower ones stay."""

    def result(x: Numbers) -> Any:
        changed = np.array(value(x))
        changed[16:] = x[16:]
        return changed

    return result


MATHEMATICAL: list[Case] = [
    of_x("exp2_tile(0)", np.exp2),
    of_x("exp2_tile<VectorMode::R>(0)", upper(np.exp2)),
    of_x("expm1_tile<true>(0)", np.expm1),
    of_y("expm1_tile(1)", np.expm1, atol=1e-30),
    of_y("log1p_tile(1)", np.log1p, atol=1e-30),
    of_x("square_tile(0); log_with_base_tile(0, " + bits(1 / math.log(10)) + ")",
         lambda x: np.log10(x * x)),
    of_x("cbrt_tile(0)", np.cbrt),
    of_x("sin_tile(0)", np.sin),
    of_x("cos_tile(0, (int)VectorMode::R)", upper(np.cos)),
    of_x("tan_tile(0)", np.tan, 1e-4),
    of_y("asin_tile(1)", np.arcsin, 1e-5),
    of_y("acos_tile(1)", np.arccos, 1e-5),
    of_x("atan_tile(0)", np.arctan),
    of_x("sinh_tile(0)", np.sinh),
    of_x("cosh_tile(0)", np.cosh),
    of_x("asinh_tile(0)", np.arcsinh),
    of_x("abs_tile(0); add_unary_tile(0, 0x3f800000); acosh_tile(0)",
         lambda x: np.arccosh(np.abs(x).astype("f4") + np.float32(1)), 1e-4, 1e-3),
    of_y("atanh_tile(1)", np.arctanh, 1e-5),
    of_x("erf_tile(0)", erf),
    of_x("erfc_tile(0)", erfc),
    of_y("erfinv_tile(1)", inverse_erf, 1e-5),
    of_x("i0_tile(0)", lambda x: bessel(0, x)),
    of_x("i1_tile(0)", lambda x: bessel(1, x)),
    of_y("digamma_tile(1)", digamma, 1e-5, 1e-5),
    of_x("power_tile(0, " + bits(3) + ")", lambda x: x**3),
    of_x("abs_tile(0); power_tile(0, " + bits(-1.5) + ")", lambda x: np.abs(x) ** -1.5, 1e-5),
    of_x("power_iterative_tile(0, 2)", lambda x: x * x),
    of_x("rpow_tile(0, " + bits(2.5) + ")", lambda x: 2.5**x, 1e-5),
    of_x("rdiv_tile(0, " + bits(3) + ")", lambda x: 3 / x, 2**-22, 0),
    ("div_binary_tile(0, 1, 0)", 0, lambda x, y: x / y, 2**-22, 0.0),
    ("power_binary_tile(0, 1, 0)", 0, lambda x, y: np.power(x, y), 1e-5, NEAR_ZERO),
    ("addcmul_tile<DataFormat::Float32>(0, 1, 0, 0, " + bits(0.5) + ")", 0,
     lambda x, y: x + 0.5 * y * x, CLOSE, NEAR_ZERO),
    ("lerp_tile<DataFormat::Float32>(0, 1, 1, 0)", 0, lambda x, y: x + y * (y - x), CLOSE, 1e-6),
    of_x("floor_tile(0)", np.floor, 0, 0),
    of_x("ceil_tile(0)", np.ceil, 0, 0),
    of_x("trunc_tile(0)", np.trunc, 0, 0),
    of_x("frac_tile(0)", lambda x: x - np.trunc(x), 0, 0),
    of_x("round_tile(0, 1)", lambda x: np.round(x.astype("f4") * np.float32(10)) / 10, 2**-22),
    of_x("fmod_tile(0, " + bits(0.75) + ")", lambda x: np.fmod(x, 0.75)),
    of_x("remainder_tile(0, " + bits(-0.75) + ")", lambda x: np.mod(x, -0.75)),
    ("fmod_binary_tile(0, 1, 0)", 0, np.fmod, CLOSE, NEAR_ZERO),
    ("remainder_binary_tile(0, 1, 0)", 0, np.mod, CLOSE, NEAR_ZERO),
    ("logaddexp_binary_tile(0, 1, 0)", 0, np.logaddexp, CLOSE, NEAR_ZERO),
    ("logaddexp_binary_tile(0, 0, 0)", 0, lambda x, y: x + math.log(2), CLOSE, NEAR_ZERO),
    ("logaddexp2_binary_tile(0, 1, 0)", 0, np.logaddexp2, CLOSE, NEAR_ZERO),
    ("nextafter_binary_tile(0, 1, 0)", 0,
     lambda x, y: np.where(x == 0, np.copysign(2**-126, y), np.nextafter(*pair(x, y))), 0, 0),
    ("isclose_binary_tile(0, 1, 0, " + bits(0.5) + ", " + bits(1) + ")", 0,
     lambda x, y: np.isclose(x, y, rtol=0.5, atol=1), 0, 0),
    ("log_tile(0); isclose_binary_tile<true>(0, 0, 0, 0, 0)", 0,
     lambda x, y: np.ones_like(x), 0, 0),
    ("log_tile(0); isclose_binary_tile(0, 0, 0, 0, 0)", 0, lambda x, y: x >= 0, 0, 0),
    ("snake_beta_tile<DataFormat::Float32>(0, 1, 1, 0)", 0,
     lambda x, y: x + np.sin(x * y) ** 2 / y, 1e-5, 1e-6),
]  # fmt: skip
ACTIVATIONS: list[Case] = [
    of_x("gelu_tile<false>(0)", lambda x: x / 2 * (1 + erf(x / math.sqrt(2)))),
    of_x("gelu_derivative_tile(0)", lambda x: (1 + erf(x / math.sqrt(2))) / 2
         + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
    of_x("softsign_tile(0)", lambda x: x / (1 + np.abs(x))),
    of_x("hardsigmoid_tile(0)", lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    of_x("softcap_tile(0, " + bits(2) + ", " + bits(0.5) + ")", lambda x: 2 * np.tanh(x / 2)),
    of_x("tanh_derivative_tile(0)", lambda x: np.cosh(x) ** -2.0),
    of_x("hardmish_tile(0)", lambda x: x / 2 * np.clip(x + 2, 0, 2)),
    of_x("mish_tile(0)", lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    of_x("elu_tile(0, " + bits(0.5) + ")", lambda x: np.where(x < 0, np.expm1(x) / 2, x)),
    of_x("celu_tile(0, " + bits(2) + ", " + bits(0.5) + ")",
         lambda x: np.where(x < 0, np.expm1(x / 2) * 2, x)),
    of_x("selu_tile(0)",
         lambda x: 1.0507009873554805 * np.where(x < 0, 1.6732632423543772 * np.expm1(x), x)),
    of_x("softplus_tile(0, " + ", ".join(bits(p) for p in (2, 0.5, 20)) + ")",
         lambda x: np.log1p(np.exp(2 * x)) / 2),
    of_x("copy_dest_values(0, 1); negative_tile(1); exp_tile(1); logsigmoid_tile(0, 1, 0)",
         lambda x: -np.logaddexp(0, -x)),
    of_x("prelu_tile(0, " + bits(0.25) + ")", lambda x: np.where(x < 0, x / 4, x)),
    of_x("hardtanh_tile(0, " + bits(-1) + ", " + bits(2) + ")", lambda x: np.clip(x, -1, 2)),
    of_x("threshold_tile(0, " + bits(1) + ", " + bits(5) + ")", lambda x: np.where(x > 1, x, 5)),
    of_x("softshrink_tile(0, " + bits(0.5) + ")",
         lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)),
    of_x("sign_tile(0)", np.sign, 0, 0),
    of_x("signbit_tile(0)", np.signbit, 0, 0),
    of_x("heaviside_tile(0, " + bits(0.5) + ")", lambda x: np.heaviside(x, 0.5), 0, 0),
    of_x("logical_not_unary_tile(0)", lambda x: x == 0, 0, 0),
    of_x("unary_max_tile(0, " + bits(1) + ")", lambda x: np.maximum(x, 1), 0, 0),
    of_x("unary_min_tile(0, " + bits(1) + ")", lambda x: np.minimum(x, 1), 0, 0),
    of_x("identity_tile(0)", lambda x: x, 0, 0),
    of_x("log_tile(0); isnan_tile(0)", lambda x: x < 0, 0, 0),
    of_x("recip_tile(0); isinf_tile(0)", lambda x: x == 0, 0, 0),
    of_x("log_tile(0); isfinite_tile(0)", lambda x: x > 0, 0, 0),
    of_x("log_tile(0); isneginf_tile(0)", lambda x: x == 0, 0, 0),
    of_x("abs_tile(0); recip_tile(0); isposinf_tile(0)", lambda x: x == 0, 0, 0),
    of_x("fill_tile(1, 0.0f); mask_posinf_tile(0, 1)", lambda x: x + np.inf, 0, 0),
    ("where_fp32_tile(0, 1, 0, 0)", 0, lambda x, y: np.where(x != 0, y, x), 0, 0),
]  # fmt: skip


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


@pytest.mark.parametrize("cases", [MATHEMATICAL, ACTIVATIONS], ids=["functions", "activations"])
def test_functions(chip: tw.Device, cases: list[Case]) -> None:
    random = np.random.default_rng(41)
    x = (random.standard_normal((32, 32)) * 3).astype(np.float32)
    x[0, :6] = (0, 1, -1, 0.5, -2.5, 6)
    y = random.uniform(-0.999, 0.999, (32, 32)).astype(np.float32)
    y[1, :3] = (2**-12, -(2**-20), 0.75)
    calls = "".join(f"apply({result}, [] {{ {call}; }});\n" for call, result, *_ in cases)
    taken = run_program(
        chip, KERNEL.replace("CALLS", calls), x[None], y[None], len(cases), **STRAIGHT
    ).tiles
    with np.errstate(all="ignore"):
        wide = x.astype(np.float64), y.astype(np.float64)
        for (call, _, function, rtol, atol), tile in zip(cases, taken, strict=True):
            np.testing.assert_allclose(tile, function(*wide), rtol, atol, err_msg=call)


def test_sums_are_rounded_on_their_way_to_dst_where_asked(chip: tw.Device) -> None:
    random = np.random.default_rng(43)
    x, y = random.standard_normal((2, 32, 32)).astype(ml_dtypes.bfloat16)
    calls = ("add_binary_tile", "add_binary_tile<ckernel::DstRoundingMode::NearestEven>")
    source = KERNEL.replace(
        "CALLS", "".join(f"apply(0, [] {{ {call}(0, 1, 0); }});\n" for call in calls)
    )
    cut, rounded = run_program(chip, source, x[None], y[None], 2, data_format="float16_b").tiles
    exact = x.astype(np.float32) + y.astype(np.float32)
    np.testing.assert_array_equal(
        rounded.astype("f4"), exact.astype(ml_dtypes.bfloat16).astype("f4")
    )
    shortened = (exact.view(np.uint32) & 0xFFFF0000).view(np.float32)
    np.testing.assert_array_equal(cut.astype("f4"), shortened)
