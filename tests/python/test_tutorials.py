"""Tutorials and recipes from an empty folder: every block runs, and prints what stands below it.

A block whose first line is a comment with a file name is saved under that name. Python is executed
with the names of the blocks before it, sh is run by bash; a block of `text` is what the block
before it printed, with ... for anything. With TILEWRIGHT_ACCEPT set, what is printed is written
into the page instead (`make accept-tutorials`). With another compiler than the documents' numbers
are not compared.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Pages with such blocks; those with Python alone are `test_readme.py`'s if they are in no folder.
TO_FOLLOW = re.compile(r"^```(?:cpp|sh)$", re.MULTILINE)
PAGES = sorted(
    page
    for page in DOCS.rglob("*.md")
    if TO_FOLLOW.search(page.read_text())
    or (page.parent != DOCS and "\n```python\n" in page.read_text())
)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"(?://|#) ([\w.]+\.\w+)\n")
SHOWN_ONLY = {"console", "py"}
SAME = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
ACCEPT = "TILEWRIGHT_ACCEPT" in os.environ


@dataclass(frozen=True)
class Block:
    """What stands in a fence, and where in the page."""

    language: str
    text: str
    begin: int
    end: int


def blocks_of(page: str) -> list[Block]:
    """All of them, in their order; directives of the site are none."""
    return [Block(m[1], m[2], m.start(2), m.end(2)) for m in FENCED.finditer(page)]


def run_shell(script: str, folder: Path) -> str:
    """What a script prints, with the commands of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def follow(page: str, name: str, folder: Path) -> list[tuple[Block, str]]:
    """Does what the page says; each block of expected text with what was printed."""
    names: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    results = []
    for block in blocks_of(page):
        file = FILE_NAME.match(block.text)
        if block.language == "text":
            results.append((block, printed))
        elif block.language in SHOWN_ONLY:
            continue
        elif file:
            (folder / file[1]).write_text(block.text)
        elif block.language == "python":
            lines = "\n" * page.count("\n", 0, block.begin)  # so that errors have the page's lines
            output = io.StringIO()
            with redirect_stdout(output):
                exec(compile(lines + block.text, name, "exec"), names)
            printed = output.getvalue()
        elif block.language == "sh":
            printed = run_shell(block.text, folder)
        else:
            raise AssertionError(f"{name}: nobody runs a block of {block.language!r}")
    return results


def is_same(said: str, printed: str, with_numbers: bool) -> bool:
    """Whether a page says what was printed."""
    if not with_numbers:
        said, printed = (re.sub(r"\d[\d,.]*", "0", text) for text in (said, printed))
    return doctest.OutputChecker().check_output(said, printed, SAME)


def accept(page: Path, results: list[tuple[Block, str]]) -> None:
    """Write what was printed into the page, where it differs."""
    text = page.read_text()
    for block, printed in reversed(results):
        if not is_same(block.text, printed, with_numbers=True):
            lines = "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
            text = text[: block.begin] + lines + text[block.end :]
    page.write_text(text)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_page_can_be_followed(
    page: Path, documented_compiler: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = follow(page.read_text(), str(page.relative_to(ROOT)), tmp_path)
    if ACCEPT:
        accept(page, results)
        return
    for block, printed in results:
        if not is_same(block.text, printed, documented_compiler):
            line = page.read_text().count("\n", 0, block.begin)
            pytest.fail(f"{page.name}:{line} says\n{block.text}\nbut it printed\n{printed}")


def test_a_page_that_says_otherwise_is_noticed(tmp_path: Path) -> None:
    page = "```python\nprint(6 * 7)\n```\n\n```text\n41\n```\n"
    ((block, printed),) = follow(page, "page", tmp_path)
    assert (block.text, printed) == ("41\n", "42\n")
    assert not is_same(block.text, printed, with_numbers=True)
    assert is_same(block.text, printed, with_numbers=False)
    assert not is_same("x 41", printed, with_numbers=False)
    with pytest.raises(AssertionError, match="nobody runs"):
        follow("```perl\nprint 1\n```\n", "page", tmp_path)


def test_files_that_pages_name_exist() -> None:
    """Such as `src/chip/parts.hpp`, and but for patterns and logs."""
    top = "|".join(sorted(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir()))
    for page in DOCS.rglob("*.md"):
        for name in re.findall(rf"`((?:{top})/[\w./-]+)`", page.read_text()):
            if "build/" not in name and "/x/" not in name and not name.endswith(".log"):
                places = (ROOT, ROOT / "src", ROOT / "include" / "tilewright")  # or a layer's
                found = any((place / name).exists() for place in places)
                assert found, f"{page.relative_to(ROOT)}: {name}"


def test_tests_that_pages_name_exist() -> None:
    """Such as `Polling.ParkedAndSpinningAreEqual`, `Contracts.Stop...` and `Engines.*`."""
    sources = "".join(file.read_text() for file in (ROOT / "tests" / "cpp").rglob("*.cpp"))
    suites: dict[str, list[str]] = {}
    for suite, test in re.findall(r"^TEST(?:_P|_F)?\((\w+),\s*(\w+)\)", sources, re.MULTILINE):
        suites.setdefault(suite, []).append(test)
    named = re.compile(r"`([A-Z]\w+)\.(\w+\.\.\.|\w*\*|\w+)`")
    count = 0
    for page in DOCS.rglob("*.md"):
        for suite, test in named.findall(page.read_text()):
            if suite not in suites:  # a name of Python, or a file
                continue
            count += 1
            begin = test.rstrip(".*")
            found = [name for name in suites[suite] if name.startswith(begin)]
            whole = test == begin
            assert begin in found if whole else found, f"{page.name}: {suite}.{test}"
    assert count > 50
