"""`tw.explore`: values that depend on latencies are found, with the race that they come from."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import tilewright as tw

HEAD = "#include <tilewright/kernel.hpp>\nusing namespace tilewright::kernel;\n"

SUM = """
static void sum(Semaphore ready, std::uint32_t data, std::uint32_t signal_noc) {
    auto* words = l1<volatile std::uint32_t>(data);
    if (tile_x() == 0) {
        words[4095] = 42;
        noc_async_write(l1<char>(data), tile_address(1, 0, data), 16384);
        ready.remote_add(1, 0, 1, signal_noc);
    } else {
        ready.wait_min(1);
        print(words[4095]);
    }
}
TILEWRIGHT_KERNEL(sum)
"""


@pytest.fixture(scope="module")
def kernel() -> tw.Kernel:
    return tw.Kernel.from_source(HEAD + SUM, "sum.cpp")


@pytest.mark.parametrize("signal_noc", [0, 1])
def test_values_that_depend_on_latencies_are_told(kernel: tw.Kernel, signal_noc: int) -> None:
    def program(device: tw.Device) -> object:
        arguments: Any = [device.semaphore(), 0x20000, signal_noc]
        return {"seen": device.run(kernel, [(0, 0), (1, 0)], arguments).output}

    result = tw.explore(program, runs=20)
    if signal_noc == 0:
        assert result
        assert result.runs == 20
        return
    assert not result
    difference = result.difference
    assert difference is not None
    assert {difference.expected, difference.found} == {"0", "42"}
    assert difference.place == "['seen']"
    assert "race on 4 bytes at 0x23ffc of the L1 of tile (1, 0)" in difference.race
    assert f"noc_hop_cycles {difference.config['noc_hop_cycles']}" in str(result)
    assert str(tw.explore(program, runs=20)) == str(result)


def test_all_kinds_of_values_are_compared() -> None:
    calls: list[float] = []

    def program(device: tw.Device) -> object:
        calls.append(device.config.fields()["noc_hop_cycles"])
        words = np.array([1.0, np.nan, len(calls) // 3], np.float32)
        return [(b"x", "y"), {"words": words, "buffer": device.put(words)}]

    result = tw.explore(program, runs=9)
    assert result.runs == 3
    assert result.difference is not None
    assert result.difference.place == "[1]['words'][2]"
    assert (result.difference.expected, result.difference.found) == (0, 1)
    assert len(set(calls[:3])) == 3


def test_an_error_is_a_value() -> None:
    def program(device: tw.Device) -> object:
        if device.config.fields()["noc_hop_cycles"] != 9:
            raise tw.StateError("not so")
        return 1

    difference = tw.explore(program).difference
    assert difference is not None
    assert difference.found == "StateError: not so"
    with pytest.raises(tw.ArgumentError, match="runs: expected at least 2, got 1"):
        tw.explore(program, runs=1)


@dataclass
class Both:
    """Whose own == is that of NumPy's, which has no truth."""

    words: Any
    name: str = "x"


class ArrayLike:
    """As a tensor of another library is."""

    def __init__(self, values: list[int]) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.values, dtype)

    def __eq__(self, other: object) -> Any:
        return np.array(self.values) == np.array(1)

    __hash__ = None  # type: ignore[assignment]


class Colour(enum.Enum):
    RED = 1


#: What a program returns in its run of this number, and where it differs in the third.
COMPARED: list[tuple[Callable[[int], object], str]] = [
    (lambda n: Both(np.array([1, n])), ".words[1]"),
    (lambda n: [Both([n])], "[0].words[0]"),
    (lambda n: ArrayLike([1, n]), "[1]"),
    (lambda n: {1, n}, ""),
    (lambda n: np.array([(1, n)], [("a", "i4"), ("b", "i4")]), "[0][1]"),
    (lambda n: np.array([[1, n], None], object), "[0][1]"),
    (lambda n: np.ma.masked_array([1, 2], [False, n == 2]), ".mask[1]"),
    (lambda n: (None, Colour.RED, int, bytearray(b"x"), n), "[4]"),
    (lambda n: complex(1, n), ""),
]


@pytest.mark.parametrize(("result", "place"), COMPARED)
def test_what_has_no_plain_equality_is_compared_by_what_it_holds(
    result: Callable[[int], object], place: str
) -> None:
    runs: list[int] = []

    def program(device: tw.Device) -> object:
        runs.append(len(runs))
        return result(1 if len(runs) < 3 else 2)

    told = tw.explore(program, runs=5)
    assert told.difference is not None
    assert (told.runs, told.difference.place) == (3, place)
    assert tw.explore(lambda device: result(1), runs=3)


class Odd:
    """Whose == is no answer."""

    def __eq__(self, other: object) -> Any:
        return "yes"

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (lambda device: {"made": device}, r"value\['made'\] is a Device, whose == only tells"),
        (lambda device: [1, object()], r"value\[1\] is a object, whose == only tells"),
        (lambda device: {object()}, r"value, a set with is a object"),
        (lambda device: {object(): 1}, r"value\[a key\] is a object, whose == only tells"),
        (lambda device: (n for n in range(3)), "value is a generator"),
        (
            lambda device: [Odd()],
            r"value\[0\] is a Odd, whose == gives no True or False, but a str",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(
    result: Callable[[tw.Device], object], told: str
) -> None:
    with pytest.raises(tw.ArgumentError, match=f"program: .*{told}"):
        tw.explore(result, runs=3)
