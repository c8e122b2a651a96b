"""For tests of kernels: what the pytest plugin (`tilewright.testing.plugin`) is made of."""

from tilewright.testing.cycles import CycleAssertion

__all__ = ["CycleAssertion"]
