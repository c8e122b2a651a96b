"""Our chip as the measured board is: its columns of workers, and the model's fitted numbers."""

from pathlib import Path
from typing import Any

import tilewright as tw

KERNELS = Path(__file__).parent / "kernels"

#: Physical columns of workers that the board lacks (its own map: workers at 1 to 6 and 11 to 16).
HARVESTED_COLUMNS = [7, 10]

#: Fields of the configuration whose number was fitted to a data set, with what they are without:
#: nothing, or what is documented for the generation before.
UNFITTED = {
    "noc_serve_cycles": 0,
    "core_timing.fetch_cache": 0,
    "core_timing.fetch_miss": 0,
    "compute_dst_cycles": 5,
    "compute_bank_cycles": 0,
    "compute_unpack_bytes": 16,
}

#: Places in the L1 of a tile that the kernels use.
RESULT, HERE, THERE = 0x20000, 0x40000, 0x80000


def open_board(*, fitted: bool = True) -> tw.Device:
    """A Blackhole with the board's 12 x 10 workers; with all that was fitted, or without."""
    overrides: dict[str, Any] = {} if fitted else dict(UNFITTED)
    board = tw.preset("blackhole", harvested_columns=HARVESTED_COLUMNS)
    return tw.open(board, checks=False, **overrides)


def result(device: tw.Device, tile: tuple[int, int], word: int = 0) -> int:
    """A word that a kernel left behind."""
    return int.from_bytes(device.read_l1(tile, RESULT + 4 * word, 4), "little")


def router(device: tw.Device, tile: tuple[int, int]) -> tuple[int, int]:
    """Where a tile stands on the network."""
    columns = [x for x in device.config.tile_router_x if x not in HARVESTED_COLUMNS]
    return columns[tile[0]], device.config.tile_router_y[tile[1]]
