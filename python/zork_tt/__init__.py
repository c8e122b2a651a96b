"""A Z-machine on one RISC-V core of a chip, driven in batches with its state in the caller's hands.

The chip is opened once; batches follow one another without a reset::

    device = zork_tt.init_device()
    zork_tt.load_game(device, "story.z3")
    print(zork_tt.execute_batch(device, n=None))
    print(zork_tt.execute_batch(device, n=None, input="open mailbox"))
    state = zork_tt.get_state(device)
    zork_tt.close_device(device)
"""

from tilewright.arguments import name_arguments as _name_arguments
from zork_tt.handle import (
    ZorkDevice,
    close_device,
    execute_batch,
    get_state,
    init_device,
    load_game,
    set_state,
)

__all__ = [
    "ZorkDevice",
    "close_device",
    "execute_batch",
    "get_state",
    "init_device",
    "load_game",
    "set_state",
]

_name_arguments(globals())
