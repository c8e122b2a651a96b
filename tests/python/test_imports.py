"""What may know what: no circle of imports in our Python packages or of includes in the C++
sources, and no private name of one Python module used in another."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import tilewright

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "python"
#: Where compilers look for what is not beside the file that includes it.
INCLUDE_FOLDERS = [
    ROOT / folder
    for folder in (
        "include",
        "include/tt-metalium/compat",
        "src",
        "kernels",
        "kernels/include",
        "kernels/metalium",
    )
]
_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def find_circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Nodes that lead to each other, the first one again at the end; empty if there are none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


def python_modules() -> dict[str, ast.Module]:
    """All modules of our packages by name, the stub of the C++ module among them."""
    modules = {}
    for path in sorted([*PACKAGES.rglob("*.py"), *PACKAGES.rglob("*.pyi")]):
        parts = path.relative_to(PACKAGES).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = ast.parse(path.read_text(), str(path))
    return modules


def imports_of(tree: ast.Module, known: Mapping[str, ast.Module]) -> set[str]:
    """The modules of ours that one names anywhere: at its top, for a type checker only, or in a
    function. That a module runs the `__init__` of the packages around it does not count."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "we import by full names"
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known else base)
    return found & known.keys()


def test_no_circle_of_imports() -> None:
    modules = python_modules()
    assert len(modules) > 100
    graph = {name: imports_of(tree, modules) - {name} for name, tree in modules.items()}
    assert graph["tilewright.queue"] > {"tilewright._core", "tilewright.buffer"}
    assert find_circle(graph) == []


def test_imports_of_types_and_of_functions_count() -> None:
    source = {
        "low": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from high import High",
        "middle": "def f() -> None:\n    import low",
        "high": "from middle import f",
    }
    modules = {name: ast.parse(text) for name, text in source.items()}
    graph = {name: imports_of(tree, modules) for name, tree in modules.items()}
    circle = find_circle(graph)
    assert circle[0] == circle[-1]
    assert set(circle) == source.keys()


def foreign_private_names(tree: ast.Module) -> set[str]:
    """Names with one leading underscore that a module uses and does not define itself."""
    own = {"_core", "_repr_html_"}  # the C++ module; what notebooks call
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.alias) and node.asname:
            own.add(node.asname)
        elif isinstance(node, ast.ImportFrom):
            used |= {alias.name: node.lineno for alias in node.names}
        elif isinstance(node, ast.Attribute):
            of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if of_itself:
                own.add(node.attr)
            else:
                used[node.attr] = node.lineno
    private = {name: line for name, line in used.items() if re.match(r"_[a-z]", name)}
    return {f"{name} in line {line}" for name, line in private.items() if name not in own}


def test_private_names_stay_in_their_modules() -> None:
    assert foreign_private_names(ast.parse("game._memory()")) == {"_memory in line 1"}
    allowed = {
        "tilewright.cli.commands": "argparse._SubParsersAction",
        "tilewright.cli.sweep": "os._exit",
    }
    found = {
        name: names
        for name, tree in python_modules().items()
        if name not in allowed and (names := foreign_private_names(tree))
    }
    assert found == {}


def includes_of(path: Path) -> set[Path]:
    """The files of ours that one includes. Fails for one in quotes that is not there."""
    found = set()
    for quote, name in _INCLUDE.findall(path.read_text()):
        beside = [path.parent] if quote == '"' else []
        places = [folder / name for folder in (*beside, *INCLUDE_FOLDERS)]
        target = next((place for place in places if place.is_file()), None)
        if target is not None:
            found.add(target.resolve())
        assert target is not None or quote == "<", f"{path} includes {name}"
    return found


def test_no_circle_of_includes() -> None:
    files = [
        path.resolve()
        for folder in ("include", "src", "kernels")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".hpp", ".h", ".cpp", ".def")
    ]
    assert len(files) > 300
    graph = {
        str(path.relative_to(ROOT)): {str(p.relative_to(ROOT)) for p in includes_of(path)}
        for path in files
    }
    assert sum(map(len, graph.values())) > 500, "our includes are not found"
    assert find_circle(graph) == []


def test_a_circle_of_includes_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.hpp").write_text('#include "b.hpp"\n')
    (tmp_path / "b.hpp").write_text('#pragma once\n# include "a.hpp"\n#include <vector>\n')
    graph = {
        str(path): {str(target) for target in includes_of(path)}
        for path in (tmp_path / "a.hpp", tmp_path / "b.hpp")
    }
    assert len(find_circle(graph)) == 3


def modules_after(statement: str, *before: str) -> set[str]:
    """What a fresh interpreter has loaded for a statement, without what `before` had loaded."""
    known = "; ".join(f"import {name}" for name in before) or "pass"
    script = f"import sys; {known}; known = set(sys.modules)\n{statement}\n"
    script += "print(*(set(sys.modules) - known))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_importing_tilewright_loads_nothing_but_what_is_used() -> None:
    assert modules_after("import tilewright") & {"numpy", "tilewright._core"} == set()
    seldom = {
        *("argparse", "dask", "json", "matplotlib", "prompt_toolkit", "random", "rich", "tomllib"),
        *("subprocess", "tilewright.annotations", "tilewright.cli", "tilewright.zmachine", "yaml"),
    }
    added = modules_after("import tilewright; tilewright.open", "numpy")
    assert "tilewright.device" in added
    assert added & seldom == set()


@pytest.mark.parametrize("name", ["device", "metalium", "sweep", "zmachine", "agents", "movement"])
def test_each_module_can_be_the_first_one(name: str) -> None:
    assert f"tilewright.{name}" in modules_after(f"import tilewright.{name}")
    assert f"tilewright.{name}" in modules_after(f"from tilewright import {name}")


def test_what_tilewright_offers_is_there_before_it_is_loaded() -> None:
    script = "from tilewright import *; from tilewright.public import __all__ as names; "
    script += "import tilewright; assert {*names} <= {*dir(tilewright), *globals()}; Device.put"
    assert "tilewright.public" in modules_after(script)
    with pytest.raises(AttributeError, match="'tilewright' has no attribute 'opem'"):
        getattr(tilewright, "opem")  # noqa: B009 - mypy knows that it is not there


def test_help_loads_neither_numpy_nor_the_chip() -> None:
    added = modules_after("from tilewright.cli import main; main([])")
    assert "tilewright.cli.run" in added
    assert added & {"numpy", "rich", "shtab", "tilewright._core", "multiprocessing"} == set()
