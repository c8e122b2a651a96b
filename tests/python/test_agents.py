"""Stories for agents: episodes, states, worlds, valid actions, and Gymnasium's own checks."""

import os
import pickle
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

WALKTHROUGH = Path(__file__).parents[2] / "games" / "darksilicon.walkthrough"


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
    assert [thing.number for thing in objects] == list(range(1, len(objects) + 1))
    assert {"locker", "lamp"} <= {word.text for word in env.get_dictionary()}
    assert env.get_moves() == 0
    env.step("down")
    moved = env.get_player_location()
    assert moved is not None
    assert moved.number != place.number
    assert env.get_moves() == 1


def test_inventory_of_a_published_story() -> None:
    with FrotzEnv(published("zork1.z3")) as env:
        assert env.get_inventory() == []
        env.step("open mailbox")
        env.step("take leaflet")
        (leaflet,) = env.get_inventory()
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


def test_seed_of_each() -> None:
    # random 1000 -> sp; print_num sp; new_line; then a read, again and again
    story = bytearray(0x600)
    story[0] = 3
    for at, value in ((4, 0x400), (6, 0x500), (8, 0x400), (10, 0x220), (12, 0x40), (14, 0x400)):
        story[at : at + 2] = value.to_bytes(2, "big")
    story[0x1A:0x1C] = (len(story) // 2).to_bytes(2, "big")
    story[0x300] = 20
    code = bytes.fromhex("e73f03e800 e6bf00 bb e40f03000340 8cfff0")
    story[0x340] = 5
    story[0x500 : 0x500 + len(code)] = code
    story[0x1C:0x1E] = (sum(story[64:]) & 0xFFFF).to_bytes(2, "big")
    with FrotzEnv(bytes(story), seed=5) as one, FrotzEnv(bytes(story), seed=6) as other:
        ours = [one.reset()[0], one.step("x")[0], one.step("x")[0]]
        assert [one.reset()[0], one.step("x")[0], one.step("x")[0]] == ours
        assert other.reset()[0] != ours[0]
        assert other.seed(5) == 5
        assert [other.reset()[0], other.step("x")[0], other.step("x")[0]] == ours
        with pytest.raises(tw.StoryError, match="seed"):
            other.seed(-1)
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
