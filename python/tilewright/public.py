"""All that `tilewright` offers, together: it loads this when one of the names is first used."""

from tilewright._core import (
    Awaited,
    ChipConfig,
    CoreReport,
    CoreRunning,
    CoreWait,
    Placement,
    Run,
    Semaphore,
    Signaller,
)
from tilewright._core import version as __version__
from tilewright.arguments import name_arguments as _name_arguments
from tilewright.buffer import Buffer
from tilewright.config import preset, presets
from tilewright.config_file import load_config, write_config
from tilewright.counters import CounterGroup, Counters
from tilewright.device import Device, open_device
from tilewright.engine_waits import EngineWaits
from tilewright.errors import (
    AddressError,
    ArgumentError,
    BusyError,
    ClosedError,
    CompileError,
    ConfigError,
    CycleLimitError,
    DeadlockError,
    ElfError,
    Error,
    FileError,
    GraphError,
    KernelFault,
    OutOfMemoryError,
    ProgramError,
    RunError,
    SnapshotError,
    StateError,
    StoryError,
    UnsupportedError,
)
from tilewright.explain import Explanation
from tilewright.exploration import Exploration, explore
from tilewright.graph import Graph, GraphRun, Parameter, PreparedGraph
from tilewright.kernel import Kernel
from tilewright.program import Program
from tilewright.queue import Event, Queue, Readback
from tilewright.snapshot import Snapshot, SnapshotChanges
from tilewright.tiled_buffer import TiledBuffer
from tilewright.tiles import tilize, untilize

open = open_device

__all__ = [
    "AddressError",
    "ArgumentError",
    "Awaited",
    "Buffer",
    "BusyError",
    "ChipConfig",
    "ClosedError",
    "CompileError",
    "ConfigError",
    "CoreReport",
    "CoreRunning",
    "CoreWait",
    "CounterGroup",
    "Counters",
    "CycleLimitError",
    "DeadlockError",
    "Device",
    "ElfError",
    "EngineWaits",
    "Error",
    "Event",
    "Explanation",
    "Exploration",
    "FileError",
    "Graph",
    "GraphError",
    "GraphRun",
    "Kernel",
    "KernelFault",
    "OutOfMemoryError",
    "Parameter",
    "Placement",
    "PreparedGraph",
    "Program",
    "ProgramError",
    "Queue",
    "Readback",
    "Run",
    "RunError",
    "Semaphore",
    "Signaller",
    "Snapshot",
    "SnapshotChanges",
    "SnapshotError",
    "StateError",
    "StoryError",
    "TiledBuffer",
    "UnsupportedError",
    "__version__",
    "explore",
    "load_config",
    "open",
    "preset",
    "presets",
    "tilize",
    "untilize",
    "write_config",
]

_name_arguments(globals())
