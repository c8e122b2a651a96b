"""Pictures of how things are put together: a tile, time, memory."""

from __future__ import annotations

from pathlib import Path

from scripts.pictures.svg import EDGE, INK, QUIET, Svg

import tilewright as tw

CORES, MEMORY, NETWORK, ENGINES = "#dbeafe", "#fef3c7", "#dcfce7", "#ede9fe"


def draw_tile(folder: Path) -> None:
    """What stands in a tile, and how it is connected; sizes of the preset `blackhole`."""
    config = tw.preset("blackhole")
    l1_bytes = int(config.fields()["l1_bytes"])
    svg = Svg(860, 430, "A tile: cores, L1, register devices, network interfaces")
    svg.text(24, 36, "A tile", size=18, bold=True)
    svg.box(24, 52, 812, 300, fill="#f9fafb", edge=EDGE, radius=8)
    for index, (_, local, kind) in enumerate(config.cores):
        x = 44 + 156 * index
        svg.box(x, 70, 140, 108, fill=CORES, edge=EDGE, radius=6)
        svg.text(x + 70, 94, f"core {index}", bold=True, anchor="middle")
        svg.text(x + 70, 114, "RV32", size=12, anchor="middle")
        svg.text(x + 70, 131, kind.replace("_", " "), size=12, colour=QUIET, anchor="middle")
        svg.box(x + 12, 142, 116, 26, fill=MEMORY, edge=EDGE, radius=4)
        svg.text(x + 70, 160, f"local {local // 1024} KiB", size=12, anchor="middle")
        svg.line((x + 70, 178), (x + 70, 198), colour=QUIET)
    svg.line((44, 198), (816, 198), colour=QUIET, width=3)
    svg.line((200, 198), (200, 222), colour=QUIET)
    svg.line((510, 198), (510, 222), colour=QUIET)
    svg.line((724, 198), (724, 222), colour=QUIET)
    svg.box(44, 222, 330, 110, fill=MEMORY, edge=EDGE, radius=6)
    svg.text(209, 250, f"L1, {l1_bytes // 1024} KiB", bold=True, anchor="middle")
    svg.text(209, 274, "shared by the cores, reached by the network", size=12, anchor="middle")
    svg.text(209, 294, "arguments, semaphores, circular buffers,", size=12, anchor="middle")
    svg.text(209, 311, "and what kernels put there", size=12, anchor="middle")
    svg.box(404, 222, 212, 110, fill=NETWORK, edge=EDGE, radius=6)
    svg.text(510, 250, "network interfaces", bold=True, anchor="middle")
    svg.text(510, 274, "NoC 0 and NoC 1", size=12, anchor="middle")
    svg.text(510, 294, "read, write, atomics, multicast", size=12, anchor="middle")
    svg.box(646, 222, 170, 110, fill=ENGINES, edge=EDGE, radius=6)
    svg.text(731, 250, "register devices", bold=True, anchor="middle")
    svg.text(731, 274, "core registers, print,", size=12, anchor="middle")
    svg.text(731, 294, "zones, port of engines", size=12, anchor="middle")
    svg.line((374, 277), (404, 277), colour=INK)
    svg.line((510, 332), (510, 378), colour=INK, arrow=True)
    svg.text(510, 398, "router: other tiles, DRAM, host", size=12, anchor="middle")
    svg.line((731, 332), (731, 378), colour=INK, arrow=True)
    svg.text(731, 398, "DMA engines, arrays", size=12, anchor="middle")
    svg.save(folder / "tile.svg")


def draw_time(folder: Path) -> None:
    """Two cores that run ahead between synchronising operations, which happen in one order."""
    svg = Svg(860, 330, "Cores run ahead of each other, and synchronise in one order")
    svg.text(24, 36, "Time: cores run ahead, and synchronise in one order", size=18, bold=True)
    left, width = 110, 720
    rows = {"core A": 84, "core B": 164}
    for name, y in rows.items():
        svg.text(24, y + 20, name, bold=True)
        svg.line((left, y + 34), (left + width, y + 34), colour=EDGE, width=1)
    window = "end of a window: a multiple of the quantum"
    for x in (left + 320, left + 640):
        svg.line((x, 62), (x, 222), colour=QUIET, dashed=True, width=1)
    svg.text(left + 316, 74, window, size=11, colour=QUIET, anchor="end")
    runs = {  # from, to, and in which order the host simulates them
        "core A": [(0, 190, 1), (200, 320, 4), (320, 520, 5)],
        "core B": [(0, 120, 2), (130, 320, 3), (320, 400, 6)],
    }
    for name, parts in runs.items():
        for begin, end, turn in parts:
            svg.box(left + begin, rows[name] + 4, end - begin, 24, fill=CORES, edge=EDGE, radius=3)
            svg.text(left + (begin + end) / 2, rows[name] + 21, f"{turn}", size=12, anchor="middle")
    for name, x in (("core A", 190), ("core B", 120), ("core A", 520), ("core B", 400)):
        svg.box(left + x, rows[name], 10, 32, fill="#7c3aed", radius=2)
    svg.line((left + 405, 198), (left + 405, 252), colour=QUIET)
    svg.line((left + 525, 118), (left + 525, 252), colour=QUIET)
    svg.line((left + 195, 118), (left + 195, 252), colour=QUIET)
    svg.line((left + 125, 198), (left + 125, 252), colour=QUIET)
    svg.line((left, 254), (left + width, 254), colour=INK, arrow=True)
    svg.text(left + width, 274, "cycles", size=12, anchor="end")
    svg.text(left, 274, "events in the order (cycle, component, sequence)", size=12)
    svg.box(left, 294, 12, 12, fill=CORES, edge=EDGE)
    svg.text(left + 20, 305, "instructions in one go, numbered as the host simulates them", size=12)
    svg.box(left + 490, 292, 10, 16, fill="#7c3aed", radius=2)
    svg.text(left + 508, 305, "synchronising operation", size=12)
    svg.save(folder / "time.svg")


def draw_memory_map(folder: Path) -> None:
    """The four kinds of address, and what each reaches."""
    kinds = [
        (
            "core address",
            "32 bits, what a load or store names",
            [
                ("0x0000_0000", "reserved L1", MEMORY),
                ("0x0002_0000", "L1 for the user", MEMORY),
                ("0x8000_0000", "direct memory", NETWORK),
                ("0xFF00_0000", "core registers, engines", ENGINES),
                ("0xFF40_0000", "the kernel's image", CORES),
                ("0xFFB0_0000", "local memory", CORES),
                ("0xFFB2_0000", "network interfaces", NETWORK),
            ],
        ),
        (
            "NoC address",
            "node and offset, what a transfer names",
            [
                ("tile (x, y)", "L1 of that tile", MEMORY),
                ("(x, y) to (x', y')", "L1s of a rectangle", MEMORY),
                ("bank i", "DRAM bank", NETWORK),
                ("host", "pinned memory", ENGINES),
            ],
        ),
        (
            "global address",
            "64 bits, for engines and the host",
            [
                ("0x0_0000_0000", "host memory", ENGINES),
                ("0x1_0000_0000", "DRAM banks", NETWORK),
                ("0x1_8000_0000", "L3, L2, scratchpads", MEMORY),
                ("behind them", "L1s of the tiles", MEMORY),
            ],
        ),
    ]
    svg = Svg(860, 430, "Kinds of address, and what each reaches")
    svg.text(24, 36, "Where a byte is: kinds of address", size=18, bold=True)
    for column, (name, text, rows) in enumerate(kinds):
        x = 24 + 276 * column
        svg.text(x, 68, name, bold=True)
        svg.text(x, 87, text, size=12, colour=QUIET)
        for row, (address, what, fill) in enumerate(rows):
            y = 100 + 40 * row
            svg.box(x, y, 260, 38, fill=fill, edge=EDGE, radius=3)
            svg.text(x + 10, y + 24, address, size=12)
            svg.text(x + 250, y + 24, what, size=12, anchor="end")
    svg.text(300, 300, "bank offset", bold=True)
    svg.text(300, 320, "inside each bank of an interleaved buffer:", size=12, colour=QUIET)
    svg.text(300, 337, "page p lies in bank p mod banks", size=12, colour=QUIET)
    svg.text(
        24,
        412,
        "A Buffer knows all that apply to it; each kind is a type of its own in C++.",
        size=13,
    )
    svg.save(folder / "memory-map.svg")
