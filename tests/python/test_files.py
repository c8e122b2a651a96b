"""Files that are written whole: what others see, whose permissions, and what a kill leaves."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tilewright as tw
from tilewright import movement
from tilewright.files import write_whole

Save = Callable[[Path], None]
SAVES: dict[str, Save] = {
    "snapshot.bin": lambda path: tw.Snapshot(b"all of it").save(path),
    "changes.bin": lambda path: tw.SnapshotChanges(b"some of it").save(path),
    "chip.yaml": lambda path: tw.write_config(tw.preset("tiny"), path),
    "program.twmv": lambda path: movement.save(movement.assemble("barrier"), path),
}


@pytest.fixture(params=SAVES, ids=str)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    SAVES[name](path)
    assert mode(path) == 0o644
    path.chmod(0o600)
    SAVES[name](path)
    assert mode(path) == 0o600
    assert os.listdir(tmp_path) == [name]


def test_behind_a_symbolic_link_the_target_is_written(tmp_path: Path, name: str) -> None:
    target, link = tmp_path / "elsewhere" / name, tmp_path / name
    target.parent.mkdir()
    link.symlink_to(target)
    SAVES[name](link)  # there is no target yet
    kept = target.read_bytes()
    target.write_bytes(b"old")
    SAVES[name](link)
    assert link.is_symlink()
    assert target.read_bytes() == kept


def test_what_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(tw.FileError, match=f"{folder / name}: (No such|Not a)"):
            SAVES[name](folder / name)
    (tmp_path / name).mkdir()
    with pytest.raises(tw.FileError, match="Is a directory"):
        SAVES[name](tmp_path / name)


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"through")
    reader.join()
    assert read == [b"through"]
    assert pipe.is_fifo()


def test_what_a_killed_process_left_is_gone_after_the_next_save(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"old")
    program = f"""
import os, signal
from tilewright import files
files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
files.write_whole({str(path)!r}, bytes(1 << 20))
"""
    killed = subprocess.run([sys.executable, "-c", program])
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert len(os.listdir(tmp_path)) == 2
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["big"]


def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    texts = [bytes([letter]) * 100_000 for letter in b"abcdefgh"]

    failures: list[BaseException] = []

    def write(text: bytes) -> None:
        try:
            for _ in range(100):
                write_whole(path, text)
                assert path.read_bytes() in texts
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # they meet between any two steps
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failures
    assert path.read_bytes() in texts
    assert os.listdir(tmp_path) == ["shared"]


def test_a_program_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(tw.FileError, match="absent: No such file"):
        movement.load(tmp_path / "absent")
