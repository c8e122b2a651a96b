"""One process that may never end, print without end, or leave children: ended all the same."""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Bytes of output that are kept of the beginning, and of the end.
KEPT = 64 << 10


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    returncode: int  #: negative: the signal that ended it
    timed_out: bool
    output: str  #: standard output and error together
    seconds: float  #: by the clock
    processor_seconds: float  #: user and system time, of those children too that it waited for


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    stopped: threading.Event,
) -> Ended:
    """Run a command in a process group of its own, until its end, for `timeout` seconds or until
    `stopped` is set. It reads nothing from standard input. OSError if it cannot be started."""
    start = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        kept = _Kept()
        try:
            timed_out = not _follow(process, kept, start + timeout, stopped)
        finally:
            # What it left running goes, too. Before it is waited for: the group's number is ours
            # for as long.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            usage = _reap(process)
    return Ended(
        returncode=process.returncode,
        timed_out=timed_out,
        output=kept.text(),
        seconds=time.monotonic() - start,
        processor_seconds=usage.ru_utime + usage.ru_stime,
    )


class _Kept:
    """Beginning and end of a text of any length."""

    def __init__(self) -> None:
        self.head = bytearray()
        self.tail = bytearray()
        self.left_out = 0

    def add(self, data: bytes) -> None:
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        if len(self.tail) > 2 * KEPT:
            self.left_out += len(self.tail) - KEPT
            del self.tail[:-KEPT]

    def text(self) -> str:
        between = f"\n... {self.left_out} bytes ...\n" if self.left_out else ""
        head, tail = (bytes(part).decode(errors="replace") for part in (self.head, self.tail))
        return head + between + tail


def _follow(
    process: subprocess.Popen[bytes], kept: _Kept, deadline: float, stopped: threading.Event
) -> bool:
    """Take what it prints until it has ended; False if it was to be stopped before."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    is_open = True
    while time.monotonic() < deadline and not stopped.is_set():
        if is_open and select.select([pipe], [], [], 0.1)[0]:
            data = os.read(pipe, 1 << 16)
            kept.add(data)
            is_open = bool(data)
        # A child that it leaves behind may hold the pipe open, and it may close it and go on.
        elif _has_ended(process):
            return True
        elif not is_open:
            time.sleep(0.01)
    return False


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has, without taking its exit status away from _reap()."""
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, flags) is not None


def _reap(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """Take the exit status, and what the process used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage
