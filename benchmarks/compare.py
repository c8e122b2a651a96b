"""What a change costs: host instructions of the same work, built from another commit and from here.

    python -m benchmarks.compare BASE            (make bench-compare BASE=main)

BASE is checked out and built under build/compare (minutes, the first time). Each piece of work
(benchmarks/workloads.cpp, and the programs of benchmarks/riscv on the core alone) runs on both
under callgrind: counts of instructions hardly depend on the machine or on what else it does. Exit
code 1 if one took more than 3 per cent more.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interpreter import ISA, PROGRAMS, build, host_instructions, run
from benchmarks.peers.places import BUILD, ROOT
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

WORKLOADS = Path(__file__).parent / "workloads.cpp"
STORY = ROOT / "python/tilewright/stories/darksilicon.z3"


@dataclass(frozen=True)
class Tree:
    """Sources and what was built of them."""

    source: Path
    build: Path

    def compile_workloads(self, folder: Path) -> Path:
        """Ours for both trees: the same work through the library of each."""
        program = folder / f"workloads-{self.source.name}"
        includes = [self.source / "include", self.build / "include", self.source / "kernels"]
        library = self.build / "lib"
        run(
            [
                *(os.environ.get("CXX", "c++"), "-std=c++20", "-O2", str(WORKLOADS)),
                *(f"-I{path}" for path in includes),
                f'-DTILEWRIGHT_STORY="{STORY}"',
                *(f"-L{library}", "-ltilewright", f"-Wl,-rpath,{library}", "-o", str(program)),
            ]
        )
        return program


def checked_out(revision: str) -> Tree:
    """The tree of a commit, built as this one is, without Python and tests."""
    commit = run(
        ["git", "-C", str(ROOT), "rev-parse", "--verify", f"{revision}^{{commit}}"]
    ).strip()
    source = ROOT / "build" / "compare" / commit[:12]
    if not source.exists():
        run(["git", "-C", str(ROOT), "worktree", "prune"])
        run(["git", "-C", str(ROOT), "worktree", "add", "--detach", str(source), commit])
    tree = Tree(source, source / "build" / "release")
    configure = ["cmake", "--preset", "release", "-S", str(source)]
    off = [f"-DTILEWRIGHT_{name}=OFF" for name in ("BUILD_TESTS", "BUILD_PYTHON", "WERROR")]
    subprocess.run(
        [*configure, *off, f"-DPython_EXECUTABLE={sys.executable}"], cwd=source, check=True
    )
    subprocess.run(["cmake", "--build", str(tree.build)], check=True)
    return tree


def works(tree: Tree, folder: Path, programs: dict[str, Path]) -> dict[str, list[str]]:
    """The command of each piece of work."""
    workloads = str(tree.compile_workloads(folder))
    names = run([workloads]).split()
    core = str(tree.build / "bin" / "tilewright-riscv")
    return {name: [workloads, name] for name in names} | {
        f"core: {name}": [core, str(elf), "--isa", ISA] for name, elf in programs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("base", metavar="BASE", help="the commit to compare with")
    parser.add_argument("--limit", type=float, default=3.0, help="per cent, default: 3")
    parser.add_argument("--only", nargs="+", metavar="WORK", help="these pieces of work")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("bench-compare counts with callgrind: install the package valgrind")
    os.environ["TILEWRIGHT_TRANSLATE"] = "off"  # else it depends on what the cache has
    here, base = Tree(ROOT, BUILD), checked_out(arguments.base)
    table = Table("work", "before", "now", "change", title=f"Host instructions, {arguments.base}")
    worst = 0.0
    with (
        tempfile.TemporaryDirectory() as name,
        Progress(console=Console(stderr=True), transient=True) as bar,
    ):
        folder = Path(name)
        compiler = [sys.executable, "-m", "ziglang", "cc"]
        programs = {p: build(compiler, p, folder)[1] for p in PROGRAMS}
        before, now = works(base, folder, programs), works(here, folder, programs)
        names = [n for n in now if not arguments.only or n in arguments.only]
        for work in bar.track(names):
            counts = []
            for command in (before[work], now[work]):
                run(command)  # what is made once and kept is not counted
                counts.append(host_instructions(command, folder))
            change = 100 * (counts[1] / counts[0] - 1)
            worst = max(worst, change)
            style = "red" if change > arguments.limit else ""
            cells = [f"{count / 1e6:,.1f} M" for count in counts]
            table.add_row(work, *cells, f"{change:+.2f} %", style=style)
    Console().print(table)
    if worst > arguments.limit:
        raise SystemExit(f"A piece of work takes {worst:.2f} % more, {arguments.limit:g} allowed.")


if __name__ == "__main__":
    main()
