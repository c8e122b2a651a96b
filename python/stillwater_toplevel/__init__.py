"""A system with a KPU in it, opened, tested and shut down as one.

with stillwater_toplevel.SystemSimulator() as system:
    assert system.run_self_test(), system.failures
"""

from stillwater_toplevel.system import SystemSimulator
from tilewright import __version__
from tilewright.arguments import name_arguments as _name_arguments

TopLevelSimulator = SystemSimulator

__all__ = ["SystemSimulator", "TopLevelSimulator", "__version__"]

_name_arguments(globals())
