"""One story that is being played on one RISC-V core."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

import numpy as np

from tilewright import _core
from tilewright.closing import Closing
from tilewright.device import Device, open_device
from tilewright.errors import AddressError, Error, StoryError
from tilewright.kernel import Kernel
from tilewright.launch import Argument, Core
from tilewright.queue import Queue
from tilewright.zmachine import layout, quetzal, world
from tilewright.zmachine.events import Event, parse_events
from tilewright.zmachine.layout import Control, Status
from tilewright.zmachine.state import Parts, pack_state, unpack_state
from tilewright.zmachine.story import Story, read_story
from tilewright.zmachine.text import to_zscii
from tilewright.zmachine.world import Object, Word

ENTER = 13


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
        self._seed = 1 if seed is None else seed
        if not 0 <= self._seed < 1 << 32:
            raise StoryError(f"seed: expected 0 to 2**32 - 1, got {seed}")
        self._strict = strict
        self._own_device = device is None
        device = open_device() if device is None else device
        try:
            kernel = Kernel.builtin("zmachine")
            self._settle(device, core, kernel, Story(name, data, device.put(data)))
        except BaseException:
            if self._own_device:
                device.close()
            raise
        try:
            self._write(0, bytes(layout.CONTROL_BYTES))
            self._device.run(self._kernel, cores=[core], args=self._arguments(0))
            control = self._control()
            self._check_layout(control)
            if control.status == Status.ERROR:
                raise StoryError(f"{self._name}: {_describe(control, '')}")
            self._story.describe(control)
        except BaseException:
            self.close()
            raise

    def _settle(self, device: Device, core: Core, kernel: Kernel, story: Story) -> None:
        """Take a tile and what the game needs on the device."""
        self._device = device
        self._core = core
        self._tile = (core[0], core[1])
        self._story = story
        self._name = story.name
        self._kernel = kernel
        self._closed = False
        self._interrupted = False
        self._queue: Queue | None = None
        self._under_way: tuple[Parts, int] | None = None
        self._printed: list[str] = []
        self._events: list[Event] = []
        self._shown = 0
        try:
            self._lease = _lease_area(device, self._tile, f"the game of {story.name}")
            try:
                self._output = device.empty(4 + layout.OUTPUT_BYTES, np.uint8)
            except BaseException:
                self._lease.release()
                raise
        except BaseException:
            story.release()
            raise

    # --- Playing ----------------------------------------------------------------------------------

    def step(self, n: int = 100) -> str:
        """Execute exactly `n` Z-machine instructions, fewer if the game ends, waits for input, or
        wants to be saved or restored; gives the text that they printed. A read counts when it is
        met."""
        if not 0 <= n < layout.RUN_TO_PROMPT:
            raise ValueError(f"step: expected 0 to 2**32 - 2 instructions, got {n}")
        self._begin()
        end = self.instructions + n
        return self._step_on(self._batch(n), end)

    def start(self, n: int = 100) -> None:
        """Begin a `step` without letting time pass: it takes place beside whatever else happens on
        the device, until `finish` waits for it. Nothing else may be asked of the game meanwhile."""
        if not 0 <= n < layout.RUN_TO_PROMPT:
            raise ValueError(f"start: expected 0 to 2**32 - 2 instructions, got {n}")
        self._check_usable()
        self._begin()
        under_way = (self._live(), self.instructions + n)
        if self._queue is None:
            self._queue = self._device.queue()
        self._queue.run(self._kernel, cores=[self._core], args=self._arguments(n))
        self._under_way = under_way

    def finish(self) -> str:
        """Let time pass until what `start` began is done; gives the text as `step` does."""
        if self._under_way is None or self._queue is None:
            raise StoryError(f"{self._name}: finish: nothing was started")
        (before, end), self._under_way = self._under_way, None
        try:
            self._queue.finish()
        except BaseException:
            self._interrupted = True
            raise
        return self._step_on(self._collect(before), end)

    def _step_on(self, text: str, end: int) -> str:
        """The rest of a step where the kernel's room for output was full before its end."""
        while (
            control := self._control()
        ).status == Status.OUTPUT_FULL and control.instructions < end:
            text += self._batch(end - control.instructions)
        return text

    def read(self) -> str:
        """Play to the next prompt, to the end of the game, or to where it wants to be saved or
        restored (see `file_request`); gives the text."""
        self._begin()
        return self._read_on()

    def enter(self, line: str, terminator: int = ENTER) -> None:
        """Put a line where the game reads its next one; it plays on with `step` or `read`.

        A line longer than 255 characters is cut, and characters that the story does not know become
        ``?``. `terminator` is the ZSCII code of the key that ends the line. A game that waits for
        a key takes the first character, Enter if there is none, and drops the rest.
        """
        self._check_usable()
        if self.finished:
            raise StoryError(f"{self._name}: the game has ended, nobody reads {line!r}")
        codes = to_zscii(self._memory(), line.rstrip("\r\n"))[: layout.MAX_INPUT]
        self._put_input(codes, terminator)

    def press(self, key: str | int) -> None:
        """Put a key where the game reads its next one: a character or a ZSCII code (27 escape, 129
        to 132 up, down, left, right, 133 to 144 the function keys)."""
        self._check_usable()
        code = key if isinstance(key, int) else to_zscii(self._memory(), key)[0] if key else ENTER
        if not 0 < code < 256:
            raise StoryError(f"{self._name}: expected a ZSCII code of 1 to 255, got {code}")
        self._put_input(bytes([code]), ENTER)

    def send(self, line: str) -> str:
        """Type a line and play to the next prompt; gives the text. A game that has not come to its
        first prompt gets there first."""
        self._begin()
        before = "" if self._control().status in _QUIET else self._read_on()
        self.enter(line)
        return before + self._read_on()

    def wait(self, seconds: float) -> str:
        """Let time pass for a timed read: the story's routine is called as often as its interval
        fits. Gives the text. For a game that waits for nothing or without time nothing happens."""
        self._check_usable()
        self._begin()
        tenths = round(10 * seconds)
        if tenths < 0:
            raise ValueError(f"wait: expected 0 seconds or more, got {seconds}")
        if self.timer is None:
            return ""
        (passed,) = struct.unpack("<I", self._read(layout.TIME_PASSED, 4))
        self._write(layout.TIME_PASSED, struct.pack("<I", min(passed + tenths, 0x7FFFFFFF)))
        return self._read_on()

    @property
    def text(self) -> str:
        """All that this object has read so far."""
        return "".join(self._printed)

    @property
    def events(self) -> list[Event]:
        """What the last `step`, `read`, `send` or `wait` did to the screen: windows, styles,
        cursor, text of the upper window, sounds."""
        return list(self._events)

    @property
    def waiting(self) -> bool:
        """The game waits for a line or a key."""
        return self._control().status in (Status.WAITING_FOR_LINE, Status.WAITING_FOR_KEY)

    @property
    def waiting_for_key(self) -> bool:
        """The game waits for a single key."""
        return self._control().status == Status.WAITING_FOR_KEY

    @property
    def timer(self) -> float | None:
        """Seconds after which the waiting game wants to be called, or None; see `wait`."""
        control = self._control()
        waits = control.status in (Status.WAITING_FOR_LINE, Status.WAITING_FOR_KEY)
        return control.time_interval / 10 if waits and control.time_interval else None

    @property
    def finished(self) -> bool:
        """The game has ended."""
        return self._control().status == Status.FINISHED

    @property
    def instructions(self) -> int:
        """Z-machine instructions executed since the game began."""
        return self._control().instructions

    @property
    def version(self) -> int:
        """The version of the Z-machine that the story is for."""
        return self._control().version

    @property
    def device(self) -> Device:
        """The chip it is played on."""
        return self._device

    @property
    def core(self) -> Core:
        """The core it is played on."""
        return self._core

    # --- The story's world ------------------------------------------------------------------------

    @property
    def objects(self) -> dict[int, Object]:
        """All objects of the story by number, as they are now."""
        return world.read_objects(self._memory())

    @property
    def location(self) -> Object | None:
        """Where the player is, if the story tells as the status line of version 3 wants it."""
        memory = self._memory()
        number = world.location(memory)
        return world.read_object(memory, number) if number else None

    @property
    def inventory(self) -> list[Object]:
        """What the player carries; empty if it cannot be told who the player is."""
        memory = self._memory()
        number = world.player(memory)
        held = world.children(memory, number) if number else []
        return [world.read_object(memory, each) for each in held]

    @property
    def score(self) -> int:
        """What the status line shows as the score (as the hour in games with a clock)."""
        return world.signed(world.global_variable(self._memory(), 1))

    @property
    def moves(self) -> int:
        """What the status line shows as turns (as the minute in games with a clock)."""
        return world.global_variable(self._memory(), 2)

    @property
    def dictionary(self) -> dict[str, Word]:
        """The words that the story knows, cut to 6 characters, or 9 from version 4 on."""
        return world.read_dictionary(self._memory())

    # --- State ------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All of the game but the story itself; `restore` of any `Game` of the same story goes on
        from it, here or in another process."""
        self._check_usable()
        return pack_state(self._live(), self._story.identity)

    def restore(self, state: bytes) -> None:
        """Go on from what `state` gave, of this game or another of the same story. StoryError, and
        nothing changed, if it is damaged or of another story."""
        self._put(unpack_state(state, self._story.identity, self._control()))
        self._interrupted = False

    def fork(self) -> Game:
        """The same game once more, on the next free tile of the device; both go on from here, each
        for itself. It lives no longer than the device."""
        self._check_usable()
        twin = Game.__new__(Game)
        twin._seed = self._seed
        twin._strict = self._strict
        twin._own_device = False
        core = (*next_free_tile(self._device), *self._core[2:])
        self._story.users += 1
        twin._settle(self._device, core, self._kernel, self._story)
        try:
            twin._write(layout.MEMORY, self._story.memory)
            twin._put(self._live())
            dynamic = self._story.data[: self._control().dynamic_bytes]
            twin._write(layout.PRISTINE, dynamic)
        except BaseException:
            twin.close()
            raise
        twin._printed = [self.text]
        return twin

    @property
    def file_request(self) -> str | None:
        """``"save"`` or ``"restore"`` if the story has stopped to ask for that; `save` or `load`
        does it, and whoever just plays on has declined."""
        status = self._control().status
        return {Status.SAVING: "save", Status.RESTORING: "restore"}.get(Status(status))

    def save(self) -> bytes:
        """What the story asks to be saved: the game as a Quetzal file, which other interpreters can
        load, or for a table just its bytes. The story is told that it is done, and plays on with
        `read`. To keep a game at any other time there is `state`."""
        self._check_usable()
        control = self._control()
        if control.status != Status.SAVING:
            raise StoryError(
                f"{self._name}: the game does not ask to be saved; send its own command, such as "
                "'save', first, or use state()"
            )
        if control.file_table:
            memory = self._memory()
            data = memory[control.file_table : control.file_table + control.file_bytes]
        else:
            data = quetzal.encode(self._saved(control), self._story.data[: control.story_bytes])
        self._write(layout.ANSWER, struct.pack("<I", 1))
        return data

    def load(self, data: bytes) -> None:
        """Go on from a Quetzal file of this story, of this or another interpreter; at any time. The
        game is at the save that made it, and plays on with `read`. If the story asks for a table,
        `data` is its bytes. StoryError, and nothing changed, if the file is damaged or of another
        story."""
        self._check_open()
        control = self._control()
        if control.status == Status.RESTORING and control.file_table:
            self._check_usable()
            room = max(0, control.dynamic_bytes - control.file_table)
            table = bytes(data)[: min(control.file_bytes, room)]
            self._write(layout.MEMORY + control.file_table, table)
            self._write(layout.ANSWER, struct.pack("<I", len(table)))
            return
        story = self._story.data[: control.story_bytes]
        saved = quetzal.decode(bytes(data), story, control.dynamic_bytes)
        memory = bytearray(saved.memory)
        # Transcript and fixed pitch belong to the player, not to the game.
        (now,) = self._read(layout.MEMORY + 0x11, 1)
        memory[0x11] = (memory[0x11] & ~3) | (now & 3)
        self._write(layout.MEMORY, bytes(memory))
        self._write(layout.STACK, struct.pack(f"<{len(saved.stack)}H", *saved.stack))
        self._write(layout.FRAMES, b"".join(struct.pack("<IHBB", *frame) for frame in saved.frames))
        registers = (saved.pc, len(saved.stack), saved.locals, saved.local_count, len(saved.frames))
        self._write(layout.PC, struct.pack("<5I", *registers))
        self._write(layout.STATUS, struct.pack("<II", Status.READY, 0))
        self._write(layout.INPUT_READY, bytes(12))  # and its length, and that a read is counted
        self._write(layout.WINDOW, bytes(8))  # and the depth of stream 3
        (streams,) = struct.unpack("<I", self._read(layout.STREAMS, 4))
        self._write(layout.STREAMS, struct.pack("<I", streams & ~layout.STREAM_TABLE))
        self._write(layout.TERMINATOR, bytes(20))  # and all of a timed read
        self._write(layout.PENDING, struct.pack("<III", 1, 2, 0))
        self._interrupted = False

    def _saved(self, control: Control) -> quetzal.Saved:
        frames = self._read(layout.FRAMES, layout.FRAME_BYTES * control.frames)
        return quetzal.Saved(
            self._read(layout.MEMORY, control.dynamic_bytes),
            struct.unpack(f"<{control.sp}H", self._read(layout.STACK, 2 * control.sp)),
            tuple(struct.iter_unpack("<IHBB", frames)),
            control.pc,
            control.locals,
            control.local_count,
        )

    # --- Lifetime ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Give back what the game took, and a device that it opened; harmless when done twice."""
        if self._closed:
            return
        self._closed = True
        if self._under_way is not None and self._queue is not None and self._device.is_open:
            with suppress(Error):
                self._queue.finish()  # its memory is in use until then
        self._lease.release()
        self._output.free()
        self._story.release()
        if self._own_device:
            self._device.close()

    def __repr__(self) -> str:
        if self._closed:
            return f"<Game {self._name}, closed>"
        return f"<Game {self._name} after {self.instructions} instructions>"

    # --- The kernel: also used by GameBatch -------------------------------------------------------

    def _begin(self) -> None:
        """A call begins whose text and events belong together."""
        self._events = []
        self._shown = 0

    def _read_on(self) -> str:
        text = self._batch(layout.RUN_TO_PROMPT)
        while self._control().status in _GOES_ON:
            text += self._batch(layout.RUN_TO_PROMPT)
        return text

    def _arguments(self, instructions: int) -> list[Argument]:
        return [
            self._story.buffer,
            self._output,
            len(self._story.data),
            instructions,
            self._seed,
            int(self._strict),
        ]

    def _batch(self, instructions: int) -> str:
        self._check_usable()
        before = self._live()
        self._run(instructions)
        return self._collect(before)

    def _run(self, instructions: int) -> None:
        try:
            self._device.run(self._kernel, cores=[self._core], args=self._arguments(instructions))
        except BaseException:
            # The registers of the Z-machine are in L1 only between two batches.
            self._interrupted = True
            raise

    def _collect(self, before: Parts) -> str:
        """The text of the batch that has run from `before`. After an error: back to there, and on
        to the instruction that failed."""
        control = self._control()
        failed = control if control.status == Status.ERROR else None
        if failed is not None:
            start = Control.parse(before[0][1])
            self._put(before)
            # One that has failed already is where it began.
            good = max(0, failed.instructions - start.instructions - 1)
            self._run(good)
        output = self._take_output()
        text = output.decode("utf-8")
        self._printed.append(text)
        (count,) = struct.unpack("<I", self._read(layout.EVENTS, 4))
        if count:
            entries = self._read(layout.EVENTS + 4, layout.EVENT_BYTES * count)
            self._events += parse_events(entries, output, self._shown)
        self._shown += len(text)
        if failed is not None:
            raise StoryError(f"{self._name}: {_describe(failed, text)}")
        return text

    def _take_output(self) -> bytes:
        length = bytearray(4)
        self._output._core.read_into(length)
        output = bytearray(int.from_bytes(length, "little"))
        if output:
            self._output._core.read_into(output, 4)
        return bytes(output)

    def _put_input(self, codes: bytes, terminator: int) -> None:
        self._write(layout.INPUT, codes)
        self._write(layout.TERMINATOR, struct.pack("<I", terminator))
        self._write(layout.INPUT_READY, struct.pack("<II", 1, len(codes)))

    def _live(self) -> Parts:
        """All that changes as the game goes on: see layout.live_parts."""
        head = self._read(0, layout.MEMORY)
        control = Control.parse(head)
        undo = layout.Undo.parse(self._read(layout.UNDO, 64)) if control.undo_valid else None
        rest = layout.live_parts(control, undo)[1:]
        return [(0, head), *((offset, self._read(offset, size)) for offset, size in rest)]

    def _put(self, parts: Parts) -> None:
        for offset, data in parts:
            self._write(offset, data)

    def _memory(self) -> bytes:
        """The story's memory as it is now."""
        control = self._control()
        dynamic = self._read(layout.MEMORY, control.dynamic_bytes)
        return dynamic + self._story.data[control.dynamic_bytes : control.story_bytes]

    def _control(self) -> Control:
        self._check_open()
        return Control.parse(self._read(0, layout.CONTROL_BYTES))

    def _check_layout(self, control: Control) -> None:
        expected = (layout.MAGIC, layout.LAYOUT, layout.AREA_BYTES)
        if (control.magic, control.layout, control.area_bytes) != expected:
            raise StoryError(
                f"the kernel 'zmachine' has layout {control.layout} of {control.area_bytes} bytes, "
                f"this package expects layout {layout.LAYOUT} of {layout.AREA_BYTES} bytes"
            )

    def _check_open(self) -> None:
        if self._closed:
            raise StoryError(f"{self._name}: the game is closed")
        if self._under_way is not None:
            raise StoryError(f"{self._name}: a step is under way; finish() waits for it")

    def _check_usable(self) -> None:
        self._check_open()
        if self._interrupted:
            raise StoryError(
                f"{self._name}: the game was interrupted in the middle of a batch; restore a state"
            )

    def _read(self, offset: int, size: int) -> bytes:
        return self._device.read_l1(self._tile, layout.BASE + offset, size) if size else b""

    def _write(self, offset: int, data: bytes) -> None:
        if data:
            self._device.write_l1(self._tile, layout.BASE + offset, data)


_QUIET = (Status.WAITING_FOR_LINE, Status.WAITING_FOR_KEY, Status.FINISHED)
_GOES_ON = (Status.OUTPUT_FULL, Status.READY)


def _lease_area(device: Device, tile: tuple[int, int], holder: str) -> _core.Lease:
    """The L1 in which a game lives."""
    return device.lease_l1(tile, layout.BASE, layout.AREA_BYTES, holder)


def next_free_tile(device: Device) -> tuple[int, int]:
    """The first tile whose L1 has room for a game; StoryError if there is none."""
    for tile in device.tiles:
        with suppress(AddressError):
            _lease_area(device, tile, "a game").release()
            return tile
    raise StoryError(
        f"no tile of {device.config.name} has {layout.AREA_BYTES} bytes of L1 free from "
        f"{layout.BASE:#x} on, where a game lives"
    )


def _describe(control: Control, text: str) -> str:
    if control.error == layout.UNSUPPORTED_VERSION:
        return (
            f"version {control.version} of the Z-machine is not supported (expected 1 to 5, 7 or 8)"
        )
    reason = layout.ERRORS.get(control.error, f"error {control.error}")
    if control.error <= layout.DAMAGED_HEADER:
        return reason
    message = (
        f"{reason} at {control.error_pc:#x} (opcode {control.error_opcode:#x}), after "
        f"{control.instructions - 1} instructions"
    )
    return f"{message}; before it: {text.strip()}" if text.strip() else message
