"""All of a device at one cycle, to be restored on any device of the same chip."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tilewright import _core
from tilewright.errors import SnapshotError
from tilewright.files import write_whole


@dataclass(frozen=True)
class _SavedBytes:
    """Bytes of the runtime that can be kept in a file."""

    data: bytes = field(repr=False)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a file, which is either complete or as it was; behind a symbolic link its
        target. FileError if it cannot be written."""
        write_whole(path, self.data)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file that `save` wrote; whether it is damaged shows when it is used."""
        return cls(_read_file(path))


@dataclass(frozen=True)
class Snapshot(_SavedBytes):
    """What `Device.snapshot` returns: memory, cores, packets in flight, images, allocations."""

    def changes_since(self, base: Snapshot) -> SnapshotChanges:
        """All of this snapshot but the pages of memory that `base` has as well."""
        return SnapshotChanges(_core.snapshot_changes(base.data, self.data))


@dataclass(frozen=True)
class SnapshotChanges(_SavedBytes):
    """What `Snapshot.changes_since` returns: a snapshot for those who have an earlier one."""

    def apply(self, base: Snapshot) -> Snapshot:
        """The later snapshot, to the byte. SnapshotError if something is damaged, or if these are
        the changes of another snapshot than `base`."""
        return Snapshot(_core.apply_changes(base.data, self.data))


def _read_file(path: str | os.PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SnapshotError(f"snapshot {os.fspath(path)}: {error.strerror}") from error
