"""One story that is being played on one RISC-V core: what its user does with it.

`session` drives the interpreter, `keyboard` types, `saving` keeps games, `world` describes them.
"""

from __future__ import annotations

import functools
import os

from tilewright.closing import Closing
from tilewright.device import Device, open_device
from tilewright.kernel import Kernel
from tilewright.launch import Core
from tilewright.zmachine import drawn, given, keyboard, saving, world
from tilewright.zmachine.events import Event
from tilewright.zmachine.keyboard import ENTER
from tilewright.zmachine.layout import Status
from tilewright.zmachine.session import Session, next_free_tile
from tilewright.zmachine.story import Story, read_story
from tilewright.zmachine.world import Object, Word


@functools.cache
def _interpreter() -> Kernel:
    """One for all games of the process, so that they share its decoded code."""
    return Kernel.builtin("zmachine")


class Game(Closing):
    """A story that is being played; its state is in the chip, this object only drives it.

    `story` is a path, the bytes of a story, or None for the one that ships. Without a `device` the
    game opens one of its own, preset ``blackhole``. `seed` starts the random numbers; the default
    is always the same. With `strict`, operations on object 0 are errors instead of warnings in the
    text. StoryError if the story is missing, damaged or of a version that is not supported.

    An instruction that cannot be executed raises StoryError with its address and opcode; the game
    is then as it was before that instruction.
    """

    def __init__(
        self,
        story: str | os.PathLike[str] | bytes | None = None,
        device: Device | None = None,
        core: Core = (0, 0),
        seed: int | None = None,
        strict: bool = False,
    ) -> None:
        name, data = read_story(story)
        start = 1 if seed is None else given.seed(seed)
        self._own_device = device is None
        device = open_device() if device is None else device
        try:
            kernel = _interpreter()
            copy = Story(name, data, device.put(data))
            #: What drives the interpreter, for those who drive many games at once.
            self.session = Session(device, core, kernel, copy, start, strict)
        except BaseException:
            if self._own_device:
                device.close()
            raise
        try:
            self.session.begin_story()
        except BaseException:
            self.close()
            raise

    # --- Playing ----------------------------------------------------------------------------------

    def step(self, n: int = 100) -> str:
        """Execute exactly `n` Z-machine instructions, fewer if the game ends, waits for input, or
        wants to be saved or restored; gives the text that they printed. A read counts when it is
        met."""
        count = given.instructions("step", n)
        self.session.transcript.begin()
        return self.session.step(count)

    def start(self, n: int = 100) -> None:
        """Begin a `step` without letting time pass: it takes place beside whatever else happens on
        the device, until `finish` waits for it. Nothing else may be asked of the game meanwhile."""
        count = given.instructions("start", n)
        self.session.check_usable()
        self.session.transcript.begin()
        self.session.start(count)

    def finish(self) -> str:
        """Let time pass until what `start` began is done; gives the text as `step` does."""
        return self.session.finish()

    def read(self, limit: int | None = None) -> str:
        """Play to the next prompt, to the end of the game, or to where it wants to be saved or
        restored (see `file_request`); gives the text. A story can go round for ever: after `limit`
        instructions it stops where it is, and `stopped` is False."""
        count = given.limit(limit)
        self.session.transcript.begin()
        return self.session.play_on(count)

    def enter(self, line: str, terminator: int = ENTER) -> None:
        """Put a line where the game reads its next one; it plays on with `step` or `read`.

        A line longer than 255 characters is cut, and characters that the story does not know become
        ``?``. `terminator` is the ZSCII code of the key that ends the line. A game that waits for
        a key takes the first character, Enter if there is none, and drops the rest.
        """
        keyboard.enter(self.session, line, terminator)

    def press(self, key: str | int) -> None:
        """Put a key where the game reads its next one: a character or a ZSCII code (27 escape, 129
        to 132 up, down, left, right, 133 to 144 the function keys)."""
        keyboard.press(self.session, key)

    def send(self, line: str, limit: int | None = None) -> str:
        """Type a line and play to the next prompt; gives the text. A game that has not come to its
        first prompt gets there first. After `limit` instructions it stops as `read` does."""
        typed, left = given.line(line), given.limit(limit)
        self.session.transcript.begin()
        before = ""
        control = self.session.control()
        if not (keyboard.is_waiting(control) or keyboard.is_finished(control)):
            before = self.session.play_on(left)
            if left is not None:
                left -= self.instructions - control.instructions
                if not self.stopped:
                    return before
        self.enter(typed)
        return before + self.session.play_on(left)

    def wait(self, seconds: float) -> str:
        """Let time pass for a timed read: the story's routine is called as often as its interval
        fits. Gives the text. For a game that waits for nothing or without time nothing happens."""
        tenths = given.tenths(seconds)
        self.session.check_usable()
        self.session.transcript.begin()
        if self.timer is None:
            return ""
        keyboard.pass_time(self.session, tenths)
        return self.session.play_on()

    @property
    def text(self) -> str:
        """All that this object has read so far."""
        return self.session.transcript.text

    @property
    def events(self) -> list[Event]:
        """What the last `step`, `read`, `send` or `wait` did to the screen: windows, styles,
        cursor, text of the upper window, sounds."""
        return self.session.transcript.events

    @property
    def waiting(self) -> bool:
        """The game waits for a line or a key."""
        return keyboard.is_waiting(self.session.control())

    @property
    def waiting_for_key(self) -> bool:
        """The game waits for a single key."""
        return self.session.control().status == Status.WAITING_FOR_KEY

    @property
    def stopped(self) -> bool:
        """The game waits, has ended, or asks for a file: it is not in the middle of a turn."""
        return not self.session.goes_on

    @property
    def timer(self) -> float | None:
        """Seconds after which the waiting game wants to be called, or None; see `wait`."""
        return keyboard.timer(self.session.control())

    @property
    def finished(self) -> bool:
        """The game has ended."""
        return keyboard.is_finished(self.session.control())

    @property
    def instructions(self) -> int:
        """Z-machine instructions executed since the game began."""
        return self.session.control().instructions

    @property
    def version(self) -> int:
        """The version of the Z-machine that the story is for."""
        return self.session.control().version

    @property
    def device(self) -> Device:
        """The chip it is played on."""
        return self.session.device

    @property
    def core(self) -> Core:
        """The core it is played on."""
        return self.session.core

    # --- The story's world ------------------------------------------------------------------------

    @property
    def memory(self) -> bytes:
        """The story's memory, of which all of this is read, as it is now."""
        return self.session.memory()

    @property
    def objects(self) -> dict[int, Object]:
        """All objects of the story by number, as they are now."""
        return world.read_objects(self.memory)

    @property
    def upper_window(self) -> list[str]:
        """The lines of the upper window as the story has drawn them; none where that is not known,
        as after a saved game was loaded that has not played on."""
        return self.session.upper_window().rows

    @property
    def location(self) -> Object | None:
        """Where the player is: the object that the status line names. None if the story does not
        tell. In versions 1 to 3 the line is the interpreter's; later the story draws it."""
        memory = self.memory
        number = self._location(memory)
        return world.read_object(memory, number) if number else None

    @property
    def player(self) -> Object | None:
        """The object that stands for the player, or None if it cannot be told which it is."""
        memory = self.memory
        number = world.player(memory, self._location(memory))
        return world.read_object(memory, number) if number else None

    @property
    def inventory(self) -> list[Object] | None:
        """What the player carries, or None if it cannot be told who the player is."""
        memory = self.memory
        number = world.player(memory, self._location(memory))
        if not number:
            return None
        return [world.read_object(memory, each) for each in world.children(memory, number)]

    @property
    def score(self) -> int | None:
        """What the status line shows as the score, or None if it shows none."""
        memory = self.session.dynamic()
        if memory[0] > 3:
            return drawn.score(self.upper_window)
        return None if world.has_clock(memory) else world.signed(world.global_variable(memory, 1))

    @property
    def moves(self) -> int | None:
        """What the status line shows as turns, or None if it shows none."""
        memory = self.session.dynamic()
        if memory[0] > 3:
            return drawn.moves(self.upper_window)
        return None if world.has_clock(memory) else world.global_variable(memory, 2)

    @property
    def time(self) -> tuple[int, int] | None:
        """Hour and minute that the status line of version 3 shows, or None if it shows none."""
        memory = self.memory
        if not world.has_clock(memory):
            return None
        return world.global_variable(memory, 1), world.global_variable(memory, 2)

    def _location(self, memory: bytes) -> int:
        if memory[0] <= 3:
            return world.status_location(memory)
        return drawn.location(memory, self.upper_window)

    @property
    def dictionary(self) -> dict[str, Word]:
        """The words that the story knows, cut to 6 characters, or 9 from version 4 on."""
        return world.read_dictionary(self.memory)

    # --- State ------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All of the game but the story itself; `restore` of any `Game` of the same story goes on
        from it, here or in another process."""
        return saving.get_state(self.session)

    def restore(self, state: bytes) -> None:
        """Go on from what `state` gave, of this game or another of the same story. StoryError, and
        nothing changed, if it is damaged or of another story."""
        saving.set_state(self.session, state)

    def fork(self) -> Game:
        """The same game once more, on the next free tile of the device; both go on from here, each
        for itself. It lives no longer than the device."""
        self.session.check_usable()
        core = (*next_free_tile(self.device), *self.core[2:])
        twin = Game.__new__(Game)
        twin._own_device = False
        twin.session = self.session.fork(core)
        return twin

    @property
    def file_request(self) -> str | None:
        """``"save"`` or ``"restore"`` if the story has stopped to ask for that; `save` or `load`
        does it, and whoever just plays on has declined."""
        return saving.file_request(self.session.control())

    def save(self) -> bytes:
        """What the story asks to be saved: the game as a Quetzal file, which other interpreters can
        load, or for a table just its bytes. The story is told that it is done, and plays on with
        `read`. To keep a game at any other time there is `state`."""
        return saving.save(self.session)

    def decline(self) -> None:
        """Take back that the story is told, when it plays on, that what it asks for is done: the
        bytes that `save` gave could not be kept."""
        saving.decline(self.session)

    def load(self, data: bytes) -> None:
        """Go on from a Quetzal file of this story, of this or another interpreter; at any time. The
        game is at the save that made it, and plays on with `read`. If the story asks for a table,
        `data` is its bytes. StoryError, and nothing changed, if the file is damaged or of another
        story."""
        saving.load(self.session, data)

    # --- Lifetime ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Give back what the game took, and a device that it opened; harmless when done twice."""
        if self.session.closed:
            return
        self.session.close()
        if self._own_device:
            self.device.close()

    def __repr__(self) -> str:
        if self.session.closed or not self.session.device.is_open:
            return f"<Game {self.session.name}, closed>"
        return f"<Game {self.session.name} after {self.instructions} instructions>"
