"""Helpers around the simulator: `data_converter` for NumPy arrays and device bytes."""

from stillwater_kpu.utilities import data_converter

__all__ = ["data_converter"]
