"""The handle of an open chip with at most one story on it, and the functions that take it.

Everything that is played is played by `tilewright.zmachine.Game`; this module keeps the handle and
says what is wrong with a call.
"""

from __future__ import annotations

import os

import tilewright
from tilewright.closing import Closing
from tilewright.zmachine import Game
from tilewright.zmachine.session import next_free_tile


class ZorkDevice(Closing):
    """What `init_device` gives. Close it with `close_device` or use it in a ``with`` statement."""

    def __init__(self, device: tilewright.Device | None) -> None:
        self._own_device = device is None
        self._device = tilewright.open() if device is None else device
        self._game: Game | None = None
        self._closed = False

    @property
    def device(self) -> tilewright.Device:
        """The chip; other work can run on it beside the story."""
        return self._device

    @property
    def game(self) -> Game:
        """The story that is played: its objects, its place, save files. Error without one."""
        self.check_open()
        if self._game is None:
            raise tilewright.StoryError(
                "no story is loaded: expected load_game(device, path) first"
            )
        return self._game

    @property
    def waiting(self) -> bool:
        """The last batch stopped because the story waits for a line or a key."""
        return self.game.waiting

    @property
    def finished(self) -> bool:
        """The story has ended."""
        return self.game.finished

    @property
    def instructions(self) -> int:
        """Z-machine instructions executed since the story began."""
        return self.game.instructions

    @property
    def closed(self) -> bool:
        """`close_device` has been called."""
        return self._closed

    def load(self, game: Game) -> None:
        """Put a game in the place of the one that was there."""
        previous, self._game = self._game, game
        if previous is not None:
            previous.close()

    def close(self) -> None:
        """What `close_device` does."""
        if self._closed:
            return
        self._closed = True
        if self._game is not None and self._device.is_open:
            self._game.close()
        if self._own_device:
            self._device.close()

    def check_open(self) -> None:
        """Error if the handle, or the chip under it, has been closed."""
        if self._closed:
            raise tilewright.ClosedError(
                "the device is closed: expected one that init_device opened"
            )
        if not self._device.is_open:
            raise tilewright.ClosedError("the chip under this device has been closed")

    def __repr__(self) -> str:
        if self._closed:
            return "<ZorkDevice, closed>"
        return f"<ZorkDevice with {self._game}>" if self._game else "<ZorkDevice without a story>"


def init_device(device: tilewright.Device | None = None) -> ZorkDevice:
    """Open a chip (preset ``blackhole``), or take one that is open already, which then stays open
    when the handle is closed."""
    if device is not None and not isinstance(device, tilewright.Device):
        raise tilewright.ArgumentError(
            f"device: expected a tilewright.Device, got {type(device).__name__}"
        )
    handle = ZorkDevice(device)
    handle.check_open()
    return handle


def load_game(
    device: ZorkDevice,
    path: str | os.PathLike[str] | bytes,
    seed: int | None = None,
    strict: bool = False,
) -> None:
    """Begin a story, of a file or of its bytes, on the next free tile; it takes the place of one
    that is played already. StoryError, and that one goes on, if it cannot be played."""
    _handle(device).check_open()
    tile = next_free_tile(device.device)
    device.load(Game(path, device.device, tile, seed, strict))


def execute_batch(device: ZorkDevice, n: int | None = 100, input: str | None = None) -> str:
    """Execute exactly `n` Z-machine instructions, fewer if the game ends or waits for a line; None
    runs to the next prompt. Gives the text that they printed.

    `input` is what the game reads next. A story that wants to be saved or restored stops as well:
    ``device.game.file_request`` says so and ``device.game.save()`` or ``load()`` does it; whoever
    runs the next batch without that has declined.
    """
    game = _handle(device).game
    if n is not None and not 0 <= n < (1 << 32) - 1:
        raise tilewright.ArgumentError(f"n: expected 0 to 2**32 - 2 instructions or None, got {n}")
    if input is not None:
        game.enter(input)
    return game.read() if n is None else game.step(n)


def get_state(device: ZorkDevice) -> bytes:
    """All of the game but the story itself."""
    return _handle(device).game.state()


def set_state(device: ZorkDevice, state: bytes) -> None:
    """Go on from what `get_state` gave, here or in another process that has loaded the same story.
    StoryError, and nothing changed, for anything else."""
    _handle(device).game.restore(state)


def close_device(device: ZorkDevice) -> None:
    """Give everything back; harmless when done twice."""
    _handle(device).close()


def _handle(device: ZorkDevice) -> ZorkDevice:
    if not isinstance(device, ZorkDevice):
        raise tilewright.ArgumentError(
            f"device: expected what init_device gives, got {type(device).__name__}"
        )
    return device
