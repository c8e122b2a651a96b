"""What users of the systems that we stand in for type: each shell block of the page that lists it
is executed, with the paths of this build in the place of those that it would make.

A second build of everything takes too long for a test; what configures or builds anew is done on
the build tree that is there, or left out by name.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tilewright as tw

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "existing-scripts.md"
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
BUILT = ROOT / "build" / "release"
STAGE = "build/src/bindings/python/Release"

#: What of a block is left out or done on what is there, and why.
INSTEAD = (
    # No second build tree.
    (r"mkdir -p build && cd build\ncmake \.\. .*", f"cd {BUILT}"),
    (r"cmake --preset release\n", "cmake --list-presets=configure | grep release\n"),
    (r"cmake --build --preset release", f"cmake --build {BUILT}"),
    # Metadata are made, and the editable install of this environment stays as it is.
    (r"pip install -e \.", "pip install --dry-run --no-deps --no-build-isolation -e ."),
    (r"pytest tests/", "pytest -q -x -p no:cacheprovider tests/ -k one_engine_queue"),
    # The folder that the runtime's own build would make.
    (r"runtime/build/python", STAGE),
)
SKIPPED = {"cmake .. -DBUILD_PYTHON_BINDINGS=ON": "a second build of the whole project"}


def run(script: str) -> str:
    """What it prints, in the root of the project, with this environment's commands."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built() -> None:
    """The packages are staged."""
    if not (BUILT / "build.ninja").exists():
        pytest.skip(f"{BUILT} is no build tree")
    run(f"cmake --build {BUILT} --target python_package")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[-1][:40])
def test_a_block_runs_as_it_stands(block: str, built: None) -> None:
    for line, reason in SKIPPED.items():
        if line in block:
            pytest.skip(f"{line}: {reason}")
    script = block
    for known, instead in INSTEAD:
        script = re.sub(known, instead, script)
    run(script)


def test_results_are_those_that_users_know(built: None) -> None:
    with_stage = f"PYTHONPATH={STAGE} python"
    text = run(f"{with_stage} runtime/python/graphbuilder.py 9")
    assert "✓ SUCCESS: All 16384 elements are correct (42.0)" in text
    assert "145 cycles" in run("python examples/python/address_based_dma_example.py")
    assert "largest difference" in run("python tools/python/examples/neural_network.py 4")


def test_a_module_loaded_by_its_path_is_the_package(built: None) -> None:
    text = run(
        f"""PYTHONPATH={STAGE} python -c "
import importlib.util
for name in ('stillwater_kpu', 'stillwater_toplevel'):
    path = '{STAGE}/' + name + '.so'
    spec = importlib.util.spec_from_file_location(name, path)
    print(importlib.util.module_from_spec(spec).version() if name == 'stillwater_kpu' else name)
" """
    )
    assert text.split() == [tw.__version__, "stillwater_toplevel"]


def test_the_runtime_can_be_configured_by_itself() -> None:
    """Its folder hands everything to the whole project, and says where packages are staged."""
    text = (ROOT / "runtime" / "CMakeLists.txt").read_text()
    assert "add_subdirectory(.. tilewright)" in text
    assert "set(TILEWRIGHT_PYTHON_STAGE ${CMAKE_BINARY_DIR}/python" in text


def test_setup_py_knows_its_two_words() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "python" / "setup.py", "bdist"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == "setup.py: expected install or develop, got 'bdist'; see pip install --help\n"
    )
