"""Ctrl-C during a run."""

from __future__ import annotations

from tilewright.open_device import OpenDevice


def stopped(device: OpenDevice, stop: KeyboardInterrupt) -> None:
    """After Ctrl-C: end what runs, and note in the exception who was waiting."""
    for wait in device.handle.waiting[:8]:
        stop.add_note(str(wait))
    device.handle.abort()
