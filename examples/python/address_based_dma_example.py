"""A transfer by addresses: examples/kpu_dma.py, where users of KPU simulators look for it."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[2] / "examples" / "kpu_dma.py"), run_name="__main__")
