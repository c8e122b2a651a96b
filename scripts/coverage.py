"""Prints, folder by folder, how many lines the tests reach, from what gcovr counted.

Usage: coverage.py SUMMARY.json (of `gcovr --json-summary`).
"""

import json
import sys
from collections import defaultdict
from pathlib import Path


def main() -> None:
    lines: dict[str, int] = defaultdict(int)
    reached: dict[str, int] = defaultdict(int)
    for file in json.loads(Path(sys.argv[1]).read_text())["files"]:
        for folder in (str(Path(file["filename"]).parent), "all of it"):
            lines[folder] += file["line_total"]
            reached[folder] += file["line_covered"]
    for folder in [*sorted(lines.keys() - {"all of it"}), "all of it"]:
        share = 100 * reached[folder] / max(lines[folder], 1)
        print(f"{folder:<32} {reached[folder]:6} of {lines[folder]:6} lines {share:6.1f} %")


if __name__ == "__main__":
    main()
