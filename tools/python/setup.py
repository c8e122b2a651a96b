"""`python setup.py install` and `develop`, as they were once typed: pip does it."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
WAYS = {"install": [str(HERE)], "develop": ["--editable", str(HERE)]}

if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked not in WAYS:
        sys.exit(f"setup.py: expected {' or '.join(WAYS)}, got {asked!r}; see pip install --help")
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *WAYS[asked], *sys.argv[2:]]))
