"""The programs of the tutorials, so that what is drawn is a run of what is printed there."""

from __future__ import annotations

import re
from pathlib import Path

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"


def listing(page: str, file: str) -> str:
    """The block of a tutorial that is saved under that name."""
    text = (TUTORIALS / page).read_text()
    found = re.search(rf"^```\w+\n((?://|#) {re.escape(file)}\n.*?)^```$", text, re.M | re.S)
    if found is None:
        raise LookupError(f"{page} has no block for {file}")
    return found[1]
