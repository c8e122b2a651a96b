#!/usr/bin/env python3
"""Play a story in batches on a chip that is opened once; the state lies in a file between them.

    python zork_persistent.py story.z3 --batches 20 --input "open mailbox" --input "read leaflet"

Whoever calls it again with the same --state file goes on where the last call stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import zork_tt


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("story", type=Path)
    parser.add_argument("--batches", type=int, default=10, metavar="N")
    parser.add_argument("--instructions", type=int, default=1000, metavar="N", help="a batch")
    parser.add_argument("--input", action="append", default=[], metavar="LINE", dest="lines")
    parser.add_argument("--state", type=Path, default=Path("zork.state"), metavar="FILE")
    return parser.parse_args()


def keep(path: Path, state: bytes) -> None:
    """Write a state so that a reader finds the old one or the new one, never a part."""
    new = path.with_suffix(path.suffix + ".new")
    new.write_bytes(state)
    new.replace(path)


def main() -> int:
    options = parse_arguments()
    lines = list(options.lines)
    with zork_tt.init_device() as device:
        zork_tt.load_game(device, options.story)
        if options.state.exists():
            zork_tt.set_state(device, options.state.read_bytes())
        for batch in range(options.batches):
            line = lines.pop(0) if device.waiting and lines else None
            before = device.instructions
            text = zork_tt.execute_batch(device, options.instructions, input=line)
            keep(options.state, zork_tt.get_state(device))
            print(text, end="", flush=True)
            print(
                f"[batch {batch + 1}: {device.instructions - before} instructions, "
                f"{device.instructions} in all, cycle {device.device.cycle}]",
                file=sys.stderr,
            )
            if device.finished or (device.waiting and not lines):
                break
    return 0


if __name__ == "__main__":
    sys.exit(main())
