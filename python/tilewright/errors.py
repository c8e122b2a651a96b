"""The exceptions of Tilewright: each is an `Error` and also the built-in exception that fits.

The C++ runtime raises them too; its messages name the thing and what was expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tilewright._core import CoreRunning, CoreWait


class Error(Exception):
    """Base of everything Tilewright raises on purpose."""


class ConfigError(Error, ValueError):
    """A configuration, preset name or field that cannot be, or that lacks what was asked of the
    chip."""


class AddressError(Error, IndexError):
    """An address, range, memory, tile, core or engine that does not exist."""


class ArgumentError(Error, ValueError, TypeError):
    """An argument of the wrong number, type, size or value."""


class OutOfMemoryError(Error, MemoryError):
    """A memory of the chip, or of the host, has no room for what was to be put into it."""


class BusyError(Error, RuntimeError):
    """What was asked for is in use: by another thread, kernel, command, view or holder."""


class ClosedError(Error, ValueError):
    """A device, queue or buffer that was closed or freed, or whose device was."""


class StateError(Error, RuntimeError):
    """A call that makes sense, but not now: something else has to happen first."""


class UnsupportedError(Error, NotImplementedError):
    """What the model, or this kind of memory or buffer, cannot do."""


class FileError(Error, OSError):
    """A file of the host that cannot be read or written."""


class ElfError(Error, ValueError):
    """A file that is not the executable it should be."""


class KernelFault(Error, RuntimeError):
    """A kernel did something its core cannot do; carries core, pc, function and line."""

    #: The core (x, y, processor).
    core: tuple[int, int, int] | None = None
    #: Its program counter.
    pc: int | None = None
    #: ``file:line in function, pc 0x...`` as far as it is known.
    place: str = ""
    #: What the kernel had printed.
    printed: str = ""


class RunError(Error):
    """A run that did not end. The message is short however many cores there are; what it tells is
    here as data, and in full. Ctrl-C gives its `KeyboardInterrupt` the same attributes."""

    #: Who waits, for what, since when, and who could bring it; cores that wait alike are one.
    waits: Sequence[CoreWait] = ()
    #: The cores whose kernels are under way and do not wait: where, and how far they have come.
    running: Sequence[CoreRunning] = ()
    #: The message with nothing left out.
    full_report: str = ""


class DeadlockError(RunError, RuntimeError):
    """Kernels wait for what nothing can bring any more, or repeat themselves for ever; names each
    of them."""


class CycleLimitError(RunError, TimeoutError):
    """A run used up the cycles it was allowed."""


class CompileError(Error, RuntimeError):
    """A kernel does not compile, or there is no compiler; carries the compiler's own text."""


class GraphError(Error, ValueError):
    """A graph of tasks that cannot run: a cycle, a function or a kind of worker that is not there,
    accesses to the same bytes with no order between them."""


class ProgramError(Error, ValueError):
    """A program that moves data that cannot be: text with a mistake, a damaged file."""


class SnapshotError(Error, ValueError):
    """A snapshot that is damaged, or of another chip."""


class StoryError(Error, ValueError):
    """A story file that cannot be played, or an instruction in it that cannot be carried out."""
