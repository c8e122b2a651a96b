"""Undo in several levels: what stories of a test do, compared with dfrotz."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.zmachine import Game

#: Walks through levels: each is gone when it has been gone back to; a new one counts from there.
LEVELS = """
Global seen;
[ Show name x; print (char) name, x, " "; ];
[ Keep n x;
    @save_undo x; Show('s', x);
    if (x == 2) print "back to ", n, ", ";
    return x;
];
[ Main i x;
    @restore_undo x; Show('r', x);
    for (i = 1 : i <= 5 : i++) {
        if (Keep(i) == 2) {
            if (i == 3) Keep(30);
            break;
        }
        seen = i;
    }
    print "at ", seen, "^";
    @restore_undo x; Show('r', x);
    print "end^";
    quit;
];
"""

#: Each round changes `room` bytes of memory and keeps that; then all the way back.
BIG = """
Array data -> 30000;
[ Main i x n;
    for (n = 1 : n <= 12 : n++) {
        for (i = 0 : i < 30000 : i = i + 2) data->i = n + i;
        @save_undo x;
        if (x == 2) { print n, ":", data->0, ":", data->29998, " "; @restore_undo x; break; }
    }
    @restore_undo x;
    print "left ", x, "^";
    quit;
];
"""


#: The most that one level can be: nearly all memory changed, deep in calls with all their locals.
DEEP = """
Array data --> 29500;
[ Down depth a b c d e f g h i j k l m x;
    if (depth == 0) {
        @save_undo x; print "s", x, " ";
        if (x == 2) return 7;
        for (a = 0 : a < 29000 : a++) data-->a = 0;
        @restore_undo x;
    }
    b = c + d + e + f + g + h + i + j + k + l + m + x;
    return Down(depth - 1, depth, depth) + a - depth + b - depth;
];
[ Main i;
    for (i = 0 : i < 29000 : i++) data-->i = i + 1;
    i = Down(1500);
    print "back ", i, " ", data-->1, " ", data-->28999, "^";
    quit;
];
"""


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/games")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def compiled(folder: Path, source: str, version: int) -> Path:
    (folder / "story.inf").write_text(source)
    story = folder / f"story.z{version}"
    command = [program("inform"), f"-v{version}", str(folder / "story.inf"), str(story)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert story.exists(), made.stdout
    return story


@pytest.mark.parametrize("version", [5, 8])
def test_levels_are_those_of_frotz(tmp_path: Path, device: tw.Device, version: int) -> None:
    story = compiled(tmp_path, LEVELS, version)
    frotz = subprocess.run(
        [program("dfrotz"), "-m", "-q", "-w", "80", str(story)], capture_output=True, text=True
    )
    with Game(story, device) as game:
        text = game.read()
        assert game.finished
    assert text.split() == frotz.stdout.split()
    assert text.startswith("r0 s1 s1 s1 s1 s1")
    assert "back to 5" in text
    assert "back to 1" in text


def test_the_oldest_levels_go_when_there_is_no_room(tmp_path: Path, device: tw.Device) -> None:
    with Game(compiled(tmp_path, BIG, 5), device) as game:
        text = game.read()
        assert game.finished
    levels = [tuple(int(n) for n in level.split(":")) for level in text.split()[:-2]]
    rounds = [level[0] for level in levels]
    assert rounds == list(range(12, 12 - len(levels), -1))
    assert 3 <= len(levels) < 12
    assert all(first == n and last == (n + 29998) % 256 for n, first, last in levels)
    assert text.endswith("left 0\n")


def test_the_largest_level_fits(tmp_path: Path, device: tw.Device) -> None:
    """Deeper in calls than Frotz can be."""
    with Game(compiled(tmp_path, DEEP, 5), device) as game:
        text = game.read(limit=3_000_000)
        assert game.finished, text
    assert text.startswith("s1 s2 back ")
    assert text.endswith(" 2 29000\n"), "memory is what it was, not the zeros behind save_undo"


def test_levels_are_part_of_the_state(tmp_path: Path, device: tw.Device) -> None:
    # Three levels behind an instruction count: go on from there here, and elsewhere.
    with Game(compiled(tmp_path, LEVELS, 5), device) as game:
        game.step(40)
        state = game.state()
        rest = game.read()
        assert "back to 1" in rest
        with game.fork() as twin:
            twin.restore(state)
            assert twin.state() == state
            assert twin.read() == rest
        game.restore(state)
        assert game.read() == rest
