"""The thin layer under `stillwater_kpu`: the simulator as the C++ library has it, and its main
memory as bytes."""

from stillwater_kpu_native.main_memory import MainMemory
from stillwater_kpu_native.simulator import KPUSimulator
from tilewright._core import SimulatorConfig
from tilewright.arguments import name_arguments as _name_arguments

__all__ = ["KPUSimulator", "MainMemory", "SimulatorConfig"]

_name_arguments(globals())
