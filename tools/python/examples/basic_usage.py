"""Products on the simulator: examples/kpu_matmul.py, where users of KPU simulators look for it."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[3] / "examples" / "kpu_matmul.py"), run_name="__main__")
