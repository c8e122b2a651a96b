"""The thin layer under `stillwater_kpu`: the simulator as the C++ library has it, and its main
memory as bytes."""

from stillwater_kpu_native.main_memory import MainMemory
from stillwater_kpu_native.simulator import KPUSimulator
from tilewright._core import SimulatorConfig

__all__ = ["KPUSimulator", "MainMemory", "SimulatorConfig"]
