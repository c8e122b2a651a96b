"""What public classes look like at a prompt: they say what they are, and never fail."""

import importlib
import inspect
from collections.abc import Iterator
from enum import Enum

import numpy as np
import pytest
from scripts.check_reference import PACKAGES
from tests.python.test_any_arguments import MADE, World

import tilewright as tw


def public_classes() -> Iterator[type]:
    """Each class that a package offers, once; new ones are found by themselves."""
    seen = set()
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) and value not in seen:
                seen.add(value)
                if not issubclass(value, (BaseException, Enum)):
                    yield value


@pytest.mark.parametrize("kind", list(public_classes()), ids=lambda kind: kind.__name__)
def test_every_class_says_more_than_its_address(kind: type) -> None:
    assert kind.__dict__.get("__repr__", kind.__repr__) != object.__repr__


@pytest.mark.parametrize("kind", list(MADE), ids=lambda kind: kind.__name__)
def test_one_that_is_made_says_what_it_is(kind: type) -> None:
    world = World()
    made = MADE[kind](world)
    text = repr(made)
    assert kind.__name__ in text or kind in (tw.Counters, tw.CounterGroup)  # what they have
    assert " object at 0x" not in text
    assert len(text) < 2000
    world.device.close()
    assert repr(made), "also when its device is closed"


def test_values_of_the_runtime_show_themselves(device: tw.Device) -> None:
    assert repr(tw.preset("tiny")).startswith(
        "<ChipConfig: name='tiny', architecture='blackhole', "
    )
    semaphore = device.semaphore()
    assert repr(semaphore) == f"<Semaphore: address={semaphore.address}>"
    lease = device.lease_l1((0, 0), 0x30000, 64, "a test")
    assert "holder='a test', valid=True" in repr(lease)
    queue = device.queue()
    assert repr(queue) == "<Queue of tiny, all done>"
    readback = queue.read(device.put(np.arange(4, dtype=np.int8)))
    assert repr(queue) == "<Queue of tiny, with commands to do>"
    assert repr(readback) == "<Readback (4,) int8, to come>"
    queue.finish()
    assert repr(readback) == "<Readback (4,) int8, here>"
