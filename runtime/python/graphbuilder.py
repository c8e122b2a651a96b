"""A graph of four tasks: examples/graphbuilder.py, where users of the runtime look for it."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[2] / "examples" / "graphbuilder.py"), run_name="__main__")
