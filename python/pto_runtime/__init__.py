"""A graph of tasks that is scheduled on the device and run by its worker cores.

::

    runner = pto_runtime.DeviceRunner.get()
    runner.init(device_id=0, num_cores=3)
    a = runner.allocate_tensor(4 * n)
    runner.copy_to_device(a, host_array)
    graph = pto_runtime.Graph()
    t0 = graph.add_task([a, b, c, n], func_id=0)  # c = a + b
    t1 = graph.add_task([c, 1.0, d, n], func_id=1)  # d = c + 1
    graph.add_successor(t0, t1)
    runner.run(graph)
    runner.copy_from_device(result, d)
    runner.finalize()

Functions that ship, on n float32: 0 add (a, b, out, n), 1 add_scalar (a, s, out, n), 2 mul (a, b,
out, n).
"""

from pto_runtime.graph import Graph
from pto_runtime.runner import DeviceRunner
from tilewright.arguments import name_arguments as _name_arguments

__all__ = ["DeviceRunner", "Graph"]

_name_arguments(globals())
