"""Runs to look at: matplotlib figures, returned and, with `save=`, written to a file.

Each plot has its numbers without matplotlib: `utilisation_data`, `memory_heatmap_data`,
`gantt_data`, and `stillwater_kpu.analysis.roofline`. A figure shows itself in a notebook. Needs the
extra ``tilewright[plot]``; without it the plots raise ImportError that says so.
"""

from stillwater_kpu.visualization.gantt import GanttBar, gantt_data, plot_gantt
from stillwater_kpu.visualization.memory_heatmap import (
    MemoryHeatmap,
    memory_heatmap_data,
    plot_memory_heatmap,
)
from stillwater_kpu.visualization.performance_plot import (
    plot_performance,
    plot_utilisation,
    utilisation_data,
)
from stillwater_kpu.visualization.roofline_plot import plot_roofline
from tilewright.arguments import name_arguments as _name_arguments

__all__ = [
    "GanttBar",
    "MemoryHeatmap",
    "gantt_data",
    "memory_heatmap_data",
    "plot_gantt",
    "plot_memory_heatmap",
    "plot_performance",
    "plot_roofline",
    "plot_utilisation",
    "utilisation_data",
]

_name_arguments(globals())
