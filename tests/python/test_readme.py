"""README and documentation say what is true: their examples run, their commands exist."""

import re
from pathlib import Path

import pytest

import tilewright as tw

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text()
PAGES = sorted((README.parent / "docs").rglob("*.md"))


def blocks(language: str, text: str = TEXT) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    assert blocks("python")
    assert blocks("cpp")


def test_python_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one folder, with the C++ example saved under the name that the text gives it."""
    monkeypatch.chdir(tmp_path)
    for source in blocks("cpp"):
        name = re.match(r"// (\w+\.cpp)", source)
        assert name, "a C++ example starts with its file name"
        (tmp_path / name[1]).write_text(source)
    for source in blocks("python"):
        exec(compile(source, README.name, "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


# Those in folders, and those with blocks of other languages, are test_tutorials.py's.
WITH_EXAMPLES = [
    page
    for page in PAGES
    if page.parent.name == "docs"
    and blocks("python", page.read_text())
    and not blocks("cpp", page.read_text())
]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_examples_of_the_documentation_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(page.parent.parent)
    names = {"__name__": "__main__"}  # the examples of a page follow one another
    for source in blocks("python", page.read_text()):
        exec(compile(source, page.name, "exec"), names)


def test_cmake_of_the_documentation_is_that_of_the_examples() -> None:
    """Which the package tests build against an installation."""
    built = (README.parent / "examples" / "metalium" / "CMakeLists.txt").read_text()
    shown = [block for page in PAGES for block in blocks("cmake", page.read_text())]
    assert shown
    for line in "".join(shown).splitlines():
        assert line.replace("(app ", "(${name} ") in built


def test_every_error_is_in_the_catalogue() -> None:
    catalogue = (README.parent / "docs" / "errors.md").read_text()
    for name, kind in vars(tw.errors).items():
        if (
            isinstance(kind, type)
            and issubclass(kind, tw.Error)
            and kind not in (tw.Error, tw.RunError)
        ):
            assert f"\n## {name}\n" in catalogue


def test_make_targets_exist() -> None:
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", TEXT):
        assert re.search(rf"^[a-z -]*\b{target}\b[a-z -]*:", makefile, re.MULTILINE), target
