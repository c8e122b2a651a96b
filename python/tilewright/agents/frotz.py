"""A story as an environment with the method names of Jericho's FrotzEnv, for any story.

Nothing is shared between environments: each has its chip, its game and its seed, can be pickled,
and many live in one process.
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import tilewright
from tilewright.agents import actions, outcome, turn
from tilewright.closing import Closing
from tilewright.errors import StoryError
from tilewright.zmachine import Game, Object, Word, given, world
from tilewright.zmachine.story import read_story

Info = dict[str, int | None]


class State(NamedTuple):
    """What `get_state` gives: the game, and what the environment knows of its last step."""

    game: bytes
    text: str
    score: int | None


class UnsupportedGameWarning(UserWarning):
    """The story's own data do not tell what was asked for."""


_NO_OBJECT = Object(0, "", 0, 0, 0, frozenset(), {})


class FrotzEnv(Closing):
    """One story, played by an agent. `story_file` is a path, the bytes of a story, or None for the
    one that ships; `seed` starts its random numbers, again at every `reset`; with -1 they start
    somewhere else each time.

    A turn that has not come to a prompt after `limit` instructions is a StoryError; None is no
    limit. What a story does not tell, such as its score or the place, is None, and earns nothing.
    """

    def __init__(
        self,
        story_file: str | os.PathLike[str] | bytes | None = None,
        seed: int | None = None,
        *,
        limit: int | None = turn.LIMIT,
    ) -> None:
        name, self._story = read_story(story_file)
        self._name = name.removeprefix("story ")
        self._walkthrough = read_walkthrough(story_file)
        self._limit = given.limit(limit)
        self._open(turn.check_seed(seed))

    def _open(self, seed: int | None, opening: State | None = None) -> None:
        """`opening` is what the story begins with, if it has been played so far before."""
        self._seed = seed
        self._device = tilewright.open()
        try:
            if opening is None:
                self._begin()
            else:
                self._game = Game(self._story, self._device, seed=turn.game_seed(seed))
                self._opening = opening
        except BaseException:
            self._device.close()
            raise

    def _begin(self) -> None:
        self._game = Game(self._story, self._device, seed=turn.game_seed(self._seed))
        self._text = turn.play(self._game, None, self._limit)
        turn.check_stopped(self._game, self._limit, self._text)
        self._score = turn.score_of(self._game, self._text)
        self._opening = self.get_state()

    # --- An episode -------------------------------------------------------------------------------

    def seed(self, seed: int | None = None) -> int | None:
        """Start the random numbers from here at the next `reset`; gives the seed."""
        self._seed = turn.check_seed(seed)
        self._game.close()
        self._begin()
        return seed

    def reset(self, use_walkthrough_seed: bool = False) -> tuple[str, Info]:
        """Begin again; gives the first text and what is known. With `use_walkthrough_seed`, as
        scripts for Jericho give it, from the seed in `bindings`, which is where it begins anyway
        unless each episode has a seed of its own."""
        if self._seed == -1 and not use_walkthrough_seed:
            self._game.close()
            self._begin()
        self.set_state(self._opening)
        return self._text, self._info()

    def step(self, action: str) -> tuple[str, float, bool, Info]:
        """Type a line; gives the text, what it added to the score, whether the game is over, and
        what is known."""
        if self._game.finished:
            raise StoryError(f"step: the game has ended, expected reset() before {action!r}")
        turn.check_stopped(self._game, self._limit, self._text)
        self._text = turn.play(self._game, action, self._limit)
        turn.check_stopped(self._game, self._limit, self._text)
        before, self._score = self._score, turn.score_of(self._game, self._text)
        finished = self._game.finished
        won = outcome.is_victory(self._text, finished)
        done = finished or won or outcome.is_defeat(self._text)
        return self._text, turn.gain(before, self._score), done, self._info()

    def _info(self) -> Info:
        return {"moves": self._game.moves, "score": self._score}

    def victory(self) -> bool:
        """The game is won, as far as its last text tells."""
        return outcome.is_victory(self._text, self._game.finished)

    def game_over(self) -> bool:
        """The game is lost, or has stopped without a victory."""
        return not self.victory() and (self._game.finished or outcome.is_defeat(self._text))

    # --- State ------------------------------------------------------------------------------------

    def get_state(self) -> State:
        """All of the environment but the story; `set_state` of any of the same story takes it."""
        return State(self._game.state(), self._text, self._score)

    def set_state(self, state: State) -> None:
        """Go on from what `get_state` gave."""
        self._game.restore(state.game)
        self._text, self._score = state.text, state.score

    def copy(self) -> FrotzEnv:
        """An environment that goes on from here by itself, on a chip of its own."""
        twin = FrotzEnv.__new__(FrotzEnv)
        twin.__setstate__(self.__getstate__())
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {
            "story": self._story,
            "name": self._name,
            "walkthrough": self._walkthrough,
            "seed": self._seed,
            "limit": self._limit,
            "state": tuple(self.get_state()),
            "opening": tuple(self._opening),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._story, self._limit = state["story"], state["limit"]
        self._name, self._walkthrough = state["name"], state["walkthrough"]
        self._open(state["seed"], State(*state["opening"]))
        self.set_state(State(*state["state"]))

    # --- The world --------------------------------------------------------------------------------

    def get_score(self) -> int | None:
        """The score now, if the story tells."""
        return self._score

    def get_max_score(self) -> int | None:
        """The greatest score there is, if the story tells when it is asked for the score."""
        if self._game.finished:
            return outcome.reported_maximum(self._text)
        with self._game.fork() as trial:
            return outcome.reported_maximum(turn.play(trial, "score", self._limit))

    def get_walkthrough(self) -> list[str]:
        """The commands that win: of the story that ships, and of one beside whose file there is
        one with them, a line each, called like it but ``.walkthrough``. Else none, with an
        UnsupportedGameWarning."""
        if not self._walkthrough:
            warnings.warn(
                f"there is no walkthrough of {self._name}: expected a file called like the story's "
                "but .walkthrough beside it",
                UnsupportedGameWarning,
                stacklevel=2,
            )
        return list(self._walkthrough)

    @property
    def bindings(self) -> dict[str, Any]:
        """What is known of the story beforehand, by Jericho's names: ``name``, ``rom``, ``seed``,
        ``max_word_length``, ``grammar`` and, if there is one, ``walkthrough``; lists of it are
        texts with ``;`` or ``/`` between."""
        version, dictionary = self._game.version, self._game.dictionary
        known: dict[str, Any] = {
            "name": Path(self._name).stem,
            "rom": Path(self._name).name,
            "seed": self._seed,
            "max_word_length": actions.word_length(version),
            "grammar": ";".join(actions.grammar_of(dictionary, version)),
        }
        if self._walkthrough:
            known["walkthrough"] = "/".join(self._walkthrough)
        return known

    def get_moves(self) -> int | None:
        """The turns taken, if the story tells."""
        return self._game.moves

    def get_player_location(self) -> Object | None:
        """Where the player is, if the story tells."""
        return self._game.location

    def get_player_object(self) -> Object | None:
        """The object that stands for the player, if it can be told which it is."""
        return self._game.player

    def get_inventory(self) -> list[Object] | None:
        """What the player carries, if it can be told who that is."""
        return self._game.inventory

    def get_object(self, obj_num: int) -> Object | None:
        """The object of that number, or None if there is none."""
        return self._game.objects.get(obj_num)

    def get_world_objects(self, clean: bool = False) -> list[Object]:
        """All objects of the story; the place in the list is the number, and 0 is no object.
        `clean` is there for scripts for Jericho, which leaves objects out by hand for some of its
        games; here they are always all."""
        return [_NO_OBJECT, *self._game.objects.values()]

    def get_dictionary(self) -> list[Word]:
        """The words that the story knows, cut as it cuts them."""
        return list(self._game.dictionary.values())

    def get_world_state_hash(self) -> str:
        """Equal for equal places and attributes of all objects; the clock does not count."""
        return _hash_world(self._game)

    def get_valid_actions(
        self, use_object_tree: bool = True, use_ctypes: bool = True, use_parallel: bool = True
    ) -> list[str]:
        """Commands that change more here than waiting does, each tried on a copy of the game; of
        several that change the world to the same, the first. What is not made of common verbs and
        of the names of things in sight is not among them.

        Without `use_object_tree`, things that the story does not mention when one looks round and
        at what one carries are not in sight either. The other two are there for scripts for
        Jericho, where they make it faster.
        """
        if self._game.finished:
            return []
        objects = self._game.objects
        here, player = self._game.location, self.get_player_object()
        held = actions.things_in(objects, player.number) if player else []
        if here is None and player is not None:
            outer = world.ancestors(self._game.memory, player.number)
            here = objects[outer[-1]] if outer else None
        seen = actions.things_in(objects, here.number) if here else []
        seen = [thing for thing in seen if thing not in held and thing != player]
        if not use_object_tree:
            seen, held = self._mentioned(seen), self._mentioned(held)
        commands = actions.candidates(self._game.dictionary, self._game.version, seen, held)
        return self._try(commands)

    def _mentioned(self, things: list[Object]) -> list[Object]:
        """Those whose nouns are in what the story answers to "look" and "inventory"."""
        start = self._game.state()
        text = ""
        with self._game.fork() as trial:
            for command in ("look", "inventory"):
                trial.restore(start)
                text += turn.play(trial, command, self._limit)
        length = actions.word_length(self._game.version)
        words = {word[:length] for word in re.findall(r"\w+", text.lower())}
        dictionary, version = self._game.dictionary, self._game.version
        nouns = [actions.noun_of(thing, dictionary, version) for thing in things]
        return [
            thing
            for thing, noun in zip(things, nouns, strict=True)
            if noun is not None and noun[:length] in words
        ]

    def _try(self, commands: list[str]) -> list[str]:
        start = self._game.state()
        found = {_hash_world(self._game): ""}
        with self._game.fork() as trial:
            turn.play(trial, "wait", self._limit)
            found[_hash_world(trial)] = ""
            for command in commands:
                trial.restore(start)
                turn.play(trial, command, self._limit)
                if turn.is_stuck(trial):
                    continue
                key = "finished" if trial.finished else _hash_world(trial)
                found.setdefault(key, command)
        return [command for command in found.values() if command]

    def __repr__(self) -> str:
        if not self._device.is_open:
            return "<FrotzEnv, closed>"
        return f"<FrotzEnv at move {self.get_moves()}, score {self.get_score()}>"

    # --- Lifetime ---------------------------------------------------------------------------------

    @property
    def device(self) -> tilewright.Device:
        """The chip it is played on."""
        return self._device

    @property
    def game(self) -> Game:
        """The game itself, for what has no name here."""
        return self._game

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
        self._game.close()
        self._device.close()


def read_walkthrough(story: str | os.PathLike[str] | bytes | None) -> list[str]:
    """The lines of the file of commands beside a story; none if there is no such file."""
    if isinstance(story, (bytes, bytearray, memoryview)):
        return []
    if story is None:
        file = resources.files("tilewright").joinpath("stories", "darksilicon.walkthrough")
        return file.read_text(encoding="utf-8").splitlines()
    try:
        return Path(story).with_suffix(".walkthrough").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _hash_world(game: Game) -> str:
    memory = game.memory
    here = game.location
    place = f"{here.number if here else 0} {game.score}".encode()
    return hashlib.md5(world.object_table(memory) + place, usedforsecurity=False).hexdigest()
