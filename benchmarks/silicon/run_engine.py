"""The experiments that feed a tile's compute engine, on our chip: phases T, Q and S of riscvbench,
and tensixbench. As in run.py, each function takes points and gives their cycles."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.silicon.chip import KERNELS, RESULT, result
from benchmarks.silicon.data import Point, grouped

import tilewright as tw
from tilewright import metalium

Measured = Iterator[tuple[Point, int]]

#: Formats of SrcA and SrcB, for the instructions of the matrix unit; `t1` to `t3` leave it open.
_FORMATS = {"bf16": "bf16", "fp16": "fp16", "fp32": "fp32", "tf32": "tf32"}
_READ_SOURCES = ("MVMUL", "ELWADD", "ELWMUL")


def _threads(active: int) -> list[int]:
    """Which threads of the engine take part: the matrix unit's own if it is one."""
    return [1] if active == 1 else list(range(active))


class _Kernels:
    """Kernels of one source, compiled when they are first asked for."""

    def __init__(self, source: str) -> None:
        self._source = KERNELS / source
        self._made: dict[tuple[tuple[str, str | int], ...], tw.Kernel] = {}

    def __call__(self, **defines: str | int) -> tw.Kernel:
        name = tuple(sorted(defines.items()))
        if name not in self._made:
            self._made[name] = tw.Kernel.from_file(self._source, defines=defines)
        return self._made[name]


# --- Bursts of instructions, by the number of blocks ---------------------------------------------

#: Of phase T: the block, and the instruction of the engine in it.
_BLOCKS = {
    "loop_overhead": ("empty", "nop"),
    "tt_nop": ("one", "nop"),
    "tt_sfpnop": ("one", "sfpnop"),
    "tt_setdmareg": ("one", "setdmareg"),
    "tt_adddmareg": ("one", "adddmareg"),
    "tt_pad": ("pad", "nop"),
    "tt_fuse2": ("fuse2", "nop"),
    "tt_fuse4": ("fuse4", "nop"),
    "tt_spread4": ("spread4", "nop"),
}


def _burst(name: str, part: str) -> dict[str, str]:
    """What defines the kernel of a probe."""
    block, instruction = _BLOCKS.get(name, ("one", name.lower()))
    defines = {"BLOCK": block, "OP": instruction}
    if name in _READ_SOURCES:
        defines["FORMAT"] = _FORMATS.get(part, "bf16")
    return defines


def bursts(device: tw.Device, points: Iterable[Point]) -> Measured:
    """riscvbench T and tensixbench A: the threads begin together, and push what they push."""
    kernels = _Kernels("bursts.cpp")
    for group in grouped(points, lambda p: (p.experiment, p.key[0], p.key[1], p.key[3])):
        name, active, _, blocks = group[0].key
        part = group[0].experiment.split(".")[1]
        ready = device.semaphore()
        threads = _threads(int(active))
        device.run(
            kernels(**_burst(str(name), part)),
            cores=[(0, 0, 1 + thread) for thread in threads],
            args={
                (0, 0, 1 + thread): [int(blocks), RESULT + 4 * thread, thread, ready]
                for thread in threads
            },
        )
        for point in group:
            yield point, result(device, (0, 0), int(point.key[2]))


# --- One burst into the engine's queue, by its length --------------------------------------------

_PUSHED = {
    "q_nop": ("cascade", "nop"),
    "q_setdmareg": ("cascade", "setdmareg"),
    "q_adddmareg": ("cascade", "adddmareg"),
    "q_loop_addi": ("sixteen", ""),
    "q_loop_adddmareg": ("sixteen", "adddmareg"),
    "s_loop_addi": ("four", ""),
    "s_co_plain": ("four", "adddmareg"),
    "s_co_repeat": ("four", "adddmareg"),
    "s_solo_plain": ("four", "adddmareg"),
}
_SYNC = {"q_adddmareg_sync": "q_adddmareg", "q_loop_adddmareg_sync": "q_loop_adddmareg"}
_SYNC |= {"s_co_sync": "s_co_plain", "s_solo_sync": "s_solo_plain"}


def queue(device: tw.Device, points: Iterable[Point]) -> Measured:
    """riscvbench Q and S: the engine is idle when the burst begins. Where the data set has the
    other threads spin (s_solo) they are left out, as on our chip they would disturb nobody."""
    kernels = _Kernels("queue.cpp")
    for group in grouped(points, lambda p: (p.key[0], p.key[1], p.key[3])):
        name, active, _, count = group[0].key
        form, pushed = _PUSHED[_SYNC.get(str(name), str(name))]
        defines: dict[str, str | int] = {"FORM": form, "PUSHED": pushed or "nop"}
        if not pushed:
            defines["ADDS"] = 1
        if name in _SYNC:
            defines["SYNC"] = 1
        threads = [1] if str(name).startswith("s_solo") else _threads(int(active))
        device.run(
            kernels(**defines),
            cores=[(0, 0, 1 + thread) for thread in threads],
            args={(0, 0, 1 + thread): [int(count), RESULT + 4 * thread] for thread in threads},
        )
        for point in group:
            yield point, result(device, (0, 0), int(point.key[2]))


# --- Products of tiles ---------------------------------------------------------------------------

_POINTS, _BLOCK, _TILE_BYTES = 4, 8, 2048


def products(device: tw.Device, points: Iterable[Point]) -> Measured:
    """tensixbench B: one program for each fidelity, whose four points follow one another; tiles are
    of BF16, as the data set's program has them."""
    for group in grouped(points, lambda p: p.experiment):
        counts = sorted({int(point.key[3]) for point in group})
        least = counts[0]
        assert counts == [least * (i + 1) for i in range(_POINTS)]
        program = metalium.Program(device)
        tile = (0, 0)
        for index, pages in ((0, 2 * _BLOCK), (1, 2 * _BLOCK), (16, _POINTS)):
            program.create_circular_buffer(
                [tile], index, page_size=_TILE_BYTES, pages=pages, data_format="float16_b"
            )
        feeder = program.create_kernel(KERNELS / "pages.cpp", [tile])
        program.set_runtime_args(feeder, tile, [sum(counts)])
        compute = program.create_kernel(
            KERNELS / "products.cpp",
            [tile],
            processor="compute",
            math_fidelity=group[0].experiment.split(".")[1],
        )
        program.set_runtime_args(compute, tile, [least, RESULT])
        program.run()
        for point in group:
            thread, count = int(point.key[2]), int(point.key[3])
            yield point, result(device, tile, _POINTS * thread + count // least - 1)


def tensix(device: tw.Device, points: Sequence[Point]) -> Measured:
    """tensixbench."""
    yield from bursts(device, (p for p in points if p.experiment.startswith("A.")))
    yield from products(device, (p for p in points if p.experiment.startswith("B.")))
