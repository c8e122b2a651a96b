"""Host programs for TT-Metalium in a folder: found, compiled, run, and judged one by one.

`tilewright metalium check` is the command on it.
"""

from tilewright.programs.build import Compiler, find_compiler
from tilewright.programs.check import check
from tilewright.programs.find import Folder, find_programs
from tilewright.programs.verdict import Verdict

__all__ = ["Compiler", "Folder", "Verdict", "check", "find_compiler", "find_programs"]
