"""SVG with what our pictures need. Each stands on a card of its own, so that it reads on light and
on dark pages."""

from __future__ import annotations

from html import escape
from pathlib import Path

INK = "#1f2937"
QUIET = "#6b7280"
EDGE = "#9ca3af"
CARD = "#ffffff"


class Svg:
    """A picture of so many units; later shapes lie on earlier ones."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'font-family="system-ui, sans-serif" font-size="14" role="img">'
            f"<title>{escape(title)}</title>"
        )
        self._shapes: list[str] = []
        self.box(0.5, 0.5, width - 1, height - 1, fill=CARD, edge="#d1d5db", radius=8)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str,
        edge: str = "none",
        radius: float = 0,
    ) -> None:
        """A rectangle."""
        corner = f' rx="{radius:g}"' if radius else ""
        line = "" if edge == "none" else f' stroke="{edge}"'
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{corner} '
            f'fill="{fill}"{line}/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 14,
        colour: str = INK,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """A line of text, (x, y) on its baseline."""
        more = ' font-weight="600"' if bold else ""
        more += "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._shapes.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{more}>'
            f"{escape(text)}</text>"
        )

    def line(
        self,
        *points: tuple[float, float],
        colour: str = INK,
        width: float = 1.5,
        dashed: bool = False,
        arrow: bool = False,
    ) -> None:
        """A line through the points, with an arrow at its end if wanted."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._shapes.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}"{dash}/>'
        )
        if arrow:
            self._arrow(points[-2], points[-1], colour)

    def _arrow(self, before: tuple[float, float], end: tuple[float, float], colour: str) -> None:
        along = (end[0] - before[0], end[1] - before[1])
        length = (along[0] ** 2 + along[1] ** 2) ** 0.5
        x, y = along[0] / length, along[1] / length
        corners = [
            end,
            (end[0] - 8 * x - 4 * y, end[1] - 8 * y + 4 * x),
            (end[0] - 8 * x + 4 * y, end[1] - 8 * y - 4 * x),
        ]
        path = " ".join(f"{a:.4g},{b:.4g}" for a, b in corners)
        self._shapes.append(f'<polygon points="{path}" fill="{colour}"/>')

    def save(self, file: Path) -> None:
        """Write it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([self._head, *self._shapes, "</svg>"]) + "\n")
