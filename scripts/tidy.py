#!/usr/bin/env python3
"""Runs clang-tidy over the C++ files that the build compiles, several at a time.

    scripts/tidy.py BUILD                    all of them
    scripts/tidy.py BUILD --since COMMIT     those that changed since, themselves or the header of
                                             the same name

BUILD has a compile_commands.json (`cmake --preset tidy`); CLANG_TIDY names another clang-tidy.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-16")


def compiled(build: Path) -> list[Path]:
    """Our files, each once; the build also compiles those of others."""
    entries = json.loads((build / "compile_commands.json").read_text())
    files = {Path(entry["directory"], entry["file"]).resolve() for entry in entries}
    own = [ROOT / folder for folder in ("src", "tests", "kernels", "benchmarks", "fuzz")]
    return sorted(file for file in files if any(file.is_relative_to(folder) for folder in own))


def changed(commit: str) -> set[tuple[str, str]]:
    """Folder and name without suffix of what changed since a commit."""
    names = subprocess.run(
        ["git", "diff", "--name-only", commit, "--", "*.cpp", "*.hpp", "*.h"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    return {(Path(name).parent.name, Path(name).stem) for name in names}


def check(build: Path, file: Path) -> str:
    """What clang-tidy finds in a file; empty if nothing."""
    done = subprocess.run(
        [TIDY, "-p", str(build), "--quiet", str(file)], capture_output=True, text=True
    )
    return done.stdout if done.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--since", metavar="COMMIT")
    arguments = parser.parse_args()
    files = compiled(arguments.build)
    if arguments.since:
        names = changed(arguments.since)
        files = [file for file in files if (file.parent.name, file.stem) in names]
    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda file: check(arguments.build, file), files)
        for number, (file, text) in enumerate(zip(files, found, strict=True), 1):
            print(f"[{number}/{len(files)}] {file.relative_to(ROOT)}", flush=True)
            if text:
                print(text, flush=True)
                bad += 1
    print(f"clang-tidy: {len(files)} files, {bad} with findings")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
