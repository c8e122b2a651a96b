"""What a matmul on compute engines costs the host: C = A B in bfloat16, by the kernels of
examples/metalium on a square grid of cores, each of which computes a block of 4 x 4 tiles or more;
or with --builtin by `device.matmul` on all tiles.

Simulated cycles, processor time of this thread for the run alone (kernels from the cache), the
nanoseconds that a cycle of a matrix unit takes, and the largest difference to NumPy; of
`device.matmul` also how much of the matrix units' peak that is, and for what the threads of an
engine waited. The default is 1024 x 1024 x 1024 at HiFi4 on 64 tiles.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright import metalium

KERNELS = Path(__file__).parent.parent / "examples" / "metalium" / "kernels"
TILE_BYTES = 2048
DEPTH = 8  # tiles along k that are read at once


def to_tiles(matrix: np.ndarray) -> np.ndarray:
    """BF16 bits of a matrix of small integers, tile by tile and face by face."""
    rows, columns = matrix.shape
    bits = (matrix.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    faces = bits.reshape(rows // 32, 2, 16, columns // 32, 2, 16)
    return np.ascontiguousarray(faces.transpose(0, 3, 1, 4, 2, 5)).reshape(-1)


def from_tiles(bits: np.ndarray, rows: int, columns: int) -> np.ndarray:
    faces = bits.reshape(rows // 32, columns // 32, 2, 2, 16, 16).transpose(0, 2, 4, 1, 3, 5)
    return (faces.reshape(rows, columns).astype(np.uint32) << 16).view(np.float32)


def measure(device: tw.Device, size: int, across: int, fidelity: str) -> tuple[int, float, float]:
    """Cycles, seconds of processor time, and the largest error."""
    tiles = size // 32
    block = tiles // across
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-1, 2, (size, size)) for _ in range(2))
    paged = tw.Placement.interleaved(TILE_BYTES)
    a_buffer, b_buffer = (device.put(to_tiles(x), paged) for x in (a, b))
    c_buffer = device.empty(size * size, "uint16", paged)
    program = metalium.Program(device)
    cores = [(x, y) for y in range(across) for x in range(across)]
    for index, pages in ((0, block * tiles), (1, block * tiles), (16, block * block)):
        program.create_circular_buffer(
            cores, index, page_size=TILE_BYTES, pages=pages, data_format="float16_b"
        )
    accessor = metalium.tensor_accessor_args(page_size=TILE_BYTES)
    reader = program.create_kernel(
        KERNELS / "matmul_reader.cpp",
        cores,
        processor="riscv_1",
        compile_args=[block, block, DEPTH, tiles, tiles, *accessor, *accessor],
    )
    writer = program.create_kernel(
        KERNELS / "matmul_writer.cpp",
        cores,
        processor="riscv_0",
        compile_args=[block, block, tiles, *accessor],
    )
    program.create_kernel(
        KERNELS / "matmul_compute.cpp",
        cores,
        processor="compute",
        math_fidelity=fidelity,
        compile_args=[block, block, DEPTH, tiles],
    )
    for x, y in cores:
        program.set_runtime_args(reader, (x, y), [a_buffer, b_buffer, y * block, x * block])
        program.set_runtime_args(writer, (x, y), [c_buffer, y * block, x * block])
    before = time.thread_time()
    run = program.run()
    seconds = time.thread_time() - before
    c = from_tiles(c_buffer.numpy(), size, size)
    return run.cycles, seconds, float(np.abs(c - a @ b).max())


def measure_builtin(preset: str, size: int, fidelity: str, out_dtype: str) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-1, 2, (size, size)).astype(np.float32) for _ in range(2))
    with tw.open(preset) as device:
        left, right = (device.put_tiles(x, "bfloat16") for x in (a, b))
        counters, before = device.counters, time.thread_time()
        c = device.matmul(left, right, fidelity=fidelity, out_dtype=out_dtype)
        seconds = time.thread_time() - before
        report = device.last_matmul
        assert report is not None
        print(report.plan)
        print(
            f"{size}^3 at {fidelity} to {out_dtype} on {report.plan.arrays} tiles of {preset}: "
            f"{report.cycles} cycles, {report.utilisation:.1%} of the peak, {seconds:.1f} s of "
            f"processor time, largest error {float(np.abs(c.numpy() - a @ b).max()):g}"
        )
        print(device.engine_waits((0, 0), since=counters))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--across", type=int, default=8, help="cores in a row, and rows")
    parser.add_argument("--fidelity", default="HiFi4")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--builtin", action="store_true", help="device.matmul on all tiles")
    parser.add_argument("--preset", default="blackhole", help="the chip, with --builtin")
    parser.add_argument("--out-dtype", default="bfloat16", help="of C, with --builtin")
    args = parser.parse_args()
    if args.builtin:
        measure_builtin(args.preset, args.size, args.fidelity, args.out_dtype)
        return
    with tw.open("blackhole") as device:
        measure(device, args.size, args.across, args.fidelity)  # compiles the kernels
        results = [measure(device, args.size, args.across, args.fidelity) for _ in range(args.runs)]
        busy = device.counters["compute_engine.0.matrix_unit.busy_cycles"] // (args.runs + 1)
    cycles, seconds, error = min(results, key=lambda result: result[1])
    units = busy * args.across**2
    print(
        f"{args.size}^3 at {args.fidelity} on {args.across**2} tiles: {cycles} cycles, "
        f"{seconds:.2f} s of processor time, {seconds / units * 1e9:.0f} ns a cycle of a matrix "
        f"unit, largest error {error:g}"
    )


if __name__ == "__main__":
    main()
