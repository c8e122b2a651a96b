"""The system: a simulator of its own or on an open chip, its self test, and faults for it."""

from __future__ import annotations

from typing import Self

import tilewright
from stillwater_kpu import KPUSimulator, SimulatorConfig
from tilewright.errors import ArgumentError, StateError


class SystemSimulator:
    """Not open before `initialize`, or ``with``. `config` describes the KPU; `device` puts the
    system on a chip that is open, which then stays open."""

    def __init__(
        self, config: SimulatorConfig | None = None, *, device: tilewright.Device | None = None
    ) -> None:
        if config is not None and device is not None:
            raise ArgumentError("expected a config or a device, not both")
        self._config = config
        self._given = device
        self._kpu: KPUSimulator | None = None
        self._failures: list[str] = []

    def initialize(self) -> bool:
        """Open it; True. Harmless when it is open. ConfigError if it cannot be built."""
        if self._kpu is None:
            self._kpu = KPUSimulator(self._config, device=self._given)
        return True

    def shutdown(self) -> None:
        """Close it; harmless when done twice."""
        if self._kpu is not None:
            self._kpu.close()
            self._kpu = None

    def is_initialized(self) -> bool:
        """Open."""
        return self._kpu is not None

    @property
    def kpu(self) -> KPUSimulator:
        """Its simulator. Error if it is not initialized."""
        if self._kpu is None:
            raise StateError("the system is not initialized: initialize() first")
        return self._kpu

    @property
    def device(self) -> tilewright.Device:
        """Its chip. Error if it is not initialized."""
        return self.kpu.device

    def run_self_test(self) -> bool:
        """Whether every memory, DMA engine, block mover, streamer and compute tile does to data
        what it should; `failures` then names those that do not. False, too, if the system is not
        initialized. Memories hold afterwards what they held before; time passes."""
        if self._kpu is None:
            self._failures = ["system: it is not initialized"]
        else:
            self._failures = self._kpu.self_test()
        return not self._failures

    @property
    def failures(self) -> list[str]:
        """One line for each unit that failed in the last self test, beginning with its name."""
        return list(self._failures)

    def inject_fault(self, unit: str, index: int = 0, offset: int = 0, bit: int = 0) -> None:
        """Give a unit a defect, such as ``("scratchpad", 1)`` or ``("dma_engine", 0)``.

        In a memory, `bit` of the byte at `offset` is stuck at 1. An engine delivers that bit of
        the byte at `offset`, modulo the length of what it delivers, wrong. ArgumentError lists the
        units if there is none of that name and index.
        """
        self.kpu.inject_fault(unit, index, offset, bit)

    def clear_faults(self) -> None:
        """Mend all defects."""
        self.kpu.clear_faults()

    def __enter__(self) -> Self:
        self.initialize()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def __repr__(self) -> str:
        return f"<SystemSimulator, {'initialized' if self._kpu else 'not initialized'}>"
