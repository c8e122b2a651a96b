"""A transformer layer as a graph of tasks: products on cube cores, the rest on vector cores.

Rows of the sequence are split among tasks, and heads are tasks of their own. The functions are in
transformer.cpp. The result is compared with NumPy's.

Usage: transformer.py [TIMELINE]     (a file for a trace viewer, such as layer.json)
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import tilewright as tw

SEQUENCE, WIDTH, HEADS, HIDDEN = 32, 64, 4, 128
ROWS = 8  # of a task
HEAD = WIDTH // HEADS
Array = npt.NDArray[np.float32]


def reference(x: Array, weights: dict[str, Array]) -> Array:
    """The layer in NumPy, in double precision."""

    def normalise(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        centred = rows - rows.mean(-1, keepdims=True)
        return np.asarray(centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5))

    x64 = x.astype(np.float64)
    w = {name: values.astype(np.float64) for name, values in weights.items()}
    q, k, v = (
        (normalise(x64) @ w[name]).reshape(SEQUENCE, HEADS, HEAD).swapaxes(0, 1) for name in "qkv"
    )
    scores = np.exp(q @ k.swapaxes(1, 2) / np.sqrt(HEAD))
    heads = scores / scores.sum(-1, keepdims=True) @ v
    y = x64 + heads.swapaxes(0, 1).reshape(SEQUENCE, WIDTH) @ w["o"]
    hidden = normalise(y) @ w["up"]
    return np.asarray(y + hidden / (1 + np.exp(-1.702 * hidden)) @ w["down"], np.float32)


class Layer:
    """Tasks of one layer over arrays in direct memory."""

    def __init__(self, device: tw.Device) -> None:
        functions = tw.Kernel.from_file(
            Path(__file__).with_name("transformer.cpp"), isa=device.config.isas[0]
        )
        self.device = device
        self.graph = tw.Graph(device, functions=functions)
        self.banks = 0

    def array(self, contents: Array) -> tw.Buffer:
        """In one bank, each array in the next."""
        self.banks += 1
        bank = tw.Placement.bank(self.banks % self.device.config.dram_bank_count)
        return self.device.put(contents, bank)

    def empty(self, *shape: int) -> tw.Buffer:
        return self.array(np.zeros(shape, np.float32))

    def product(self, a: tw.Buffer, b: tw.Buffer, name: str) -> tw.Buffer:
        """a b, a task for some rows at a time."""
        (_, inner), (_, columns) = a.shape, b.shape
        out = self.empty(SEQUENCE, columns)
        for row in range(0, SEQUENCE, ROWS):
            rows = slice(row, row + ROWS)
            pointers = [
                a.core_address + row * inner * 4,
                b.core_address,
                out.core_address + row * columns * 4,
            ]
            self.graph.add(
                "matmul",
                [*pointers, ROWS, inner, columns, inner, columns, columns],
                reads=[(a, rows), b],
                writes=[(out, rows)],
                name=f"{name} {row}",
            )
        return out

    def by_rows(self, function: str, inputs: list[tw.Buffer], out: tw.Buffer, *sizes: int) -> None:
        """A function of rows into rows of `out`, a task for some at a time."""
        for row in range(0, SEQUENCE, ROWS):
            rows = slice(row, row + ROWS)
            arrays = inputs if out in inputs else [*inputs, out]
            self.graph.add(
                function,
                [*(x.core_address + row * x.nbytes // SEQUENCE for x in arrays), *sizes],
                reads=[(x, rows) for x in inputs],
                writes=[(out, rows)],
                name=f"{function} {row}",
            )

    def attention(self, q: tw.Buffer, k: tw.Buffer, v: tw.Buffer) -> tw.Buffer:
        """All heads, each on its own columns."""
        out = self.empty(SEQUENCE, WIDTH)
        for head in range(HEADS):
            scores = self.empty(SEQUENCE, SEQUENCE)
            shift = head * HEAD * 4
            pointers = [q.core_address + shift, k.core_address + shift, scores.core_address]
            self.graph.add(
                "matmul_transposed",
                [*pointers, SEQUENCE, HEAD, SEQUENCE, WIDTH, WIDTH, SEQUENCE, HEAD**-0.5],
                reads=[q, k],
                writes=[scores],
                name=f"scores of head {head}",
            )
            self.by_rows("softmax", [scores], scores, ROWS, SEQUENCE)
            # Its columns of each row of the output, between those of the other heads.
            columns = [
                out.core_address + (row * WIDTH + head * HEAD) * 4 for row in range(SEQUENCE)
            ]
            pointers = [scores.core_address, v.core_address + shift, columns[0]]
            self.graph.add(
                "matmul",
                [*pointers, SEQUENCE, SEQUENCE, HEAD, SEQUENCE, WIDTH, WIDTH],
                reads=[scores, v],
                writes=[(begin, begin + HEAD * 4) for begin in columns],
                name=f"values of head {head}",
            )
        return out


def run_layer(device: tw.Device, x: Array, weights: dict[str, Array]) -> tuple[Array, tw.GraphRun]:
    """The layer's output, and the run that computed it."""
    layer = Layer(device)
    w = {name: layer.array(values) for name, values in weights.items()}
    source = layer.array(x)
    normal, y, z = (layer.empty(SEQUENCE, WIDTH) for _ in range(3))
    layer.by_rows("normalise", [source], normal, ROWS, WIDTH)
    q, k, v = (layer.product(normal, w[name], name) for name in "qkv")
    attended = layer.product(layer.attention(q, k, v), w["o"], "output")
    layer.by_rows("add", [source, attended], y, ROWS * WIDTH)
    layer.by_rows("normalise", [y], normal, ROWS, WIDTH)
    hidden = layer.product(normal, w["up"], "up")
    layer.by_rows("gelu", [hidden], hidden, ROWS * HIDDEN)
    layer.by_rows("add", [y, layer.product(hidden, w["down"], "down")], z, ROWS * WIDTH)
    run = layer.graph.run(schedulers=2)
    return z.numpy(), run


def make_inputs() -> tuple[Array, dict[str, Array]]:
    """A random sequence and random weights."""
    random = np.random.default_rng(2)
    shapes = dict.fromkeys("qkvo", (WIDTH, WIDTH))
    shapes |= {"up": (WIDTH, HIDDEN), "down": (HIDDEN, WIDTH)}
    weights = {
        name: (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)
        for name, shape in shapes.items()
    }
    return random.standard_normal((SEQUENCE, WIDTH)).astype(np.float32), weights


def main() -> None:
    x, weights = make_inputs()
    with tw.open("ascend") as device:
        result, run = run_layer(device, x, weights)
        kinds = [device.config.kinds[processor] for _, _, processor in run.workers]
    error = np.abs(result - reference(x, weights)).max()
    print(f"{len(run.tasks)} tasks in {run.cycles} cycles, largest error {error:.1e}")
    for kind in ("cube", "vector"):
        busy = run.occupancy[[k == kind for k in kinds]]
        print(f"{kind}: {len(busy)} cores, busy {busy.mean():.0%}, the busiest {busy.max():.0%}")
    for hint in run.advice():
        print("-", hint)
    if len(sys.argv) > 1:
        run.trace(sys.argv[1])
    if error > 1e-4:
        sys.exit("the layer is wrong")


if __name__ == "__main__":
    main()
