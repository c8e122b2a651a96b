"""Programs that move data: instructions for the engines of a chip, as text, as bytes, and run.

One instruction a line; what it takes are whole numbers, places in memories, and the variables of
the loops around it::

    program = assemble('''
        loop i, 8                                   # i = 0 to 7
            dma 0, dram[0] + i * 4096, l3[0] + i * 4096, 4096, signal(0)
            move 0, l3[0] + i * 4096, l2[0], 32, 32, 4, transpose, wait(0, i + 1)
        end
        barrier
    ''')

docs/movement.md has the instructions, the grammar and the binary format.
"""

from tilewright.arguments import name_arguments as _name_arguments
from tilewright.movement.assembler import assemble
from tilewright.movement.binary import from_bytes, load, save, to_bytes
from tilewright.movement.disassembler import disassemble
from tilewright.movement.instructions import Instruction, Loop, Operand, Program
from tilewright.movement.sequencer import MovementRun, Sequencer

__all__ = [
    "Instruction",
    "Loop",
    "MovementRun",
    "Operand",
    "Program",
    "Sequencer",
    "assemble",
    "disassemble",
    "from_bytes",
    "load",
    "save",
    "to_bytes",
]

_name_arguments(globals())
