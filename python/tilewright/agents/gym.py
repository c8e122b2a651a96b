"""A story as a Gymnasium environment, and many at once (extra ``gymnasium``).

They are registered with Gymnasium when this module is imported::

    import gymnasium
    import tilewright.agents.gym

    env = gymnasium.make("tilewright/Story-v0", story="zork1.z3", max_steps=100)
    envs = gymnasium.make_vec("tilewright/Story-v0", num_envs=8, story="zork1.z3")

Observations are the texts that the story prints, rewards what a command adds to its score. Actions
are commands, or the numbers of commands if the environment was given a list of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

import tilewright
from tilewright.agents import outcome, turn
from tilewright.arguments import name_arguments
from tilewright.errors import StoryError, UnsupportedError
from tilewright.zmachine import Game, GameBatch, given
from tilewright.zmachine.batch import list_stories
from tilewright.zmachine.layout import MAX_INPUT
from tilewright.zmachine.story import read_story
from tilewright.zmachine.text import DEFAULT_UNICODE

__all__ = ["StoryEnv", "StoryVectorEnv"]

#: Characters an observation can hold; others that a story prints become question marks.
CHARACTERS = "".join(chr(code) for code in (10, *range(32, 127), *range(161, 256)))
CHARACTERS += "".join(sorted(set(DEFAULT_UNICODE) - set(CHARACTERS)))
TYPEABLE = "".join(chr(code) for code in range(32, 127))
MAX_TEXT = 1 << 16
_REPLACE = dict.fromkeys(range(32), " ") | {10: "\n"}

Story = str | os.PathLike[str] | bytes | None
Info = dict[str, Any]


def observation_space() -> gymnasium.spaces.Text:
    """Texts of up to 65,536 characters."""
    return gymnasium.spaces.Text(MAX_TEXT, min_length=0, charset=CHARACTERS)


def action_space(actions: Sequence[str] | None) -> gymnasium.Space[Any]:
    """Commands, or the number of one."""
    if actions is None:
        return gymnasium.spaces.Text(MAX_INPUT, min_length=0, charset=TYPEABLE)
    if not actions:
        raise StoryError("actions: expected at least one command, got none")
    return gymnasium.spaces.Discrete(len(actions))


def as_observation(text: str) -> str:
    """A text as the observation space has it."""
    known = set(CHARACTERS)
    cut = text.translate(_REPLACE)[-MAX_TEXT:]
    return "".join(character if character in known else "?" for character in cut)


def as_command(action: Any, actions: Sequence[str] | None) -> str:
    """What to type for an action."""
    if actions is None:
        if not isinstance(action, str):
            raise StoryError(f"action: expected a command, got {action!r}")
        return action
    if not 0 <= int(action) < len(actions):
        raise StoryError(f"action: expected 0 to {len(actions) - 1}, got {action!r}")
    return actions[int(action)]


def is_over(game: Game, text: str) -> bool:
    """The story has stopped, or tells of a victory or a defeat."""
    return game.finished or outcome.is_victory(text, False) or outcome.is_defeat(text)


def describe(game: Game, score: int | None) -> Info:
    """The `info` of a step, without what the story does not tell."""
    place = game.location
    known: Info = {
        "score": score,
        "moves": game.moves,
        "location": place.name if place else None,
        "instructions": game.instructions,
    }
    return {name: value for name, value in known.items() if value is not None}


def numpy_seed(seed: int | None) -> int | None:
    """A seed of Gymnasium's, which can be longer than a game's."""
    return seed if seed is None or seed == -1 else seed & 0xFFFFFFFF


class StoryEnv(gymnasium.Env[str, Any]):
    """One story. `reset(seed=...)` starts its random numbers there; a reset without a seed uses the
    last one again, and -1 is another each time. After `max_steps` commands an episode is truncated,
    as it is when a turn has come to no prompt after `limit` instructions."""

    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012 (Gymnasium's own type is that of an instance)

    def __init__(
        self,
        story: Story = None,
        *,
        actions: Sequence[str] | None = None,
        seed: int | None = None,
        max_steps: int | None = None,
        limit: int | None = turn.LIMIT,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise StoryError(f"render_mode: expected None or 'ansi', got {render_mode!r}")
        self.render_mode = render_mode
        self.observation_space = observation_space()
        self.action_space = action_space(actions)
        self._actions = list(actions) if actions is not None else None
        self._max_steps = max_steps
        self._limit = given.limit(limit)
        self._seed = turn.check_seed(seed)
        self._story = read_story(story)[1]
        self._open()

    def _open(self) -> None:
        self._device = tilewright.open()
        self._game: Game | None = None
        self._text = ""
        self._steps = 0
        self._score: int | None = None

    @property
    def game(self) -> Game:
        """The game of this episode."""
        if self._game is None:
            raise StoryError("no episode has begun: expected reset() first")
        return self._game

    @property
    def device(self) -> tilewright.Device:
        """The chip it is played on."""
        return self._device

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, Info]:
        """Begin an episode; gives the first text and what is known."""
        if seed is not None:
            seed = given.integer("seed", seed, -1, (1 << 128) - 1)
        super().reset(seed=None if seed == -1 else seed)
        self._seed = self._seed if seed is None else numpy_seed(seed)
        if self._game is not None:
            self._game.close()
        game = self._game = Game(self._story, self._device, seed=turn.game_seed(self._seed))
        self._text = turn.play(game, None, self._limit)
        turn.check_stopped(game, self._limit, self._text)
        self._steps, self._score = 0, turn.score_of(game, self._text)
        return as_observation(self._text), describe(game, self._score)

    def step(self, action: Any) -> tuple[str, float, bool, bool, Info]:
        """Type a command, or the one of that number; gives the text, what it added to the score,
        whether the game is over, whether the episode is cut, and what is known."""
        game = self.game
        command = as_command(action, self._actions)
        turn.check_stopped(game, self._limit, self._text)
        self._text = turn.play(game, command, self._limit)
        self._steps += 1
        before, self._score = self._score, turn.score_of(game, self._text)
        cut = self._max_steps is not None and self._steps >= self._max_steps
        return (
            as_observation(self._text),
            turn.gain(before, self._score),
            is_over(game, self._text),
            cut or turn.is_stuck(game),
            describe(game, self._score),
        )

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["_device"]
        game = state.pop("_game")
        return {**state, "game": None if game is None else game.state()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        game = state.pop("game")
        self.__dict__.update(state)
        rest = (self._text, self._steps, self._score)
        self._open()
        self._text, self._steps, self._score = rest
        if game is not None:
            self._game = Game(self._story, self._device)
            self._game.restore(game)

    def render(self) -> str | None:
        """The last text, with the render mode "ansi"."""
        return self._text if self.render_mode == "ansi" else None

    def __repr__(self) -> str:
        if not self._device.is_open:
            return "<StoryEnv, closed>"
        return f"<StoryEnv after {self._steps} steps, score {self._score}>"

    def __str__(self) -> str:  # Gymnasium's has the name of the class only
        return repr(self)

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
        if self._game is not None:
            self._game.close()
        self._device.close()


class StoryVectorEnv(VectorEnv[tuple[str, ...], Any, npt.NDArray[Any]]):
    """Many games on one chip, one a tile; each step of all of them is one run of the device.

    `stories` is a number of games, of `story`, or a list with a story for each. A game that is over
    begins again at the next step, whose action it does not read (Gymnasium's ``NEXT_STEP``), as is
    one that has come to no prompt after `limit` instructions of a turn.
    """

    def __init__(
        self,
        stories: int | Sequence[Story],
        *,
        story: Story = None,
        actions: Sequence[str] | None = None,
        seeds: Sequence[int] | None = None,
        max_steps: int | None = None,
        limit: int | None = turn.LIMIT,
        device: tilewright.Device | None = None,
    ) -> None:
        sources = list_stories(stories, story)
        self._limit = given.limit(limit)
        read: dict[int, bytes] = {}  # each once, as all may be the same
        for source in sources:
            if id(source) not in read:
                read[id(source)] = read_story(source)[1]
        self._sources: list[Story] = [read[id(source)] for source in sources]
        self.num_envs = len(sources)
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = observation_space()
        self.single_action_space = action_space(actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._actions = list(actions) if actions is not None else None
        self._max_steps = max_steps
        self._own_device = device is None
        numbers = range(1, self.num_envs + 1) if seeds is None else seeds
        self._seeds = [turn.check_seed(number) for number in numbers]
        self._device = tilewright.open() if device is None else device
        try:
            self._deal()
        except BaseException:
            if self._own_device:
                self._device.close()
            raise

    def _deal(self) -> None:
        """New games with the seeds as they are."""
        seeds = [turn.game_seed(seed) for seed in self._seeds]
        self._batch = GameBatch(self._sources, self._device, seeds=seeds)
        self._openings = self._batch.read(self._limit)
        for game, text in zip(self._batch.games, self._openings, strict=True):
            turn.check_stopped(game, self._limit, text)
        self._states = [game.state() for game in self._batch.games]
        self._over = np.zeros(self.num_envs, np.bool_)
        self._steps = np.zeros(self.num_envs, np.int64)
        self._scores = self._now(self._openings)

    def _now(self, texts: Sequence[str]) -> list[int | None]:
        pairs = zip(self._batch.games, texts, strict=True)
        return [turn.score_of(game, text) for game, text in pairs]

    @property
    def batch(self) -> GameBatch:
        """The games."""
        return self._batch

    @property
    def device(self) -> tilewright.Device:
        """The chip they are played on."""
        return self._device

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[tuple[str, ...], Info]:
        """Begin an episode of each game; seeds as for one, a list of them, or a first one."""
        if isinstance(seed, int):
            seed = [seed + i for i in range(self.num_envs)]
        if seed is not None:
            if len(seed) != self.num_envs:
                raise StoryError(f"seed: expected {self.num_envs} seeds, got {len(seed)}")
            pairs = zip(self._seeds, seed, strict=True)
            self._seeds = [old if new is None else numpy_seed(new) for old, new in pairs]
        self._batch.close()
        self._deal()
        return self._observe(self._openings), self._infos()

    def step(
        self, actions: Any
    ) -> tuple[
        tuple[str, ...], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], dict[str, Any]
    ]:
        """A command for each game, in one run of the chip; what it gives are lists of what one
        environment gives. A game that was over begins again instead."""
        if len(actions) != self.num_envs:
            raise StoryError(f"step: expected {self.num_envs} actions, got {len(actions)}")
        again = self._over
        commands = [
            None if again[i] else as_command(action, self._actions)
            for i, action in enumerate(actions)
        ]
        for i, game in enumerate(self._batch.games):
            if again[i]:
                game.restore(self._states[i])
        texts = self._batch.send(commands, self._limit)
        for i, game in enumerate(self._batch.games):
            if again[i]:
                texts[i] = self._openings[i]
            if game.file_request is not None:
                texts[i] += turn.play(game, None, self._limit)
        scores = self._now(texts)
        gains = [turn.gain(*pair) for pair in zip(self._scores, scores, strict=True)]
        rewards = np.where(again, 0.0, gains)
        self._scores = scores
        self._steps = np.where(again, 0, self._steps + 1)
        pairs = zip(self._batch.games, texts, strict=True)
        over = np.array([is_over(game, text) for game, text in pairs]) & ~again
        cut = np.array([turn.is_stuck(game) for game in self._batch.games])
        if self._max_steps is not None:
            cut |= self._steps >= self._max_steps
        self._over = over | cut
        return self._observe(texts), rewards, over, cut, self._infos()

    def __getstate__(self) -> dict[str, Any]:
        if not self._own_device:
            raise UnsupportedError("an environment on a device that it was given cannot be pickled")
        state = self.__dict__.copy()
        del state["_device"]
        games = state.pop("_batch").games
        return {**state, "games": [game.state() for game in games]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        games = state.pop("games")
        self.__dict__.update(state)
        self._device = tilewright.open()
        self._batch = GameBatch(self._sources, self._device)
        for game, its_state in zip(self._batch.games, games, strict=True):
            game.restore(its_state)

    def _observe(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(as_observation(text) for text in texts)

    def _infos(self) -> Info:
        infos: Info = {}
        for i, game in enumerate(self._batch.games):
            infos = self._add_info(infos, describe(game, self._scores[i]), i)
        return infos

    def close_extras(self, **_: Any) -> None:
        self._batch.close()
        if self._own_device:
            self._device.close()


def make_story_vector(num_envs: int, **options: Any) -> StoryVectorEnv:
    """`StoryVectorEnv` as ``gymnasium.make_vec`` makes it."""
    return StoryVectorEnv(num_envs, **options)


name_arguments(globals())

if "tilewright/Story-v0" not in gymnasium.registry:
    gymnasium.register(
        "tilewright/Story-v0",
        entry_point="tilewright.agents.gym:StoryEnv",
        vector_entry_point="tilewright.agents.gym:make_story_vector",
    )
