"""Stories for agents: episodes, states, worlds, valid actions, and Gymnasium's own checks.

Longer than other files, because most tests share the stories that are compiled here.
"""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright.agents import FrotzEnv, outcome
from tilewright.zmachine import Game

WALKTHROUGH = Path(tw.__file__).parent / "stories" / "darksilicon.walkthrough"


@pytest.fixture
def env() -> Iterator[FrotzEnv]:
    with FrotzEnv(seed=3) as opened:
        yield opened


def published(name: str) -> Path:
    folder = os.environ.get("TILEWRIGHT_STORIES")
    if folder is None or not Path(folder, name).exists():
        pytest.skip(f"TILEWRIGHT_STORIES names no folder with {name}")
    return Path(folder, name)


def test_episode_to_the_victory(env: FrotzEnv) -> None:
    text, info = env.reset()
    assert "Service Port" in text
    assert info == {"moves": 0, "score": 0}
    total, done = 0.0, False
    for line in WALKTHROUGH.read_text().splitlines():
        assert not done
        assert not env.victory()
        text, reward, done, info = env.step(line)
        total += reward
    assert done
    assert env.victory()
    assert not env.game_over()
    assert total == info["score"] == env.get_score() == 50
    with pytest.raises(tw.StoryError, match=r"reset.*'look'"):
        env.step("look")
    assert env.reset()[1] == {"moves": 0, "score": 0}
    assert not env.victory()


def test_giving_up_is_no_victory(env: FrotzEnv) -> None:
    env.step("quit")
    assert env.step("yes")[2]
    assert env.game_over()
    assert not env.victory()


@pytest.mark.parametrize(
    ("text", "won", "lost"),
    [
        ("\n   *** You have won ***\n", True, False),
        ("    ****  You have died  ****\n", False, True),
        ("Your score would be 350 (total of 350 points), in 400 moves.", True, False),
        ("Your score would be 35 (total of 350 points), in 400 moves.", False, False),
        ("In that game you scored 7 out of a possible 7, in 3 turns", True, False),
        ("You have 3 stars: ***", False, False),
    ],
)
def test_outcome(text: str, won: bool, lost: bool) -> None:
    assert outcome.is_victory(text, finished=True) == won
    assert outcome.is_defeat(text) == lost


def test_a_score_in_mid_game_is_no_victory() -> None:
    text = "Your score is 350 (total of 350 points), in 400 moves."
    assert not outcome.is_victory(text, finished=False)


def test_set_state_goes_back(env: FrotzEnv) -> None:
    env.step("open locker")
    state, world = env.get_state(), env.get_world_state_hash()
    first = [env.step("take lamp"), env.step("down")]
    assert env.get_world_state_hash() != world
    env.set_state(state)
    assert env.get_world_state_hash() == world
    assert [env.step("take lamp"), env.step("down")] == first


def test_a_copy_begins_again_where_the_original_does(env: FrotzEnv) -> None:
    opening, _ = env.reset()
    env.step("open locker")
    expected = env.step("take lamp")
    with env.copy() as twin:
        assert twin.step("inventory") == env.step("inventory")
        assert twin.reset()[0] == opening
        twin.step("open locker")
        assert twin.step("take lamp") == expected
        with twin.copy() as third:
            assert third.get_state() == twin.get_state()


def test_copy_goes_its_own_way(env: FrotzEnv) -> None:
    env.step("open locker")
    with env.copy() as twin:
        assert twin.device is not env.device
        answer = twin.step("take lamp")
        assert env.get_moves() == 1
        assert env.get_world_state_hash() != twin.get_world_state_hash()
        assert env.step("take lamp") == answer
        assert env.get_world_state_hash() == twin.get_world_state_hash()


def test_pickle_goes_on_in_another_process(env: FrotzEnv, tmp_path: Path) -> None:
    env.step("open locker")
    (tmp_path / "env").write_bytes(pickle.dumps(env))
    program = (
        "import pickle, sys\n"
        "env = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(env.step('take lamp'), env.game.instructions, env.get_world_state_hash())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "env")],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        check=True,
    )
    answer = env.step("take lamp")
    assert done.stdout.strip() == f"{answer} {env.game.instructions} {env.get_world_state_hash()}"


def test_world(env: FrotzEnv) -> None:
    place = env.get_player_location()
    assert place is not None
    assert place.name == "Service Port"
    objects = env.get_world_objects()
    assert [thing.number for thing in objects] == list(range(len(objects)))
    assert {"locker", "lamp"} <= {word.text for word in env.get_dictionary()}
    assert env.get_moves() == 0
    env.step("down")
    moved = env.get_player_location()
    assert moved is not None
    assert moved.number != place.number
    assert env.get_moves() == 1


def test_place_in_the_list_is_the_number() -> None:
    with FrotzEnv(published("zork1.z3")) as env:
        place = env.get_player_location()
        assert place is not None
        assert env.get_world_objects()[place.number] == place
        assert place.name == "West of House"
        nothing = env.get_world_objects()[0]
        assert (nothing.number, nothing.name, nothing.child) == (0, "", 0)
        assert len(env.get_world_objects()) == 251


#: A story that draws its status line itself; its first globals are other things.
DRAWING = """
Array buffer -> 63;
Array parse -> 20;
Global one = 1;
Global two = 222;
Global three = 33;
Global points = 7;
Global turns_taken;
Global here;
Global silent;
Object Cave "Deep Cave";
Object Hall "Great Hall";
Object -> player "yourself";
Object -> -> lamp "brass lamp";
[ Status;
    @split_window 1; @set_window 1; @set_cursor 1 1;
    style reverse; spaces 80; @set_cursor 1 2;
    if (silent) print "Nowhere in particular"; else print (name) here;
    @set_cursor 1 50;
    if (silent) print "Time: 9:00 am"; else print "Score: ", points, "  Moves: ", turns_taken;
    style roman; @set_window 0;
];
[ Main word;
    here = Hall;
    for (::) {
        Status();
        print "^>"; buffer->0 = 60; parse->0 = 4; buffer->1 = 0;
#IfV5; read buffer parse; #IfNot; @sread buffer parse; #Endif;
        turns_taken++;
        @loadw parse 1 -> word;
        switch (word) {
            'down': move player to Cave; here = Cave; points = points + 5; print "Down.^";
            'silent': silent = 1; print "Silence.^";
            'loop': for (::) print "x";
            'quit': points = points + 10; print "*** You have won ***^You scored ", points,
                    " out of a possible 22.^"; quit;
            default: print "Hm.^";
        }
    }
];
"""


def compiled(folder: Path, version: int) -> Path:
    inform = shutil.which("inform")
    if inform is None:
        pytest.skip("inform is not installed")
    (folder / "story.inf").write_text(DRAWING)
    story = folder / f"story.z{version}"
    command = [inform, f"-v{version}", str(folder / "story.inf"), str(story)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert story.exists(), made.stdout
    return story


@pytest.mark.parametrize("version", [4, 5, 8])
def test_later_stories_tell_what_they_draw(version: int, tmp_path: Path) -> None:
    with FrotzEnv(compiled(tmp_path, version)) as env:

        def place() -> str | None:
            here = env.get_player_location()
            return here.name if here else None

        assert env.reset()[1] == {"moves": 0, "score": 7}
        assert place() == "Great Hall"
        assert [thing.name for thing in env.get_inventory() or []] == ["brass lamp"]
        first = env.get_state()
        assert env.step("down")[1:] == (5.0, False, {"moves": 1, "score": 12})
        assert place() == "Deep Cave"
        state, world = env.get_state(), env.get_world_state_hash()
        assert env.step("silent")[1:] == (0.0, False, {"moves": None, "score": None})
        assert place() is None
        assert env.get_score() is None
        player = env.get_player_object()
        assert player is not None
        assert player.name == "yourself"
        env.set_state(first)
        assert place() == "Great Hall"
        env.set_state(state)
        assert place() == "Deep Cave"
        assert env.get_world_state_hash() == world
        with env.copy() as twin:
            assert twin.get_score() == 12
            assert twin.get_player_location() == env.get_player_location()
        _, reward, done, info = env.step("quit")
        assert done
        assert env.victory()
        assert (reward, info["score"]) == (10.0, 22), "the last points are only in the text"


def test_stories_that_tell_nothing_are_not_guessed() -> None:
    with Game(published("czech.z5")) as game:
        game.read()
        known = (game.location, game.player, game.inventory, game.score, game.moves, game.time)
        assert known == (None, None, None, None, None, None)


def test_a_clock_is_no_score(tmp_path: Path) -> None:
    story = bytearray(random_story())
    story[1] |= 2
    with FrotzEnv(bytes(story)) as env:
        assert env.reset()[1] == {"moves": None, "score": None}
        assert env.step("x")[1] == 0.0
        assert env.game.time is not None


def test_a_snapshot_of_the_device_is_not_taken_for_what_is_drawn(tmp_path: Path) -> None:
    with FrotzEnv(compiled(tmp_path, 5)) as env:
        image = env.device.snapshot()
        env.step("down")
        env.device.restore(image)
        assert env.game.score is None
        env.step("x")
        assert env.game.score == 7


def test_a_turn_without_end_is_limited(tmp_path: Path) -> None:
    story = compiled(tmp_path, 5)
    with FrotzEnv(story, limit=10_000) as env:
        env.step("down")
        state = env.get_state()
        with pytest.raises(tw.StoryError, match=r"no prompt after 10000 instructions.*xxx"):
            env.step("loop")
        with pytest.raises(tw.StoryError, match=r"expected reset\(\) or set_state\(\)"):
            env.step("x")
        env.set_state(state)
        assert env.step("x")[2] is False
        assert env.reset()[1] == {"moves": 0, "score": 7}
    with pytest.raises(tw.ArgumentError, match="limit: expected 1 to"):
        FrotzEnv(story, limit=0)
    # print "x"; jump back; and one that asks to be saved again and again
    for code in ("e57f78 8cfffc", "be00ff10 8cfffb"):
        endless = bytearray(random_story(5))
        endless[0x500:0x520] = bytes.fromhex(code).ljust(32, b"\0")
        endless[0x1C:0x1E] = (sum(endless[64:]) & 0xFFFF).to_bytes(2, "big")
        with pytest.raises(tw.StoryError, match="no prompt after 5000 instructions"):
            FrotzEnv(bytes(endless), limit=5000)


def test_minus_one_is_another_seed_each_time() -> None:
    def numbers(env: FrotzEnv) -> list[str]:
        return [env.reset()[0], *(env.step("x")[0] for _ in range(5))]

    with FrotzEnv(random_story(), seed=-1) as env:
        first = numbers(env)
        assert numbers(env) != first
        with env.copy() as twin:
            assert [env.step("x") for _ in range(5)] == [twin.step("x") for _ in range(5)]
        env.seed(5)
        known = numbers(env)
        assert numbers(env) == known
        env.seed(-1)
        assert numbers(env) != known
    for seed in (-2, 1 << 32, 1.5):
        with pytest.raises(tw.StoryError, match="seed"):
            FrotzEnv(seed=seed)  # type: ignore[arg-type]


def test_inventory_of_a_published_story() -> None:
    with FrotzEnv(published("zork1.z3")) as env:
        assert env.get_inventory() == []
        env.step("open mailbox")
        env.step("take leaflet")
        (leaflet,) = env.get_inventory() or []
        assert leaflet.name == "leaflet"
        player = env.get_player_object()
        assert player is not None
        assert leaflet.parent == player.number


def test_valid_actions_change_the_world_and_leave_the_game_alone(env: FrotzEnv) -> None:
    state = env.get_state()
    found = env.get_valid_actions()
    assert env.get_state() == state
    assert "open locker" in found
    assert "down" in found
    assert "south" not in found, "there is no way"
    world = env.get_world_state_hash()
    worlds = set()
    for action in found:
        env.set_state(state)
        env.step(action)
        worlds.add(env.get_world_state_hash())
    assert world not in worlds
    assert len(worlds) == len(found), "no two of them do the same"
    assert len(env.device.leases) == 1, "the copy has gone"


def test_valid_actions_of_a_published_story() -> None:
    with FrotzEnv(published("zork1.z3"), seed=12) as env:
        assert {"open mailbox", "north", "south"} <= set(env.get_valid_actions())
        for line in ("s", "e", "open window", "in"):
            env.step(line)
        assert {"take bottle", "take sack", "west"} <= set(env.get_valid_actions())


def random_story(version: int = 3) -> bytes:
    # random 1000 -> sp; print_num sp; new_line; then a read, again and again
    story = bytearray(0x600)
    story[0] = version
    for at, value in ((4, 0x400), (6, 0x500), (8, 0x400), (10, 0x220), (12, 0x40), (14, 0x400)):
        story[at : at + 2] = value.to_bytes(2, "big")
    story[0x1A:0x1C] = (len(story) // (2 if version <= 3 else 4)).to_bytes(2, "big")
    story[0x300] = 20
    code = bytes.fromhex("e73f03e800 e6bf00 bb e40f03000340 8cfff0")
    story[0x340] = 5
    story[0x500 : 0x500 + len(code)] = code
    story[0x1C:0x1E] = (sum(story[64:]) & 0xFFFF).to_bytes(2, "big")
    return bytes(story)


def test_seed_of_each() -> None:
    story = random_story()
    with FrotzEnv(story, seed=5) as one, FrotzEnv(story, seed=6) as other:
        ours = [one.reset()[0], one.step("x")[0], one.step("x")[0]]
        assert [one.reset()[0], one.step("x")[0], one.step("x")[0]] == ours
        assert other.reset()[0] != ours[0]
        assert other.seed(5) == 5
        assert [other.reset()[0], other.step("x")[0], other.step("x")[0]] == ours
        with pytest.raises(tw.StoryError, match="seed"):
            other.seed(-2)
        assert other.step("x")[0], "a seed that cannot be leaves the episode as it is"


# --- Gymnasium ------------------------------------------------------------------------------------


def test_gymnasium_accepts_the_environment() -> None:
    pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    from tilewright.agents.gym import StoryEnv

    for actions in (None, ["open locker", "take lamp", "down"]):
        env = StoryEnv(actions=actions, render_mode="ansi")
        check_env(env, skip_render_check=True)
        env.close()


def test_gymnasium_episode() -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryEnv

    env = StoryEnv(max_steps=60)
    text, info = env.reset(seed=3)
    assert text in env.observation_space
    assert info["location"] == "Service Port"
    total, terminated = 0.0, False
    for line in WALKTHROUGH.read_text().splitlines():
        text, reward, terminated, truncated, info = env.step(line)
        assert not truncated
        total += reward
    assert terminated
    assert total == info["score"] == 50
    env.reset()
    cuts = [env.step("look")[3] for _ in range(60)]
    assert cuts == [False] * 59 + [True]
    env.close()


def test_vector_of_games_is_that_many_games() -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryVectorEnv

    lines = ["open locker", "take lamp", "down", "look"]
    env = StoryVectorEnv(4)
    observations, _ = env.reset(seed=7)
    assert env.observation_space.contains(observations)
    rows: list[Any] = [observations]
    for step in range(len(lines)):
        rows.append(env.step(tuple(lines[(step + i) % 4] for i in range(4)))[0])
    for i in range(4):
        with Game(seed=7 + i) as game:
            alone = [game.read(), *(game.send(lines[(step + i) % 4]) for step in range(4))]
        assert [row[i] for row in rows] == alone
    env.close()
    assert not env.device.is_open


def test_vector_begins_again_after_an_end() -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryVectorEnv

    env = StoryVectorEnv(2, actions=["quit", "yes", "look", "open locker"], max_steps=3)
    first, _ = env.reset()
    env.step(np.array([0, 3]))
    _, _, over, cut, _ = env.step([1, 2])
    assert over.tolist() == [True, False]
    assert not cut.any()
    again, rewards, over, cut, infos = env.step([2, 2])
    assert again[0] == first[0]
    assert rewards[0] == 0
    assert not over.any()
    assert cut.tolist() == [False, True]
    assert infos["moves"].tolist() == [0, 3]
    again, _, _, cut, _ = env.step([3, 0])
    assert again[1] == first[1]
    assert not cut.any()
    env.close()


def test_wrong_actions_say_what_was_expected() -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryEnv, StoryVectorEnv

    env = StoryEnv(actions=["look"])
    with pytest.raises(tw.StoryError, match="reset"):
        env.step(0)
    env.reset()
    with pytest.raises(tw.StoryError, match=r"0 to 0, got 1"):
        env.step(1)
    with pytest.raises(tw.StoryError, match="at least one command"):
        StoryEnv(actions=[])
    env.close()
    vector = StoryVectorEnv(2)
    with pytest.raises(tw.StoryError, match="2 actions, got 1"):
        vector.step(("look",))
    with pytest.raises(tw.StoryError, match="2 seeds, got 1"):
        vector.reset(seed=[1])
    vector.close()
    # Not after reading a story four billion times.
    with pytest.raises(tw.ArgumentError, match="stories: expected -2147483648 to 4096, got 21474"):
        StoryVectorEnv(1 << 31)
    with pytest.raises(tw.StoryError, match="a batch has at most 4096 games, got 5000"):
        StoryVectorEnv([None] * 5000)


def test_gymnasium_seeds() -> None:
    """Any number that is none is refused by us, before Gymnasium does; -1 is another each time."""
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryEnv

    env = StoryEnv()
    for wrong in ([1], "x", 1.5, -2):
        with pytest.raises(tw.ArgumentError, match="seed: expected"):
            env.reset(seed=wrong)  # type: ignore[arg-type]
    assert env.reset(seed=-1)[0]
    assert env.reset(seed=1 << 40)[0]
    env.close()


def test_gymnasium_environments_are_pickled(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryEnv, StoryVectorEnv

    env = pickle.loads(pickle.dumps(StoryEnv(seed=3, max_steps=4)))
    env.reset()
    env.step("open locker")
    twin = pickle.loads(pickle.dumps(env))
    for line in ("take lamp", "down", "look"):
        assert twin.step(line) == env.step(line)
    assert twin.reset() == env.reset()
    twin.close()
    env.close()
    vector = StoryVectorEnv(2)
    vector.reset(seed=7)
    vector.step(("open locker", "look"))
    other = pickle.loads(pickle.dumps(vector))
    ours, theirs = vector.step(("take lamp", "d")), other.step(("take lamp", "d"))
    assert ours[0] == theirs[0]
    assert ours[1].tolist() == theirs[1].tolist()
    assert vector.reset(seed=1)[0] == other.reset(seed=1)[0]
    other.close()
    vector.close()
    with tw.open() as device, pytest.raises(tw.UnsupportedError, match="device that it was given"):
        pickle.dumps(StoryVectorEnv(1, device=device))


def test_gymnasium_truncates_a_turn_without_end(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    from tilewright.agents.gym import StoryEnv, StoryVectorEnv

    story = compiled(tmp_path, 5)
    env = StoryEnv(story, limit=10_000)
    assert env.reset()[1]["score"] == 7
    text, reward, ended, truncated, info = env.step("loop")
    assert (text[-3:], reward, ended, truncated) == ("xxx", 0.0, False, True)
    with pytest.raises(tw.StoryError, match="no prompt after 10000"):
        env.step("x")
    env.reset()
    info = env.step("silent")[4]
    assert "score" not in info
    assert "location" not in info
    env.close()
    vector = StoryVectorEnv(2, story=story, limit=10_000)
    first, infos = vector.reset()
    assert infos["score"].tolist() == [7, 7]
    _, rewards, over, cut, infos = vector.step(("loop", "down"))
    assert cut.tolist() == [True, False]
    assert not over.any()
    assert rewards.tolist() == [0.0, 5.0]
    again = vector.step(("x", "silent"))
    assert again[0][0] == first[0]
    assert again[4]["_score"].tolist() == [True, False]
    vector.close()
