"""Engines, memories by global address, flags and callbacks, as a user of `Device` drives them."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tilewright as tw


@pytest.fixture
def kpu() -> Iterator[tw.Device]:
    with tw.open("kpu") as device:
        yield device


def test_the_first_script(kpu: tw.Device) -> None:
    bank, pad = kpu.memory("dram", 0), kpu.memory("scratchpad", 0)
    assert (bank.address, pad.address) == (0x1_0000_0000, 0x1_8010_0000)
    numbers = np.arange(256, dtype=np.float32)
    bank.write(0, numbers)
    ended: list[int] = []
    kpu.dma(bank.address, pad.address, 1024, on_done=lambda: ended.append(kpu.cycle))
    assert not kpu.idle("dma")
    assert kpu.busy
    run = kpu.finish()
    assert kpu.idle("dma")
    assert (run.cycles, kpu.cycle, ended) == (145, 145, [145])
    np.testing.assert_array_equal(pad.numpy(0, 256), numbers)


def test_overrides_change_hierarchy_and_rates() -> None:
    with tw.open("kpu", l2_bank_count=16, dram_bank_count=4, dram_bytes_per_cycle=25.6) as device:
        assert len(device.memories("l2")) == 16
        assert device.memory("dram", 3).nbytes == 1 << 30
        assert device.memory("l3").address == 0x2_0000_0000
        device.dma(device.memory("dram", 3).address, device.memory("l3").address, 1000)
        assert device.finish().cycles == 129 + 40  # 39.0625, rounded up once
    with pytest.raises(tw.ConfigError, match="l3_tile_base"):
        tw.open("kpu", external_memory_base=0x2_0000_0000, l3_tile_base=0x2_0000_1000)
    with tw.open("kpu", dma_engine_count=0) as device, pytest.raises(tw.AddressError, match="DMA"):
        device.dma(0x1_0000_0000, 0x1_8000_0000, 64)


def test_buffers_stand_for_addresses(kpu: tw.Device) -> None:
    numbers = np.arange(300, dtype=np.int32)
    source = kpu.put(numbers, tw.Placement.bank(1))
    target = kpu.empty(300, np.int32, tw.Placement.memory("l2", 5))
    assert target.global_address == kpu.memory("l2", 5).address + target.address
    kpu.dma(source, target)
    kpu.finish()
    np.testing.assert_array_equal(target.numpy(), numbers)
    with pytest.raises(tw.AddressError, match="do not fit"):
        kpu.dma(source, target, 1201)
    with pytest.raises(tw.AddressError, match="lies in one memory"):
        kpu.dma(kpu.put(numbers), target)
    with pytest.raises(tw.OutOfMemoryError, match="no room"):
        kpu.empty(20_000, np.float32, tw.Placement.memory("l2", 5))
    with pytest.raises(tw.AddressError, match="no L2 bank 8"):
        kpu.empty(1, np.float32, tw.Placement.memory("l2", 8))
    with pytest.raises(tw.ArgumentError, match="no memory called 'l4'"):
        tw.Placement.memory("l4", 0)


def test_movers_and_streamers(kpu: tw.Device) -> None:
    matrix = np.arange(12 * 20, dtype=np.float32).reshape(12, 20)
    l3, l2, l1 = kpu.memory("l3", 1), kpu.memory("l2", 2), kpu.memory("l1_buffer", 3)
    l3.write(64, matrix)
    moved = kpu.flag()
    kpu.move_block(l3.address + 64, l2.address, 12, 20, transform="transpose", signal=moved)
    kpu.stream(l2.address, l1.address, 20, 12, order="columns", wait=(moved, 1))
    kpu.finish()
    np.testing.assert_array_equal(l2.numpy(0, 240).reshape(20, 12), matrix.T)
    np.testing.assert_array_equal(l1.numpy(0, 240).reshape(12, 20), matrix)
    assert moved.value == 1
    counters = kpu.counters
    assert counters["block_mover0.bytes"] == counters["streamer0.bytes"] == matrix.nbytes
    assert counters["l2_bank2.bytes_written"] == counters["l2_bank2.bytes_read"] == matrix.nbytes


def test_a_callback_that_raises_leaves_the_rest_to_the_next_call(kpu: tw.Device) -> None:
    l3, pad = kpu.memory("l3"), kpu.memory("scratchpad")
    l3.write(0, bytes(range(200)))

    def fail() -> None:
        raise RuntimeError("from the callback")

    kpu.dma(l3.address, pad.address, 100, on_done=fail)
    kpu.dma(l3.address + 100, pad.address + 100, 100)
    kpu.dma(l3.address, pad.address + 4096, 100, engine=1)
    with pytest.raises(RuntimeError, match="from the callback"):
        kpu.finish()
    assert pad.read(0, 100) == bytes(range(100))
    kpu.finish()
    assert pad.read(0, 200) == bytes(range(200))
    assert pad.read(4096, 100) == bytes(range(100))
    assert kpu.idle("dma", 0)
    assert kpu.idle("dma", 1)


def test_a_callback_may_use_the_device(kpu: tw.Device) -> None:
    l3 = kpu.memory("l3")
    l3.write(0, b"a")
    hops: list[int] = []

    def hop() -> None:
        hops.append(kpu.cycle)
        if len(hops) < 5:
            kpu.dma(l3.address + len(hops) - 1, l3.address + len(hops), 1, on_done=hop)
            kpu.wait_for("dma")

    kpu.dma(l3.address, l3.address + 100, 1, on_done=hop)
    kpu.finish()
    assert hops == [30 * n for n in range(1, 6)]
    assert l3.read(0, 5) == b"aaaaa"


def test_a_callback_may_close_the_device() -> None:
    device = tw.open("kpu")
    device.dma(0x1_8000_0000, 0x1_8010_0000, 64, on_done=device.close)
    device.finish()
    assert not device.is_open


def test_other_threads_are_refused_while_a_callback_runs(kpu: tw.Device) -> None:
    refused: list[str] = []

    def meanwhile() -> None:
        def look() -> None:
            try:
                _ = kpu.cycle
            except tw.Error as error:
                refused.append(str(error))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    kpu.dma(0x1_8000_0000, 0x1_8010_0000, 64, on_done=meanwhile)
    kpu.finish()
    assert refused
    assert "another thread" in refused[0]


def test_waiting_for_nothing_is_a_deadlock_and_for_the_host_is_not(kpu: tw.Device) -> None:
    flag = kpu.flag()
    kpu.dma(0x1_8000_0000, 0x1_8010_0000, 64, wait=(flag, 2))
    with pytest.raises(tw.DeadlockError, match=f"DMA engine 0 waits for flag {int(flag)}"):
        kpu.finish()
    assert not kpu.busy
    gate = kpu.flag(host=True)
    kpu.dma(0x1_8000_0000, 0x1_8010_0000, 64, wait=(gate, 2))
    assert kpu.run_until_idle()
    with pytest.raises(tw.Error, match="waits for the host"):
        kpu.finish()
    gate.add(2)
    assert kpu.finish().cycles == 30


def test_bad_commands_are_named_and_change_nothing(kpu: tw.Device) -> None:
    l3, pad = kpu.memory("l3").address, kpu.memory("scratchpad").address
    for arguments, text in (
        (((1 << 64) - 2, pad, 4), "no memory is there"),
        ((l3, pad, 1 << 40), "reach past the end|no memory"),
        ((0x1_0000_0000, 0x1_3FFF_FFFF, 2), "reach past the end of DRAM bank 0"),
    ):
        with pytest.raises(tw.AddressError, match=text):
            kpu.dma(*arguments)
    for arguments, text in (
        ((l3, pad, -1), "nbytes"),
        ((l3, -1, 4), "destination"),
        ((1 << 64, pad, 4), "source"),
    ):
        with pytest.raises(tw.ArgumentError, match=text):
            kpu.dma(*arguments)
    with pytest.raises(tw.AddressError, match="no DMA engine 7"):
        kpu.dma(l3, pad, 4, engine=7)
    with pytest.raises(tw.ArgumentError, match="source"):
        kpu.dma("l3", pad, 4)  # type: ignore[arg-type]
    with pytest.raises(tw.ArgumentError, match="no transform called 'rotate'"):
        kpu.move_block(l3, pad, 1, 1, transform="rotate")  # type: ignore[arg-type]
    with pytest.raises(tw.AddressError, match="no flag 5000"):
        kpu.dma(l3, pad, 4, wait=(5000, 1))
    with pytest.raises(tw.AddressError):
        kpu.read(1 << 60, 1 << 50)
    with pytest.raises(tw.AddressError):
        kpu.write((1 << 64) - 4, bytes(8))
    with pytest.raises(tw.AddressError, match="do not fit"):
        kpu.memory("l2").write(65_530, bytes(8))
    assert not kpu.busy
    assert kpu.finish().cycles == 0


def test_a_snapshot_in_mid_flight_goes_on_elsewhere(kpu: tw.Device) -> None:
    numbers = np.random.default_rng(1).integers(0, 255, 60_000, np.uint8)
    kpu.memory("dram").write(0, numbers)
    done = kpu.flag()
    kpu.dma(0x1_0000_0000, 0x1_8000_0000, 60_000, signal=done)
    kpu.advance_to(500)
    image = kpu.snapshot()
    with tw.open("kpu") as other:
        other.restore(image)
        assert other.cycle == 500
        other.finish()
        kpu.finish()
        assert other.cycle == kpu.cycle == 129 + 938
        np.testing.assert_array_equal(other.memory("l3").numpy(0, 60_000, np.uint8), numbers)
        assert int(other.flag()) == int(done) + 1
    kpu.dma(0x1_0000_0000, 0x1_8000_0000, 64, on_done=lambda: None)
    with pytest.raises(tw.SnapshotError, match="callbacks"):
        kpu.snapshot()


def test_engines_are_in_the_timeline(kpu: tw.Device, tmp_path: Path) -> None:
    flag = kpu.flag()
    with kpu.trace(tmp_path / "trace.json"):
        kpu.dma(0x1_8000_0000, 0x1_8010_0000, 6400, engine=1, wait=(flag, 1))
        kpu.dma(0x1_0000_0000, 0x1_8000_0000, 640, signal=flag)
        kpu.finish()
    events = json.loads((tmp_path / "trace.json").read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    names = {e["args"]["name"] for e in events if e.get("name") == "thread_name"}
    assert {"DMA engine 0", "DMA engine 1"} <= names
    begun = [(e["name"], e["ts"]) for e in events if e["ph"] == "B"]
    assert len([b for b in begun if b[0] == "copy"]) == 2
    assert len([b for b in begun if b[0] == "wait for flag"]) == 1


MEMORIES = [("dram", 0), ("dram", 1), ("host", 0), ("l3", 1), ("scratchpad", 0), ("l2", 7)]
SIZE = 20_000


Copy: TypeAlias = tuple[int, ...]  # source, target, rows, bytes, strides, offsets, engine


@st.composite
def copies(draw: st.DrawFn) -> list[Copy]:
    chosen: list[Copy] = []
    for _ in range(draw(st.integers(1, 6))):
        source, target = draw(st.sampled_from(range(6))), draw(st.sampled_from(range(6)))
        rows = draw(st.integers(1, 5)) if source != target else 1
        nbytes = draw(st.integers(0, SIZE // 2 // rows))
        strides = [nbytes + draw(st.integers(0, 1000)) for _ in range(2)]
        room = [SIZE - (rows - 1) * stride - nbytes for stride in strides]
        offsets = [draw(st.integers(0, max(0, r))) for r in room]
        if min(room) >= 0:
            chosen.append(
                (source, target, rows, nbytes, *strides, *offsets, draw(st.integers(0, 1)))
            )
    return chosen


@given(copies(), st.integers(1, 400))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_random_copies_equal_those_of_numpy(chosen: list[Copy], step: int) -> None:
    random = np.random.default_rng(7)
    model = [random.integers(0, 256, SIZE, np.uint8) for _ in MEMORIES]
    with tw.open("kpu") as device:
        places = [device.memory(kind, index) for kind, index in MEMORIES]  # type: ignore[arg-type]
        for place, contents in zip(places, model, strict=True):
            place.write(0, contents)
        for source, target, rows, nbytes, from_stride, to_stride, at, to, engine in chosen:
            device.dma(
                places[source].address + at,
                places[target].address + to,
                nbytes,
                rows=rows,
                source_stride=from_stride,
                destination_stride=to_stride,
                engine=engine,
            )
            while device.advance_to(device.cycle + step):
                pass
            read = [model[source][at + r * from_stride :][:nbytes].copy() for r in range(rows)]
            for r in range(rows):
                model[target][to + r * to_stride :][:nbytes] = read[r]
        for place, contents in zip(places, model, strict=True):
            np.testing.assert_array_equal(place.numpy(0, SIZE, np.uint8), contents)
