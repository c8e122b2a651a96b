"""Fixtures of the Python tests: a small open device, and kernels that several tests run."""

import os
import signal
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import settings

import stillwater_kpu as kpu
import tilewright as tw

# How long an example takes is the machine's affair, and the first one may compile a kernel.
settings.register_profile("tilewright", settings(), deadline=None)
settings.load_profile("tilewright")

# A shell starts what it puts into the background with Ctrl-C ignored, and so would be everything
# that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

DOUBLE_SOURCE = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void double_all(Buffer data, std::uint32_t count) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    data.read(0, words, count * 4);
    noc_async_read_barrier();
    for (std::uint32_t i = 0; i < count; ++i) words[i] *= 2;
    data.write(0, words, count * 4);
    noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(double_all)
"""


@pytest.fixture(scope="session", autouse=True)
def kernel_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An own cache of compiled kernels, so that a test never passes by what an older run left."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILEWRIGHT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def documented_compiler() -> bool:
    """Kernels come from the compiler whose cycles the documents show; tutorials/index.md names it,
    and another one may give them other cycles. Where documents are written anew, it is this one."""
    index = Path(__file__).parents[2] / "docs" / "tutorials" / "index.md"
    before, name, rest = index.read_text().partition("those of ziglang ")
    assert name, f"{index} names the compiler"
    named, dot, rest = rest.partition(".\n")
    version = metadata.version("ziglang")
    if "TILEWRIGHT_ACCEPT" in os.environ and named != version:
        index.write_text(before + name + version + dot + rest)
        named = version
    return named == version and "TILEWRIGHT_CXX" not in os.environ


@pytest.fixture
def device() -> Iterator[tw.Device]:
    """A small chip, open."""
    with tw.open("tiny") as opened:
        yield opened


@pytest.fixture(scope="session")
def double_source() -> str:
    """C++ of a kernel that doubles the first `count` words of a buffer: (buffer, count)."""
    return DOUBLE_SOURCE


@pytest.fixture(scope="session")
def double_kernel(kernel_cache: Path, double_source: str) -> tw.Kernel:
    """That kernel, compiled."""
    return tw.Kernel.from_source(double_source, "double_all")


@pytest.fixture
def sim() -> Iterator[kpu.KPUSimulator]:
    """A simulator with a chip of its own, as it comes."""
    with kpu.KPUSimulator() as simulator:
        yield simulator
