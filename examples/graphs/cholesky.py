"""Cholesky factorisation of a matrix on blocks of 32 x 32, as a graph of tasks.

Each task says which blocks it reads and writes; the order follows from that. The functions are in
cholesky.cpp. The result is compared with NumPy's.

Usage: cholesky.py [BLOCKS]     (blocks along a side, default 6)
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rich

import tilewright as tw

N = 32
Matrix = npt.NDArray[np.float32]


def positive_definite(size: int) -> Matrix:
    """A random symmetric matrix that has a factor."""
    random = np.random.default_rng(1).standard_normal((size, size))
    return (random @ random.T / size + np.eye(size)).astype(np.float32)


def to_blocks(matrix: Matrix) -> Matrix:
    """[row of blocks, column of blocks, row, column], each block in one piece."""
    count = len(matrix) // N
    return np.ascontiguousarray(matrix.reshape(count, N, count, N).swapaxes(1, 2))


def factorise(device: tw.Device, matrix: Matrix) -> tuple[Matrix, tw.GraphRun]:
    """The lower factor, and the run that computed it."""
    count = len(matrix) // N
    functions = tw.Kernel.from_file(
        Path(__file__).with_name("cholesky.cpp"), isa=device.config.isas[0]
    )
    blocks = device.put(to_blocks(matrix).reshape(-1, N, N), tw.Placement.bank(0))
    graph = tw.Graph(device, functions=functions)

    def add(function: str, reads: list[tuple[int, int]], updates: tuple[int, int]) -> None:
        """A task on blocks (row, column), the last of which it reads and writes."""
        places = [row * count + column for row, column in [*reads, updates]]
        pointers = [blocks.core_address + place * N * N * 4 for place in places]
        ranges = [(blocks, slice(place, place + 1)) for place in places]
        graph.add(
            function, pointers, reads=ranges, writes=ranges[-1:], name=f"{function} {updates}"
        )

    for k in range(count):
        add("potrf", [], (k, k))
        for i in range(k + 1, count):
            add("trsm", [(k, k)], (i, k))
        for i in range(k + 1, count):
            for j in range(k + 1, i + 1):
                add("gemm", [(i, k), (j, k)], (i, j))

    run = graph.run(schedulers=2)
    result = blocks.numpy().reshape(count, count, N, N).swapaxes(1, 2).reshape(matrix.shape)
    return np.tril(result), run


def main() -> None:
    size = N * int(sys.argv[1] if len(sys.argv) > 1 else 6)
    matrix = positive_definite(size)
    with tw.open("ascend") as device:
        factor, run = factorise(device, matrix)
    error = np.abs(factor - np.linalg.cholesky(matrix.astype(np.float64))).max()
    rich.print(run.table(limit=12))
    print(
        f"{size} x {size}: {len(run.tasks)} tasks in {run.cycles} cycles, largest error {error:.1e}"
    )
    print(f"busy: {run.occupancy.mean():.0%} of {len(run.workers)} workers")
    for hint in run.advice():
        print("-", hint)
    if error > 1e-4:
        sys.exit("the factor is wrong")


if __name__ == "__main__":
    main()
