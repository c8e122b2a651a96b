"""Opening and closing: for ever, many at once, quickly, and interrupted."""

import gc
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

SPIN = """
#include <tilewright/kernel.hpp>
static void spin() {
    volatile std::uint32_t* word = tilewright::kernel::l1<std::uint32_t>(0x20000);
    for (;;) *word = *word + 1;
}
TILEWRIGHT_KERNEL(spin)
"""


def resident_bytes() -> int:
    """What of this process lies in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.timeout(120)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_ten_thousand_opens_do_not_grow() -> None:
    def cycle(times: int) -> None:
        for _ in range(times):
            with tw.open("blackhole") as device:
                device.put(b"some bytes")
        gc.collect()

    cycle(500)
    before = resident_bytes()
    cycle(10_000)
    assert resident_bytes() - before < 2 << 20


LIMITED = """
import resource, sys
import numpy as np
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
import tilewright as tw
with tw.open("blackhole") as device:
    x = device.put(np.arange(1000, dtype=np.uint32))
    device.run(tw.Kernel.builtin("message"), [(13, 9)], [device.zeros(64, np.uint8), 1, 2])
    assert x.numpy().sum() == 499500
    print(int(device.config.fields()["dram_bank_bytes"]) >> 20)
    image = device.snapshot()
    device.restore(image)
    try:
        kept = [device.empty(3 << 30, np.uint8) for _ in range(12)]
    except tw.OutOfMemoryError as error:
        print(error)
"""


@pytest.mark.parametrize(("limit", "banks"), [(8 << 10, 512), (64 << 10, 4096)])
def test_address_space_that_is_limited(limit: int, banks: int) -> None:
    command = [sys.executable, "-c", LIMITED, str(limit)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    first, rest = done.stdout.split("\n", 1)
    assert int(first) == banks
    assert "no room" in rest


def test_hundred_devices_at_once(double_kernel: tw.Kernel) -> None:
    devices = [tw.open("blackhole") for _ in range(100)]
    buffers = [device.put(np.full(100, n, np.uint32)) for n, device in enumerate(devices)]
    runs = [
        device.run(double_kernel, [(0, 0)], [buffer, 100])
        for device, buffer in zip(devices, buffers, strict=True)
    ]
    for n, buffer in enumerate(buffers):
        assert (buffer.numpy() == 2 * n).all()
    assert len({run.cycles for run in runs}) == 1
    for device in devices:
        device.close()


def test_open_and_close_take_under_a_millisecond() -> None:
    times = []
    for _ in range(200):
        start = time.perf_counter()
        tw.open("blackhole").close()
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 1e-3


def test_dropped_devices_are_closed() -> None:
    """Each maps 32 GiB of address space: without closing, a process has no room for so many."""
    for _ in range(5000):
        tw.open("blackhole")


def test_a_buffer_keeps_its_device_until_that_is_closed() -> None:
    buffer = tw.open("tiny").put(b"bytes")
    assert buffer.numpy().tobytes() == b"bytes"
    buffer.device.close()
    assert not buffer.valid


def test_import_is_cheap() -> None:
    """Under 0.15 s of the processor beyond NumPy, and without what only the command line needs."""
    script = (
        "import time, sys, numpy\n"
        "start = time.process_time()\n"
        "import tilewright\n"
        "print(time.process_time() - start)\n"
        "print('rich' in sys.modules or 'argparse' in sys.modules)\n"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    seconds = min(float(run.stdout.split()[0]) for run in runs)
    assert seconds < 0.15
    assert runs[0].stdout.split()[1] == "False"


def seconds_to_interrupt(device: tw.Device, kernel: tw.Kernel) -> float:
    sent = 0.0

    def interrupt() -> None:
        nonlocal sent
        time.sleep(0.2)
        sent = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        device.run(kernel, [(0, 0)])
    late = time.perf_counter() - sent
    thread.join()
    return late


def test_interrupt_stops_a_run_at_once(device: tw.Device, double_kernel: tw.Kernel) -> None:
    kernel = tw.Kernel.from_source(SPIN, "spin")
    # The best of some: a host that is busy with other things may hold up any one of them.
    assert min(seconds_to_interrupt(device, kernel) for _ in range(3)) < 0.1
    assert not device.busy
    buffer = device.put(np.ones(10, np.uint32))
    device.run(double_kernel, [(0, 0)], [buffer, 10])
    assert (buffer.numpy() == 2).all()


def test_finish_goes_on_after_an_interrupt(device: tw.Device) -> None:
    kernel = tw.Kernel.from_source(SPIN, "spin")
    device.launch(kernel, [(0, 0)])
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        device.finish()
    assert device.busy
    stopped = device.cycle
    assert device.advance_to(stopped + 1000)
    assert device.cycle >= stopped + 1000
    device.abort()


def test_an_interrupt_notes_who_was_waiting(device: tw.Device) -> None:
    device.launch(tw.Kernel.builtin("wait_forever"), [(1, 0)], [device.semaphore(), 1])
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt) as stop:
        device.run(tw.Kernel.from_source(SPIN, "spin"), [(0, 0)])
    (note,) = stop.value.__notes__
    assert "core (1, 0, 0)" in note
    assert "waits for semaphore 0" in note
    assert not device.busy
