"""For tests of kernels: what the pytest plugin (`tilewright.testing.plugin`) is made of."""

from tilewright.arguments import name_arguments as _name_arguments
from tilewright.testing.cycles import CycleAssertion

__all__ = ["CycleAssertion"]

_name_arguments(globals())
