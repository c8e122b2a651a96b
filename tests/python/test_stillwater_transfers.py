"""Transfers of `stillwater_kpu.KPUSimulator`: each against its closed form, data against NumPy, and
the callbacks at their ends."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import stillwater_kpu as kpu
import tilewright as tw

SIDES = {
    "host": "host_memory",
    "external": "memory_bank",
    "l3": "l3_tile",
    "scratchpad": "scratchpad",
}


# --- Moving data --------------------------------------------------------------------------------


def dma_cycles(config: kpu.SimulatorConfig, source: str, destination: str, size: int) -> int:
    """docs/stillwater.md, the time of a transfer that is alone: from the configuration only."""
    latency = config.dma_setup_cycles
    rate: float = config.dma_engine_width_bytes
    if "external" in (source, destination):
        latency += config.dram_latency_cycles
        rate = min(rate, config.memory_bandwidth_gbps * 1000 / config.clock_mhz)
    if "host" in (source, destination):
        latency += config.host_memory_latency_cycles
        rate = min(rate, config.host_memory_bandwidth_gbps * 1000 / config.clock_mhz)
    return latency + math.ceil(size / rate)


PAIRINGS = list(itertools.product(SIDES, SIDES))


@pytest.mark.parametrize(("source", "destination"), PAIRINGS)
def test_every_pairing_moves_its_bytes_in_its_cycles(source: str, destination: str) -> None:
    slow = kpu.SimulatorConfig(
        host_memory_bandwidth_gbps=20,
        memory_bandwidth_gbps=30,
        clock_mhz=800,
        dram_latency_cycles=77,
        host_memory_latency_cycles=131,
        dma_setup_cycles=11,
        dma_engine_width_bytes=128,
    )
    random = np.random.default_rng(1)
    for config in (kpu.SimulatorConfig(), slow):
        sim = kpu.KPUSimulator(config)
        from_base = getattr(sim, f"get_{SIDES[source]}_base")(0)
        to_base = getattr(sim, f"get_{SIDES[destination]}_base")(0)
        for size in (0, 1, 63, 64, 65, 1000, 1024, 4096, 16_001):
            data = random.integers(0, 256, size, np.uint8)
            getattr(sim, f"write_{SIDES[source]}_numpy")(0, 16, data)
            before = sim.get_current_cycle()
            method = f"dma_{source}_to_{destination}"
            getattr(sim, method)(1, from_base + 16, to_base + 20_000, size)
            sim.run_until_idle()
            took = sim.get_current_cycle() - before
            assert took == dma_cycles(config, source, destination, size), (size, config)
            back = getattr(sim, f"read_{SIDES[destination]}_numpy")(0, 20_000, size, np.uint8)
            np.testing.assert_array_equal(back, data)


def test_default_form_between_any_two_addresses(sim: kpu.KPUSimulator) -> None:
    sim.write_l2_bank(3, 0, [1, 2, 3])
    sim.start_dma_transfer(0, sim.get_l2_bank_base(3), sim.get_page_buffer_base(1) + 8, 12)
    sim.run_until_idle()
    assert sim.read_page_buffer(1, 8, 3) == [1, 2, 3]
    assert sim.get_current_cycle() == 29 + 1


def test_engines_overlap_and_share(sim: kpu.KPUSimulator) -> None:
    """Two engines on two banks take as long as one; on one bank its bandwidth is the limit."""
    banks = [sim.get_memory_bank_base(i) for i in range(2)]
    pads = [sim.get_scratchpad_base(i) for i in range(2)]
    for engine in range(2):
        sim.dma_external_to_scratchpad(engine, banks[engine], pads[engine], 50_000)
    sim.run_until_idle()
    assert sim.get_current_cycle() == 129 + math.ceil(50_000 / 64)
    sim.reset()
    for engine in range(2):
        sim.dma_external_to_scratchpad(engine, banks[0], pads[engine], 50_000)
    sim.run_until_idle()
    assert 100_000 / 100 + 129 <= sim.get_current_cycle() < 2 * 50_000 / 64


def test_transfers_of_one_engine_queue(sim: kpu.KPUSimulator) -> None:
    order: list[str] = []
    bank, pad = sim.get_memory_bank_base(0), sim.get_scratchpad_base(0)
    sim.dma_external_to_scratchpad(0, bank, pad, 640, lambda: order.append("first"))
    sim.dma_scratchpad_to_external(0, pad, bank + 4096, 640, lambda: order.append("second"))
    sim.run_until_idle()
    assert order == ["first", "second"]
    assert sim.get_current_cycle() == 2 * (129 + 10)


def matrix(height: int, width: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.arange(height * width).reshape(height, width).astype(dtype)


TRANSFORMS: dict[str, Callable[[npt.NDArray[Any]], npt.NDArray[Any]]] = {
    "identity": lambda m: m,
    "transpose": lambda m: m.T,
    "reshape": lambda m: m.reshape(m.shape[1], m.shape[0]),
    "shuffle": lambda m: m.reshape(m.shape[0], 2, -1).swapaxes(1, 2).reshape(m.shape),
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_block_transfers_do_what_they_say(
    sim: kpu.KPUSimulator, transform: str, dtype: npt.DTypeLike
) -> None:
    source = matrix(6, 10, dtype)
    size = source.dtype.itemsize
    sim.write_l3_tile_numpy(2, 64, source)
    done: list[int] = []
    sim.start_block_transfer(
        3, 2, 64, 5, 128, 6, 10, size, transform, lambda: done.append(sim.get_current_cycle())
    )
    sim.run_until_idle()
    assert done == [sim.get_current_cycle()]
    result = sim.read_l2_bank_numpy(5, 128, 60, dtype)
    np.testing.assert_array_equal(result, TRANSFORMS[transform](source).ravel())


@pytest.mark.parametrize("order", ["row", "column"])
def test_streams_there_and_back(sim: kpu.KPUSimulator, order: str) -> None:
    source = matrix(5, 9, np.float32)
    sim.write_l2_bank_numpy(1, 0, source)
    method = f"start_{order}_stream"
    getattr(sim, method)(2, 1, 0, 3, 256, 5, 9, 4, "l2_to_l1")
    sim.run_until_idle()
    streamed = source if order == "row" else source.T
    arrived = sim.read_l1_buffer_numpy(3, 256, 45)
    np.testing.assert_array_equal(arrived, streamed.ravel())
    getattr(sim, method)(2, 4, 512, 3, 256, 5, 9, 4, "l1_to_l2")
    sim.run_until_idle()
    np.testing.assert_array_equal(sim.read_l2_bank_numpy(4, 512, 45), source.ravel())


# --- Callbacks ----------------------------------------------------------------------------------


def test_callbacks_see_their_cycle_and_start_more(sim: kpu.KPUSimulator) -> None:
    bank, pad = sim.get_memory_bank_base(0), sim.get_scratchpad_base(0)
    ends: list[int] = []

    def again() -> None:
        ends.append(sim.get_current_cycle())
        if len(ends) < 3:
            sim.dma_external_to_scratchpad(0, bank, pad, 64, again)

    sim.dma_external_to_scratchpad(0, bank, pad, 64, again)
    sim.run_until_idle()
    assert ends == [130, 260, 390]


def test_a_callback_that_raises(sim: kpu.KPUSimulator) -> None:
    """The exception arrives, its engine is idle again, the other transfer ends at the next call."""
    sim.write_memory_bank(0, 0, [7.0] * 1024)
    bank = sim.get_memory_bank_base(0)
    ended: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError("in a callback")

    sim.dma_external_to_scratchpad(0, bank, sim.get_scratchpad_base(0), 64, fail)
    sim.dma_external_to_scratchpad(
        1, bank, sim.get_scratchpad_base(1), 4096, lambda: ended.append("other")
    )
    with pytest.raises(ZeroDivisionError, match="in a callback"):
        sim.run_until_idle()
    assert not sim.is_dma_busy(0)
    assert not ended
    sim.run_until_idle()
    assert ended == ["other"]
    assert sim.read_scratchpad(1, 0, 1024) == [7.0] * 1024
    sim.run_until_idle()
    assert ended == ["other"]


def test_callbacks_of_one_cycle_all_come_though_one_raises(sim: kpu.KPUSimulator) -> None:
    ended: list[int] = []

    def fail() -> None:
        raise RuntimeError("first")

    for engine, callback in enumerate([fail, lambda: ended.append(1)]):
        sim.dma_external_to_scratchpad(
            engine, sim.get_memory_bank_base(engine), sim.get_scratchpad_base(engine), 64, callback
        )
    with pytest.raises(RuntimeError, match="first"):
        sim.run_until_idle()
    sim.run_until_idle()
    assert ended == [1]


def test_what_is_no_callback_is_refused(sim: kpu.KPUSimulator) -> None:
    bank, pad = sim.get_memory_bank_base(0), sim.get_scratchpad_base(0)
    with pytest.raises(tw.ArgumentError, match="callback: expected"):
        sim.dma_external_to_scratchpad(0, bank, pad, 64, 5)  # type: ignore[arg-type]
    assert not sim.is_dma_busy(0)
