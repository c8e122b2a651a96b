"""A device, its memory by pointers, and runs of graphs on it."""

from __future__ import annotations

import bisect
import os
from typing import Any, ClassVar

import numpy as np

import tilewright as tw
from pto_runtime.graph import CORE_TYPES, Graph
from tilewright import _core
from tilewright.buffer import as_bytes

PathLike = str | os.PathLike[str]
DEVICE_COUNT = 16
#: What one scheduler takes (graph::max_workers of the firmware's layout).
MOST_WORKERS = 96


class DeviceRunner:
    """One device at a time: `init`, tensors, graphs, `finalize`. Methods return 0 or raise."""

    _of_process: ClassVar[DeviceRunner | None] = None

    def __init__(self) -> None:
        self._device: tw.Device | None = None
        self._attached = False
        self._device_id: int | None = None
        self._workers: list[tuple[int, int, int]] = []
        self._scheduler: tw.Kernel | None = None
        self._functions: tw.Kernel | None = None
        self._tensors: dict[int, tw.Buffer] = {}
        self._addresses: list[int] = []  # of the tensors, ascending
        self._last_run: tw.GraphRun | None = None

    def __repr__(self) -> str:
        if self._device is None or not self._device.is_open:
            return "<DeviceRunner, not initialised>"
        return (
            f"<DeviceRunner on {self._device.config.name}: {len(self._workers)} workers, "
            f"{len(self._tensors)} tensors>"
        )

    @classmethod
    def get(cls) -> DeviceRunner:
        """The runner of this process."""
        if cls._of_process is None:
            cls._of_process = cls()
        return cls._of_process

    @classmethod
    def attach(cls, device: tw.Device) -> DeviceRunner:
        """A runner on a device that is open, with its cube and vector cores as workers, up to 96;
        `finalize` leaves it open."""
        if not isinstance(device, tw.Device):
            raise tw.ArgumentError(f"attach: expected a tilewright.Device, got {device!r}")
        runner = cls()
        runner._device = device
        runner._attached = True
        runner._workers = worker_cores(device.config)
        return runner

    def init(
        self,
        device_id: int,
        num_cores: int,
        aicpu_so_path: PathLike | None = None,
        aicore_kernel_path: PathLike | None = None,
    ) -> int:
        """Open device 0 to 15 with this many workers: one cube core, two vector cores, one cube
        core, and so on. `aicpu_so_path` is the ELF file of a scheduler, `aicore_kernel_path` one
        with a table of functions; without them those that ship.

        On a runner that is attached to a device, it sets the workers and the programs of that.
        """
        if isinstance(device_id, bool) or not isinstance(device_id, (int, np.integer)):
            raise tw.ConfigError(f"device_id: expected a number, got {device_id!r}")
        if not 0 <= device_id < DEVICE_COUNT:
            raise tw.ConfigError(f"device_id: expected 0 to {DEVICE_COUNT - 1}, got {device_id}")
        if self._device is not None and not self._attached:
            raise tw.BusyError(f"init: device {self._device_id} is in use; call finalize() first")
        config = self.device.config if self._device is not None else tw.preset("ascend")
        cores = worker_cores(config)
        if isinstance(num_cores, bool) or not isinstance(num_cores, (int, np.integer)):
            raise tw.ConfigError(f"num_cores: expected a number, got {num_cores!r}")
        if not 1 <= num_cores <= len(cores):
            raise tw.ConfigError(f"num_cores: expected 1 to {len(cores)}, got {num_cores}")
        scheduler = None if aicpu_so_path is None else tw.Kernel.from_elf(aicpu_so_path)
        functions = None if aicore_kernel_path is None else tw.Kernel.from_elf(aicore_kernel_path)
        if functions is not None:
            _core.task_functions(functions.handle)  # ElfError if it has no table
        if self._device is None:
            self._device = tw.open(config)
        self._device_id = int(device_id)
        self._workers = cores[:num_cores]
        self._scheduler = scheduler
        self._functions = functions
        return 0

    def finalize(self) -> int:
        """Free all tensors and close the device; harmless when done twice."""
        for buffer in self._tensors.values():
            buffer.free()
        if self._device is not None and not self._attached:
            self._device.close()
        self._device = None
        self._attached = False
        self._tensors.clear()
        self._addresses.clear()
        self._last_run = None
        return 0

    @property
    def device(self) -> tw.Device:
        """The device underneath. Error before `init` and after `finalize`."""
        if self._device is None:
            raise tw.StateError("DeviceRunner: no device; call init(device_id, num_cores) first")
        return self._device

    @property
    def workers(self) -> list[tuple[int, int, int]]:
        """The worker cores (x, y, processor) in the order in which they were taken."""
        return list(self._workers)

    # --- Memory -----------------------------------------------------------------------------

    def allocate_tensor(self, bytes: int) -> int:
        """Memory on the device; its pointer, an address as the cores see it. OutOfMemoryError if
        there is no room."""
        if isinstance(bytes, bool) or not isinstance(bytes, (int, np.integer)) or bytes <= 0:
            raise tw.ArgumentError(f"allocate_tensor: expected at least 1 byte, got {bytes!r}")
        device = self.device
        banks = device.config.dram_bank_count
        for bank in range(banks):
            try:
                buffer = device.empty(int(bytes), np.uint8, tw.Placement.bank(bank))
                pointer = buffer.core_address
            except (tw.OutOfMemoryError, tw.AddressError):  # full, or out of the cores' reach
                if bank + 1 == banks:
                    raise
                continue
            self._tensors[pointer] = buffer
            bisect.insort(self._addresses, pointer)
            return pointer
        raise tw.OutOfMemoryError("allocate_tensor: the device has no DRAM")

    def free_tensor(self, ptr: int) -> None:
        """Give back what `allocate_tensor` returned. AddressError for anything else."""
        buffer = self._tensors.pop(int(ptr), None)
        if buffer is None:
            raise tw.AddressError(f"free_tensor: {int(ptr):#x} is not a live allocation")
        self._addresses.remove(int(ptr))
        buffer.free()

    def copy_to_device(self, dev_ptr: int | tw.Buffer, host_data: Any) -> int:
        """Copy an array, of any layout, or bytes to a pointer, also into the middle of a tensor, or
        to a buffer. AddressError if it does not fit."""
        data = np.ascontiguousarray(_host_array("copy_to_device", host_data))
        buffer, offset = self._find("copy_to_device", dev_ptr, data.nbytes)
        if data.nbytes:
            buffer.handle.write(as_bytes(data), offset)
        return 0

    def copy_from_device(self, host_data: Any, dev_ptr: int | tw.Buffer) -> int:
        """Fill an array, of any layout, or writable memory of the host from a pointer or buffer.
        ArgumentError if it is read-only, AddressError if the tensor is shorter."""
        target = _host_array("copy_from_device", host_data)
        if not target.flags.writeable:
            raise tw.ArgumentError("copy_from_device: host_data: the array is read-only")
        buffer, offset = self._find("copy_from_device", dev_ptr, target.nbytes)
        data = np.empty(target.shape, target.dtype)
        if data.nbytes:
            buffer.handle.read_into(as_bytes(data), offset)
            target[...] = data
        return 0

    def _find(self, what: str, pointer: int | tw.Buffer, count: int) -> tuple[tw.Buffer, int]:
        """The tensor that a pointer leads into, and the offset in it, with room for `count`."""
        if isinstance(pointer, tw.Buffer):
            buffer, offset = pointer, 0
        elif isinstance(pointer, (int, np.integer)) and not isinstance(pointer, bool):
            index = bisect.bisect_right(self._addresses, int(pointer)) - 1
            start = self._addresses[index] if index >= 0 else 0
            offset = int(pointer) - start
            if index < 0 or offset >= self._tensors[start].nbytes:
                raise tw.AddressError(f"{what}: {int(pointer):#x} is in no live allocation")
            buffer = self._tensors[start]
        else:
            raise tw.ArgumentError(f"{what}: dev_ptr: expected a pointer, got {pointer!r}")
        if count > buffer.nbytes - offset:
            raise tw.AddressError(
                f"{what}: {count} bytes do not fit at byte {offset} of an allocation of "
                f"{buffer.nbytes}"
            )
        return buffer, offset

    # --- Running ----------------------------------------------------------------------------

    def run(self, graph: Graph, launch_aicpu_num: int = 1) -> int:
        """Run a graph to its end, its scheduling shared by `launch_aicpu_num` control cores.

        GraphError for a cycle or a function that is not there, ConfigError for a kind of core that
        is not among the workers, AddressError for a pointer into no live allocation, each naming
        the task, before anything runs. Errors of the run as `tilewright.Graph.run`.
        """
        if not isinstance(graph, Graph):
            raise tw.ArgumentError(f"run: expected a pto_runtime.Graph, got {type(graph).__name__}")
        device = self.device
        if self._functions is None:
            graph.check_builtin_arguments()
        native = graph.native
        native.use_functions(self._functions)
        self._last_run = None
        self._last_run = native.run(
            device,
            schedulers=launch_aicpu_num,
            workers=self._workers,
            scheduler=self._scheduler,
        )
        return 0

    @property
    def last_run(self) -> tw.GraphRun:
        """The last run in full: times of each task, critical path, occupancy, pictures."""
        if self._last_run is None:
            raise tw.StateError("DeviceRunner: nothing has run yet")
        return self._last_run

    def print_handshake_results(self) -> None:
        """Print the mailbox of each worker as it stood at the end of the last run."""
        print("Handshake results:")
        kinds = self.device.config.kinds
        names = {"cube": "AIC", "vector": "AIV"}
        for number, box in enumerate(self.last_run.handshakes):
            kind = kinds[box.core[2]]
            print(
                f"  core {number} ({names.get(kind, kind)}) {box.core}: ready={int(box.ready)} "
                f"task={'none' if box.task is None else box.task} busy={int(box.busy)} "
                f"done={box.done} quit={int(box.quit)}"
            )


def worker_cores(config: tw.ChipConfig) -> list[tuple[int, int, int]]:
    """The cube and vector cores (x, y, processor), tile by tile, row by row, as many as one
    scheduler takes."""
    cores = [
        (x, y, processor)
        for y in range(config.tile_rows)
        for x in range(config.tile_columns)
        for processor, kind in enumerate(config.kinds)
        if kind in CORE_TYPES.values()
    ]
    return cores[:MOST_WORKERS]


def _host_array(what: str, data: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Memory of the host as an array that shares it."""
    if isinstance(data, np.ndarray):
        if data.dtype.hasobject:
            raise tw.ArgumentError(f"{what}: host_data: Python objects cannot be copied")
        return data
    if isinstance(data, (bytes, bytearray, memoryview)):
        return np.frombuffer(data, np.uint8)
    kind = type(data).__name__
    raise tw.ArgumentError(f"{what}: host_data: expected a NumPy array or bytes, got {kind}")
