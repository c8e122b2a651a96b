"""Z-machine stories, played on RISC-V cores of a chip.

The interpreter is the built-in kernel ``zmachine``: no Z-machine instruction is executed here. All
of a game lies in the L1 of its tile; what stands there is read and written by offsets that
kernels/zmachine/protocol.hpp asserts, and that `Game` checks against the kernel when it starts::

    with Game("zork1.z3") as game:
        print(game.read())
        print(game.send("open mailbox"))
        print(game.location.name, [thing.name for thing in game.inventory])
"""

from tilewright.arguments import name_arguments as _name_arguments
from tilewright.zmachine.batch import GameBatch
from tilewright.zmachine.events import Event, EventKind
from tilewright.zmachine.game import Game
from tilewright.zmachine.world import Object, Word

__all__ = ["Event", "EventKind", "Game", "GameBatch", "Object", "Word"]

_name_arguments(globals())
