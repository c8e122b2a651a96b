"""The check of the site's links finds what leads nowhere, and nothing else."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_links.py"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True
    )


def test_good_links_are_good(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "c.html").write_text('<p id="x">x</p> <a href="../index.html#y">y</a>')
    (tmp_path / "index.html").write_text(
        '<a name="y" href="a%20b/c.html#x">x</a> <a href="#y"></a> <a href="#"></a>'
        '<img src="p.svg"> <a href="https://elsewhere.example/#z">z</a>'
    )
    (tmp_path / "p.svg").write_text("<svg/>")
    done = check(tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_bad_links_are_told(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<a href="gone.html">1</a> <a href="#nowhere">2</a> <img src="gone.svg">'
    )
    done = check(tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "index.html: #nowhere has no such anchor",
        "index.html: gone.html is not there",
        "index.html: gone.svg is not there",
    ]


def test_a_site_without_a_page_is_none(tmp_path: Path) -> None:
    assert check(tmp_path).returncode == 1
