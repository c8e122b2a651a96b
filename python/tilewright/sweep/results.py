"""Results that outlive the process: a CSV file to which each is added when it is there, and from
which a sweep goes on where it was interrupted."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from tilewright.errors import ArgumentError, FileError
from tilewright.files import only_writer, write_whole
from tilewright.sweep.points import RESULTS, Failure, Point, Row, name_of, run


class ResultsFile:
    """The results of one sweep in a file, which is made if it is not there.

    ArgumentError if the file is of another sweep, FileError if it cannot be read. A line that a
    killed process left unfinished is dropped, and its point runs again.
    """

    def __init__(self, path: str | os.PathLike[str], points: Sequence[Point]) -> None:
        self._path = Path(path)
        self._points = list(points)
        self._columns = [*name_of(points[0]), *RESULTS] if points else [*RESULTS]
        self._done: dict[tuple[str, ...], Row] = {}
        self._read()

    def done(self) -> list[Row]:
        """The results of points that are done, in the order of the points."""
        keys = map(_key_of_point, self._points)
        return [self._done[key] for key in keys if key in self._done]

    def todo(self) -> list[Point]:
        """The points that are not."""
        return [p for p in self._points if _key_of_point(p) not in self._done]

    def run(
        self, executor: Executor | None = None, failures: list[Failure] | None = None
    ) -> Iterator[Row]:
        """Run what is left, as `sweep.run` does; each result is in the file before it is here.
        BusyError if another sweep writes to the file, FileError if it cannot be written."""
        with only_writer(self._path):
            self._read()  # what another sweep has added since
            self._write_all()
            for row in run(self.todo(), executor, failures):
                self._append(row)
                yield row

    def __repr__(self) -> str:
        return f"<ResultsFile {self._path}: {len(self.done())} of {len(self._points)} points>"

    def _read(self) -> None:
        try:
            with self._path.open(newline="", encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileError(f"{self._path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ArgumentError(f"{self._path}: expected CSV in UTF-8: {error}") from error
        lines = text[: text.rfind("\n") + 1]  # a killed process may have left half a line
        reader = csv.DictReader(io.StringIO(lines, newline=""))
        if text and list(reader.fieldnames or ()) != self._columns:
            raise ArgumentError(
                f"{self._path}: not the results of this sweep: its columns are others"
            )
        for row in reader:
            if None not in row and None not in row.values():
                self._done[_key_of(row)] = dict(row)

    def _write_all(self) -> None:
        """All of the file at once: a reader sees the old one or the new one."""
        lines = io.StringIO(newline="")
        writer = csv.DictWriter(lines, self._columns)
        writer.writeheader()
        writer.writerows(self._done.values())
        write_whole(self._path, lines.getvalue().encode())

    def _append(self, row: Row) -> None:
        line = io.StringIO(newline="")
        csv.DictWriter(line, self._columns).writerow(row)
        try:
            with self._path.open("ab", buffering=0) as file:  # one write: whole, or not at all
                file.write(line.getvalue().encode())
        except OSError as error:
            raise FileError(f"{self._path}: {error.strerror}") from error
        self._done[_key_of(row)] = row


def _key_of(row: Row) -> tuple[str, ...]:
    """What tells a row of a sweep from the others; a layer may be another one under its name."""
    named = [str(value) for name, value in row.items() if name not in RESULTS]
    return (*named, *(str(row[name]) for name in "mnk"))


def _key_of_point(point: Point) -> tuple[str, ...]:
    return _key_of({**name_of(point), **dict(zip("mnk", point.layer.shape, strict=True))})
