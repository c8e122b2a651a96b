"""Figures that show themselves in notebooks and leave matplotlib's global state alone.

matplotlib is imported here and nowhere else, when the first figure is made.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: One colour for each kind of engine and memory, the same in all plots.
COLOURS = {
    "dma": "#4c72b0",
    "block_mover": "#dd8452",
    "streamer": "#55a868",
    "systolic": "#c44e52",
}
OTHER_COLOUR = "#8c8c8c"

SaveTo = str | os.PathLike[str] | None


@cache
def _figure_class() -> type[Figure]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'tilewright[plot]'", name="matplotlib"
        ) from error
    from io import BytesIO

    class NotebookFigure(Figure):
        """A figure that notebooks draw without pyplot."""

        def _repr_png_(self) -> bytes:
            image = BytesIO()
            self.savefig(image, format="png")
            return image.getvalue()

    return NotebookFigure


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, sizes in inches."""
    return _figure_class()(figsize=(width, height), layout="constrained")


def saved(figure: Figure, save: SaveTo) -> Figure:
    """The figure, written to a file first if one is named; its suffix is the format."""
    if save is not None:
        figure.savefig(save)
    return figure
