"""Prints what pyproject.toml asks for, one requirement a line, for `pip install -r`.

Usage: requirements.py [EXTRA...]; always with what building and running need. Installing these
first makes it possible to build without isolation, so that a second build takes seconds.
"""

import sys
import tomllib
from pathlib import Path


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = project["build-system"]["requires"] + project["project"]["dependencies"]
    for extra in sys.argv[1:]:
        wanted += [line for line in extras[extra] if not line.startswith("tilewright[")]
    print("\n".join(sorted(set(wanted))))


if __name__ == "__main__":
    main()
