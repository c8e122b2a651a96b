"""The pictures of a report, as SVG that stands in the page and takes its colours from there."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright.errors import UnsupportedError

if TYPE_CHECKING:
    from tilewright.report.facts import Bank, Grid


def _figure(width: float, height: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UnsupportedError(
            "report: pictures need matplotlib: pip install 'tilewright[report]'"
        ) from None
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any, description: str) -> str:
    """Text stays text, in the page's font and colour."""
    import matplotlib as mpl

    figure.patch.set_alpha(0)
    for axes in figure.axes:
        axes.patch.set_alpha(0)
    out = io.StringIO()
    # Without a date and with a fixed salt for ids, one run gives one file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": description}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = re.sub(r"^.*?(?=<svg)", "", out.getvalue(), flags=re.DOTALL)
    svg = re.sub(r' width="[\d.]+pt" height="[\d.]+pt"', "", svg, count=1)
    svg = svg.replace("#000000", "currentColor")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)


def heat_map(values: Grid, title: str) -> str:
    """Tiles coloured by a share of 0 to 1; those that took no part are blank."""
    rows, columns = values.shape
    figure, axes = _figure(0.42 * columns + 1.6, 0.42 * rows + 0.9)
    image = axes.imshow(np.ma.masked_invalid(values), vmin=0, vmax=1, cmap="viridis")
    axes.set_title(title, fontsize=10)
    axes.set_xticks(range(columns))
    axes.set_yticks(range(rows))
    axes.tick_params(labelsize=7, length=0)
    figure.colorbar(image, ax=axes, format=lambda share, _: f"{share:.0%}", shrink=0.9)
    return _svg(figure, title)


def bars(parts: Sequence[tuple[str, int]], title: str) -> str:
    """What the cycles went to, the largest first."""
    shown = [*parts[:12]]
    if len(parts) > 12:
        shown.append((f"{len(parts) - 12} more", sum(cycles for _, cycles in parts[12:])))
    figure, axes = _figure(7.5, 0.28 * len(shown) + 0.8)
    total = sum(cycles for _, cycles in parts) or 1
    colours = ["#4878a8" if not name.startswith("wait") else "#d08040" for name, _ in shown]
    drawn = axes.barh([name for name, _ in shown], [cycles for _, cycles in shown], color=colours)
    axes.bar_label(drawn, [f"{cycles / total:.1%}" for _, cycles in shown], padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_formatter(lambda cycles, _: f"{cycles:,.0f}")
    axes.margins(x=0.12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return _svg(figure, title)


def bank_bars(banks: Sequence[Bank], title: str) -> str:
    """How long each DRAM bank's bus was busy."""
    figure, axes = _figure(7.5, 2.2)
    axes.bar([str(bank.number) for bank in banks], [bank.busy for bank in banks], color="#4878a8")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return _svg(figure, title)
