"""`tilewright play`: plain text from a pipe, and a terminal with status line, files and monitor."""

import io
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pytest
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

import tilewright as tw
from tilewright.cli import main
from tilewright.play.monitor import Monitor
from tilewright.play.screen import Screen
from tilewright.play.session import Session
from tilewright.play.status import StatusLine
from tilewright.zmachine import Event, EventKind, Game

WHERE_IS_THE_CURSOR = "\x1b[6n"
LINES = ["open locker", "take lamp", "down"]


@pytest.fixture
def game(device: tw.Device) -> Iterator[Game]:
    with Game(device=device) as opened:
        yield opened


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def expected(*lines: str) -> str:
    with Game() as game:
        return game.read() + "".join(game.send(line) for line in lines)


# --- From a pipe ----------------------------------------------------------------------------------


def test_plain_text_is_that_of_the_game(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    type_in(monkeypatch, *LINES)
    transcript = tmp_path / "transcript"
    assert main(["play", "--seed", "1", "--transcript", str(transcript)]) == 0
    output = capsys.readouterr()
    assert output.out == expected(*LINES) + "\n"
    assert "Z-instructions" in output.err
    written = transcript.read_text()
    for line in LINES:
        assert f">{line}\n" in written
        written = written.replace(f">{line}\n", ">")
    assert written + "\n" == output.out


def test_batches_are_shown_and_change_no_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "look", "/save")
    assert main(["play", "--batch", "50"]) == 0
    output = capsys.readouterr()
    assert output.out == expected("look") + "[/save: expected the name of a file]\n\n"
    batches = [line for line in output.err.splitlines() if line.startswith("[batch")]
    assert batches[0].startswith("[batch 1: 50 Z-instructions, ")
    assert batches[1].startswith("[batch 2: 50 Z-instructions, ")
    assert batches[2].startswith("[batch 3: 8 Z-instructions, ")
    assert len(batches) > 4
    assert not any(" 0 Z-instructions" in line for line in batches)


def saving_story() -> bytes:
    """Reads a line, counts and prints how many it has read, asks for a save and for a restore."""
    story = bytearray(0x600)
    story[0] = 3
    for at, value in ((4, 0x400), (6, 0x500), (8, 0x400), (10, 0x220), (12, 0x40), (14, 0x400)):
        story[at : at + 2] = value.to_bytes(2, "big")
    story[0x1A:0x1C] = (len(story) // 2).to_bytes(2, "big")
    story[0x300], story[0x340] = 20, 5
    # sread 0x300 0x340; inc g00; print_num g00; new_line; save; restore; jump to the beginning
    code = bytes.fromhex("e40f03000340 9510 e6bf10 bb b5c2 b6c2 8cffef")
    story[0x500 : 0x500 + len(code)] = code
    story[0x1C:0x1E] = (sum(story[64:]) & 0xFFFF).to_bytes(2, "big")
    return bytes(story)


def test_files_that_the_story_asks_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("counting.z3").write_bytes(saving_story())
    Path("picture").write_bytes(b"FORMpicture")
    first = ["x", "one.qzl", "missing.qzl"]
    second = ["x", "", "picture"]
    third = ["x", "/nonexistent/file", "one.qzl", "missing.qzl", "x"]
    type_in(monkeypatch, *first, *second, *third)
    assert main(["play", "counting.z3"]) == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if line.isdecimal()] == ["1", "2", "3", "2"]
    assert text.count("[missing.qzl: No such file or directory]") == 2
    assert "[/nonexistent/file: No such file or directory]" in text
    assert "[picture: " in text
    assert "Name of the file to save [counting.qzl]: " in text
    for name in ("one.qzl", "counting.qzl"):
        assert Path(name).read_bytes().startswith(b"FORM")


def zork() -> Path:
    path = Path(os.environ.get("TILEWRIGHT_STORIES", "."), "zork1.z3")
    if not path.exists():
        pytest.skip("TILEWRIGHT_STORIES names no folder with zork1.z3")
    return path


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("/nonexistent/file", ["No such file or directory"]),
        ("/dev/full", ["No space left on device", "at most 16777216 bytes"]),
        (".", ["Is a directory"]),
        ("a\0b", ["a character 0"]),
        ("~nobody-of-this-name/x", ["home directory"]),
    ],
)
def test_the_game_knows_that_a_save_failed(
    name: str,
    messages: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    type_in(monkeypatch, "save", name, "restore", name, "save", "good", f"/save {name}", "look")
    assert main(["play", str(zork())]) == 0
    text = capsys.readouterr().out
    assert text.count("Failed.") == 2
    assert text.count("Ok.") == 1
    assert text.index("Ok.") > text.rindex("Failed.")
    assert sum(text.count(message) for message in messages) == 3
    assert text.count("West of House") == 2


def test_text_comes_as_the_story_prints_it(tmp_path: Path) -> None:
    """A story that goes round for ever: its text is there while it runs, and Ctrl-C ends it."""
    # print "x"; jump back
    story = bytearray(saving_story())
    story[0x500:0x507] = bytes.fromhex("e57f78 8cfffc 00")
    story[0x1C:0x1E] = (sum(story[64:]) & 0xFFFF).to_bytes(2, "big")
    (tmp_path / "endless.z3").write_bytes(story)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-m", "tilewright", "play", str(tmp_path / "endless.z3")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            for _ in range(3):
                assert process.stdout.read(100_000) == b"x" * 100_000
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            assert process.wait(20) in (130, -signal.SIGINT)
        finally:
            process.kill()


def test_save_and_restore_of_any_story(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "here"
    type_in(monkeypatch, "open locker", f"/save {file}", "/save")
    assert main(["play"]) == 0
    text = capsys.readouterr().out
    assert f"[saved: {file}]" in text
    assert "[/save: expected the name of a file]" in text
    (tmp_path / "damaged").write_bytes(file.read_bytes()[:-1])
    damaged, missing = f"/restore {tmp_path}/damaged", f"/restore {tmp_path}/missing"
    type_in(monkeypatch, damaged, missing, f"/restore {file}", "take lamp")
    assert main(["play"]) == 0
    text = capsys.readouterr().out
    assert f"[{tmp_path}/damaged: restore: the state is damaged" in text
    assert f"[{tmp_path}/missing: No such file or directory]" in text
    assert "Taken" in text, "the locker was open when the game was saved"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--monitor"], "--monitor: expected a terminal"),
        (["--transcript", "/nonexistent/file"], "/nonexistent/file: No such file"),
        (["nothing.z3"], "nothing.z3"),
    ],
)
def test_what_cannot_be(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    type_in(monkeypatch)
    assert main(["play", *arguments]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("size", ["0", "-1", "many", str(1 << 32)])
def test_batch_size_is_checked(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["play", f"--batch={size}"])
    assert "expected a number of instructions" in capsys.readouterr().err


def shown_by(status: StatusLine, columns: int) -> str:
    return "\n".join(line.plain for line in status.lines(columns))


# --- On a terminal --------------------------------------------------------------------------------


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as source:
        yield source


def play_on(keyboard: PipeInput, game: Game, keys: str, monitor: bool = False) -> str:
    """What is printed above the prompts while `keys` are typed, then Ctrl-D."""
    keyboard.send_text(keys + "\x04")
    console = Console(file=io.StringIO(), width=80)
    session = Session(game, None, None, "game")
    Screen(session, False, monitor, console, keyboard, DummyOutput()).play()
    session.streams.close()
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_line_editing(keyboard: PipeInput, game: Game) -> None:
    text = play_on(keyboard, game, "pen locker\x01o\rlok\x1b[Do\r")
    assert "You open the steel locker" in text
    assert text.count("Service Port") == 2, "at first, and with `look`"
    assert game.moves == 2


@pytest.mark.parametrize("monitor", [False, True])
def test_a_story_asks_for_files(
    keyboard: PipeInput, device: tw.Device, tmp_path: Path, monitor: bool
) -> None:
    (tmp_path / "way").write_text("open mailbox\nn\n")
    with Game(zork(), device) as game:
        keys = f"script\r{tmp_path}/told\r#command\r{tmp_path}/way\rlook\runscript\r"
        text = play_on(keyboard, game, keys, monitor)
    assert ">open mailbox\n" in text
    assert "reveals a leaflet" in text
    told = (tmp_path / "told").read_text()
    assert told.startswith("Here begins a transcript")
    assert ">open mailbox\nOpening the small mailbox" in told
    assert told.count("North of House") == 2


def test_restore_shows_where_we_are(keyboard: PipeInput, game: Game, tmp_path: Path) -> None:
    game.read()
    status = StatusLine(game)
    status.follow(game.events)
    shown, state = shown_by(status, 60), game.state()
    game.send("down")
    status.follow(game.events)
    assert shown_by(status, 60) != shown
    game.restore(state)
    status.recall()
    assert shown_by(status, 60) == shown
    file = tmp_path / "here"
    text = play_on(keyboard, game, f"/save {file}\rdown\r/restore {file}\rlook\r")
    assert f"[restored: {file}]" in text
    assert "Service Port" in text.rpartition("[restored")[2]


def test_words_are_kept_whole_at_the_edge(keyboard: PipeInput, game: Game) -> None:
    text = play_on(keyboard, game, "look\r")
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.split() == expected("look").replace(">", " ").split()


def test_end_of_the_game_ends_the_screen(keyboard: PipeInput, game: Game) -> None:
    play_on(keyboard, game, "quit\ryes\r")
    assert game.finished


def test_status_line_of_version_3(game: Game) -> None:
    status = StatusLine(game)
    game.read()
    status.follow(game.events)
    assert shown_by(status, 60) == f" {'Service Port':<39} " + "Score: 0  Moves: 0 "
    game.send("down")
    status.follow(game.events)
    assert game.location is not None
    assert shown_by(status, 60).strip().startswith(game.location.name)
    for columns in (80, 60, 50, 30, 10, 1):
        assert len(shown_by(status, columns)) == columns
    assert len(shown_by(status, 200)) == 80


def test_upper_window_is_drawn_by_the_story(game: Game) -> None:
    status = StatusLine(game)
    status.follow(
        [
            Event(0, EventKind.SPLIT, 2),
            Event(0, EventKind.WINDOW, 1),
            Event(0, EventKind.UPPER_TEXT, text="cave\nlow"),
            Event(0, EventKind.CURSOR, 1, 8),
            Event(0, EventKind.UPPER_TEXT, text="12345"),
        ]
    )
    assert shown_by(status, 10) == "cave   123\nlow       "
    status.follow([Event(0, EventKind.SPLIT, 1)])
    assert shown_by(status, 10) == "cave   123"
    status.follow([Event(0, EventKind.ERASE_WINDOW, 0xFFFF)])
    assert shown_by(status, 10) == ""


def test_monitor_counts_what_the_chip_counts(game: Game) -> None:
    monitor = Monitor(game)
    game.read()
    monitor.look()
    first = {name: total for name, _, total in monitor.rows()}
    assert first["Z-instructions"] == game.instructions
    before = game.device.counters
    game.send("open locker")
    monitor.look()
    after = game.device.counters
    rows = {name: (last, total) for name, last, total in monitor.rows()}
    assert rows["cycles"][0] == after["cycle"] - before["cycle"]
    instructions = after["cores.instructions"] - before["cores.instructions"]
    assert rows["RISC-V instructions"][0] == instructions > 0
    written = sum(after[n] - before[n] for n in after if n.endswith(".bytes_written"))
    assert rows["DRAM bytes written"][0] == written > 0
    for name, (last, total) in rows.items():
        if name != "story bytes changed":
            assert total == first[name] + last
    assert 0 < rows["story bytes changed"][1] <= first["story bytes changed"] + 4096


def test_monitor_under_the_prompt(keyboard: PipeInput, game: Game) -> None:
    text = play_on(keyboard, game, "look\r", monitor=True)
    assert "Service Port" in text


class Terminal:
    """Our end of a pseudo-terminal: reads on to what is expected, and answers as terminals do."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = ""

    def expect(self, *texts: str) -> None:
        """Read on to each text, one behind the other."""
        for wanted in texts:
            while wanted not in self._unread:
                ready, _, _ = select.select([self._descriptor], [], [], 20)
                assert ready, f"{wanted!r} does not come after {self._unread!r}"
                read = os.read(self._descriptor, 4096).decode(errors="replace")
                if WHERE_IS_THE_CURSOR in read:
                    self.type("\x1b[20;1R")
                self._unread += read
            self._unread = self._unread.partition(wanted)[2]

    def resize(self, columns: int, process: int) -> None:
        """Another width, which the process is told."""
        ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("4H", 40, columns, 0, 0))
        os.kill(process, signal.SIGWINCH)

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())


@contextmanager
def terminal_for(*arguments: str) -> Iterator[tuple[Terminal, "subprocess.Popen[bytes]"]]:
    """`tilewright play` on a pseudo-terminal of 40 lines of 80 columns."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 40, 80, 0, 0))
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), TERM="xterm-256color")
    # As shells export it: true only until the terminal is resized.
    environment["COLUMNS"] = "80"
    command = [sys.executable, "-m", "tilewright", "play", *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours), process
        finally:
            process.kill()
            os.close(ours)


def test_real_terminal() -> None:
    with terminal_for("--monitor", "--batch", "100") as (terminal, process):
        terminal.expect("Service Port", "Moves: 0", "story bytes changed")
        terminal.type("open locker\r")
        terminal.expect("You open the steel locker", "[batch ", "Moves: 1", "story bytes")
        terminal.type("\x1b[A\r")
        terminal.expect("open locker", "[batch ", "Moves: 2", "story bytes")
        terminal.type("\x04")
        terminal.expect("Z-instructions, ")
        assert process.wait(20) == 0


def test_interrupt_clears_the_line_and_then_ends() -> None:
    with terminal_for() as (terminal, process):
        terminal.expect("Service Port", "Moves: 0")
        terminal.type("open lock\x03")
        terminal.type("down\r")
        terminal.expect("Router (0, 0)", "Moves: 1")
        terminal.type("\x03")
        terminal.expect("interrupted")
        assert process.wait(20) == 130


def test_a_narrower_terminal_is_drawn_anew() -> None:
    with terminal_for() as (terminal, process):
        terminal.expect("Service Port", "Moves: 0")
        terminal.resize(50, process.pid)
        terminal.expect(" Service Port " + " " * 16 + " Score: 0  Moves: 0")
        terminal.type("down\r")
        terminal.expect("Router (0, 0)", "Moves: 1")


#: Draws a status line in reverse, prints in styles, and reads with a time.
DRAWING = """
Array buffer -> 63;
Global ticks;
[ Tick; ticks++; if (ticks == 2) print "Tick tock.^>"; if (ticks > 40) rtrue; rfalse; ];
[ Main key;
    @split_window 2; @set_window 1; @set_cursor 1 3;
    style reverse; print "Dark Place"; style roman; @set_cursor 2 70; print "far right";
    @set_window 0;
    print "plain "; style bold; print "strong "; style underline; print "slanted"; style roman;
    print " plain again^>";
    buffer->0 = 60; buffer->1 = 0;
    @aread buffer 0 2 Tick -> key;
    print "You typed ", buffer->1, " characters: ", (char) buffer->2, (char) buffer->3, "^";
    print "Press a key:";
    @read_char 1 -> key;
    print "key ", key, "^";
    quit;
];
"""


def drawing(folder: Path) -> Path:
    inform = shutil.which("inform")
    if inform is None:
        pytest.skip("inform is not installed")
    (folder / "story.inf").write_text(DRAWING)
    made = subprocess.run(
        [inform, "-v5", str(folder / "story.inf"), str(folder / "story.z5")],
        capture_output=True,
        text=True,
    )
    assert (folder / "story.z5").exists(), made.stdout
    return folder / "story.z5"


def test_a_story_draws_and_reads_with_a_time(tmp_path: Path) -> None:
    with terminal_for(str(drawing(tmp_path))) as (terminal, process):
        terminal.expect("plain ", "\x1b[1mstrong ", "\x1b[", "slanted", " plain again")
        terminal.expect("Dark Place", "far right")
        terminal.type("ab")
        # The routine is called as time passes, and what was typed stays.
        terminal.expect("Tick tock.", "ab")
        terminal.type("c\r")
        terminal.expect("You typed 3 characters: ab", "Press a key:")
        terminal.type("\x1bOP")  # F1
        terminal.expect("key 133")
        assert process.wait(20) == 0


def test_styles_of_the_upper_window(tmp_path: Path, device: tw.Device) -> None:
    with Game(drawing(tmp_path), device) as game:
        game.read()
        status = StatusLine(game)
        status.follow(game.events)
        first, second = status.lines(80)
        assert first.plain == f"{'  Dark Place':<80}"
        assert {(first.plain[s.start : s.end], str(s.style)) for s in first.spans if s.style} == {
            (character, "reverse") for character in "Dark Place"
        }
        assert second.plain == f"{'far right':>78}  "
        assert [line.plain for line in status.lines(50)][1] == " " * 50
