"""Where the cycles went: utilisation, roofline and bottleneck of a run, as numbers."""

from stillwater_kpu.analysis.performance_analyzer import PerformanceAnalyzer
from stillwater_kpu.analysis.report import Comparison, Report, Use
from stillwater_kpu.analysis.roofline import Roofline, roofline
from tilewright.arguments import name_arguments as _name_arguments

__all__ = ["Comparison", "PerformanceAnalyzer", "Report", "Roofline", "Use", "roofline"]

_name_arguments(globals())
