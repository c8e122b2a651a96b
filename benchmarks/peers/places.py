"""Where things are: the peers' own environment (`make bench` fills build/peers), the build tree."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "release"


@cache
def peers_python(module: str) -> Path | None:
    """The Python that has this module of a peer; None if it is not installed."""
    python = ROOT / "build" / "peers" / "bin" / "python"
    if not python.exists():
        return None
    found = subprocess.run([python, "-c", f"import {module}"], capture_output=True)
    return python if found.returncode == 0 else None
