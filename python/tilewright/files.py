"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tilewright.errors import FileError


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file that others see complete or not at all, also when this process is killed.

    It has the permissions of any new file, or those of the one it replaces; behind a symbolic link
    the target is written. What a killed process left behind, the next call takes away. FileError
    says why it cannot be written; the old file is still there then.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # /dev/stdout, a pipe: nothing that could be replaced
        else:
            _replace(target, data)
    except OSError as error:
        raise FileError(f"{os.fspath(path)}: {error.strerror}") from error


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name}.new")
    with _open_locked(temporary) as file:
        try:
            file.truncate(0)
            file.write(data)
            if target.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _open_locked(path: Path) -> BinaryIO:
    """One name for all who write: whoever was killed leaves a file that the next one takes, and
    two at a time wait for each other."""
    while True:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # the one who held it has renamed it: it is the target now
