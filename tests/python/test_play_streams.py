"""Transcripts and command files of `tilewright play`: the files that dfrotz writes and reads."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tilewright.cli import main

DFROTZ = shutil.which("dfrotz", path=f"{os.environ.get('PATH', '')}:/usr/games")


def zork() -> Path:
    path = Path(os.environ.get("TILEWRIGHT_STORIES", "."), "zork1.z3")
    if not path.exists():
        pytest.skip("TILEWRIGHT_STORIES names no folder with zork1.z3")
    return path


def compiled(folder: Path, source: str, version: int) -> Path:
    inform = shutil.which("inform")
    if inform is None:
        pytest.skip("inform is not installed")
    (folder / "story.inf").write_text(source)
    story = folder / f"story.z{version}"
    command = [inform, f"-v{version}", str(folder / "story.inf"), str(story)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert story.exists(), made.stdout
    return story


class Both:
    """The same lines for dfrotz and for us, each in a folder of its own."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.theirs, self.ours = folder / "theirs", folder / "ours"
        self.theirs.mkdir()
        self.ours.mkdir()
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def play(self, story: Path, lines: list[str]) -> tuple[str, str]:
        """Our text, and theirs. A line "MORE" is for dfrotz alone, which asks for that once."""
        if DFROTZ is None:
            pytest.skip("dfrotz is not installed")
        typed = "".join(f"{line}\n" for line in lines if line != "MORE")
        self._monkeypatch.chdir(self.ours)
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert main(["play", "--seed", "12", str(story)]) == 0
        ours = self._capsys.readouterr().out
        theirs = subprocess.run(
            [DFROTZ, "-m", "-q", "-s", "12", "-w", "80", str(story)],
            input="".join(f"{line}\n" for line in lines).replace("MORE", "n").encode(),
            capture_output=True,
            cwd=self.theirs,
        ).stdout.decode()
        return ours, theirs

    def read(self, name: str) -> tuple[str, str]:
        return (self.ours / name).read_text(), (self.theirs / name).read_text()


@pytest.fixture
def both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Both:
    return Both(tmp_path, monkeypatch, capsys)


def test_transcript_is_that_of_dfrotz(both: Both) -> None:
    first = ["look", "script", "told", "open mailbox", "read leaflet", "unscript"]
    again = ["n", "e", "script", "look", "wait for a very long time " * 3, "open window", "quit"]
    both.play(zork(), [*first, *again, "y"])
    ours, theirs = both.read("told")
    assert "West of House" not in ours
    assert ">open mailbox\nOpening the small mailbox" in ours
    assert ours == theirs
    # Another session goes on behind it; the name is the one that is offered.
    for name in ("told", ""):
        both.play(zork(), ["script", name, "look", "quit", "y"])
    assert both.read("told")[0] == both.read("told")[1]
    assert len(both.read("told")[0]) > len(ours)
    assert both.read("zork1.scr")[0] == both.read("zork1.scr")[1]


def test_a_transcript_goes_on_over_a_restored_state(both: Both) -> None:
    lines = ["/save state", "script", "told", "n", "/restore state", "look", "restart", "y", "wait"]
    both.play(zork(), [*lines, "unscript", "look"])
    ours = (both.ours / "told").read_text()
    assert ">look\nWest of House" in ours
    assert ">wait\nTime passes..." in ours
    assert ours.rstrip().endswith("Release 119 / Serial number 880429")


def test_a_transcript_that_cannot_be_written_is_asked_for_again(both: Both) -> None:
    lines = ["script", "/nonexistent/file", "look", "unscript", "script", "told", "look"]
    ours, theirs = both.play(zork(), [*lines, "quit", "y"])
    assert "[/nonexistent/file: No such file or directory]\n" in ours
    assert "Cannot open file" in theirs
    assert both.read("told")[0] == both.read("told")[1]


def test_command_files_are_those_of_dfrotz(both: Both) -> None:
    lines = ["look", "#record", "way", "open mailbox", "say [hello]", "n", "#unrecord", "e"]
    both.play(zork(), lines)
    ours, theirs = both.read("way")
    assert ours == theirs == "open mailbox\nsay [91]hello]\nn\n#unrecord\n"


def test_commands_are_read_from_a_file(both: Both) -> None:
    for folder in (both.ours, both.theirs):
        (folder / "way").write_text("open mailbox\ntake leaflet\nscript\nn\n")
    lines = ["look", "#command", "way", "MORE", "told", "read leaflet", "quit", "y"]
    ours, _ = both.play(zork(), lines)
    assert ">open mailbox\nOpening the small mailbox" in ours
    assert "North of House" in ours
    assert "WELCOME TO ZORK" in ours.replace("\n", " ")
    ours, theirs = both.read("told")
    assert ">n\nNorth of House" in ours
    assert ours == theirs
    ours, theirs = both.play(zork(), ["#command", "nothing", "look"])
    assert "[nothing: No such file or directory]\n" in ours
    assert ours.count("West of House") == theirs.count("West of House") == 2


KEYS = """
Array buffer -> 63;
[ Main i k;
    print "Keys:";
    @output_stream 4;
    for (i = 0 : i < 4 : i++) { @read_char 1 -> k; print " ", k; }
    buffer->0 = 60; buffer->1 = 0;
    print "^>"; read buffer 0;
    @output_stream -4;
    print "Screen off, a transcript only.^";
    @output_stream 2;
    @output_stream -1;
    print "A line that is for the transcript only, and so long that it has to be broken into
        two, between-words-or-behind-hyphens-whatever-comes-first, as it is with other text.^";
    @output_stream 1;
    @output_stream -2;
    print "End.^";
    quit;
];
"""


def test_later_stories_have_keys_and_text_for_the_transcript_only(
    both: Both, tmp_path: Path
) -> None:
    story = compiled(tmp_path, KEYS, 5)
    lines = ["rec", "a", "[", "", "\u00e4", "caf\u00e9 [x]", "scr"]
    ours, _ = both.play(story, lines)
    assert "Keys: 97 91 13 155" in ours
    assert "for the transcript only" not in ours
    assert (both.ours / "rec").read_text() == "a\n[91]\n\n[155]\ncaf[170] [91]x]\n"
    ours, theirs = both.read("scr")
    assert ours.count("\n") == 3
    assert ours == theirs
