"""Incremental snapshots: what changed since an earlier one, and back."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tilewright as tw


def test_a_step_is_small_and_leads_back(device: tw.Device, tmp_path: Path) -> None:
    buffer = device.put(np.random.default_rng(1).integers(0, 256, 1 << 20, np.uint8))
    base = device.snapshot()
    device.run(tw.Kernel.builtin("message"), [(0, 0)], [buffer, 0, 0])
    later = device.snapshot()
    step = later.changes_since(base)
    assert base.nbytes > 1 << 20
    assert step.nbytes < base.nbytes / 10
    assert step.apply(base) == later

    step.save(tmp_path / "step")
    base.save(tmp_path / "base")
    with tw.open("tiny") as other:
        restored = tw.SnapshotChanges.load(tmp_path / "step").apply(
            tw.Snapshot.load(tmp_path / "base")
        )
        other.restore(restored)
        assert other.cycle == device.cycle
        (copy,) = other.buffers
        assert (copy.numpy() == buffer.numpy()).all()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 63), st.integers(0, 255)), max_size=20))
def test_any_two_snapshots(writes: list[tuple[int, int]]) -> None:
    """Pages that appear, change and go: the step between any two of them is exact."""
    with tw.open("tiny") as device:
        images = [device.snapshot()]
        for page, value in writes:
            device.write_l1((0, 0), 0x20000 + page * 4096, bytes([value]) * 4096)
            images.append(device.snapshot())
        for before, after in itertools.pairwise(images):
            assert after.changes_since(before).apply(before) == after
            assert before.changes_since(after).apply(after) == before
        assert images[-1].changes_since(images[0]).apply(images[0]) == images[-1]


def test_what_does_not_fit_is_refused(device: tw.Device) -> None:
    base = device.snapshot()
    device.put(np.ones(10_000))
    later = device.snapshot()
    step = later.changes_since(base)
    with pytest.raises(tw.SnapshotError, match="another snapshot"):
        step.apply(later)
    for at in range(0, step.nbytes, 97):
        damaged = bytearray(step.data)
        damaged[at] ^= 1
        with pytest.raises(tw.SnapshotError):
            tw.SnapshotChanges(bytes(damaged)).apply(base)
    for size in (0, 10, 31, 32, step.nbytes - 1):
        with pytest.raises(tw.SnapshotError):
            tw.SnapshotChanges(step.data[:size]).apply(base)
    with pytest.raises(tw.SnapshotError):
        later.changes_since(tw.Snapshot(base.data[:-1]))
    with pytest.raises(tw.SnapshotError):
        tw.SnapshotChanges(later.data).apply(base)
