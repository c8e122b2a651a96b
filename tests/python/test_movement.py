"""Programs that move data: text, bytes and back, damaged files, and what they do to memories."""

import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tilewright as tw
from tilewright import movement
from tilewright.movement.instructions import LARGEST, LOOP_NAMES, MEMORIES, SHAPES

NUMBERS = st.one_of(st.integers(-10, 5000), st.integers(-LARGEST, LARGEST))


@st.composite
def operands(draw: st.DrawFn, depth: int) -> movement.Operand:
    steps = tuple(draw(st.lists(NUMBERS, max_size=depth)))
    memory = draw(st.sampled_from(("", *MEMORIES)))
    return movement.Operand(draw(NUMBERS), steps, memory, draw(st.integers(0, 9)) if memory else 0)


@st.composite
def instructions(draw: st.DrawFn, depth: int) -> movement.Instruction:
    name = draw(st.sampled_from(sorted(SHAPES)))
    shape = SHAPES[name]
    guard = st.none() | st.tuples(operands(depth), operands(depth)) if shape.guarded else st.none()
    return movement.Instruction(
        name,
        tuple(draw(operands(depth)) for _ in shape.operands),
        tuple(draw(st.sampled_from(words)) for words in shape.words),
        draw(guard),
        draw(guard),
    )


@st.composite
def bodies(draw: st.DrawFn, depth: int = 0) -> tuple[movement.Instruction | movement.Loop, ...]:
    loops = depth < len(LOOP_NAMES) and draw(st.booleans())
    steps: list[movement.Instruction | movement.Loop] = draw(
        st.lists(instructions(depth), max_size=3)
    )
    if loops:
        inner = draw(bodies(depth + 1))
        steps.insert(0, movement.Loop(draw(st.integers(0, LARGEST)), inner))
    return tuple(steps)


PROGRAMS = bodies().map(movement.Program)


@given(PROGRAMS)
def test_text_and_bytes_round_trip(program: movement.Program) -> None:
    assert movement.assemble(movement.disassemble(program)) == program
    assert movement.from_bytes(movement.to_bytes(program)) == program


@given(PROGRAMS, st.randoms(use_true_random=False), st.booleans())
def test_damaged_bytes_are_refused_or_a_program(
    program: movement.Program, chance: random.Random, mend: bool
) -> None:
    """A flipped bit is found by the checksum; with a mended one, nothing but ProgramError may
    come, or another program that is in order."""
    data = bytearray(movement.to_bytes(program))
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    body = bytes(data[16:])
    if mend:
        mended = data[:4] + b"\1\0\0\0" + len(body).to_bytes(4, "little")
        data = bytearray(b"TWMV" + mended[4:] + zlib.crc32(body).to_bytes(4, "little") + body)
    try:
        read = movement.from_bytes(bytes(data))
    except tw.ProgramError:
        return
    assert mend or data == movement.to_bytes(program)
    assert movement.assemble(movement.disassemble(read)) == read


@given(st.text(alphabet="loopend mawit i,0123456789+-*()[]l#\n", max_size=80))
def test_any_text_is_a_program_or_refused(text: str) -> None:
    try:
        program = movement.assemble(text)
    except tw.ProgramError:
        return
    assert movement.assemble(movement.disassemble(program)) == program


def test_assembled_by_hand() -> None:
    program = movement.assemble("""
        let piece = 1024 * 4
        loop x, 8
            loop y, 2   # an inner one
                dma 1, dram[0] + x * 2 * piece + y, 64 - y + l3[2], piece, signal(3)
            end
        end
        move 0, l3[0], l2[1], 4, 8, 4, transpose, wait(3, 16), signal(4, 2)
        barrier
    """)
    operand = movement.Operand
    dma = movement.Instruction(
        "dma",
        (
            operand(1),
            operand(0, (8192, 1), "dram", 0),
            operand(64, (0, -1), "l3", 2),
            operand(4096),
        ),
        signal=(operand(3), operand(1)),
    )
    move = movement.Instruction(
        "move",
        (operand(0), operand(0, (), "l3", 0), operand(0, (), "l2", 1), *map(operand, (4, 8, 4))),
        ("transpose",),
        (operand(3), operand(16)),
        (operand(4), operand(2)),
    )
    barrier = movement.Instruction("barrier")
    loops = movement.Loop(8, (movement.Loop(2, (dma,)),))
    assert program == movement.Program((loops, move, barrier))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("copy 1, 2", "line 1: there is no instruction 'copy'"),
        ("barrier\ndma 1, 2", "line 2: dma: expected engine, source, destination, bytes; got 2"),
        ("barrier 1", "expected nothing"),
        ("dma 0, j, 1, 1", "expected a number"),
        ("loop i, 2\nbarrier", "the loop over i has no end"),
        ("end", "line 1: end"),
        ("loop i, 2\nloop i, 2", "line 2: i has a meaning already"),
        ("loop i, 2\ndma 0, i * i, 1, 1", "one of two variables"),
        ("dma 0, l3[0] * 2, 1, 1", "can be added to"),
        ("dma 0, l3[0] + l2[0], 1, 1", "one memory"),
        ("dma 0, l9[0], 1, 1", "l9"),
        ("dma 0, 1, 2, 2**70", "expected a number"),
        ("dma 0, 1, 2, 18446744073709551616", "64 bits"),
        ("move 0, 1, 2, 3, 4, 5, sideways", "expected one of identity"),
        ("move 0, 1, 2, 3, 4, 5", "expected identity or transpose or reshape or shuffle; got none"),
        ("barrier wait(1, 2)", "takes no wait"),
        ("dma 0, 1, 2, 3, wait(1)", "wait\\(flag, value\\)"),
        ("dma 0, 1, 2, 3, signal(1), signal(2)", "two signal"),
        ("dma 0, 1, 2, __import__('os')", "expected a number"),
        ("dma 0, 1, 2, 'x'", "expected a number"),
        ("dma " + "(" * 4000, "expected operands"),
        ("dma " + "1" * 5000, "at most 4096"),
        ("dma 0) + (1", "expected operands"),
        ("let l3 = 5", "expected a new name"),
        ("let x = i", "expected a number"),
        ("loop i", "expected a variable and a count"),
        ("loop i, -1\nend", "0 to 2"),
        ("\n".join(f"loop v{i}, 1" for i in range(9)), "line 9: loop: at most 8"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(tw.ProgramError, match=message):
        movement.assemble(text)


def test_values_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(tw.ProgramError, match="64 bits"):
        movement.Operand(2**63)
    with pytest.raises(tw.ProgramError, match="not around it"):
        movement.Program((movement.Instruction("wait", (movement.Operand(0, (1,)),) * 2),))
    with pytest.raises(tw.ProgramError, match="no memory"):
        movement.Operand(0, (), "l4")


# --- What programs do ---------------------------------------------------------------------------

PIPELINE = """
    let piece = 4096
    loop i, 6
        dma 0, dram[0] + i * piece, l3[0] + i * piece, piece, signal(0)
        move 0, l3[0] + i * piece, l2[0] + i * piece, 32, 32, 4, transpose, wait(0, i + 1), signal(1)
        stream 0, l2[0] + i * piece, l1_buffer[0] + i * piece, 32, 32, 4, rows, l2_to_l1, wait(1, i + 1)
    end
    barrier
"""  # noqa: E501


def test_engines_work_at_the_same_time_behind_flags() -> None:
    matrices = np.random.default_rng(3).normal(size=(6, 32, 32)).astype(np.float32)
    with tw.open("kpu") as device:
        device.memory("dram").write(0, matrices)
        sequencer = movement.Sequencer(device)
        first = sequencer.run(movement.assemble(PIPELINE))
        result = device.memory("l1_buffer").numpy(0, matrices.size).reshape(6, 32, 32)
        np.testing.assert_array_equal(result, matrices.transpose(0, 2, 1))
        assert first.commands == 18
        # Each transfer alone takes 129 + 64 cycles, the slowest of the three; the rest overlaps.
        assert 6 * (129 + 64) <= first.cycles < 6 * (129 + 64) + 200
        second = sequencer.run(movement.assemble(PIPELINE))  # flags begin at 0 again
        assert second.cycles == first.cycles


def test_without_flags_a_barrier_keeps_order() -> None:
    text = """
        dma 0, dram[0], scratchpad[0], 640
        barrier
        dma 1, scratchpad[0], dram[1] + 64, 640
    """
    with tw.open("kpu") as device:
        device.memory("dram").write(0, bytes(range(64)) * 10)
        run = movement.Sequencer(device).run(movement.assemble(text))
        assert device.memory("dram", 1).read(64, 640) == bytes(range(64)) * 10
        assert run.cycles == 2 * (129 + 10)


def test_wait_and_signal_hold_up_what_follows() -> None:
    text = """
        signal 7, 2
        dma 0, dram[0], scratchpad[0], 64, signal(7)
        dma 0, dram[0], scratchpad[0], 6400, signal(7)
        wait 7, 3
        dma 1, scratchpad[0], scratchpad[1], 64
    """
    with tw.open("kpu") as device:
        device.memory("dram").write(0, b"\x07" * 64)
        run = movement.Sequencer(device).run(movement.assemble(text))
        assert device.memory("scratchpad", 1).read(0, 64) == b"\x07" * 64
        assert run.cycles == 130 + 129 + 100


def test_programs_that_cannot_go_on() -> None:
    with tw.open("kpu") as device:
        sequencer = movement.Sequencer(device)
        with pytest.raises(tw.DeadlockError, match="wait 3, 1: the flag is 0"):
            sequencer.run(movement.assemble("wait 3, 1"))
        with pytest.raises(tw.DeadlockError, match="flag"):
            sequencer.run(movement.assemble("dma 0, dram[0], l3[0], 4, wait(3, 1)"))
        with pytest.raises(tw.AddressError, match="L3 tile 99"):
            sequencer.run(movement.assemble("dma 0, dram[0], l3[99], 4"))
        with pytest.raises(tw.AddressError, match="DMA engine 9"):
            sequencer.run(movement.assemble("dma 9, dram[0], l3[0], 4"))
        with pytest.raises(tw.ArgumentError, match="nbytes"):
            sequencer.run(movement.assemble("dma 0, dram[0], l3[0], 0 - 4"))
        assert sequencer.run(movement.Program()).cycles == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 3), st.integers(0, 60)),
        max_size=12,
    )
)
def test_copies_against_numpy(copies: list[tuple[int, int, int, int]]) -> None:
    """Random copies between four pieces of memory, one after another, against a NumPy model."""
    places = ("dram[0]", "l3[1]", "scratchpad[0]", "host[0]")
    model = np.arange(4 * 64, dtype=np.uint8).reshape(4, 64)
    with tw.open("kpu") as device:
        memories = [
            device.memory("dram"),
            device.memory("l3", 1),
            device.memory("scratchpad"),
            device.memory("host"),
        ]
        for memory, row in zip(memories, model, strict=True):
            memory.write(0, row)
        lines = []
        for source, at, destination, to in copies:
            count = 64 - max(at, to)
            lines.append(f"dma 0, {places[source]} + {at}, {places[destination]} + {to}, {count}")
            model[destination, to : to + count] = model[source, at : at + count].copy()
        movement.Sequencer(device).run(movement.assemble("\n".join(lines)))
        for memory, row in zip(memories, model, strict=True):
            assert memory.read(0, 64) == row.tobytes()


def test_files(tmp_path: Path) -> None:
    program = movement.assemble(PIPELINE)
    movement.save(program, tmp_path / "pipeline.twmv")
    assert movement.load(tmp_path / "pipeline.twmv") == program
