"""The script in which all ways of programming meet on one chip."""

import os
import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "one_chip.py"


@pytest.mark.parametrize("story", ["shipped", "zork1"])
def test_one_chip(story: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = []
    if story != "shipped":
        folder = os.environ.get("TILEWRIGHT_STORIES")
        if folder is None:
            pytest.skip("TILEWRIGHT_STORIES names no folder of stories")
        (path,) = Path(folder).glob("zork1*.z3")
        arguments = [str(path)]
    runpy.run_path(str(EXAMPLE))["main"](*arguments)
    printed = capsys.readouterr().out
    assert "the product is 2, the graph makes it 42" in printed
    assert "with all four at work" in printed
    assert "two processes end at cycle" in printed
    assert ("ZORK" in printed) == (story == "zork1")
