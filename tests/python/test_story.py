"""The story that ships: it is what its source compiles to, and its walkthrough wins it."""

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.zmachine import Game

GAMES = Path(__file__).parents[2] / "games"
STORIES = Path(tw.__file__).parent / "stories"
INFORM = shutil.which("inform") or shutil.which("inform6")


def shipped() -> bytes:
    """The compiled story in the package."""
    return resources.files("tilewright").joinpath("stories", "darksilicon.z3").read_bytes()


def walkthrough() -> list[str]:
    """The commands that win it."""
    return (STORIES / "darksilicon.walkthrough").read_text().splitlines()


@pytest.mark.skipif(INFORM is None, reason="the Inform 6 compiler is not installed")
def test_shipped_story_is_what_the_source_compiles_to(tmp_path: Path) -> None:
    assert INFORM is not None
    target = tmp_path / "darksilicon.z3"
    result = subprocess.run(
        [INFORM, "-v3", str(GAMES / "darksilicon.inf"), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert target.exists(), result.stdout
    assert "Warning" not in result.stdout
    compiled = target.read_bytes()
    release = slice(0x3C, 0x40)  # where the compiler names itself
    if compiled[release] != shipped()[release]:
        pytest.skip(f"the story was compiled by Inform {shipped()[release].decode()}")
    assert compiled == shipped()


def test_walkthrough_wins_with_all_points(device: tw.Device) -> None:
    with Game(device=device) as game:
        game.read()
        answers = [game.send(command) for command in walkthrough()]
        assert game.finished
    assert "*** The core is awake ***" in answers[-1]
    assert "You have scored 50 of 50 points" in answers[-1]


def test_it_is_a_game(device: tw.Device) -> None:
    """At least 8 rooms, things to carry, and a win that is not to be had without the puzzle."""
    commands = walkthrough()
    with Game(device=device) as game:
        text = game.read() + "".join(game.send(command) for command in commands)
    assert len(ROOMS.intersection(line.lstrip(">") for line in text.splitlines())) >= 8
    for left_out in ("take moth", "charge lamp", "take strobe", "take header"):
        with Game(device=device) as game:
            game.read()
            for command in commands:
                if command != left_out:
                    game.send(command)
            assert not game.finished, f"won without {left_out}"


ROOMS = {
    "Service Port",
    "Router (0, 0)",
    "Router (1, 0)",
    "Router (2, 0)",
    "Router (0, 1)",
    "Router (1, 1)",
    "Router (2, 1)",
    "Power Pad",
    "Packet Office",
    "Clock Tower",
    "DRAM Vault",
    "Tile (1, 1)",
    "L1 Library",
}
