"""Looks at every link of built HTML pages: the file is there, and so is the anchor in it.

Usage: check_links.py FOLDER. Prints what leads nowhere; the exit code is 1 then. Links to other
sites are not followed: a build needs no network.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and what can be linked to in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = {"", "top"}
        self.feed(file.read_text())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name in ("href", "src"):
                self.links.add(value)


def broken_links(folder: Path) -> list[str]:
    """One line for each."""
    pages = {file.resolve(): Page(file) for file in sorted(folder.rglob("*.html"))}
    broken = []
    for file, page in pages.items():
        for link in sorted(page.links):
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (file.parent / unquote(url.path)).resolve() if url.path else file
            where = file.relative_to(folder.resolve())
            if not target.is_file():
                broken.append(f"{where}: {link} is not there")
            elif target in pages and unquote(url.fragment) not in pages[target].anchors:
                broken.append(f"{where}: {link} has no such anchor")
    return broken


def main() -> None:
    folder = Path(sys.argv[1])
    broken = broken_links(folder)
    print("\n".join(broken), end="\n" if broken else "")
    if broken or not (folder / "index.html").exists():
        sys.exit(f"{folder}: {len(broken)} links lead nowhere")


if __name__ == "__main__":
    main()
