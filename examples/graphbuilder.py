"""Computes f = (a + b + 1)(a + b + 2) as a graph of four tasks on a device.

Usage: graphbuilder.py [DEVICE_ID]     (0 to 15, default 0)
"""

import sys

import numpy as np

from pto_runtime import DeviceRunner, Graph

SHAPE = (128, 128)
ADD, ADD_SCALAR, MUL = range(3)


def main() -> int:
    print("=== Graph Builder Example (Python) ===")
    runner = DeviceRunner.get()
    runner.init(int(sys.argv[1]) if len(sys.argv) > 1 else 0, num_cores=3)

    size = SHAPE[0] * SHAPE[1]
    a, b, c, d, e, f = (runner.allocate_tensor(4 * size) for _ in range(6))
    runner.copy_to_device(a, np.full(SHAPE, 2, np.float32))
    runner.copy_to_device(b, np.full(SHAPE, 3, np.float32))

    graph = Graph()
    t0 = graph.add_task([a, b, c, size], func_id=ADD)
    t1 = graph.add_task([c, 1.0, d, size], func_id=ADD_SCALAR)
    t2 = graph.add_task([c, 2.0, e, size], func_id=ADD_SCALAR)
    t3 = graph.add_task([d, e, f, size], func_id=MUL)
    for before, after in ((t0, t1), (t0, t2), (t1, t3), (t2, t3)):
        graph.add_successor(before, after)
    runner.run(graph)

    result = np.empty(SHAPE, np.float32)
    runner.copy_from_device(result, f)
    runner.finalize()

    wrong = np.count_nonzero(result != 42)
    if wrong:
        print(f"✗ FAILED: {wrong} of {size} elements are not 42.0")
        return 1
    print(f"✓ SUCCESS: All {size} elements are correct (42.0)")
    print("Formula verified: (a + b + 1)(a + b + 2) = (2+3+1)*(2+3+2) = 42")
    print("=== Success ===")
    return 0


if __name__ == "__main__":
    sys.exit(main())
