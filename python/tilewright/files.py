"""Writing files so that nobody ever sees half of one, and one at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tilewright.errors import BusyError, FileError


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


@contextmanager
def only_writer(path: str | os.PathLike[str]) -> Iterator[None]:
    """Be the one who writes to a file; BusyError if another process, or another thread, does."""
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    try:
        file = _open_locked(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(f"{os.fspath(path)}: somebody else is writing to it") from None
    except OSError as error:
        raise FileError(f"{os.fspath(path)}: {error.strerror}") from error
    with file:
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name}.new")
    with _open_locked(temporary) as file:
        try:
            file.truncate(0)
            file.write(data)
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _open_locked(path: Path, how: int = fcntl.LOCK_EX) -> BinaryIO:
    """One name for all who write: whoever was killed leaves a file that the next one takes, and
    two at a time wait for each other."""
    while True:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "wb")
        try:
            fcntl.flock(file, how)
            with suppress(FileNotFoundError):  # one question: between two it could go
                if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                    return file
        except BaseException:
            file.close()
            raise
        file.close()  # the one who held it has renamed or removed it
