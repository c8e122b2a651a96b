"""The exceptions of Tilewright: each is an `Error` and also the built-in exception that fits.

The C++ runtime raises them too; its messages name the thing and what was expected.
"""


class Error(Exception):
    """Base of everything Tilewright raises on purpose."""


class ConfigError(Error, ValueError):
    """A configuration, preset name or field that cannot be."""


class AddressError(Error, IndexError):
    """An address, range, core, buffer or argument that does not exist or does not fit."""


class ArgumentError(AddressError, TypeError):
    """Launch arguments of a number, type or size that the kernel does not take."""


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


class DeadlockError(Error, RuntimeError):
    """Kernels wait for what nothing can bring any more; names each waiter."""


class CycleLimitError(Error, TimeoutError):
    """A run used up the cycles it was allowed."""


class CompileError(Error, RuntimeError):
    """A kernel does not compile; carries the compiler's own text."""


class GraphError(Error, ValueError):
    """A graph of tasks that cannot run: a cycle, a function or a kind of worker that is not there,
    accesses to the same bytes with no order between them."""


class ProgramError(Error, ValueError):
    """A program that moves data that cannot be: text with a mistake, a damaged file."""


class SnapshotError(Error, ValueError):
    """A snapshot that is damaged, or of another chip."""


class StoryError(Error, ValueError):
    """A story file that cannot be played, or an instruction in it that cannot be carried out."""
