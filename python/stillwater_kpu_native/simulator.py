"""The simulator on a chip of its own, or on one that is open already."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

import tilewright
from stillwater_kpu_native.main_memory import MainMemory
from tilewright import _core
from tilewright.config import replace
from tilewright.errors import AddressError, ArgumentError, ConfigError

#: Bytes of the one external bank and the one scratchpad of a simulator that is made by sizes.
MAIN_MEMORY_SIZE = 1 << 30
SCRATCHPAD_SIZE = 1 << 20


class BaseSimulator(_core.KPUSimulator):
    """What the simulators of `stillwater_kpu` and of `stillwater_kpu_native` have in common."""

    def __init__(
        self,
        config: _core.SimulatorConfig | int | None = None,
        scratchpad_size: int | None = None,
        *,
        device: tilewright.Device | None = None,
        main_memory_size: int | None = None,
    ) -> None:
        if isinstance(config, int):  # both sizes by position
            if main_memory_size is not None:
                raise ArgumentError("main_memory_size: it is given twice")
            config, main_memory_size = None, config
        sizes = (main_memory_size, scratchpad_size)
        given = sum((config is not None, sizes != (None, None), device is not None))
        if given > 1:
            raise ArgumentError("expected a config, sizes or a device, not both")
        if config is not None and not isinstance(config, _core.SimulatorConfig):
            raise ArgumentError(f"config: expected a SimulatorConfig, got {type(config).__name__}")
        if device is not None and not isinstance(device, tilewright.Device):
            raise ArgumentError(
                f"device: expected a tilewright.Device, got {type(device).__name__}"
            )
        self._own = device is None
        self._device = device or tilewright.Device(_chip(config or _core.SimulatorConfig(), *sizes))
        super().__init__(self._device.handle, self._own)

    @property
    def device(self) -> tilewright.Device:
        """The chip; other work can run on it beside this."""
        return self._device

    def main_memory(self) -> MainMemory:
        """External bank 0 as bytes."""
        return MainMemory(self)

    def close(self) -> None:
        """Close the chip, unless it is somebody else's; harmless when done twice."""
        if self._own:
            self._device.close()

    def __repr__(self) -> str:
        if not self.device.is_open:
            return "<KPUSimulator, closed>"
        return f"<KPUSimulator on {self.device.config.name} at cycle {self.get_current_cycle()}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class KPUSimulator(BaseSimulator):
    """Memories, engines and arrays, driven by global addresses. Wherever one is expected, a buffer
    in a single memory will do.

    ``KPUSimulator(main_memory_size=1 << 30, scratchpad_size=1 << 20)`` in bytes, which is also what
    ``KPUSimulator()`` is; ``KPUSimulator(config)``; or ``KPUSimulator(device=d)`` on an open chip,
    which then stays open.
    """

    def __init__(
        self,
        config: _core.SimulatorConfig | int | None = None,
        scratchpad_size: int | None = None,
        *,
        device: tilewright.Device | None = None,
        main_memory_size: int | None = None,
    ) -> None:
        if config is None and device is None and main_memory_size is None:
            main_memory_size = MAIN_MEMORY_SIZE
        super().__init__(config, scratchpad_size, device=device, main_memory_size=main_memory_size)

    def main_memory_size(self) -> int:
        """Bytes of external bank 0."""
        return self.get_memory_bank_capacity(0)

    def main_memory_write(self, addr: int, data: npt.ArrayLike) -> None:
        """The elements of an array to the offset `addr` in external bank 0."""
        self.write_memory_bank_numpy(0, addr, np.asarray(data))

    def main_memory_read(
        self, addr: int, dtype: npt.DTypeLike, shape: Sequence[int]
    ) -> npt.NDArray[Any]:
        """An array of that type and shape from the offset `addr` in external bank 0."""
        count = math.prod(shape)
        return self.read_memory_bank_numpy(0, addr, count, dtype).reshape(tuple(shape))

    def scratchpad_write(self, addr: int, data: npt.ArrayLike) -> None:
        """The elements of an array to the offset `addr` in scratchpad 0."""
        self.write_scratchpad_numpy(0, addr, np.asarray(data))

    def scratchpad_read(
        self, addr: int, dtype: npt.DTypeLike, shape: Sequence[int]
    ) -> npt.NDArray[Any]:
        """An array of that type and shape from the offset `addr` in scratchpad 0."""
        count = math.prod(shape)
        return self.read_scratchpad_numpy(0, addr, count, dtype).reshape(tuple(shape))

    def dma_transfer_sync(
        self, src_addr: int, dst_addr: int, size: int, src_main: bool, dst_main: bool
    ) -> None:
        """A transfer by DMA engine 0 between offsets in external bank 0 (`..._main`) or scratchpad
        0, to its end."""
        for name, addr, is_main in (
            ("src_addr", src_addr, src_main),
            ("dst_addr", dst_addr, dst_main),
        ):
            room = self.main_memory_size() if is_main else self.scratchpad_size()
            if addr < 0 or size < 0 or addr + size > room:
                raise AddressError(f"{name}: {size} bytes at {addr} do not fit into {room} bytes")
        main, pad = self.get_memory_bank_base(0), self.get_scratchpad_base(0)
        source, destination = (main if src_main else pad), (main if dst_main else pad)
        self.start_dma_transfer(0, source + src_addr, destination + dst_addr, size)
        self.run_until_idle()

    def matmul_f32(
        self,
        addr_A: int,  # noqa: N803
        addr_B: int,  # noqa: N803
        addr_C: int,  # noqa: N803
        shape_A: tuple[int, int],  # noqa: N803
        shape_B: tuple[int, int],  # noqa: N803
        accumulate: bool = False,
    ) -> None:
        """C = A B in float32, or C += A B, at offsets in bytes in scratchpad 0, to its end."""
        if len(shape_A) != 2 or len(shape_B) != 2 or shape_A[1] != shape_B[0]:
            raise ArgumentError(
                f"shape_B: expected a matrix of {shape_A[-1]} rows, got {tuple(shape_B)} "
                f"for A of {tuple(shape_A)}"
            )
        pad = self.get_scratchpad_base(0)
        m, k, n = *shape_A, shape_B[1]
        for name, addr, count in (
            ("addr_A", addr_A, m * k),
            ("addr_B", addr_B, k * n),
            ("addr_C", addr_C, m * n),
        ):
            if addr < 0 or addr + 4 * count > self.scratchpad_size():
                raise AddressError(
                    f"{name}: {4 * count} bytes at {addr} do not fit into the scratchpad's "
                    f"{self.scratchpad_size()}"
                )
        self.device.multiply(
            pad + addr_A, pad + addr_B, pad + addr_C, m, n, k, accumulate=bool(accumulate)
        )
        self.run_until_idle()

    def scratchpad_size(self) -> int:
        """Bytes of scratchpad 0."""
        return self.get_scratchpad_capacity(0)


def _chip(
    config: _core.SimulatorConfig, main_memory_size: int | None, scratchpad_size: int | None
) -> _core.ChipConfig:
    """The chip of a configuration; with sizes, one bank and one scratchpad of them."""
    if main_memory_size is None and scratchpad_size is None:
        return config.chip_config()
    if main_memory_size is None:
        main_memory_size = MAIN_MEMORY_SIZE
    if scratchpad_size is None:
        scratchpad_size = SCRATCHPAD_SIZE
    config.memory_bank_count = config.scratchpad_count = 1
    chip = config.chip_config()
    for name, field, size in (
        ("main_memory_size", "dram_bank_bytes", main_memory_size),
        ("scratchpad_size", "scratchpad_bytes", scratchpad_size),
    ):
        try:
            chip = replace(chip, **{field: size})
        except ConfigError as error:
            raise ConfigError(f"{name}: {error}") from None
    return chip
