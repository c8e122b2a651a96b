"""A story on one core of a chip: the batches of instructions that drive it.

The registers of the Z-machine are in L1 only between two batches. A batch that is interrupted
leaves the game unusable until a state is restored; one that ends with an error is taken back, and
run again up to the instruction that failed.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from tilewright import _core
from tilewright.device import Device
from tilewright.errors import AddressError, BusyError, Error, StoryError
from tilewright.kernel import Kernel
from tilewright.launch import Core, CoreArgument, CoreLaunch, core_tuple
from tilewright.queue import Queue
from tilewright.zmachine import layout
from tilewright.zmachine.area import Area
from tilewright.zmachine.layout import Control, Status
from tilewright.zmachine.state import Parts
from tilewright.zmachine.story import Story
from tilewright.zmachine.transcript import Transcript
from tilewright.zmachine.upper import UpperWindow

_USUAL_OUTPUT = 2048  # bytes of it and its length that are read at once
_GOES_ON = (Status.OUTPUT_FULL, Status.READY)


class Session:
    """Drives the interpreter on a core; it owns its room for output and its share of the story.

    The story must have been begun there by `begin_story`, or be copied there by `fork`.
    """

    def __init__(
        self, device: Device, core: Core, kernel: Kernel, story: Story, seed: int, strict: bool
    ) -> None:
        core_tuple(device.config, core)  # an error if there is none
        self.device = device
        self.core = core
        self.kernel = kernel
        self.story = story
        self.seed = seed
        self.strict = strict
        self.interrupted = False
        self.transcript = Transcript()
        self._memory = (b"", b"")  # dynamic memory as it was read, and all with it
        self._shown_at = 0  # instructions after which the upper window was as it is kept
        self._tile = (core[0], core[1])
        self.area = Area(device, self._tile)
        self._closed = False
        self._queue: Queue | None = None
        self._under_way: tuple[Parts, int] | None = None
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

    def begin_story(self) -> None:
        """Have the interpreter look at the story. StoryError if it cannot be played."""
        self.area.clear()
        self.device.run_launches([self.launch(0)])
        control = self.control()
        self.area.check_layout()
        if control.status == Status.ERROR:
            raise StoryError(f"{self.name}: {_describe(control, '')}")
        self.story.describe(control)

    def fork(self, core: Core) -> Session:
        """The same game once more on another core; both go on from here, each for itself."""
        self.story.users += 1
        twin = Session(self.device, core, self.kernel, self.story, self.seed, self.strict)
        try:
            twin.area.write(layout.MEMORY, self.story.memory)
            twin.area.put(self.area.live())
            twin.area.write(layout.PRISTINE, self.story.data[: self.control().dynamic_bytes])
        except BaseException:
            twin.close()
            raise
        twin.show(self.upper_window().copy())
        twin.transcript = Transcript(self.transcript.text, twin.transcript.upper)
        return twin

    def close(self) -> None:
        """Give back what it took; harmless when done twice."""
        if self._closed:
            return
        self._closed = True
        if self._under_way is not None and self._queue is not None and self.device.is_open:
            with suppress(Error):
                self._queue.finish()  # its memory is in use until then
        self._lease.release()
        self._output.free()
        self.story.release()

    # --- What it is -------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What messages call the story."""
        return self.story.name

    @property
    def closed(self) -> bool:
        """`close` has been called."""
        return self._closed

    def control(self) -> Control:
        """The control block as it is now. StoryError while it cannot be looked at."""
        self.check_open()
        return self.area.control()

    def memory(self) -> bytes:
        """The story's memory as it is now."""
        dynamic = self.dynamic()
        if dynamic is not self._memory[0]:
            rest = self.story.data[len(dynamic) : self.control().story_bytes]
            self._memory = (dynamic, dynamic + rest)
        return self._memory[1]

    def dynamic(self) -> bytes:
        """Its first part, which changes, as it is now: also where global variables lie."""
        self.check_open()
        return self.area.dynamic()

    def upper_window(self) -> UpperWindow:
        """What the story has drawn; an empty one if the game has come here in another way than by
        batches, as by a snapshot of the device."""
        known = self._shown_at == self.control().instructions
        return self.transcript.upper if known else UpperWindow()

    def show(self, upper: UpperWindow) -> None:
        """What is drawn where the game is now."""
        self.transcript.upper = upper
        self._shown_at = self.control().instructions

    @property
    def goes_on(self) -> bool:
        """The last batch has ended, but neither at a prompt nor at the end of the game."""
        return self.control().status in _GOES_ON

    def check_open(self) -> None:
        """StoryError if it is closed, or while what `start` began is not finished."""
        if self._closed:
            raise StoryError(f"{self.name}: the game is closed")
        if self._under_way is not None:
            raise StoryError(f"{self.name}: a step is under way; finish() waits for it")

    def check_usable(self) -> None:
        """StoryError also if there is no game to go on with."""
        self.check_open()
        if self.interrupted:
            raise StoryError(
                f"{self.name}: the game was interrupted in the middle of a batch; restore a state"
            )

    # --- Batches ----------------------------------------------------------------------------------

    def step(self, n: int) -> str:
        """Execute `n` instructions, fewer if the game stops; gives the text."""
        end = self.control().instructions + n
        return self._step_on(self._batch(n), end)

    def start(self, n: int) -> None:
        """Begin a `step` without letting time pass; `finish` waits for it."""
        under_way = (self.area.live(), self.control().instructions + n)
        if self._queue is None:
            self._queue = self.device.queue()
        self._queue.handle.run([self.launch(n)])
        self._under_way = under_way

    def finish(self) -> str:
        """Let time pass until what `start` began is done; gives the text as `step` does."""
        if self._under_way is None or self._queue is None:
            raise StoryError(f"{self.name}: finish: nothing was started")
        (before, end), self._under_way = self._under_way, None
        try:
            self._queue.finish()
        except BaseException:
            self.interrupted = True
            raise
        return self._step_on(self.collect(before), end)

    def play_on(self, limit: int | None = None) -> str:
        """Play to where the game stops by itself, or for `limit` instructions; gives the text."""
        end = None if limit is None else self.control().instructions + limit
        text = self._batch(self.batch_size(end))
        while self.goes_on and (size := self.batch_size(end)):
            text += self._batch(size)
        return text

    def batch_size(self, end: int | None) -> int:
        """How many instructions the next batch may execute if the last is number `end`."""
        if end is None:
            return layout.RUN_TO_PROMPT
        return min(max(end - self.control().instructions, 0), layout.RUN_TO_PROMPT - 1)

    def launch(self, instructions: int) -> CoreLaunch:
        """A batch as the runtime takes it."""
        x, y, processor = (*self.core, 0)[:3]
        arguments: list[CoreArgument] = [
            self.story.buffer.handle,
            self._output.handle,
            len(self.story.data),
            instructions,
            self.seed,
            int(self.strict),
        ]
        return self.kernel.handle, [(x, y, processor)], arguments, []

    def collect(self, before: Parts) -> str:
        """The text of the batch that has run from `before`. After an error: back to there, and on
        to the instruction that failed."""
        control = self.control()
        failed = control if control.status == Status.ERROR else None
        if failed is not None:
            start = Control.parse(before[0][1])
            self.area.put(before)
            # One that has failed already is where it began.
            good = max(0, failed.instructions - start.instructions - 1)
            self._run(good)
        output = self._take_output()
        (count,) = self.area.read_words(layout.EVENTS)
        entries = self.area.read(layout.EVENTS + 4, layout.EVENT_BYTES * count)
        text = self.transcript.add(output, entries)
        self._shown_at = (control if failed is None else self.control()).instructions
        if failed is not None:
            raise StoryError(f"{self.name}: {_describe(failed, text)}")
        return text

    def _step_on(self, text: str, end: int) -> str:
        """The rest of a step where the kernel's room for output was full before its end."""
        while (
            control := self.control()
        ).status == Status.OUTPUT_FULL and control.instructions < end:
            text += self._batch(end - control.instructions)
        return text

    def _batch(self, instructions: int) -> str:
        self.check_usable()
        before = self.area.live()
        self._run(instructions)
        return self.collect(before)

    def _run(self, instructions: int) -> None:
        try:
            self.device.run_launches([self.launch(instructions)])
        except BaseException:
            self.interrupted = True
            raise

    def _take_output(self) -> bytes:
        """The text of most batches comes with its length."""
        output = bytearray(_USUAL_OUTPUT)
        self._output.handle.read_into(output)
        length = int.from_bytes(output[:4], "little")
        if 4 + length > _USUAL_OUTPUT:
            output = bytearray(4 + length)
            self._output.handle.read_into(output)
        return bytes(output[4 : 4 + length])


def _lease_area(device: Device, tile: tuple[int, int], holder: str) -> _core.Lease:
    """The L1 in which a game lives."""
    return device.lease_l1(tile, layout.BASE, layout.AREA_BYTES, holder)


def next_free_tile(device: Device) -> tuple[int, int]:
    """The first tile whose L1 has room for a game; StoryError if there is none."""
    for tile in device.tiles:
        if device.handle.find_l1(*tile, layout.AREA_BYTES, layout.BASE) != layout.BASE:
            continue
        with suppress(AddressError, BusyError):  # launches may share what is free otherwise
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
