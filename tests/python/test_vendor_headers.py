"""The vendor's own low-level headers on our engine: the same bits as by our headers, which were
written apart from them. `make vendor-headers` fetches them."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import bf16_bits, to_bfp8, to_faces
from tests.python.vendor_programs import Formats, Task, available, compile_loops, run_loops

import tilewright as tw

pytestmark = [
    pytest.mark.skipif(
        not available(), reason="the vendor's headers are not here: make vendor-headers"
    ),
    pytest.mark.timeout(300),  # what compiles them takes most of a minute on a busy machine
]

COUNT = 4

SUMS_OF_BF16 = Formats("bf16", "bf16", "fp32", "fp32")
TF32 = Formats("fp32", "tf32", "fp32", "fp32")
SHORTENED = Formats("fp32", "bf16", "bf16", "fp32")
BLOCKS = Formats("bfp8", "bfp8", "bfp8", "bfp8")
FROM_BLOCKS = Formats("bfp8", "bfp8", "fp32", "fp32")
TO_BLOCKS = Formats("bf16", "bf16", "bfp8", "bfp8")

TASKS = [
    *(Task("matmul", phases) for phases in (1, 2, 3, 4)),
    Task("matmul", 4, wide=True),
    Task("matmul", 4, wide=True, formats=SUMS_OF_BF16),
    Task("matmul", 4, wide=True, formats=TF32),
    Task("matmul", 2, formats=SHORTENED),
    Task("matmul", 2, formats=BLOCKS),
    Task("matmul", 1, wide=True, formats=FROM_BLOCKS),
    Task("matmul", 4, wide=True, formats=TO_BLOCKS),
    Task("block", 4),
    *(Task(name) for name in ("add", "sub", "mul")),
    Task("mul", 2),
    Task("mul", 4),
    Task("mul", 2, wide=True, formats=TF32),
    Task("add", wide=True, formats=SUMS_OF_BF16),
    Task("sub", wide=True, formats=TF32),
    Task("add", formats=BLOCKS),
    Task("add", shared="row"),
    Task("mul", 4, shared="column"),
    Task("sub", shared="scalar"),
    Task("copy"),
    Task("copy", wide=True, formats=SUMS_OF_BF16),
    Task("copy", wide=True, formats=TF32),
    Task("copy", formats=BLOCKS),
    Task("copy", formats=TO_BLOCKS),
    Task("copy", wide=True, formats=FROM_BLOCKS),
    Task("transpose"),
]


class Loops:
    """An open chip with the compiled loops of both."""

    def __init__(self, device: tw.Device, architecture: str) -> None:
        self.device = device
        self.architecture = architecture
        self.vendor = compile_loops(architecture, "vendor_tiles.cpp")
        self.own = compile_loops(architecture, "own_tiles.cpp")


@pytest.fixture(scope="module", params=["blackhole", "wormhole"])
def loops(request: pytest.FixtureRequest, kernel_cache: object) -> Iterator[Loops]:
    with tw.open(request.param) as device:
        yield Loops(device, request.param)


def tiles_in_l1(seed: int, count: int, data_format: str) -> NDArray[np.generic]:
    """Random numbers of several magnitudes."""
    rng = np.random.default_rng(seed)
    scale = np.exp2(rng.integers(-6, 7, (count, 32, 32)))
    numbers = to_faces((rng.standard_normal((count, 32, 32)) * scale).astype(np.float32))
    if data_format == "bf16":
        return bf16_bits(numbers)
    return to_bfp8(numbers) if data_format == "bfp8" else numbers


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_values_are_those_of_our_headers(loops: Loops, task: Task) -> None:
    a, b = (tiles_in_l1(seed, COUNT, task.formats.in_l1) for seed in (1, 2))
    vendor, _ = run_loops(loops.device, loops.vendor, task, a, b, COUNT)
    own, _ = run_loops(loops.device, loops.own, task, a, b, COUNT)
    assert vendor.any()
    np.testing.assert_array_equal(vendor, own)


def cycles_a_tile(loops: Loops, kernels: list[tw.Kernel], task: Task) -> float:
    """By how much a pair of tiles more makes the loop longer."""
    a, b = (tiles_in_l1(seed, 24, "bf16") for seed in (1, 2))
    few, many = (run_loops(loops.device, kernels, task, a, b, count)[1] for count in (8, 24))
    return (many - few) / 16


@pytest.mark.parametrize("phases", [3, 4])
def test_products_take_as_long_as_by_our_headers(loops: Loops, phases: int) -> None:
    """The matrix unit bounds both, with the wait for its next banks; at HiFi4 a card took 86.1."""
    task = Task("matmul", phases)
    vendor = cycles_a_tile(loops, loops.vendor, task)
    assert vendor == pytest.approx(cycles_a_tile(loops, loops.own, task), rel=0.02)
    if phases == 4 and loops.architecture == "blackhole":
        assert vendor == pytest.approx(86.1, rel=0.1)


def test_a_face_at_a_time_waits_for_four_banks_a_tile(loops: Loops) -> None:
    """The vendor's functions hand over SrcA and SrcB a face at a time, ours a whole tile."""
    if loops.architecture != "blackhole":
        pytest.skip("the wait for a bank is known of a Blackhole only")
    sums = Task("add")
    hand_over = 20  # docs/timing-model.md: until the next bank is read
    operations = 2  # of eight rows, in a face
    assert cycles_a_tile(loops, loops.vendor, sums) == 4 * (hand_over + operations)
    assert cycles_a_tile(loops, loops.own, sums) < 2 * (hand_over + 4 * operations)
