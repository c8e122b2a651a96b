"""Succeeds if the `cmake` on the path is 3.25 or later."""

import re
import shutil
import subprocess
import sys

if shutil.which("cmake") is None:
    sys.exit(1)
text = subprocess.run(["cmake", "--version"], capture_output=True, text=True, check=True).stdout
found = re.search(r"(\d+)\.(\d+)", text)
sys.exit(found is None or tuple(map(int, found.groups())) < (3, 25))
