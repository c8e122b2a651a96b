"""All of a device at one cycle, to be restored on any device of the same chip."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tilewright.errors import SnapshotError


@dataclass(frozen=True)
class Snapshot:
    """What `Device.snapshot` returns: memory, cores, packets in flight, images, allocations."""

    data: bytes = field(repr=False)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a file, which is either complete or not there."""
        target = Path(path)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Snapshot":
        """Read a file that `save` wrote; whether it is damaged shows when it is restored."""
        try:
            return cls(Path(path).read_bytes())
        except OSError as error:
            raise SnapshotError(f"snapshot {os.fspath(path)}: {error.strerror}") from error
