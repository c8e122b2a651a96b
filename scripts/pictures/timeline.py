"""What a timeline file says: who did what from when to when."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple


class Slice(NamedTuple):
    """Something with a name, from one cycle to another; `depth` is how many others it lies in."""

    name: str
    begin: int
    end: int
    depth: int


def read_cores(file: Path) -> dict[str, list[Slice]]:
    """The slices of each core, by "tile (0, 0), core 0", from a trace in Chrome's format."""
    events = json.loads(file.read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    groups: dict[int, str] = {}
    tracks: dict[tuple[int, int], str] = {}
    open_slices: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    cores: dict[str, list[Slice]] = defaultdict(list)
    for event in events:
        track = (event["pid"], event.get("tid", 0))
        if event["ph"] == "M" and event["name"] == "process_name":
            groups[event["pid"]] = event["args"]["name"]
        elif event["ph"] == "M" and event["name"] == "thread_name":
            tracks[track] = f"{groups[event['pid']]}, {event['args']['name']}"
        elif event["ph"] == "B":
            open_slices[track].append((event["name"], _cycle(event)))
        elif event["ph"] == "E":
            name, begin = open_slices[track].pop()
            depth = len(open_slices[track])
            cores[tracks[track]].append(Slice(name, begin, _cycle(event), depth))
    return {
        name: sorted(slices, key=lambda s: (s.begin, s.depth)) for name, slices in cores.items()
    }


def _cycle(event: dict[str, float]) -> int:
    return round(event["ts"] * 1000)  # microseconds of the viewer; a cycle is a nanosecond there
