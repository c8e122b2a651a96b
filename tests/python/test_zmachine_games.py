"""Forks, batches, errors that leave a game as it was, and what a story tells about its world."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tilewright as tw
from tilewright.zmachine import EventKind, Game, GameBatch, layout


def anything(value: Any) -> Any:
    """For what the types of a call do not allow."""
    return value


LINES = ["open locker", "take lamp", "d", "in", "charge lamp", "out", "inventory"]


def published(name: str) -> Path:
    path = Path(os.environ.get("TILEWRIGHT_STORIES", "."), name)
    if not path.exists():
        pytest.skip(f"TILEWRIGHT_STORIES names no folder with {name}")
    return path


def tiny_story(code: bytes, version: int) -> bytes:
    """A story of some instructions; global 16 on are at 0x40."""
    story = bytearray(0x600)
    struct.pack_into(">BB", story, 0, version, 0)
    struct.pack_into(">6H", story, 4, 0x400, 0x500, 0x400, 0x220, 0x40, 0x400)
    unit = 2 if version <= 3 else 4 if version <= 5 else 8
    struct.pack_into(">3H", story, 0x18, 0x400, len(story) // unit, 0)
    story[0x500 : 0x500 + len(code)] = code
    struct.pack_into(">H", story, 0x1C, sum(story[64:]) & 0xFFFF)
    return bytes(story)


# --- Forks and batches ----------------------------------------------------------------------------


def test_fork_after_every_command_goes_the_same_way(device: tw.Device) -> None:
    with Game(device=device) as game:
        game.read()
        for i, line in enumerate(LINES):
            with game.fork() as twin:
                assert twin.core != game.core
                assert twin.state() == game.state()
                rest = [twin.send(each) for each in LINES[i:]]
                twin.send("drop all")
            expected = game.fork()
            assert [expected.send(each) for each in LINES[i:]] == rest
            expected.close()
            game.send(line)
        assert game.send("inventory") == rest[-1] or "carrying" in game.text


def test_forks_fill_the_device_and_no_more(device: tw.Device) -> None:
    with Game(device=device) as game:
        count = len(device.tiles)
        twins = [game.fork() for _ in range(count - 1)]
        assert {twin.core[:2] for twin in twins} | {(0, 0)} == set(device.tiles)
        with pytest.raises(tw.StoryError, match=r"no tile of tiny .* where a game lives"):
            game.fork()
        twins[0].close()
        twin = game.fork()
        game.read()
        assert twin.read() == twins[1].read()
        for each in (*twins, twin):
            each.close()


def test_batch_answers_like_single_games_in_one_run_each(
    device: tw.Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Game(device=device) as single:
        expected = [single.read(), *(single.send(line) for line in LINES)]
        state = single.state()
    with GameBatch(4, device) as batch:
        runs: list[int] = []
        run = device.run_launches

        def counting(*args: Any, **options: Any) -> object:
            runs.append(1)
            return run(*args, **options)

        monkeypatch.setattr(device, "run_launches", counting)
        assert batch.read() == [expected[0]] * 4
        for line, text in zip(LINES, expected[1:], strict=True):
            assert batch.send([line, line, None, line]) == [text, text, "", text]
        assert len(runs) == 1 + len(LINES)
        assert batch[0].state() == batch[3].state() == state
        assert batch.games[2].send(LINES[0]) == expected[1]
    assert device.leases == []


def test_what_was_read_is_read_again_when_it_may_have_changed(device: tw.Device) -> None:
    with Game(device=device) as game:
        first = game.read()
        snapshot, memory, moves = device.snapshot(), game.memory, game.moves
        game.send("open locker")
        assert game.moves != moves
        later = game.memory
        assert later != memory
        device.restore(snapshot)  # as it was, in the same object
        assert (game.memory, game.moves) == (memory, moves)
        assert game.send("open locker") != first
        assert game.memory == later
        # The host can write to the game's memory behind its back.
        at = layout.BASE + layout.MEMORY + 0x40
        device.write_l1((0, 0), at, bytes([later[0x40] ^ 1]))
        assert game.memory[0x40] == later[0x40] ^ 1
        address = device.memory("tile_l1", 0).address + at
        device.write(address, bytes([later[0x40]]))
        assert game.memory == later
        game.session.area.write(layout.MEMORY + 0x40, bytes([later[0x40] ^ 2]))
        assert game.memory[0x40] == later[0x40] ^ 2


def test_batch_names_the_game_that_failed_and_plays_the_others(device: tw.Device) -> None:
    bad = tiny_story(bytes.fromhex("e67f2a00"), 3)
    with GameBatch([None, bad, None], device) as batch:
        with pytest.raises(tw.StoryError, match=r"game 1 of the batch: .*illegal opcode at 0x503"):
            batch.read()
        assert batch[0].waiting
        assert batch[2].text == batch[0].text
        assert batch[1].text == "42"


def test_batch_of_nothing_and_of_wrong_lines(device: tw.Device) -> None:
    with pytest.raises(tw.StoryError, match="at least one game"):
        GameBatch([], device)
    with GameBatch(2, device) as batch, pytest.raises(tw.StoryError, match="expected 2 lines"):
        batch.send(["look"])


# --- Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "code", "message"),
    [
        (3, "0d1007 e57f41 d71f000500 10", r"division by zero at 0x506 \(opcode 0xd7\)"),
        (3, "0d1007 e57f41 b8", r"stack underflow at 0x506"),
        (3, "0d1007 e57f41 8c7fff", r"jump to an address outside the story at 0x506"),
        (3, "0d1007 e57f41 d00ffff0000010", r"a load from an address outside the story"),
        (5, "0d1007 e57f41 be0effff", r"illegal opcode at 0x506 \(opcode 0xbe\)"),
    ],
)
def test_error_leaves_the_game_before_the_instruction(
    device: tw.Device, version: int, code: str, message: str
) -> None:
    story = tiny_story(bytes.fromhex(code), version)
    with Game(story, device=device) as good, Game(story, device=device, core=(1, 0)) as game:
        good.step(2)
        with pytest.raises(tw.StoryError, match=message + r".*after 2 instructions; before it: A"):
            game.read()
        assert game.state() == good.state()
        assert game.text == "A"
        with pytest.raises(tw.StoryError, match=message):
            game.step(1)


def test_strict_game_ends_at_object_zero(device: tw.Device) -> None:
    story = tiny_story(bytes.fromhex("930010 ba"), 3)
    with Game(story, device=device) as game:
        assert "@get_parent called with object 0" in game.read()
    with (
        Game(story, device=device, strict=True) as game,
        pytest.raises(tw.StoryError, match=r"object 0 at 0x500"),
    ):
        game.read()


def test_state_of_another_story_is_refused(device: tw.Device) -> None:
    story = tiny_story(b"\xba", 3)
    with Game(story, device=device) as game, Game(device=device, core=(1, 0)) as other:
        with pytest.raises(tw.StoryError, match="another story"):
            other.restore(game.state())
        assert other.read()


# --- Input and screen -----------------------------------------------------------------------------


def test_keys_and_time(device: tw.Device) -> None:
    # read_char 1 10 routine -> 16; print_num 16; quit. The routine at 0x520 counts global 17 up and
    # returns whether it is 3.
    code = bytearray(bytes.fromhex("f653010a014810e6bf10ba")).ljust(0x20, b"\0")
    code += bytes.fromhex("00 9511 411103c1 b1")
    with Game(tiny_story(bytes(code), 5), device=device) as game:
        assert game.read() == ""
        assert game.waiting_for_key
        assert game.timer == 1.0
        instructions = game.instructions
        assert game.wait(0.9) == ""
        assert game.instructions == instructions
        game.wait(1.1)
        assert game.waiting_for_key
        twin = game.fork()
        assert twin.wait(1.0) == "0"
        assert twin.finished
        twin.close()
        game.press("x")
        assert game.read() == str(ord("x"))


def test_screen_is_told_in_events(device: tw.Device) -> None:
    # print "A"; split_window 2; set_window 1; set_cursor 2 5; style 1; print "B"; set_window 0;
    # print "C"; quit
    code = bytes.fromhex("e57f41 ea7f02 eb7f01 ef5f0205 f17f01 e57f42 eb7f00 e57f43 ba")
    with Game(tiny_story(code, 5), device=device) as game:
        assert game.read() == "AC"
        kinds = [(e.at, e.kind.name, e.a, e.b, e.text) for e in game.events]
        assert kinds == [
            (1, "SPLIT", 2, 0, ""),
            (1, "WINDOW", 1, 0, ""),
            (1, "CURSOR", 2, 5, ""),
            (1, "STYLE", 1, 0, ""),
            (1, "UPPER_TEXT", 0, 0, "B"),
            (1, "WINDOW", 0, 0, ""),
        ]


@pytest.mark.parametrize(
    "store",
    # storew and storeb of the word at 0x10, in header and behind it
    [("e157100001", "e157100000"), ("e257110001", "e257110000")],
)
def test_transcripts_of_old_stories_begin_where_they_store_the_bit(
    device: tw.Device, store: tuple[str, str]
) -> None:
    on, off = store
    # print "A"; begin; begin again; print "B"; end; print "C"; quit
    code = bytes.fromhex(f"e57f41 {on} {on} e57f42 {off} e57f43 ba")
    with Game(tiny_story(code, 3), device=device) as game:
        assert game.read() == "ABC"
        assert game.instructions == 7
        assert [tuple(event[:4]) for event in game.events] == [
            (1, EventKind.STREAM, 2, 1),
            (2, EventKind.STREAM, 2, 0),
        ]


@pytest.mark.parametrize("version", [3, 5])
def test_stores_end_where_dynamic_memory_ends(device: tw.Device, version: int) -> None:
    # Dynamic memory ends at 0x400: storew 0x3fe 0 7, storeb 0x3ff 0 8, then one byte too far.
    for last in ("e11703ff0007", "e21704000007"):
        code = bytes.fromhex("e11703fe0007 e21703ff0008" + last)
        with Game(tiny_story(code, version), device=device) as game:
            with pytest.raises(tw.StoryError, match="outside dynamic memory at 0x50c"):
                game.read()
            assert game.memory[0x3FE:0x400] == b"\x00\x08"
            assert game.instructions == 2


def test_old_stories_draw_their_status_line_at_each_prompt(device: tw.Device) -> None:
    with Game(published("zork1.z3"), device=device) as game:
        game.read()
        game.send("open mailbox")
        status = [e for e in game.events if e.kind == EventKind.STATUS]
        assert status
        location = game.location
        assert location is not None
        assert (status[-1].a, status[-1].c) == (location.number, game.moves)


# --- What is given wrongly ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda game: game.step(1.5), "step: n: expected an integer, got 1.5"),
        (lambda game: game.start(1.5), "start: n: expected an integer, got 1.5"),
        (lambda game: game.step(-1), "step: n: expected 0 to"),
        (lambda game: game.step(1 << 32), "step: n: expected 0 to"),
        (lambda game: game.read(0), "limit: expected 1 to"),
        (lambda game: game.send(5), "line: expected text, got 5"),
        (lambda game: game.send(b"look"), "line: expected text"),
        (lambda game: game.send("look", limit=2.5), "limit: expected an integer, got 2.5"),
        (lambda game: game.enter("look", 1000), "terminator: expected 0 to 255, got 1000"),
        (lambda game: game.press("ab"), "key: expected one character, got 'ab'"),
        (lambda game: game.press(None), "key: a ZSCII code: expected an integer"),
        (lambda game: game.press(300), "key: a ZSCII code: expected 1 to 255, got 300"),
        (lambda game: game.wait(float("nan")), "wait: expected 0 seconds or more, got nan"),
        (lambda game: game.wait("x"), "wait: expected a number of seconds"),
        (lambda game: game.restore("x"), "restore: state: expected bytes, got str"),
        (lambda game: game.load(None), "load: data: expected bytes, got NoneType"),
        (lambda game: Game(anything(5), game.device), "story: expected a path or bytes, got 5"),
        (lambda game: Game(device=game.device, core=anything((0,))), r"core \(0,\): expected"),
        (lambda game: GameBatch("zork1.z3", game.device), "stories: expected a number or a list"),
        (
            lambda game: GameBatch(anything(2.5), game.device),
            "stories: expected an integer, got 2.5",
        ),
    ],
)
def test_wrong_arguments_change_nothing(
    device: tw.Device, call: Callable[[Game], object], message: str
) -> None:
    with Game(device=device) as game:
        game.read()
        state, text, cycle = game.state(), game.text, device.cycle
        with pytest.raises(tw.ArgumentError, match=message):
            call(game)
        assert (game.state(), game.text, device.cycle) == (state, text, cycle)
        assert "Service Port" in game.send("look")


def test_wrong_lines_change_no_game_of_a_batch(device: tw.Device) -> None:
    with GameBatch(2, device) as batch:
        batch.read()
        states = [game.state() for game in batch.games]
        with pytest.raises(tw.ArgumentError, match="line: expected text, got 5"):
            batch.send(["look", 5])  # type: ignore[list-item]
        assert [game.state() for game in batch.games] == states
        assert batch.send(["look", None])[0].startswith("Service Port")


# --- Stories that never come to a prompt ----------------------------------------------------------

ENDLESS = bytes.fromhex("e57f78 8cfffc")  # print "x"; jump back


def test_a_limit_ends_what_the_story_does_not(device: tw.Device) -> None:
    with Game(tiny_story(ENDLESS, 5), device=device) as game:
        assert game.read(limit=100_001) == "x" * 50_001
        assert game.instructions == 100_001
        assert not game.stopped
        assert game.send("look", limit=99) == "x" * 49
        assert not game.finished
    with Game(device=device) as game:
        whole = game.read(limit=100_000)
        assert game.stopped
        count = game.instructions
        with Game(device=device, core=(1, 0)) as cut:
            first = cut.read(limit=count - 1)
            assert not cut.stopped
            assert first + cut.read(limit=1) == whole
            assert cut.stopped


def test_a_limit_in_a_batch_holds_for_each(device: tw.Device) -> None:
    with GameBatch([tiny_story(ENDLESS, 5), None], device) as batch:
        texts = batch.read(limit=20_000)
        assert texts[0] == "x" * 10_000
        assert "Service Port" in texts[1]
        assert [game.stopped for game in batch.games] == [False, True]
        texts = batch.send(["look", "look"], limit=10_000)
        assert texts[0] == "x" * 5_000
        assert "Service Port" in texts[1]


# --- The world ------------------------------------------------------------------------------------


def test_zork_tells_its_world(device: tw.Device) -> None:
    with Game(published("zork1.z3"), device=device) as game:
        game.read()
        game.send("open mailbox")
        game.send("take leaflet")
        objects = game.objects
        assert len(objects) == 250
        assert game.location is not None
        assert game.location.name == "West of House"
        assert [thing.name for thing in game.inventory or []] == ["leaflet"]
        assert (game.score, game.moves) == (0, 2)
        for thing in objects.values():
            if thing.child:
                assert objects[thing.child].parent == thing.number
        dictionary = game.dictionary
        assert len(dictionary) == 684
        assert {"mailbo", "lantern"[:6], "north"} <= set(dictionary)
        game.send("n")
        assert game.location.name == "North of House"


def test_own_story_tells_its_world(device: tw.Device) -> None:
    with Game(device=device) as game:
        game.send("open locker")
        assert game.inventory == []  # the lamp is in the locker, which the story speaks of
        game.send("take lamp")
        assert game.location is not None
        assert game.location.name == "Service Port"
        assert "status lamp" in [thing.name for thing in game.inventory or []]
        assert "locker" in game.dictionary
