"""The vendor's functions of the vector unit on our engine: the same bits as by our headers, also
where two numbers are equal. `make vendor-headers` fetches them."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python import test_compute_statistics as statistics
from tests.python import test_compute_topk as topk
from tests.python.compute_programs import from_faces, to_faces
from tests.python.vendor_programs import available, compile_vector

import tilewright as tw

pytestmark = [
    pytest.mark.skipif(
        not available(), reason="the vendor's headers are not here: make vendor-headers"
    ),
    pytest.mark.timeout(300),
]
Words = NDArray[np.uint32]
Vendor = Callable[..., Words]
ORDERS = ["Unset", "Ascending", "Descending"]


@pytest.fixture(scope="module", params=["blackhole", "wormhole"])
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def vendor(architecture: str, kernel_cache: object) -> Vendor:
    kernel = compile_vector(architecture)

    def run(words: Words, what: int, order: int, *args: int) -> Words:
        with tw.open(architecture) as device:
            l1 = tw.Placement.l1(0, 0)
            tiles, out = device.put(to_faces(words), l1), device.zeros(4096, "uint32", l1)
            operands = [tiles.address, out.address, what, order, *args, *[0] * (5 - len(args))]
            device.launch(kernel, [(0, 0, 2)], operands)
            device.finish()
            return from_faces(out.numpy())

    return run


CALLS = [
    *((0, ascending, phase) for ascending in (0, 1) for phase in range(1, 6)),
    *(
        (what, m, k)
        for what in (1, 2)
        for m, k in ((0, 4), (1, 4), (3, 4), (0, 16), (1, 32), (0, 64))
    ),
    *((3, m, k, k.bit_length() - 1, 0) for m in (0, 1, 2, 5) for k in (4, 8, 16, 32, 64)),
    (3, 0, 16, 4, 1),
    (3, 0, 8, 3, 1),
]


@pytest.mark.parametrize("order", range(3), ids=ORDERS)
def test_equal_numbers_go_the_same_ways(architecture: str, vendor: Vendor, order: int) -> None:
    rng = np.random.default_rng(4)
    # Few different numbers, of both signs, 0 and -0 among them.
    numbers = rng.integers(-3, 4, (64, 32)).astype(np.float32) * np.float32(0.5)
    _, indices = topk.random_columns(4)
    words = np.concatenate([numbers.view(np.uint32), indices]).reshape(4, 32, 32)
    with tw.open(architecture) as device:
        for what, *args in CALLS:
            values, places = topk.network(
                device, numbers, indices, what, *args, wide=True, ties=ORDERS[order]
            )
            own = np.concatenate([values.view(np.uint32), places])
            theirs = vendor(words, what, order, *args).reshape(128, 32)
            np.testing.assert_array_equal(own, theirs, err_msg=f"{what} {args}")


@pytest.mark.parametrize("what", range(5), ids=["welford", "row", "split", "combined", "block"])
def test_statistics_have_the_same_bits(architecture: str, vendor: Vendor, what: int) -> None:
    x = statistics.columns(5)
    for rows in (29, 6):
        args = (rows, statistics.bits(1 / (rows + 32)), statistics.bits(1 / (rows + 39)))
        with tw.open(architecture) as device:
            own = statistics.averaged(device, x, what, *args)
        theirs = vendor(x.view(np.uint32), what, 3, *args)
        np.testing.assert_array_equal(own.view(np.uint32), theirs)
