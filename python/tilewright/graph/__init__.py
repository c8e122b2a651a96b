"""Graphs of tasks that are scheduled on the chip itself."""

from tilewright.graph.graph import Graph
from tilewright.graph.observed import Race, Undeclared
from tilewright.graph.prepared import PreparedGraph
from tilewright.graph.run import GraphRun
from tilewright.graph.values import Parameter

__all__ = ["Graph", "GraphRun", "Parameter", "PreparedGraph", "Race", "Undeclared"]
