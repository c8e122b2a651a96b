"""Step 1: a kernel writes a line into L1 and copies it to DRAM, in three batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tilewright
from tilewright import _core
from tilewright.demo.result import Check, Row, StepResult
from tilewright.kernel import describe_compiler

TITLE = "A C++ kernel writes to L1 and sends it to DRAM, three times"
TILE = (0, 0)
LINE_BYTES = 128
TEXTS = (
    "Hello from a RISC-V core",
    "Still the same core, still open",
    "The chip keeps its state between runs",
)


@dataclass(frozen=True)
class Message:
    """What the kernel wrote, and what that cost."""

    text: str
    run: tilewright.Run


def shipped_kernel() -> tilewright.Kernel:
    """The kernel as it was compiled with the package."""
    return tilewright.Kernel.builtin("message")


def expected_text(batch: int) -> str:
    """What batch 1, 2 or 3 must write."""
    return f"{TEXTS[batch - 1]}, tile ({TILE[0]}, {TILE[1]}), batch {batch}"


def read_message(device: tilewright.Device, kernel: tilewright.Kernel, batch: int) -> Message:
    """Run one batch and read back what it left in DRAM."""
    buffer = device.zeros(LINE_BYTES, "u1")
    run = device.run(kernel, [TILE], [buffer, batch - 1, batch])
    return Message(buffer.numpy().tobytes().split(b"\0")[0].decode("ascii", "replace"), run)


def run(device: tilewright.Device) -> StepResult:
    result = StepResult()
    kernel = _compile(result)
    for batch in range(1, len(TEXTS) + 1):
        message = read_message(device, kernel, batch)
        result.lines.append(f"batch {batch} wrote: {message.text}")
        result.rows.append(
            Row(
                f"message, batch {batch}",
                message.run.cycles,
                message.run.seconds,
                message.run.host_seconds,
                message.run.instructions,
            )
        )
        result.checks.append(
            Check(f"batch {batch} read back from DRAM", message.text == expected_text(batch))
        )
    return result


def _compile(result: StepResult) -> tilewright.Kernel:
    """From source if there is a compiler; a compiler that fails is an error, a missing one not."""
    try:
        compiler = describe_compiler()
    except tilewright.CompileError:
        result.lines.append("no compiler here, so this is the shipped kernel")
        return shipped_kernel()
    result.lines.append(f"compiled by {compiler}")
    return tilewright.Kernel.from_file(Path(_core.device_directory()) / "kernels" / "message.cpp")
