"""zork_tt: exact batches, state that goes on elsewhere, a chip that is shared, and its examples."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tilewright as tw
import zork_tt
from tilewright.zmachine import Game

STORY = Path(zork_tt.__file__).parents[1] / "tilewright" / "stories" / "darksilicon.z3"
EXAMPLES = Path(__file__).parents[2] / "examples"
LINES = ["open locker", "take all", "d", "inventory"]


@pytest.fixture
def handle(device: tw.Device) -> Iterator[zork_tt.ZorkDevice]:
    """The story that ships, loaded on a small chip."""
    opened = zork_tt.init_device(device)
    zork_tt.load_game(opened, STORY)
    yield opened
    zork_tt.close_device(opened)


def to_prompt(handle: zork_tt.ZorkDevice, line: str | None = None) -> str:
    return zork_tt.execute_batch(handle, n=None, input=line)


def environment() -> dict[str, str]:
    return dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), PYTHON=sys.executable)


def expected_texts() -> list[str]:
    """What `Game` makes of the lines, beginning with the first prompt."""
    with tw.open("tiny") as device, Game(STORY, device) as game:
        return [game.read(), *(game.send(line) for line in LINES)]


def test_batches_are_exact(handle: zork_tt.ZorkDevice) -> None:
    assert not handle.waiting
    text = zork_tt.execute_batch(handle)
    assert handle.instructions == 100
    text += zork_tt.execute_batch(handle, 1)
    assert handle.instructions == 101
    assert zork_tt.execute_batch(handle, 0) == ""
    text += to_prompt(handle)
    assert handle.waiting
    assert not handle.finished
    assert text == expected_texts()[0]
    before = handle.instructions
    assert zork_tt.execute_batch(handle, 100) == ""
    assert handle.instructions == before


def test_input_of_a_batch_is_read_next(handle: zork_tt.ZorkDevice) -> None:
    texts = [to_prompt(handle), *(to_prompt(handle, line) for line in LINES)]
    assert texts == expected_texts()


def test_end_of_the_story(handle: zork_tt.ZorkDevice) -> None:
    for line in (None, "quit", "yes"):
        assert not handle.finished
        to_prompt(handle, line)
    assert handle.finished
    assert not handle.waiting
    assert zork_tt.execute_batch(handle) == ""
    with pytest.raises(tw.StoryError, match="has ended"):
        zork_tt.execute_batch(handle, input="look")


def test_state_in_mid_turn_goes_on_in_another_process(
    handle: zork_tt.ZorkDevice, tmp_path: Path
) -> None:
    to_prompt(handle)
    zork_tt.execute_batch(handle, 300, input="open locker")
    assert not handle.waiting
    (tmp_path / "state").write_bytes(zork_tt.get_state(handle))
    program = (
        "import sys, zork_tt\n"
        "device = zork_tt.init_device()\n"
        "zork_tt.load_game(device, sys.argv[1])\n"
        "zork_tt.set_state(device, open(sys.argv[2], 'rb').read())\n"
        "print(zork_tt.execute_batch(device, None).strip(), device.instructions)\n"
        "zork_tt.close_device(device)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(STORY), str(tmp_path / "state")],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    rest = to_prompt(handle)
    assert done.stdout.strip() == f"{rest.strip()} {handle.instructions}"


def test_own_chip_is_closed_and_a_given_one_stays_open(device: tw.Device) -> None:
    own = zork_tt.init_device()
    zork_tt.load_game(own, STORY)
    chip = own.device
    zork_tt.close_device(own)
    zork_tt.close_device(own)
    assert not chip.is_open

    shared = zork_tt.init_device(device)
    zork_tt.load_game(shared, STORY.read_bytes())
    assert shared.device is device
    assert [each.holder for each in device.leases] == ["the game of story"]
    zork_tt.close_device(shared)
    assert device.is_open
    assert device.leases == []


def test_closed_handle_raises(handle: zork_tt.ZorkDevice) -> None:
    state = zork_tt.get_state(handle)
    zork_tt.close_device(handle)
    for call in (
        lambda: zork_tt.execute_batch(handle),
        lambda: zork_tt.get_state(handle),
        lambda: zork_tt.set_state(handle, state),
        lambda: zork_tt.load_game(handle, STORY),
        lambda: handle.waiting,
        lambda: handle.finished,
    ):
        with pytest.raises(tw.Error, match="closed"):
            call()


def test_chip_closed_under_the_handle() -> None:
    with tw.open("tiny") as chip:
        handle = zork_tt.init_device(chip)
        zork_tt.load_game(handle, STORY)
    with pytest.raises(tw.Error, match="closed"):
        zork_tt.execute_batch(handle)
    zork_tt.close_device(handle)


def test_wrong_calls_say_what_was_expected(device: tw.Device, tmp_path: Path) -> None:
    handle = zork_tt.init_device(device)
    with pytest.raises(tw.StoryError, match="load_game"):
        zork_tt.execute_batch(handle)
    with pytest.raises(tw.StoryError, match=r"missing\.z3"):
        zork_tt.load_game(handle, tmp_path / "missing.z3")
    with pytest.raises(TypeError, match="init_device"):
        zork_tt.execute_batch(device)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"tilewright\.Device"):
        zork_tt.init_device("blackhole")  # type: ignore[arg-type]
    zork_tt.load_game(handle, STORY)
    with pytest.raises(ValueError, match="n: expected"):
        zork_tt.execute_batch(handle, -1)
    with pytest.raises(tw.StoryError, match="restore"):
        zork_tt.set_state(handle, b"nonsense")


def test_story_that_cannot_be_played_leaves_the_one_that_is(handle: zork_tt.ZorkDevice) -> None:
    to_prompt(handle)
    with pytest.raises(tw.StoryError):
        zork_tt.load_game(handle, bytes(10))
    assert "locker" in to_prompt(handle, "look")
    zork_tt.load_game(handle, STORY)
    assert handle.instructions == 0
    assert len(handle.device.leases) == 1


def test_persistent_example_goes_on_from_its_state(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "zork_persistent.py"), str(STORY)]
    command += ["--state", str(tmp_path / "state"), "--instructions", "50", "--batches"]
    texts = ""
    for arguments in (["1"], ["1000"], ["100000", *(f"--input={line}" for line in LINES)]):
        done = subprocess.run(
            command + arguments, capture_output=True, text=True, env=environment(), check=True
        )
        assert "[batch 1: 50 instructions" in done.stderr
        texts += done.stdout
    assert texts == "".join(expected_texts())
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_persistent_script_plays_one_process_a_command() -> None:
    done = subprocess.run(
        [str(EXAMPLES / "run-zork-persistent.sh"), str(STORY), *LINES],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert done.stdout == "".join(expected_texts())
    assert done.stderr.count("[batch 1:") == 1 + len(LINES)
