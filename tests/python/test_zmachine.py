"""Stories on the chip: batches, state that goes on elsewhere, and what cannot be played."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tilewright as tw
from tilewright.zmachine import Game, layout

SCRIPTS = Path(__file__).parents[1] / "cpp" / "zmachine" / "scripts"
DFROTZ = shutil.which("dfrotz", path=f"{os.environ.get('PATH', '')}:/usr/games")
COMMANDS = ["open locker", "take all", "d", "in", "charge lamp", "inventory"]


@pytest.fixture
def game(device: tw.Device) -> Iterator[Game]:
    """The story that ships, on a small chip."""
    with Game(device=device) as opened:
        yield opened


def tiny_story(code: bytes, version: int = 3) -> bytes:
    """A story that consists of some instructions; one of global variables is all it has."""
    story = bytearray(0x600)
    struct.pack_into(">BB", story, 0, version, 0)
    struct.pack_into(">6H", story, 4, 0x400, 0x500, 0x400, 0x220, 0x40, 0x400)
    struct.pack_into(">3H", story, 0x18, 0x400, len(story) // 2, 0)
    story[0x500 : 0x500 + len(code)] = code
    struct.pack_into(">H", story, 0x1C, sum(story[64:]) & 0xFFFF)
    return bytes(story)


def published(name: str) -> Path:
    """A story of the folder that $TILEWRIGHT_STORIES names."""
    folder = os.environ.get("TILEWRIGHT_STORIES")
    if folder is None or not Path(folder, name).exists():
        pytest.skip(f"TILEWRIGHT_STORIES names no folder with {name}")
    return Path(folder, name)


def test_batches_add_up_to_the_prompt(game: Game) -> None:
    with tw.open("tiny") as other, Game(device=other) as whole:
        expected = whole.read()
        text = ""
        while not game.waiting:
            before = game.instructions
            text += game.step(7)
            assert game.instructions == before + 7 or game.waiting
        assert text == expected == game.text
        assert game.instructions == whole.instructions
        assert game.step(1000) == ""
        assert game.instructions == whole.instructions


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(0, 900), min_size=1, max_size=12))
def test_batches_of_any_size_give_the_same_state(device: tw.Device, sizes: list[int]) -> None:
    with Game(device=device, core=(0, 0)) as cut, Game(device=device, core=(1, 0)) as whole:
        for each in (cut, whole):
            each.read()
            each.enter("open locker. take lamp. look. inventory. go down. look")
        text = "".join(cut.step(n) for n in sizes)
        assert whole.step(sum(sizes)) == text
        assert whole.state() == cut.state()


def test_commands_are_answered(game: Game) -> None:
    assert "Service Port" in game.read()
    assert game.waiting
    assert not game.finished
    assert "You open the steel locker" in game.send("open locker")
    assert "Taken" in game.send("TAKE LAMP\n")
    assert "means nothing to you" in game.send("pok\u00e9mon \u2603")
    assert game.send("look " * 100).strip()
    assert game.text.startswith("\nTicket 4711")


def test_first_command_waits_for_the_first_prompt(game: Game) -> None:
    text = game.send("inventory")
    assert "Service Port" in text
    assert "shift plan" in text


def test_end_of_a_game(game: Game) -> None:
    game.read()
    game.send("quit")
    assert not game.finished
    game.send("yes")
    assert game.finished
    assert not game.waiting
    instructions = game.instructions
    assert game.step(100) == game.read() == ""
    assert game.instructions == instructions
    with pytest.raises(tw.StoryError, match=r"has ended.*'look'"):
        game.enter("look")


def test_state_goes_on_on_another_tile_of_another_device(game: Game) -> None:
    game.read()
    for command in COMMANDS[:3]:
        game.send(command)
    state = game.state()
    rest = [game.send(command) for command in COMMANDS[3:]]
    with tw.open("blackhole") as other, Game(device=other, core=(5, 3, 2), seed=99) as second:
        second.send("inventory")
        second.restore(state)
        assert second.state() == state
        assert [second.send(command) for command in COMMANDS[3:]] == rest
        assert second.instructions == game.instructions
        assert second.state() == game.state()


def test_state_in_mid_turn_goes_on_in_another_process(game: Game, tmp_path: Path) -> None:
    game.read()
    game.enter("open locker")
    first = game.step(300)
    assert not game.waiting
    (tmp_path / "state").write_bytes(game.state())
    program = (
        "import sys, tilewright as tw\n"
        "from tilewright.zmachine import Game\n"
        "with tw.open('tiny') as device, Game(device=device) as game:\n"
        "    game.restore(open(sys.argv[1], 'rb').read())\n"
        "    print(game.read().strip(), game.instructions)\n"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "state")],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    rest = game.read()
    assert "steel locker" in first + rest
    assert result.stdout.strip() == f"{rest.strip()} {game.instructions}"


def test_random_numbers_are_part_of_the_state(device: tw.Device) -> None:
    # random 1000 -> sp; print_num sp; new_line; jump back
    story = tiny_story(bytes.fromhex("e73f03e800 e6bf00 bb 8cfff6"))
    with Game(story, device=device, seed=12) as game:
        game.step(40)
        state = game.state()
        rest = game.step(400)
        assert len(set(rest.split())) > 50
        game.restore(state)
        assert game.step(400) == rest
    with (
        Game(story, device=device, seed=12) as same,
        Game(story, device=device, core=(1, 0)) as other,
    ):
        assert same.step(80) != other.step(80)


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: b"",
        lambda state: b"nonsense" * 10,
        lambda state: state[:-1],
        lambda state: state[:100] + bytes([state[100] ^ 1]) + state[101:],
    ],
)
def test_damaged_state_is_refused_and_nothing_changes(game: Game, damage: object) -> None:
    game.send("open locker")
    state = game.state()
    assert callable(damage)
    with pytest.raises(tw.StoryError, match="restore"):
        game.restore(damage(state))
    assert game.state() == state
    assert "lamp" in game.send("take lamp. inventory")


def test_device_snapshot_holds_the_game(device: tw.Device, game: Game) -> None:
    game.send("open locker")
    image = device.snapshot()
    first = game.send("take all"), device.cycle, game.instructions
    device.restore(image)
    assert (game.send("take all"), device.cycle, game.instructions) == first


def test_games_on_two_tiles_do_not_meet(device: tw.Device, game: Game) -> None:
    with Game(device=device, core=(1, 1)) as second:
        ours = [game.read(), *(game.send(command) for command in COMMANDS[:2])]
        theirs = [second.read()]
        for command in COMMANDS[:2]:
            theirs.append(second.send(command))
            game.send("look")
        assert theirs == ours


def test_close_is_harmless_twice_and_ends_everything(device: tw.Device) -> None:
    game = Game(device=device)
    buffers = len(device.buffers)
    game.close()
    game.close()
    assert len(device.buffers) == buffers - 2
    assert device.is_open
    for use in (game.read, game.state, lambda: game.send("look"), lambda: game.waiting):
        with pytest.raises(tw.StoryError, match="closed"):
            use()


def test_game_without_a_device_opens_and_closes_its_own() -> None:
    with Game() as game:
        device = game.device
        assert "Service Port" in game.read()
    assert not device.is_open


def test_interrupted_game_says_so_and_can_be_restored(
    device: tw.Device, game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.read()
    state = game.state()
    with monkeypatch.context() as patch:

        def interrupt(*args: object, **kwargs: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(device, "run_launches", interrupt)
        with pytest.raises(KeyboardInterrupt):
            game.send("open locker")
    with pytest.raises(tw.StoryError, match="interrupted"):
        game.read()
    game.restore(state)
    assert "steel locker" in game.send("open locker")


# --- What cannot be played ----------------------------------------------------------------------


def test_missing_story(device: tw.Device, tmp_path: Path) -> None:
    with pytest.raises(tw.StoryError, match=r"nowhere\.z3.*No such file"):
        Game(tmp_path / "nowhere.z3", device=device)
    with pytest.raises(tw.StoryError, match="directory"):
        Game(tmp_path, device=device)


@pytest.mark.parametrize(
    ("story", "message"),
    [
        (b"", "64 bytes of a header, got 0"),
        (bytes(63), "64 bytes of a header, got 63"),
        (tiny_story(b"\xba")[:-1], "shorter than its header says"),
        (bytes(512 * 1024 + 1), "longer than 524288 bytes"),
        (tiny_story(b"\xba", version=6), "version 6 of the Z-machine is not supported"),
        (b"\xff" * 1000, "version 255 of the Z-machine is not supported"),
        (tiny_story(b"\xba")[:6] + b"\xff\xff" + tiny_story(b"\xba")[8:], "outside the story"),
    ],
)
def test_damaged_story(device: tw.Device, story: bytes, message: str) -> None:
    with pytest.raises(tw.StoryError, match=message):
        Game(story, device=device)
    assert not device.buffers, "what it took is given back"
    with Game(device=device) as game:
        assert game.read()


def test_wrong_checksum_is_a_warning(device: tw.Device) -> None:
    story = bytearray(tiny_story(b"\xba"))
    story[-1] ^= 1
    with pytest.warns(UserWarning, match="checksum is wrong"):
        game = Game(bytes(story), device=device)
    game.read()
    assert game.finished


def test_illegal_instruction_names_its_place_and_keeps_the_text(device: tw.Device) -> None:
    # print_num 42, then an opcode that there is not
    with Game(tiny_story(bytes.fromhex("e67f2a00")), device=device) as game:
        with pytest.raises(tw.StoryError, match=r"illegal opcode at 0x503 .*before it: 42"):
            game.read()
        assert game.text == "42"
        with pytest.raises(tw.StoryError, match="illegal opcode at 0x503"):
            game.read()
    with Game(device=device) as game:
        assert game.read(), "the device stays usable"


@pytest.mark.parametrize("seed", [-1, 1 << 32])
def test_seed_out_of_range(device: tw.Device, seed: int) -> None:
    with pytest.raises(tw.StoryError, match="seed"):
        Game(device=device, seed=seed)


def test_core_outside_the_grid(device: tw.Device) -> None:
    with pytest.raises(tw.AddressError):
        Game(device=device, core=(99, 0))


def test_kernel_of_another_layout_is_refused(
    device: tw.Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "LAYOUT", 99)
    with pytest.raises(tw.StoryError, match="expects layout 99"):
        Game(device=device)


def test_kernel_and_python_agree_where_things_lie(game: Game) -> None:
    """What the story has in its header is found where this package looks for the story."""
    assert game.session.area.read(layout.MEMORY + 0x12, 6) == b"260701"
    game.read()
    game.enter("inventory")
    assert game.session.area.read(layout.INPUT, 9) == b"inventory"


# --- Published stories, against an interpreter that we did not write ----------------------------


@pytest.mark.skipif(DFROTZ is None, reason="dfrotz is not installed")
@pytest.mark.parametrize("name", ["zork1", "zork2", "zork3"])
def test_zork_reads_like_dfrotz(device: tw.Device, name: str, tmp_path: Path) -> None:
    story = published(f"{name}.z3")
    script = (SCRIPTS / f"{name}.txt").read_text()
    assert DFROTZ is not None
    theirs = subprocess.run(
        [DFROTZ, "-m", "-q", "-s", "12", "-w", "80", str(story)],
        input=script,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    ).stdout
    with Game(story, device=device, seed=12) as game:
        ours = game.read()
        for line in script.splitlines():
            if game.finished:
                break
            ours += game.send(line)
    assert "".join(ours.split()) == "".join(theirs.split())


def test_zork_takes_407_instructions_to_its_prompt(device: tw.Device) -> None:
    with Game(published("zork1.z3"), device=device) as game:
        game.read()
        assert game.instructions == 407


def test_a_step_takes_place_beside_other_work(device: tw.Device) -> None:
    alone = Game(device=device)
    expected = alone.step(3000)
    alone.close()

    game = Game(device=device)
    beside = Game(device=device, core=(1, 1))
    game.start(3000)
    beside.start(3000)
    with pytest.raises(tw.StoryError, match="under way"):
        game.step(1)
    with pytest.raises(tw.StoryError, match="under way"):
        game.state()
    before = device.cycle
    assert game.finish() == expected
    took = device.cycle - before
    assert beside.finish() == expected
    assert device.cycle - before < 1.5 * took
    with pytest.raises(tw.StoryError, match="nothing was started"):
        game.finish()
    game.start(100)
    game.close()
    assert beside.step(100) is not None
