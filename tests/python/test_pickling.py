"""Values travel between processes and are copied; what stands for a device refuses by name."""

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import _core, matmul

Way = Callable[[Any], Any]
WAYS: dict[str, Way] = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "oldest pickle": lambda value: pickle.loads(pickle.dumps(value, 2)),
    "deepcopy": lambda value: copy.deepcopy([value])[0],
    "copy": copy.copy,
}
PLACEMENTS = [
    tw.Placement.interleaved(8192),
    tw.Placement.bank(1),
    tw.Placement.l1(1, 2),
    tw.Placement.all_l1(64),
    tw.Placement.memory("l2", 3),
]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def attributes(value: object) -> dict[str, Any]:
    """All that can be seen of a value, values inside it likewise."""
    seen = {}
    for name in dir(value):
        if name.startswith("_"):
            continue
        part = getattr(value, name)
        if isinstance(part, list):
            part = [attributes(p) if type(p).__module__ == "tilewright._core" else p for p in part]
        elif type(part).__module__ == "tilewright._core":
            part = attributes(part)
        seen[name] = part
    assert seen
    return seen


@pytest.mark.parametrize("name", tw.presets())
def test_configs(name: str, way: Way) -> None:
    mine = tw.load_config({"preset": name, "name": "mine", "clock_mhz": 123.5})
    for config in (tw.preset(name), mine):
        assert way(config) == config


@pytest.mark.parametrize("placement", PLACEMENTS, ids=repr)
def test_placements(placement: tw.Placement, way: Way) -> None:
    twin = way(placement)
    assert twin == placement
    assert repr(twin) == repr(placement)
    assert sum(twin == other for other in PLACEMENTS) == 1


def test_kernels_and_what_they_did(device: tw.Device, double_kernel: tw.Kernel, way: Way) -> None:
    buffer = device.put(np.arange(4, dtype=np.uint32))
    twin = way(double_kernel)
    assert (twin.name, twin.signature, twin.elf) == (
        double_kernel.name,
        double_kernel.signature,
        double_kernel.elf,
    )
    run = device.run(twin, [(0, 0), (1, 1)], [buffer, 4])
    assert buffer.numpy()[1] in (2, 4)
    before = attributes(run)
    assert len(before["cores"]) == 2
    assert attributes(way(run)) == before
    assert attributes(way(run.cores[1])) == attributes(run.cores[1])
    assert way(device.counters) == device.counters


def test_who_waits(device: tw.Device, way: Way) -> None:
    bell = device.doorbell()
    device.launch(tw.Kernel.builtin("wait_forever"), [(0, 1)], [bell, 1])
    device.run_until_idle()
    (waiter,) = device.waiting
    assert "doorbell" in waiter.what or "semaphore" in waiter.what
    assert attributes(way(waiter)) == attributes(waiter)
    device.abort()


def test_products(way: Way) -> None:
    plan = matmul.plan(tw.preset("kpu"), 30, 20, 10, dtype="int8", bias=True)
    assert attributes(way(plan)) == attributes(plan)
    assert str(way(plan)) == str(plan)
    with tw.open("kpu") as chip:
        chip.matmul(np.ones((8, 9), np.float32), np.ones((9, 7), np.float32))
        report = chip.last_matmul
    assert report is not None
    assert attributes(way(report)) == attributes(report)


def test_what_a_graph_did(way: Way) -> None:
    with tw.open("ascend") as chip:
        place = chip.put(np.ones(8, np.float32), tw.Placement.bank(0))
        graph = tw.Graph(chip)
        graph.add("add_scalar", [place, 1.0, place, 8])
        run = graph.run()
        assert attributes(way(run.run)) == attributes(run.run)
        for value in (*run.critical_path(), *run.handshakes[:3]):
            assert attributes(way(value)) == attributes(value)
        assert (way(run.tasks) == run.tasks).all()


def test_a_damaged_value_is_refused() -> None:
    state = tw.Placement.bank(0).__getstate__()
    assert isinstance(state, bytes)
    with pytest.raises(tw.SnapshotError):
        tw.Placement.__new__(tw.Placement).__setstate__(state[:-1])


def handles(chip: tw.Device) -> list[object]:
    """One of each class that stands for something of an open device."""
    buffer = chip.put(np.arange(4, dtype=np.uint32), tw.Placement.bank(0))
    queue = chip.queue()
    return [
        chip,
        buffer,
        chip.pin(np.zeros(4)),
        queue,
        queue.record(),
        queue.read(buffer),
        chip.semaphore(),
        chip.flag(),
        chip.memory("dram"),
        chip.lease_l1((1, 1), 0x80000, 64, "a test"),
        chip.leases[0],
        tw.Graph(chip),
        tw.Graph(),
    ]


def test_handles_refuse_by_name_and_say_what_to_do() -> None:
    with tw.open("blackhole") as chip:
        for handle in handles(chip):
            for way in WAYS.values():
                with pytest.raises(TypeError, match=f"{type(handle).__name__}: .*; ") as caught:
                    way(handle)
                assert isinstance(caught.value, tw.ArgumentError)
    with tw.open("ascend") as chip:
        graph = tw.Graph(chip)
        graph.add("add", [chip.zeros(4, placement=tw.Placement.bank(0))] * 3 + [4])
        with pytest.raises(tw.ArgumentError, match="GraphRun: "):
            pickle.dumps(graph.run())


def cycles_of(config: tw.ChipConfig, kernel: tw.Kernel, place: tw.Placement) -> tw.Run:
    with tw.open(config) as chip:
        data = chip.put(np.arange(4, dtype=np.uint32), place)
        return chip.run(kernel, [(0, 0)], [data, 4])


def test_work_goes_to_other_processes_and_its_report_comes_back(double_kernel: tw.Kernel) -> None:
    work = tw.preset("tiny", clock_mhz=500), double_kernel, tw.Placement.bank(1)
    here = attributes(cycles_of(*work))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = attributes(pool.submit(cycles_of, *work).result())
    for report in (here, there):
        report.pop("host_seconds")
    assert there == here


def test_a_runtime_type_that_is_a_value_is_not_forgotten() -> None:
    """Whoever adds a class that ends with Report, Step, Plan or Wait makes it travel."""
    for name in dir(_core):
        if name.endswith(("Report", "Step", "Plan", "Wait")):
            assert hasattr(getattr(_core, name), "__setstate__"), name
