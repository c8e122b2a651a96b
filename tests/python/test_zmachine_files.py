"""Saved games: Quetzal files, exchanged with an interpreter that we did not write."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tilewright as tw
from tilewright.zmachine import Game, quetzal

DFROTZ = shutil.which("dfrotz", path=f"{os.environ.get('PATH', '')}:/usr/games")
STORIES = Path(tw.__file__).parent / "stories"
OURS = STORIES / "darksilicon.z3"


def story(name: str) -> Path:
    """The story that ships, or one of the folder that $TILEWRIGHT_STORIES names."""
    if name == OURS.name:
        return OURS
    path = Path(os.environ.get("TILEWRIGHT_STORIES", "."), name)
    if not path.exists():
        pytest.skip(f"TILEWRIGHT_STORIES names no folder with {name}")
    return path


def dfrotz(path: Path, folder: Path, lines: list[str]) -> str:
    if DFROTZ is None:
        pytest.skip("dfrotz is not installed")
    result = subprocess.run(
        [DFROTZ, "-m", "-q", "-s", "12", "-w", "80", str(path)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    return "".join(result.stdout.split())


SCRIPTS = [
    (
        "zork1.z3",
        ["open mailbox", "read leaflet", "drop leaflet", "n", "e"],
        ["open window", "in", "look", "inventory"],
    ),
    ("zork2.z3", ["take all", "s", "turn on lamp"], ["look", "inventory", "s"]),
    ("zork3.z3", ["take lamp", "turn it on"], ["s", "look", "inventory"]),
]


@pytest.mark.parametrize(("name", "first", "rest"), SCRIPTS)
def test_dfrotz_goes_on_from_our_file(
    device: tw.Device, tmp_path: Path, name: str, first: list[str], rest: list[str]
) -> None:
    path = story(name)
    with Game(path, device=device, seed=12) as game:
        for line in first:
            game.send(line)
        game.send("save")
        assert game.file_request == "save"
        (tmp_path / "ours.qzl").write_bytes(game.save())
        assert "Ok." in game.read()
        expected = "".join("".join(game.send(line) for line in rest).split())
    text = dfrotz(path, tmp_path, ["restore", "ours.qzl", *rest])
    assert expected in text


@pytest.mark.parametrize(("name", "first", "rest"), SCRIPTS)
def test_we_go_on_from_the_file_of_dfrotz(
    device: tw.Device, tmp_path: Path, name: str, first: list[str], rest: list[str]
) -> None:
    path = story(name)
    text = dfrotz(path, tmp_path, [*first, "save", "theirs.qzl", *rest])
    with Game(path, device=device, seed=12) as game:
        game.load((tmp_path / "theirs.qzl").read_bytes())
        assert "Ok." in game.read()
        assert "".join("".join(game.send(line) for line in rest).split()) in text
        # The story's own restore leads to the same place.
        game.send("restore")
        assert game.file_request == "restore"
        game.load((tmp_path / "theirs.qzl").read_bytes())
        assert "Ok." in game.read()
        assert game.file_request is None
        again = "".join(game.send(line) for line in rest)
        assert "".join(again.split()) in text


def test_saved_in_the_middle_of_calls_comes_back_equal(device: tw.Device) -> None:
    with Game(story("zork1.z3"), device=device) as game:
        for line in ("open mailbox", "take leaflet", "save"):
            game.send(line)
        file = game.save()
        saved = quetzal.decode(file, game.session.story.data, len(game.memory[:0x2E53]))
        assert saved.frames, "the command is executed by routines"
        assert quetzal.encode(saved, game.session.story.data) == file


def test_who_goes_on_without_an_answer_has_declined(device: tw.Device) -> None:
    with Game(story("zork1.z3"), device=device) as game:
        for command in ("save", "restore"):
            game.send(command)
            assert game.file_request == command
            assert "Failed." in game.send("look")
            assert game.file_request is None


def test_save_at_a_prompt_is_refused(device: tw.Device) -> None:
    with Game(device=device) as game:
        game.read()
        with pytest.raises(tw.StoryError, match="does not ask to be saved"):
            game.save()


def test_foreign_and_damaged_files_are_refused_and_nothing_changes(device: tw.Device) -> None:
    with Game(story("zork1.z3"), device=device) as zork, Game(device=device, core=(1, 0)) as ours:
        zork.send("save")
        file = zork.save()
        zork.read()
        ours.read()
        before = ours.state()
        with pytest.raises(tw.StoryError, match="another story"):
            ours.load(file)
        assert ours.state() == before
        before = zork.state()
        for damaged in (b"", file[:-3], b"FORM" + file[4:20], file[:8] + b"XXXX" + file[12:]):
            with pytest.raises(tw.StoryError, match="load"):
                zork.load(damaged)
        assert zork.state() == before


MEMORY = bytes(range(256)) * 8


@given(st.binary(max_size=2048))
def test_compression_gives_back_what_it_was_given(changes: bytes) -> None:
    memory = changes + MEMORY[len(changes) :]
    assert quetzal.decompress(quetzal.compress(memory, MEMORY), MEMORY, len(MEMORY)) == memory


def _any_file() -> bytes:
    header = bytearray(MEMORY)
    saved = quetzal.Saved(
        bytes(header), (1, 2, 3, 4), ((0x100, 0, 0, 0x82), (0x200, 1, 2, 1)), 0x300, 3, 1
    )
    return quetzal.encode(saved, bytes(header))


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), max_size=4))
def test_no_file_does_harm(changes: list[tuple[int, int]]) -> None:
    file = bytearray(_any_file())
    for place, value in changes:
        file[place % len(file)] = value
    try:
        saved = quetzal.decode(bytes(file), MEMORY, len(MEMORY))
    except tw.StoryError:
        return
    assert len(saved.memory) == len(MEMORY)
    assert saved.locals + saved.local_count <= len(saved.stack)
    for pc, begin, count, _ in saved.frames:
        assert pc < len(MEMORY)
        assert begin + count <= len(saved.stack)
