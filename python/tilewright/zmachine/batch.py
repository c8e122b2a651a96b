"""Many games at once, one on each tile, each step of all of them in one run of the device."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tilewright.closing import Closing
from tilewright.device import Device, open_device
from tilewright.errors import ArgumentError, StoryError
from tilewright.zmachine import given
from tilewright.zmachine.game import Game
from tilewright.zmachine.session import next_free_tile

Source = str | os.PathLike[str] | bytes | None

#: Tiles of the largest chip that can be.
MOST_GAMES = 64 * 64


def list_stories(stories: int | Sequence[Source], story: Source) -> list[Source]:
    """A story for each game. StoryError unless there is at least one."""
    if isinstance(stories, str | bytes):
        raise ArgumentError(f"stories: expected a number or a list, got {type(stories).__name__}")
    if isinstance(stories, Sequence):
        sources = list(stories)
    else:
        sources = [story] * given.integer("stories", stories, -(1 << 31), MOST_GAMES)
    if not sources:
        raise StoryError(f"a batch needs at least one game, got {stories!r}")
    if len(sources) > MOST_GAMES:
        raise StoryError(f"a batch has at most {MOST_GAMES} games, got {len(sources)}")
    return sources


class GameBatch(Closing):
    """Games side by side on the tiles of one device: commands in, texts out, in one call.

    `stories` is a list with a story for each game, or a number of games, then of `story` (by
    default the one that ships). `seeds` gives each its own random numbers. Without a `device` the
    batch opens one, preset ``blackhole``. The games are in `games`; each can be used by itself.
    """

    def __init__(
        self,
        stories: int | Sequence[Source],
        device: Device | None = None,
        *,
        story: Source = None,
        seeds: Sequence[int | None] | None = None,
        strict: bool = False,
    ) -> None:
        sources = list_stories(stories, story)
        if seeds is not None and len(seeds) != len(sources):
            raise StoryError(f"seeds: expected {len(sources)}, got {len(seeds)}")
        self._own_device = device is None
        self._device = open_device() if device is None else device
        self.games: list[Game] = []
        try:
            for i, source in enumerate(sources):
                tile = next_free_tile(self._device)
                seed = None if seeds is None else seeds[i]
                self.games.append(Game(source, self._device, tile, seed, strict))
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        if not self._device.is_open:
            return "<GameBatch, closed>"
        return f"<GameBatch of {len(self.games)} games on {self._device.config.name}>"

    def read(self, limit: int | None = None) -> list[str]:
        """Play every game to its next prompt or its end; gives the texts. A game that has not come
        there after `limit` instructions stops where it is, and its `stopped` is False."""
        count = given.limit(limit)
        for game in self.games:
            game.session.transcript.begin()
        return self._play(list(range(len(self.games))), count)

    def send(self, lines: Sequence[str | None], limit: int | None = None) -> list[str]:
        """Type a line into each game and play all to their next prompts; gives the texts. None, or
        any line for a game that has ended, leaves that game as it is. `limit` is as for `read`, of
        what follows the line.

        If games fail, the others get to their prompts first; then the StoryError of the first one
        is raised, which names its place in the batch. The texts are in `Game.text` then.
        """
        if len(lines) != len(self.games):
            raise StoryError(f"send: expected {len(self.games)} lines, got {len(lines)}")
        typed = {i: given.line(line) for i, line in enumerate(lines) if line is not None}
        count = given.limit(limit)
        for game in self.games:
            game.session.transcript.begin()
        plays = [i for i in typed if not self.games[i].finished]
        first = [i for i in plays if not self.games[i].waiting]
        texts = self._play(first, count) if first else [""] * len(self.games)
        plays = [i for i in plays if i not in first or self.games[i].waiting]
        for i in plays:
            self.games[i].enter(typed[i])
        answers = self._play(plays, count)
        return [before + after for before, after in zip(texts, answers, strict=True)]

    def _play(self, numbers: list[int], limit: int | None) -> list[str]:
        """Run some of the games until each has stopped; the texts of all, empty for the others."""
        texts = [""] * len(self.games)
        errors: dict[int, StoryError] = {}
        ends = {i: None if limit is None else self.games[i].instructions + limit for i in numbers}
        sizes = self._sizes(ends)
        while sizes:
            for i, text in self._run(sizes, errors):
                texts[i] += text
            ends = {i: ends[i] for i in sizes if i not in errors and self.games[i].session.goes_on}
            sizes = self._sizes(ends)
        if errors:
            i = min(errors)
            raise StoryError(f"game {i} of the batch: {errors[i]}") from errors[i]
        return texts

    def _sizes(self, ends: dict[int, int | None]) -> dict[int, int]:
        """How many instructions games may still execute, for those that may."""
        sizes = {i: self.games[i].session.batch_size(end) for i, end in ends.items()}
        return {i: size for i, size in sizes.items() if size}

    def _run(self, sizes: dict[int, int], errors: dict[int, StoryError]) -> list[tuple[int, str]]:
        sessions = {i: self.games[i].session for i in sizes}
        for session in sessions.values():
            session.check_usable()
        before = {i: session.area.live() for i, session in sessions.items()}
        launches = [session.launch(sizes[i]) for i, session in sessions.items()]
        try:
            self._device.run_launches(launches)
        except BaseException:
            for session in sessions.values():
                session.interrupted = True
            raise
        texts = []
        for i, session in sessions.items():
            try:
                texts.append((i, session.collect(before[i])))
            except StoryError as error:
                errors[i] = error
        return texts

    @property
    def finished(self) -> list[bool]:
        """Which games have ended."""
        return [game.finished for game in self.games]

    @property
    def device(self) -> Device:
        """The chip they are played on."""
        return self._device

    def __len__(self) -> int:
        return len(self.games)

    def __getitem__(self, index: int) -> Game:
        return self.games[index]

    def close(self) -> None:
        """Close all games, and a device that the batch opened; harmless when done twice."""
        for game in self.games:
            game.close()
        if self._own_device:
            self._device.close()
