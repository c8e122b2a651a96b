"""The check `races` against a graph: over random programs on 16 tiles it reports those that have a
race, with a pair that is in one, and no others.

The graph is docs/memory-model.md for these few operations and knows nothing of the simulator: a
node for each thing that happens, with the set of all nodes before it as a number of that many bits.
Each semaphore is waited for once, for all that is ever added to it, so that the order is one of the
program and not of a run of it."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

import tilewright as tw

LOAD, STORE, WRITE, READ, SIGNAL, WAIT, BARRIER, MULTICAST = range(1, 9)
BARRIERS = ("reads", "writes", "flushed", "atomics")
SLOTS = 12
SLOT_BYTES = 64

#: A tile and one of its two cores.
Core = tuple[int, int]
#: Who touches it, the tile, the first byte and the length, and whether it writes.
Access = tuple[int, Core, int, int, int, bool]


@dataclass
class Program:
    """One word list for each core; `races`: pairs of cores and the bytes that they race for."""

    tiles: int
    scripts: dict[Core, list[tuple[int, ...]]] = field(default_factory=dict)
    races: set[tuple[Core, Core, int, int]] = field(default_factory=set)


class _Order:
    """Nodes with all that is before them."""

    def __init__(self) -> None:
        self.before: list[int] = []

    def add(self, *nodes: int) -> int:
        known = 0
        for node in nodes:
            known |= self.before[node] | 1 << node
        self.before.append(known)
        return len(self.before) - 1

    def ordered(self, first: int, second: int) -> bool:
        return first == second or bool(self.before[second] >> first & 1)


class _Author:
    """Writes a program one operation after another, and keeps its graph."""

    def __init__(self, tiles: int, choice: random.Random) -> None:
        self.program = Program(tiles)
        self.choice = choice
        self.order = _Order()
        self.last: dict[Core, int] = {}
        self.paths: dict[tuple[Core, int, object], int] = {}
        self.done: dict[tuple[Core, int, str], list[int]] = {}
        self.accesses: list[Access] = []
        self.open: dict[tuple[int, int], list[int]] = {}  # signals of a tile's semaphore
        self.semaphores = dict.fromkeys(range(tiles), 0)
        for tile in range(tiles):
            for processor in (0, 1):
                self.last[tile, processor] = self.order.add()
                self.program.scripts[tile, processor] = []

    # What an operation would touch: `node` and what follows are made, and dropped if it races.
    def _try(self, accesses: list[Access], racy: bool) -> bool:
        found = list(self._races(accesses))
        if found and not racy:
            return False
        self.program.races.update(found)
        self.accesses += accesses
        return True

    def _races(self, accesses: list[Access]) -> Iterator[tuple[Core, Core, int, int]]:
        for node, core, tile, begin, length, writes in accesses:
            for other, who, there, first, count, wrote in self.accesses:
                if there != tile or not (writes or wrote) or self.order.ordered(other, node):
                    continue
                for byte in range(max(begin, first), min(begin + length, first + count)):
                    yield who, core, tile, byte

    def plain(self, core: Core, store: bool, racy: bool) -> None:
        slot, word = self.choice.randrange(SLOTS), self.choice.randrange(2)
        at = slot * SLOT_BYTES + 4 * word
        node = self.order.add(self.last[core])
        if not self._try([(node, core, core[0], at, 4, store)], racy):
            return
        self.last[core] = node
        self.program.scripts[core].append((STORE if store else LOAD, at))

    def transfer(self, core: Core, kind: int, racy: bool) -> None:
        noc = self.choice.randrange(2)
        bytes_ = self.choice.choice([16, 64, 128])
        near = self.choice.randrange(SLOTS - 1) * SLOT_BYTES
        far = self.choice.randrange(SLOTS - 1) * SLOT_BYTES
        tile = self.choice.randrange(self.program.tiles)
        receivers = [tile]
        end: object = tile
        if kind == MULTICAST:  # a row of four tiles, without its sender
            end = "row", tile // 4
            receivers = [4 * (tile // 4) + x for x in range(4)]
            receivers = [r for r in receivers if r != core[0]]
        command = self.order.add(self.last[core])
        before = [self.paths[core, noc, end]] if (core, noc, end) in self.paths else []
        if kind == READ:
            fetch = self.order.add(command, *before)
            land = self.order.add(fetch)
            touched: list[Access] = [
                (fetch, core, tile, far, bytes_, False),
                (land, core, core[0], near, bytes_, True),
            ]
        else:
            taken = self.order.add(command)
            effect = self.order.add(taken, *before)
            touched = [(taken, core, core[0], near, bytes_, False)]
            touched += [(effect, core, r, far, bytes_, True) for r in receivers]
        if not self._try(touched, racy):
            return
        self.last[core] = command
        if kind == READ:
            self.done.setdefault((core, noc, "reads"), []).append(land)
        else:
            self.done.setdefault((core, noc, "flushed"), []).append(taken)
            self.done.setdefault((core, noc, "writes"), []).append(effect)
            self.paths[core, noc, end] = effect
        self.program.scripts[core].append((kind, noc, near, tile, far, bytes_))

    def signal(self, core: Core) -> None:
        noc = self.choice.randrange(2)
        tile = self.choice.randrange(self.program.tiles)
        open_ = [key for key in self.open if key[0] == tile]
        if open_ and self.choice.random() < 0.3:
            key = self.choice.choice(open_)
        elif self.semaphores[tile] < 24:
            key = tile, self.semaphores[tile]
            self.semaphores[tile] += 1
            self.open[key] = []
        else:
            return
        command = self.order.add(self.last[core])
        path = core, noc, tile
        effect = self.order.add(command, *([self.paths[path]] if path in self.paths else []))
        self.paths[path] = effect
        self.last[core] = command
        self.done.setdefault((core, noc, "atomics"), []).append(effect)
        self.open[key].append(effect)
        self.program.scripts[core].append((SIGNAL, noc, tile, key[1]))

    def wait(self, core: Core) -> None:
        mine = [key for key in self.open if key[0] == core[0]]
        if not mine:
            return
        key = self.choice.choice(mine)
        signals = self.open.pop(key)
        self.last[core] = self.order.add(self.last[core], *signals)
        self.program.scripts[core].append((WAIT, key[1], len(signals)))

    def barrier(self, core: Core) -> None:
        kind, noc = self.choice.randrange(len(BARRIERS)), self.choice.randrange(2)
        done = self.done.pop((core, noc, BARRIERS[kind]), [])
        if not done:
            return
        self.last[core] = self.order.add(self.last[core], *done)
        self.program.scripts[core].append((BARRIER, kind, noc))


def random_program(seed: int, tiles: int = 16, operations: int = 150) -> Program:
    """Half of the programs have no race; the others mostly have."""
    choice = random.Random(seed)
    author = _Author(tiles, choice)
    cores = choice.sample(sorted(author.last), choice.choice([4, 12, 2 * tiles]))
    careless = 0.1 if seed % 2 else 0.0
    for _ in range(operations):
        core = choice.choice(cores)
        racy = choice.random() < careless
        what = choice.random()
        if what < 0.3:
            author.plain(core, choice.random() < 0.5, racy)
        elif what < 0.5:
            author.transfer(core, choice.choice([WRITE, WRITE, READ, MULTICAST]), racy)
        elif what < 0.68:
            author.signal(core)
        elif what < 0.86:
            author.wait(core)
        else:
            author.barrier(core)
    return author.program


PROGRAMS = int(os.environ.get("TILEWRIGHT_RACE_PROGRAMS", "60"))

DATA = 0x30000

SOURCE = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
enum Op { end, load, store, write, read, signal, wait, barrier, multicast };
static void follow(std::uint32_t script, std::uint32_t data, Semaphore first) {
    const auto* word = l1<const std::uint32_t>(script + processor() * 0x4000);
    volatile std::uint32_t sum = 0;
    for (;; word += 6) {
        const std::uint32_t noc = word[1];
        const auto semaphore = [&](std::uint32_t n) { return Semaphore{first.address + 4 * n}; };
        const auto far = [&](std::uint32_t tile, std::uint32_t at) {
            return tile_address(tile % 4, tile / 4, at);
        };
        switch (word[0]) {
            case load: sum = sum + *l1<volatile std::uint32_t>(data + word[1]); break;
            case store: *l1<volatile std::uint32_t>(data + word[1]) = 1; break;
            case write:
                noc_async_write(l1<char>(data + word[2]), far(word[3], data + word[4]), word[5],
                                noc);
                break;
            case multicast:
                noc_async_write_multicast(
                    l1<char>(data + word[2]),
                    tiles_address(0, word[3] / 4, 3, word[3] / 4, data + word[4]), word[5], 0,
                    Multicast::to_others, noc);
                break;
            case read:
                noc_async_read(far(word[3], data + word[4]), l1<char>(data + word[2]), word[5],
                               noc);
                break;
            case signal:
                noc_semaphore_inc(far(word[2], semaphore(word[3]).address), 1, noc);
                break;
            case wait: semaphore(word[1]).wait_min(word[2]); break;
            case barrier:
                if (word[1] == 0) noc_async_read_barrier(word[2]);
                if (word[1] == 1) noc_async_write_barrier(word[2]);
                if (word[1] == 2) noc_async_writes_flushed(word[2]);
                if (word[1] == 3) noc_async_atomic_barrier(word[2]);
                break;
            default: return;
        }
    }
}
TILEWRIGHT_KERNEL(follow)
"""


@pytest.fixture(scope="module")
def follow() -> tw.Kernel:
    return tw.Kernel.from_source(SOURCE, "follow.cpp")


def test_random_programs_race_where_the_graph_says_so(follow: tw.Kernel) -> None:
    raced = 0
    with tw.open("blackhole", checks=["races"]) as device:
        semaphores = [device.semaphore() for _ in range(24)]
        for seed in range(PROGRAMS):
            program = random_program(seed)
            raced += bool(program.races)
            for tile in range(program.tiles):
                place = tile % 4, tile // 4
                device.write_l1(place, semaphores[0].address, bytes(4 * len(semaphores)))
                for processor in (0, 1):
                    words = np.zeros((len(program.scripts[tile, processor]) + 1, 6), np.uint32)
                    for i, operation in enumerate(program.scripts[tile, processor]):
                        words[i, : len(operation)] = operation
                    address = 0x20000 + processor * 0x4000
                    device.write_l1(place, address, words.tobytes())
            cores = [(t % 4, t // 4, p) for t in range(program.tiles) for p in (0, 1)]
            try:
                device.run(follow, cores, [0x20000, DATA, semaphores[0]])
            except tw.KernelFault as fault:
                text = str(fault)
                assert program.races, f"seed {seed}: {text}"
                core_text = r"by core \((\d+), (\d+), (\d+)\)"
                later, earlier = (
                    (int(x) + 4 * int(y), int(p)) for x, y, p in re.findall(core_text, text)[:2]
                )
                tile_x, tile_y = map(int, re.findall(r"L1 of tile \((\d+), (\d+)\)", text)[0])
                begin = re.search(r"bytes at (0x[0-9a-f]+)", text)
                at = re.search(r"\(at (0x[0-9a-f]+)\)", text) or begin
                assert at
                byte = int(at[1], 16) - DATA
                tile = tile_x + 4 * tile_y
                pairs = {(earlier, later, tile, byte), (later, earlier, tile, byte)}
                assert pairs & program.races, f"seed {seed}: {text}"
            else:
                assert not program.races, f"seed {seed}: {sorted(program.races)[0]}"
    assert PROGRAMS // 4 < raced < 3 * PROGRAMS // 4
