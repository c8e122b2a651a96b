"""`stillwater_toplevel.SystemSimulator`: its life, its self test, and the faults that it finds."""

import pytest

import stillwater_kpu as kpu
import stillwater_toplevel
import tilewright as tw

SMALL = kpu.SimulatorConfig(
    host_memory_region_capacity_mb=2,
    memory_bank_capacity_mb=4,
    l2_bank_count=2,
    streamer_count=2,
    block_mover_count=2,
)

UNITS = [
    ("host_memory", 0),
    ("memory_bank", 1),
    ("l3_tile", 3),
    ("l2_bank", 1),
    ("l1_buffer", 2),
    ("scratchpad", 1),
    ("page_buffer", 0),
    ("dma_engine", 1),
    ("block_mover", 1),
    ("streamer", 0),
    ("compute_tile", 1),
]


def test_life() -> None:
    system = stillwater_toplevel.SystemSimulator()
    assert not system.is_initialized()
    assert not system.run_self_test()
    assert system.failures == ["system: it is not initialized"]
    with pytest.raises(tw.Error, match="not initialized"):
        _ = system.device
    for _ in range(2):
        assert system.initialize()
        assert system.is_initialized()
    assert system.run_self_test()
    for _ in range(2):
        system.shutdown()
        assert not system.is_initialized()
    assert system.initialize()
    assert system.run_self_test()
    system.shutdown()
    assert stillwater_toplevel.TopLevelSimulator is stillwater_toplevel.SystemSimulator
    assert stillwater_toplevel.__version__ == tw.__version__


@pytest.mark.parametrize(("unit", "index"), UNITS)
def test_every_fault_is_found_and_named(unit: str, index: int) -> None:
    with stillwater_toplevel.SystemSimulator(SMALL) as system:
        assert system.run_self_test(), system.failures
        system.inject_fault(unit, index, offset=77, bit=5)
        assert not system.run_self_test()
        assert [line.split(":")[0] for line in system.failures] == [f"{unit} {index}"]
        system.clear_faults()
        assert system.run_self_test()


def test_the_test_leaves_memories_as_they_were() -> None:
    with stillwater_toplevel.SystemSimulator(SMALL) as system:
        for name in ("host_memory", "memory_bank", "l3_tile", "scratchpad", "l2_bank"):
            getattr(system.kpu, f"write_{name}")(0, 0, [1, 2, 3, 4] * 64)
        assert system.run_self_test()
        for name in ("host_memory", "memory_bank", "l3_tile", "scratchpad", "l2_bank"):
            assert getattr(system.kpu, f"read_{name}")(0, 0, 256) == [1, 2, 3, 4] * 64


def test_faults_that_cannot_be() -> None:
    with stillwater_toplevel.SystemSimulator(SMALL) as system:
        with pytest.raises(tw.ArgumentError, match="no unit 'toaster'; there are host_memory"):
            system.inject_fault("toaster")
        with pytest.raises(tw.AddressError, match="no dma_engine 2"):
            system.inject_fault("dma_engine", 2)
        with pytest.raises(tw.AddressError, match="scratchpad 0"):
            system.inject_fault("scratchpad", 0, 1 << 20)
        with pytest.raises(tw.ArgumentError, match="bit"):
            system.inject_fault("scratchpad", 0, 0, 8)
        assert system.run_self_test()


def test_busy_systems_are_not_tested() -> None:
    with stillwater_toplevel.SystemSimulator(SMALL) as system:
        sim = system.kpu
        sim.dma_host_to_l3(0, 0, sim.get_l3_tile_base(0), 64)
        with pytest.raises(tw.Error, match="commands are queued"):
            system.run_self_test()


def test_on_an_open_device() -> None:
    with tw.open("kpu") as device:
        with stillwater_toplevel.SystemSimulator(device=device) as system:
            assert system.device is device
            assert system.run_self_test()
        assert device.is_open
        with pytest.raises(tw.ArgumentError, match="not both"):
            stillwater_toplevel.SystemSimulator(SMALL, device=device)
