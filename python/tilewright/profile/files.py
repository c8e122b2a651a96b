"""A profile as files of other tools."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilewright.errors import ArgumentError

if TYPE_CHECKING:
    from tilewright.profile.rows import Costs, LineProfile

#: Of the lines as data (`*.json`).
SCHEMA = "tilewright.profile/1"


def save(profile: Costs, file: str) -> None:
    """By the name of the file: see `Profile.save`."""
    name = os.path.basename(file)
    if name.endswith(".speedscope.json"):
        content = speedscope(profile, name)
    elif name.endswith(".json"):
        content = lines_as_json(profile)
    elif name.endswith(".folded"):
        content = folded(profile)
    elif name.startswith("callgrind"):
        content = callgrind(profile)
    else:
        raise ArgumentError(
            f"profile: {name!r} is no kind of file that is known; expected *.speedscope.json, "
            "*.json, *.folded or callgrind*"
        )
    Path(file).write_text(content)


def _stack(line: LineProfile) -> list[str]:
    return [line.kernel, line.function or "?", line.place]


def speedscope(profile: Costs, name: str) -> str:
    """Speedscope's own format (https://www.speedscope.app/file-format-schema.json): a sample for
    each line, which weighs its cycles."""
    frames: dict[tuple[str, str, int], int] = {}
    samples, weights = [], []
    for line in profile.lines:
        if line.cycles == 0:
            continue
        stack = [(line.kernel, "", 0), (line.function or "?", line.file, 0)]
        stack.append((line.place, line.file, line.line))
        samples.append([frames.setdefault(frame, len(frames)) for frame in stack])
        weights.append(line.cycles)
    described: list[dict[str, Any]] = []
    for frame_name, file, number in frames:
        described.append({"name": frame_name})
        if file:
            described[-1]["file"] = file
        if number:
            described[-1]["line"] = number
    data = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": name,
        "exporter": "tilewright",
        "shared": {"frames": described},
        "profiles": [
            {
                "type": "sampled",
                "name": "cycles",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        ],
    }
    return json.dumps(data) + "\n"


def folded(profile: Costs) -> str:
    """Lines "kernel;function;place cycles", as flamegraph.pl and inferno read them."""
    rows = [f"{';'.join(_stack(line))} {line.cycles}" for line in profile.lines if line.cycles]
    return "\n".join(rows) + "\n"


def lines_as_json(profile: Costs) -> str:
    """All that `Profile.table` has."""
    return json.dumps({"schema": SCHEMA, "lines": profile.table()}, indent=1) + "\n"


def callgrind(profile: Costs) -> str:
    """Callgrind's format: cycles, instructions, and a column for each reason that occurs."""
    reasons = sorted({reason for line in profile.lines for reason in line.lost})
    events = ["Cycles", "Instructions", *(f"Lost_{r.replace(' ', '_')}" for r in reasons), "Waited"]
    out = ["# callgrind format", "version: 1", "creator: tilewright", "positions: line"]
    out += [f"events: {' '.join(events)}", ""]
    functions: dict[tuple[str, str], list[LineProfile]] = defaultdict(list)
    for line in profile.lines:
        functions[line.kernel, line.function or "?"].append(line)
    for (kernel, function), lines in functions.items():
        # What a function has from another file (inlined code) is said where it comes.
        home = max(lines, key=lambda line: line.cycles).file or "?"
        out += [f"ob={kernel}", f"fl={home}", f"fn={function}"]
        for line in sorted(lines, key=lambda line: (line.file != home, line.file, line.line)):
            out.append(f"fi={line.file or '?'}" if line.file != home else f"fe={home}")
            costs = [line.cycles, line.instructions, *(line.lost.get(r, 0) for r in reasons)]
            costs.append(sum(line.waited.values()))
            out.append(f"{line.line} {' '.join(map(str, costs))}")
        out.append("")
    return "\n".join(out)
