"""Layers of networks on chips: a file of layers in, what each takes on each chip out."""

from tilewright.arguments import name_arguments as _name_arguments
from tilewright.sweep.layers import Conv, Gemm, Layer, read_layers
from tilewright.sweep.points import RESULTS, Failure, Point, Row, name_of, points, run, run_point
from tilewright.sweep.results import ResultsFile

__all__ = [
    "RESULTS",
    "Conv",
    "Failure",
    "Gemm",
    "Layer",
    "Point",
    "ResultsFile",
    "Row",
    "name_of",
    "points",
    "read_layers",
    "run",
    "run_point",
]

_name_arguments(globals())
