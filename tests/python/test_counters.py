"""Counters: one tree, by name and by attribute, and what lies between two points."""

import numpy as np
import pytest

import tilewright as tw


def test_between_two_points_they_are_what_the_run_reports(
    device: tw.Device, double_kernel: tw.Kernel
) -> None:
    buffer = device.put(np.arange(1000, dtype=np.uint32))
    device.run(double_kernel, [(1, 1)], [buffer, 1000])
    before = device.counters
    run = device.run(double_kernel, [(0, 0), (1, 1)], [buffer, 1000])
    counted = device.counters - before
    assert counted.cycle == run.cycles
    assert counted["cores.instructions"] == run.instructions
    for report in run.cores:
        core = counted.core(*report.core)
        assert core.instructions == report.instructions
        assert core.cycles == report.cycles
        assert core.waiting_cycles == report.waiting_cycles > 0
    assert counted.core(0, 1)["cycles"] == 0
    assert counted["dram0.bytes_read"] == counted.dram0.bytes_read  # type: ignore[union-attr]


def test_a_snapshot_brings_them_back(device: tw.Device, double_kernel: tw.Kernel) -> None:
    buffer = device.put(np.arange(100, dtype=np.uint32))
    device.run(double_kernel, [(0, 0)], [buffer, 100])
    image, counted = device.snapshot(), device.counters.core(0, 0)
    device.run(double_kernel, [(0, 0)], [buffer, 100])
    assert device.counters.core(0, 0) != counted
    device.restore(image)
    assert device.counters.core(0, 0) == counted


def test_what_does_not_exist_is_named(device: tw.Device) -> None:
    counters = device.counters
    with pytest.raises(AttributeError, match=r"'noc7'.*noc0"):
        counters.noc7  # noqa: B018
    with pytest.raises(IndexError, match=r"\(9, 9, 0\)"):
        counters.core(9, 9)
    with tw.open("blackhole") as other, pytest.raises(ValueError, match="differ"):
        other.counters - counters


def test_repr_shows_what_is_not_zero(device: tw.Device, double_kernel: tw.Kernel) -> None:
    assert "all" in repr(device.counters.core(0, 0))
    device.run(double_kernel, [(0, 0)], [device.put(np.ones(10, np.uint32)), 10])
    lines = repr(device.counters).splitlines()
    assert any(line.startswith("noc0.packets ") for line in lines)
    assert not any(line.endswith(" 0") for line in lines)
