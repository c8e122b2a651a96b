"""Stories inside Blorb files: played like the story alone, and as dfrotz plays the file."""

import os
import shutil
import struct
import subprocess
from importlib import resources
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.agents import FrotzEnv
from tilewright.zmachine import Game

DFROTZ = shutil.which("dfrotz", path=f"{os.environ.get('PATH', '')}:/usr/games")


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">I", len(data)) + data + bytes(len(data) & 1)


def blorb(story: bytes, kind: bytes = b"ZCOD", use: bytes = b"Exec", number: int = 0) -> bytes:
    """A picture of odd length, the story behind it, and the text of an author."""
    picture = chunk(b"PNG ", b"not a picture")
    index = 12 + 8 + 4 + 2 * 12
    entries = struct.pack(">I4sII", 2, b"Pict", 1, index)
    entries += struct.pack(">4sII", use, number, index + len(picture))
    body = chunk(b"RIdx", entries) + picture + chunk(kind, story) + chunk(b"AUTH", b"somebody")
    return b"FORM" + struct.pack(">I", 4 + len(body)) + b"IFRS" + body


def shipped() -> bytes:
    return resources.files("tilewright").joinpath("stories", "darksilicon.z3").read_bytes()


def test_a_story_in_a_blorb_file_plays(device: tw.Device, tmp_path: Path) -> None:
    file = tmp_path / "story.zblorb"
    file.write_bytes(blorb(shipped()))
    lines = ["open locker", "take lamp", "down", "look"]
    with Game(device=device) as alone:
        expected = alone.read() + "".join(alone.send(line) for line in lines)
        state = alone.state()
    for source in (file, file.read_bytes()):
        with Game(source, device) as game:
            assert game.read() + "".join(game.send(line) for line in lines) == expected
            assert game.state() == state
    with FrotzEnv(file) as env:
        assert "Service Port" in env.reset()[0]
    if DFROTZ is None:
        pytest.skip("dfrotz is not installed")
    theirs = subprocess.run(
        [DFROTZ, "-m", "-q", "-w", "80", str(file)],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "".join(theirs.split()) == "".join(expected.split())


def damaged(at: int, value: bytes) -> bytes:
    data = bytearray(blorb(shipped()))
    data[at : at + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (blorb(shipped())[:-1], "the Blorb file is cut off"),
        (blorb(shipped())[:12], "the Blorb file is cut off"),
        (blorb(shipped(), kind=b"GLUL"), "holds a story for Glulx, expected one for the Z-mach"),
        (blorb(shipped(), use=b"Pict"), "the Blorb file holds no story"),
        (blorb(shipped(), number=1), "the Blorb file holds no story"),
        (damaged(12, b"XXXX"), "no whole index"),
        (damaged(20, b"\xff\xff\xff\xff"), "no whole index"),
        (damaged(44, b"\xff\xff\xff\xff"), "damaged: it has no chunk at 4294967295"),
        (damaged(16, b"\x7f\xff\xff\xff"), "b'RIdx' goes beyond its end"),
        (b"FORM\0\0\0\4IFRS", "no whole index"),
        (b"FORM\0\0\0\4IFZS" + bytes(100), "got a saved game"),
        (b"FORM\0\0\0\4AIFF" + bytes(100), "got an IFF file of b'AIFF'"),
        (blorb(b"too short"), "64 bytes of a header, got 9"),
        (blorb(bytes(512 * 1024 + 1)), "longer than 524288 bytes"),
    ],
)
def test_files_without_a_story_are_refused(device: tw.Device, data: bytes, message: str) -> None:
    with pytest.raises(tw.StoryError, match=message):
        Game(data, device)
    assert not device.buffers


def test_a_file_that_never_ends_is_no_story(device: tw.Device) -> None:
    with pytest.raises(tw.StoryError, match="longer than 524288 bytes"):
        Game("/dev/zero", device)
    with pytest.raises(tw.StoryError, match="null byte"):
        Game("a\0b", device)
