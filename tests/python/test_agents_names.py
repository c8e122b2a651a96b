"""Names that scripts for Jericho use, and environments made by their id with Gymnasium."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.agents import FrotzEnv, UnsupportedGameWarning
from tilewright.agents.outcome import reported_maximum
from tilewright.zmachine.story import read_story


@pytest.fixture
def env() -> Iterator[FrotzEnv]:
    with FrotzEnv(seed=3) as opened:
        yield opened


def test_walkthrough_wins_with_the_greatest_score(env: FrotzEnv) -> None:
    assert env.get_max_score() == 50
    env.reset(use_walkthrough_seed=True)
    for command in env.get_walkthrough():
        _, _, done, info = env.step(command)
    assert done
    assert env.victory()
    assert info["score"] == 50
    assert env.get_max_score() in (None, 50)


def test_asking_for_the_greatest_score_is_no_turn(env: FrotzEnv) -> None:
    before = env.get_state()
    env.get_max_score()
    assert env.get_state() == before


@pytest.mark.parametrize(
    ("text", "maximum"),
    [
        ("Your score is 0 (total of 350 points), in 0 moves.", 350),
        ("You have so far scored 5 out of a possible 25, in 3 turns", 25),
        ("You have no points.", None),
    ],
)
def test_maximum_of_a_text(text: str, maximum: int | None) -> None:
    assert reported_maximum(text) == maximum


def test_objects_by_number(env: FrotzEnv) -> None:
    place = env.get_player_location()
    assert place is not None
    assert env.get_object(place.num) == place
    assert env.get_object(0) is None
    assert env.get_object(9999) is None
    assert place.attr.shape == (32,)
    assert set(np.nonzero(place.attr)[0]) == place.attributes
    assert len(env.get_world_objects(clean=True)) == len(env.get_world_objects())
    words = env.get_dictionary()
    assert [word.word for word in words] == [word.text for word in words]


def test_bindings_tell_what_is_known(env: FrotzEnv) -> None:
    known = env.bindings
    assert known["name"] == "darksilicon"
    assert known["rom"] == "darksilicon.z3"
    assert known["seed"] == 3
    assert known["max_word_length"] == 6
    assert {"take OBJ", "north", "put OBJ in OBJ"} <= set(known["grammar"].split(";"))
    assert known["walkthrough"].split("/") == env.get_walkthrough()


def test_a_walkthrough_lies_beside_its_story(tmp_path: Path) -> None:
    story = tmp_path / "mine.z3"
    story.write_bytes(read_story(None)[1])
    with FrotzEnv(story) as env:
        with pytest.warns(UnsupportedGameWarning, match=r"no walkthrough of .*mine\.z3"):
            assert env.get_walkthrough() == []
        assert "walkthrough" not in env.bindings
    story.with_suffix(".walkthrough").write_text("open locker\ntake lamp\n")
    with FrotzEnv(story) as env:
        assert env.get_walkthrough() == ["open locker", "take lamp"]
        with env.copy() as twin:
            assert twin.bindings == env.bindings


def test_valid_actions_take_the_names_of_jericho(env: FrotzEnv) -> None:
    everything = env.get_valid_actions(use_object_tree=True, use_ctypes=True, use_parallel=True)
    assert everything == env.get_valid_actions()
    before = env.get_state()
    mentioned = env.get_valid_actions(use_object_tree=False)
    assert env.get_state() == before
    assert "open locker" in mentioned
    assert set(mentioned) <= set(everything)


def test_environments_are_made_by_their_id() -> None:
    gymnasium = pytest.importorskip("gymnasium")
    import tilewright.agents.gym

    env = gymnasium.make("tilewright/Story-v0", seed=3, max_steps=2)
    text, info = env.reset()
    assert "Service Port" in text
    assert info["score"] == 0
    env.step("open locker")
    assert env.step("take lamp")[3], "cut after two steps"
    assert isinstance(env.unwrapped, tilewright.agents.gym.StoryEnv)
    env.close()
    envs = gymnasium.make_vec("tilewright/Story-v0", num_envs=2, seeds=[1, 2])
    texts, _ = envs.reset()
    assert len(texts) == 2
    assert isinstance(envs.unwrapped, tilewright.agents.gym.StoryVectorEnv)
    envs.close()
    with pytest.raises(tw.StoryError, match="nonexistent"):
        gymnasium.make("tilewright/Story-v0", story="/nonexistent.z3")
