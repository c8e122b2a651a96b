"""Threads of the host: nothing that is simulated depends on their number."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

BUSY = """
#include <cstdint>
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void busy(std::uint32_t rounds) {
    std::uint32_t a = 1;
    for (std::uint32_t i = 0; i < rounds; ++i) a = (a >> 3) * 1664525u + i;
    *l1<volatile std::uint32_t>(l1_user_base) = a;
}
TILEWRIGHT_KERNEL(busy)
"""


def matmul(threads: int, trace: Path) -> tuple[bytes, bytes, int, dict[str, int], bytes]:
    rng = np.random.default_rng(1)
    a = rng.standard_normal((64, 96), dtype=np.float32)
    b = rng.standard_normal((96, 64), dtype=np.float32)
    with tw.open("blackhole", threads=threads) as device:
        assert device.threads == threads
        with device.trace(trace):
            c = device.matmul(a, b)
        return (
            np.asarray(c).tobytes(),
            device.snapshot().data,
            device.cycle,
            dict(device.counters),
            trace.read_bytes(),
        )


def test_matmul_on_compute_engines_is_the_same(tmp_path: Path) -> None:
    alone = matmul(1, tmp_path / "1.json")
    for threads in (2, 3, 8):
        assert matmul(threads, tmp_path / f"{threads}.json") == alone


def test_numbers_that_cannot_be_are_refused() -> None:
    for wrong in (0, 257):
        with pytest.raises(tw.ConfigError, match=f"threads: expected 1 to 256, not {wrong}"):
            tw.open("tiny", threads=wrong)
    with pytest.raises(tw.ArgumentError, match="threads: expected 0 to"):
        tw.open("tiny", threads=-1)
    with pytest.raises(tw.ArgumentError, match="threads: expected an integer, got float"):
        tw.open("tiny", threads=1.5)  # type: ignore[arg-type]
    with tw.open("tiny", threads=np.int64(40)) as device:  # more than there are cores
        assert device.threads == 40


def test_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_THREADS", "2")
    with tw.open("tiny") as device, tw.open("tiny", threads=1) as other:
        assert (device.threads, other.threads) == (2, 1)
    monkeypatch.setenv("TILEWRIGHT_THREADS", "many")
    with pytest.raises(tw.ConfigError, match='TILEWRIGHT_THREADS is "many"; expected 1 to 256'):
        tw.open("tiny")


def test_forked_and_pickled() -> None:
    with tw.open("tiny", threads=2) as device:
        with pytest.raises(TypeError, match="snapshot"):
            pickle.dumps(device)
        kernel = tw.Kernel.from_source(BUSY, name="busy.cpp")

        def cycles() -> int:
            return device.run(kernel, cores=device.tiles, args=[5000]).cycles

        expected = cycles()
        child = os.fork()
        if child == 0:
            os._exit(0 if cycles() == expected else 1)
        _, status = os.waitpid(child, 0)
        assert status == 0
        assert cycles() == expected
