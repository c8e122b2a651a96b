"""The pictures in the documents are those of today's chip: drawn again, they are the same."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
DRAWN_BY_HAND = {"house.svg"}


def test_pictures_are_what_runs_give(documented_compiler: bool, tmp_path: Path) -> None:
    """All but the gallery, whose examples have tests of their own."""
    if not documented_compiler:
        pytest.skip("the pictures are of kernels that another compiler made")
    command = [sys.executable, "-m", "scripts.pictures", "--no-gallery", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    drawn = {file.name for file in tmp_path.iterdir()}
    assert drawn | DRAWN_BY_HAND == {file.name for file in PICTURES.glob("*.svg")}
    for name in sorted(drawn):
        same = (tmp_path / name).read_text() == (PICTURES / name).read_text()
        assert same, f"docs/pictures/{name} is of another chip; draw it again with: make pictures"


def test_pictures_are_small_and_used() -> None:
    pages = "".join(page.read_text() for page in ROOT.glob("docs/**/*.md"))
    for picture in PICTURES.rglob("*.svg"):
        assert picture.stat().st_size < 64 << 10
        assert f"pictures/{picture.relative_to(PICTURES)}" in pages
