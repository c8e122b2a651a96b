"""From facts to a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright.errors import UnsupportedError

if TYPE_CHECKING:
    from tilewright.profile.rows import Costs

TEMPLATE = Path(__file__).with_name("report.html.j2")


def write_report(profile: Costs, file: str | os.PathLike[str]) -> None:
    """Write the page. UnsupportedError without Jinja or matplotlib, StateError if the device was
    closed or went to a snapshot while the profile was made."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise UnsupportedError(
            "report: pages need Jinja: pip install 'tilewright[report]'"
        ) from None
    from tilewright.report import charts
    from tilewright.report.facts import gather

    facts = gather(profile)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    pictures = {
        "busy": charts.heat_map(facts.busy, "Running"),
        "waiting": charts.heat_map(facts.waiting, "Waiting"),
        "parts": charts.bars(facts.parts, "Cycles of all cores"),
        "banks": charts.bank_bars(facts.banks, "Busy, by bank") if facts.banks else "",
    }
    page = environment.from_string(TEMPLATE.read_text()).render(facts=facts, pictures=pictures)
    Path(file).write_text(page)
