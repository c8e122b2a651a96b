"""Opening, closing and running a device, as a user does."""

import threading

import numpy as np
import pytest

import tilewright as tw

WHO = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void who(std::uint32_t number) {
    print(tile_x(), ' ', tile_y(), ' ', processor(), ' ', number, '\\n');
}
TILEWRIGHT_KERNEL(who)
"""

SPIN = """
#include <tilewright/kernel.hpp>
static void spin() {
    volatile std::uint32_t* word = tilewright::kernel::l1<std::uint32_t>(0x20000);
    for (;;) *word = *word + 1;
}
TILEWRIGHT_KERNEL(spin)
"""


@pytest.fixture(scope="module")
def who() -> tw.Kernel:
    return tw.Kernel.from_source(WHO, "who")


@pytest.fixture(scope="module")
def spin() -> tw.Kernel:
    return tw.Kernel.from_source(SPIN, "spin")


def test_presets_open() -> None:
    assert {"tiny", "blackhole"} <= set(tw.presets())
    for name in tw.presets():
        with tw.open(name) as device:
            assert device.config.name == name
            assert device.cycle == 0
            assert device.is_open
        assert not device.is_open


def test_blackhole_is_the_default() -> None:
    with tw.open() as device:
        assert device.grid == (14, 10)
        assert len(device.tiles) == 140
        assert device.config.core_count == 700


def test_override_changes_the_chip() -> None:
    with tw.open("tiny", clock_mhz=500) as device:
        assert device.config.fields()["clock_mhz"] == 500
    config = tw.preset("tiny", clock_mhz=250)
    with tw.open(config, quantum_cycles=64) as device:
        assert device.config.fields()["clock_mhz"] == 250
        assert device.config.fields()["quantum_cycles"] == 64


def test_run_reports_what_happened(device: tw.Device, who: tw.Kernel) -> None:
    before = device.cycle
    run = device.run(who, [(1, 0), (0, 1)], [7])
    assert run.cycles > 0
    assert run.start >= before
    assert run.end - run.start == run.cycles
    assert device.cycle == run.end
    assert run.instructions == sum(core.instructions for core in run.cores)
    clock = device.config.fields()["clock_mhz"] * 1e6
    assert run.seconds == pytest.approx(run.cycles / clock)
    assert sorted(core.core for core in run.cores) == [(0, 1, 0), (1, 0, 0)]
    assert sorted(run.output.splitlines()) == ["0 1 0 7", "1 0 0 7"]


def test_every_processor_of_every_tile_runs(device: tw.Device, who: tw.Kernel) -> None:
    processors = device.config.processors
    cores = [(x, y, p) for x, y in device.tiles for p in range(processors)]
    run = device.run(who, cores, {(x, y, p): [x * 100 + y * 10 + p] for x, y, p in cores})
    expected = {f"{x} {y} {p} {x * 100 + y * 10 + p}" for x, y, p in cores}
    assert set(run.output.splitlines()) == expected


def test_arguments_for_each_core(device: tw.Device, who: tw.Kernel) -> None:
    run = device.run(who, [(0, 0), (1, 1)], {(0, 0): [3], (1, 1): [4]})
    assert sorted(run.output.splitlines()) == ["0 0 0 3", "1 1 0 4"]


def test_launch_and_finish(device: tw.Device, who: tw.Kernel) -> None:
    device.launch(who, [(0, 0)], [1])
    device.launch(who, [(1, 0)], [2])
    assert device.busy
    run = device.finish()
    assert not device.busy
    assert sorted(run.output.splitlines()) == ["0 0 0 1", "1 0 0 2"]


def test_advance_stops_at_its_cycle(device: tw.Device, spin: tw.Kernel) -> None:
    device.launch(spin, [(0, 0)])
    target = device.cycle + 5000
    assert device.advance_to(target)
    assert device.cycle >= target
    device.abort()
    assert not device.busy


def test_kernel_computes_in_dram(device: tw.Device, double_kernel: tw.Kernel) -> None:
    numbers = np.arange(5000, dtype=np.uint32)
    buffer = device.put(numbers)
    device.run(double_kernel, [(1, 1)], [buffer, len(buffer)])
    np.testing.assert_array_equal(buffer.numpy(), numbers * 2)


def test_l1_is_written_and_read(device: tw.Device) -> None:
    device.write_l1((1, 0), 0x20000, b"parked")
    assert device.read_l1((1, 0), 0x20000, 6) == b"parked"
    assert device.read_l1((0, 0), 0x20000, 6) == bytes(6)
    device.write_l1((0, 0), 0x20010, np.array([1, 2], np.uint16))
    assert device.read_l1((0, 0), 0x20010, 4) == b"\1\0\2\0"


def test_counters_count(device: tw.Device, double_kernel: tw.Kernel) -> None:
    before = device.counters
    buffer = device.put(np.arange(1000, dtype=np.uint32))
    device.run(double_kernel, [(0, 0)], [buffer, 1000])
    after = device.counters
    assert before.keys() <= after.keys()
    assert any(after[name] > before.get(name, 0) for name in after)


def test_cycle_limit(device: tw.Device, spin: tw.Kernel, who: tw.Kernel) -> None:
    with pytest.raises(tw.CycleLimitError) as caught:
        device.run(spin, [(0, 0)], cycle_limit=10_000)
    assert isinstance(caught.value, TimeoutError)
    assert not device.busy
    assert device.run(who, [(0, 0)], [5]).output.strip() == "0 0 0 5"


def test_other_threads_run_meanwhile(spin: tw.Kernel) -> None:
    """A run releases the GIL; a second thread on the same device is refused, not crashed."""
    refused: list[tw.Error] = []
    with tw.open("tiny") as device:
        started = threading.Event()

        def look() -> None:
            started.wait()
            try:
                for _ in range(100_000):
                    device.counters  # noqa: B018
            except tw.Error as error:
                refused.append(error)

        thread = threading.Thread(target=look)
        thread.start()
        device.launch(spin, [(0, 0)])
        started.set()
        with pytest.raises(tw.CycleLimitError):
            device.finish(cycle_limit=30_000_000)
        thread.join()
    assert refused
    assert "another thread" in str(refused[0])


def test_devices_run_in_parallel_threads(double_kernel: tw.Kernel) -> None:
    cycles = []

    def work() -> None:
        with tw.open("tiny") as device:
            numbers = np.arange(3000, dtype=np.uint32)
            buffer = device.put(numbers)
            cycles.append(device.run(double_kernel, [(0, 0)], [buffer, 3000]).cycles)
            np.testing.assert_array_equal(buffer.numpy(), numbers * 2)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cycles) == 4
    assert len(set(cycles)) == 1


def test_repr_names_chip_and_state() -> None:
    device = tw.open("tiny")
    assert repr(device) == "<Device tiny at cycle 0>"
    device.close()
    assert repr(device) == "<Device, closed>"


def test_who_waits_is_told_while_others_run(device: tw.Device, spin: tw.Kernel) -> None:
    bell = device.semaphore()
    device.launch(tw.Kernel.builtin("wait_forever"), [(1, 0)], [bell, 1])
    device.launch(spin, [(0, 0)])
    device.advance_to(10_000)
    (wait,) = device.waiting
    assert wait.core == (1, 0, 0)
    assert 0 < wait.since < 1000
    assert "wait_forever" in wait.place
    assert "waits for semaphore 0" in wait.what
    assert str(wait.since) in repr(wait)
    with pytest.raises(tw.CycleLimitError, match=r"still waiting[^$]*core \(1, 0, 0\)"):
        device.finish(cycle_limit=50_000)
    assert device.waiting == []


def test_old_names_stay_beside_the_new() -> None:
    with tw.open("kpu") as kpu:
        kpu.matmul(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32))
        assert kpu.last_product is kpu.last_matmul is not None
        assert not kpu.settle()
        assert not kpu.run_until_idle()


def test_methods_named_in_the_class_explain_themselves(device: tw.Device) -> None:
    """Methods that are functions of other modules have their texts, types and errors."""
    for name in ("empty", "put", "memory", "read_l1", "dma", "multiply", "flag", "matmul"):
        method = getattr(device, name)
        assert method.__self__ is device
        assert method.__doc__
        assert "return" in method.__annotations__
    with pytest.raises(TypeError, match="shape"):
        device.empty()  # type: ignore[call-arg]
