"""The data sets' experiments on our chip: each function takes points and gives their cycles."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.silicon.chip import HERE, KERNELS, RESULT, THERE, result, router
from benchmarks.silicon.data import Point, grouped
from benchmarks.silicon.run_engine import bursts, queue, tensix

import tilewright as tw
from tilewright import metalium

Measured = Iterator[tuple[Point, int]]


# --- Instructions --------------------------------------------------------------------------------

#: Scratch memory of a core, whose result lies in the word of its number.
_SCRATCH_STRIDE = 0x800


def riscv(device: tw.Device, points: Sequence[Point]) -> Measured:
    """riscvbench."""
    engine = [p for p in points if p.experiment[0] in "TQS"]
    # Each phase has the empty loop beside it.
    loops = [p for p in engine if p.experiment[0] == "T" or p.key[0] == "loop_overhead"]
    yield from instructions(device, (p for p in points if p not in engine))
    yield from bursts(device, loops)
    yield from queue(device, (p for p in engine if p not in loops))


def instructions(device: tw.Device, points: Iterable[Point]) -> Measured:
    """riscvbench, what needs no compute engine: `threads` of the three cores that feed one run one
    probe at once, core 2 if it is alone."""
    kernels: dict[str, tw.Kernel] = {}
    for group in grouped(points, lambda p: (p.key[0], p.key[1], p.key[3])):
        name, active, blocks = str(group[0].key[0]), int(group[0].key[1]), int(group[0].key[3])
        if name not in kernels:
            kernels[name] = tw.Kernel.from_file(
                KERNELS / "instructions.cpp", defines={"PROBE": name}
            )
        threads = [1] if active == 1 else list(range(active))
        device.run(
            kernels[name],
            cores=[(0, 0, 1 + thread) for thread in threads],
            args={
                (0, 0, 1 + thread): [blocks, HERE + thread * _SCRATCH_STRIDE, RESULT + 4 * thread]
                for thread in threads
            },
        )
        for point in group:
            yield point, result(device, (0, 0), int(point.key[2]))


# --- Transfers -----------------------------------------------------------------------------------


def transfers(device: tw.Device, points: Sequence[Point]) -> Measured:
    """nocbench: one to six masters, each with a subordinate, that begin in the same cycle. Our chip
    has no virtual channels, so which one a transfer names makes no difference."""
    for group in grouped(points, lambda p: (p.experiment, p.key[0], p.key[-1])):
        *_, every = group[0].key
        flows = [tuple(int(part) for part in flow.split("-")) for flow in str(every).split(":")]
        _, _, count, size, noc, reads, _ = group[0].key
        program = metalium.Program(device)
        for mst_x, mst_y, sub_x, sub_y in flows:
            kernel = program.create_kernel(
                KERNELS / "transfers.cpp",
                [(mst_x, mst_y)],
                noc=int(noc),
                defines={"READS": 1} if reads else {},
            )
            program.set_runtime_args(
                kernel,
                (mst_x, mst_y),
                [*router(device, (sub_x, sub_y)), THERE, HERE, int(size), int(count), RESULT],
            )
        program.run()
        for point in group:
            x, y, _, _ = flows[int(point.key[1])]
            yield point, result(device, (x, y))


def sampled_reads(device: tw.Device, points: Sequence[Point]) -> Measured:
    """nocreadbench: reads of one core that looks at the interface's registers after each start."""
    for point in points:
        x, y, sources, at_x, at_y, count, size, to_stride, from_stride = map(int, point.key)
        program = metalium.Program(device)
        kernel = program.create_kernel(KERNELS / "sampled_reads.cpp", [(x, y)])
        # The board's coordinates of workers have no gap where columns are harvested.
        columns = [*range(1, 8), *range(10, 15)]
        first = (columns.index(at_x), at_y - 2)
        places = [router(device, (first[0] + i, first[1])) for i in range(sources)]
        words = [sources, THERE, HERE, size, count, from_stride, to_stride, RESULT]
        program.set_runtime_args(
            kernel, (x, y), [*words, *(at for place in places for at in place)]
        )
        program.run()
        yield point, result(device, (x, y))


# --- DRAM ----------------------------------------------------------------------------------------


def dram_readers(device: tw.Device, points: Sequence[Point]) -> Measured:
    """dramratebench: readers row by row, each of its own bytes of bank 0, or of the banks in turn;
    the slowest one counts."""
    config = device.config
    columns = config.tile_columns
    for point in points:
        readers, count, size = map(int, point.key)
        banks = config.dram_bank_count if point.experiment == "fanchan" else 1
        tiles = [(reader % columns, reader // columns) for reader in range(readers)]
        program = metalium.Program(device)
        kernel = program.create_kernel(KERNELS / "dram_reader.cpp", tiles)
        for reader, tile in enumerate(tiles):
            address = reader // banks * count * size
            program.set_runtime_args(
                kernel, tile, [reader % banks, address, HERE, size, count, RESULT]
            )
        program.run()
        yield point, max(result(device, tile) for tile in tiles)


RUNNERS: dict[str, Callable[[tw.Device, Sequence[Point]], Measured]] = {
    "riscvbench": riscv,
    "nocbench": transfers,
    "nocreadbench": sampled_reads,
    "dramratebench": dram_readers,
    "tensixbench": tensix,
}
