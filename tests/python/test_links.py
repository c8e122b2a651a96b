"""Links of the documents as they stand in the repository lead somewhere, anchors included: the site
has a check of its own (`scripts/check_links.py`), but it has neither README nor CONTRIBUTING, and
is not built by every `make test`."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(```+|~~~+|:::+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)
EXPLICIT = re.compile(r"^\(([\w-]+)\)=$|<a (?:id|name)=\"([^\"]+)\"", re.MULTILINE)


def pages() -> list[Path]:
    """What is in the repository: what a build writes beside it is not looked at."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split()
    if listed.returncode != 0:  # no clone
        return sorted(
            [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
        )
    return [ROOT / name for name in sorted(names) if (ROOT / name).exists()]


def anchor(heading: str) -> str:
    """As GitHub and MyST make it of a heading."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\- ]", "", text.lower())
    return text.strip().replace(" ", "-")


def anchors_of(text: str) -> set[str]:
    found: dict[str, int] = {}
    anchors = set()
    for match in HEADING.finditer(FENCE.sub("", text)):
        name = anchor(match[1])
        again = found.get(name, 0)
        found[name] = again + 1
        anchors.add(f"{name}-{again}" if again else name)
    anchors.update(one or other for one, other in EXPLICIT.findall(text))
    return anchors


@cache
def anchors(page: Path) -> set[str]:
    return anchors_of(page.read_text())


def links_of(text: str) -> Iterator[str]:
    for match in LINK.finditer(CODE.sub("``", FENCE.sub("", text))):
        yield match[1]


def broken(page: Path, text: str) -> list[str]:
    """One line for each link that leads nowhere."""
    found = []
    for link in links_of(text):
        if re.match(r"[a-z][a-z+.-]*:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            found.append(f"{link} is not there")
        elif not target.is_relative_to(ROOT):
            found.append(f"{link} is outside of the repository")
        elif fragment and target.suffix == ".md":
            known = anchors_of(text) if target == page else anchors(target)
            if fragment not in known:
                found.append(f"{link} has no such anchor")
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def test_the_documents_have_links_and_anchors() -> None:
    """Else the test above would look at nothing."""
    texts = {page: page.read_text() for page in pages()}
    assert {ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")} <= set(texts)
    links = [link for text in texts.values() for link in links_of(text)]
    assert len(links) > 150
    assert sum("#" in link for link in links) > 20


def test_what_leads_nowhere_is_told() -> None:
    page = ROOT / "docs" / "index.md"
    text = """
# A heading, with `code` and [a link](x.md)
## Twice
## Twice
(explicit)=
[1](#a-heading-with-code-and-a-link) [2](#twice-1) [3](#explicit) ![4](pictures/run.svg)
[5](memory-model.md#races) [6](https://elsewhere.example/#x) [7](../README.md#an-example)
`[code](gone.md)`
```
[fenced](gone.md)
```
[8](gone.md) [9](#nowhere) [`10`](memory-model.md#nowhere) [a [b]](../../gone.md) [c](../..)
"""
    assert broken(page, text) == [
        "x.md is not there",
        "gone.md is not there",
        "#nowhere has no such anchor",
        "memory-model.md#nowhere has no such anchor",
        "../../gone.md is not there",
        "../.. is outside of the repository",
    ]
