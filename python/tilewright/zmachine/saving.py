"""Keeping a game: its state as bytes, and the files that a story asks for, in Quetzal's format."""

from __future__ import annotations

import struct

from tilewright.errors import StoryError
from tilewright.zmachine import given, layout, quetzal
from tilewright.zmachine.layout import Control, Status
from tilewright.zmachine.session import Session
from tilewright.zmachine.state import pack_state, unpack_state
from tilewright.zmachine.upper import UpperWindow


def get_state(session: Session) -> bytes:
    """All of the game but the story itself."""
    session.check_usable()
    rows = session.upper_window().rows
    return pack_state(session.area.live(), rows, session.story.identity)


def set_state(session: Session, state: bytes) -> None:
    """Go on from what `get_state` gave. StoryError, and nothing changed, if it is damaged or of
    another story."""
    state = given.data("restore", state)
    parts, rows = unpack_state(state, session.story.identity, session.control())
    session.area.put(parts)
    session.show(UpperWindow(rows))
    session.interrupted = False


def file_request(control: Control) -> str | None:
    """What the story has stopped to ask for: ``"save"``, ``"restore"`` or nothing."""
    return {Status.SAVING: "save", Status.RESTORING: "restore"}.get(Status(control.status))


def save(session: Session) -> bytes:
    """What the story asks to be saved: a Quetzal file, or the bytes of a table."""
    session.check_usable()
    control = session.control()
    if control.status != Status.SAVING:
        raise StoryError(
            f"{session.name}: the game does not ask to be saved; send its own command, such as "
            "'save', first, or use state()"
        )
    if control.file_table:
        memory = session.memory()
        data = memory[control.file_table : control.file_table + control.file_bytes]
    else:
        story = session.story.data[: control.story_bytes]
        data = quetzal.encode(_saved(session, control), story)
    session.area.write_words(layout.ANSWER, 1)
    return data


def decline(session: Session) -> None:
    """What the story asks for is not done."""
    session.check_usable()
    if file_request(session.control()) is None:
        raise StoryError(f"{session.name}: decline: the game asks for no file")
    session.area.write_words(layout.ANSWER, 0)


def load(session: Session, data: bytes) -> None:
    """Go on from a Quetzal file of this story, or give the story the table that it asks for.
    StoryError, and nothing changed, if the file is damaged or of another story."""
    data = given.data("load", data)
    session.check_open()
    control = session.control()
    if control.status == Status.RESTORING and control.file_table:
        session.check_usable()
        _load_table(session, control, data)
        return
    story = session.story.data[: control.story_bytes]
    _load_game(session, quetzal.decode(data, story, control.dynamic_bytes))
    session.interrupted = False


def _load_table(session: Session, control: Control, data: bytes) -> None:
    room = max(0, control.dynamic_bytes - control.file_table)
    table = data[: min(control.file_bytes, room)]
    session.area.write(layout.MEMORY + control.file_table, table)
    session.area.write_words(layout.ANSWER, len(table))


def _load_game(session: Session, saved: quetzal.Saved) -> None:
    area = session.area
    memory = bytearray(saved.memory)
    # Transcript and fixed pitch belong to the player, not to the game.
    (now,) = area.read(layout.MEMORY + layout.TRANSCRIPT, 1)
    memory[layout.TRANSCRIPT] = (memory[layout.TRANSCRIPT] & ~3) | (now & 3)
    area.write(layout.MEMORY, bytes(memory))
    area.write(layout.STACK, struct.pack(f"<{len(saved.stack)}H", *saved.stack))
    area.write(layout.FRAMES, b"".join(struct.pack("<IHBB", *frame) for frame in saved.frames))
    registers = (saved.pc, len(saved.stack), saved.locals, saved.local_count, len(saved.frames))
    area.write_words(layout.PC, *registers)
    area.write_words(layout.STATUS, Status.READY, 0)
    area.write(layout.INPUT_READY, bytes(12))  # and its length, and that a read is counted
    area.write(layout.WINDOW, bytes(8))  # and the depth of stream 3
    (streams,) = area.read_words(layout.STREAMS)
    area.write_words(layout.STREAMS, streams & ~layout.STREAM_TABLE)
    area.write(layout.TERMINATOR, bytes(20))  # and all of a timed read
    area.write_words(layout.PENDING, 1, 2, 0)
    session.show(UpperWindow())


def _saved(session: Session, control: Control) -> quetzal.Saved:
    area = session.area
    frames = area.read(layout.FRAMES, layout.FRAME_BYTES * control.frames)
    return quetzal.Saved(
        area.read(layout.MEMORY, control.dynamic_bytes),
        struct.unpack(f"<{control.sp}H", area.read(layout.STACK, 2 * control.sp)),
        tuple(struct.iter_unpack("<IHBB", frames)),
        control.pc,
        control.locals,
        control.local_count,
    )
