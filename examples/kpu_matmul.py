"""Products on stillwater_kpu: of any size, step by step on one tile, and where the cycles went.

Usage: python examples/kpu_matmul.py [SIZE] [FIGURE.png]
"""

import sys

import numpy as np

import stillwater_kpu as kpu


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    a = kpu.generate_random_matrix(size, size, seed=1)
    b = kpu.generate_random_matrix(size, size, seed=2)

    with kpu.Simulator() as sim:
        c = sim.matmul(a, b)  # through L3, L2 and L1, on both arrays
        assert kpu.verify_matmul_result(a, b, c, size, size, size)
        whole = {**sim.statistics(), "name": f"{size} x {size}"}
        print(f"largest difference from NumPy: {np.abs(c - a @ b).max():.2e}")

        sim.reset()
        small = min(size, 64)
        sim.run_numpy_matmul(a[:small, :small], b[:small, :small])  # one tile, from a scratchpad
        single = {**sim.statistics(), "name": f"{small} x {small} on one tile"}

    comparison = kpu.analysis.PerformanceAnalyzer().analyze([whole, single])
    for report in comparison:
        print(report.summary)
    if len(sys.argv) > 2:
        kpu.visualization.plot_performance(whole, save=sys.argv[2])


if __name__ == "__main__":
    main()
