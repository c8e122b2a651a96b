"""Two layers of a neural network on the simulator, compared with NumPy.

Usage: neural_network.py [BATCH]     (default 32)
"""

import sys
from itertools import pairwise

import numpy as np

import stillwater_kpu as kpu

SIZES = (128, 64, 10)


def main() -> int:
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    values = kpu.generate_random_matrix(batch, SIZES[0], seed=0)
    expected = values
    with kpu.Simulator() as sim:
        for layer, (inputs, outputs) in enumerate(pairwise(SIZES)):
            weights = kpu.generate_random_matrix(inputs, outputs, -0.1, 0.1, seed=layer + 1)
            bias = kpu.generate_random_matrix(1, outputs, -0.1, 0.1, seed=layer + 11)
            before = sim.get_current_cycle()
            values = np.maximum(sim.matmul(values, weights) + bias, 0)
            expected = np.maximum(expected @ weights + bias, 0)
            print(
                f"layer {layer}: {inputs} to {outputs}, {sim.get_current_cycle() - before} cycles"
            )
    difference = float(np.abs(values - expected).max())
    print(f"largest difference from NumPy: {difference:.1e}")
    return 0 if difference < 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
