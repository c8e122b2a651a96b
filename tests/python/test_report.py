"""The page about a run: complete in itself, readable without scripts, numbers of the profile."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.profile import Profile

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Its text, its tags, and whether each that begins also ends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def made() -> Profile:
    """Eight tiles of a blackhole, which read and write DRAM."""
    kernel = tw.Kernel.builtin("scale_add")
    tiles = [(x, y) for y in range(2) for x in range(4)]
    part = 256
    with tw.open("blackhole") as device:
        x, y = (device.put(np.full(part * len(tiles), v, np.int32)) for v in (3, 4))
        with device.profile() as profile:
            device.run(
                kernel, tiles, {t: [x, y, 2, 0, i * part, part] for i, t in enumerate(tiles)}
            )
    return profile


@pytest.fixture(scope="module")
def profile() -> Profile:
    return made()


@pytest.fixture(scope="module")
def file(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "run.html"
    profile.report(file)
    return file


def test_it_tells_what_the_profile_has(profile: Profile, file: Path) -> None:
    page = Page(file.read_text())
    assert page.open == []
    assert "What ran on blackhole" in page.text
    assert f"{profile.setting.elapsed:,}" in page.text
    assert f"{profile.instructions:,}" in page.text
    worst = profile.lines[0]
    assert worst.place in page.text
    assert f"{worst.cycles:,}" in page.text
    # 2 x 8 x 256 words came from DRAM, and half of that went back.
    read = sum(profile.setting.counters[f"dram{bank}.bytes_read"] for bank in range(8))
    assert read >= 2 * 8 * 256 * 4
    assert "clock_mhz" in page.text


def test_it_needs_nothing_else(file: Path) -> None:
    html = file.read_text()
    for tag, attributes in Page(html).tags:
        assert tag not in {"script", "link", "iframe", "object"}
        for name in ("src", "href", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:")), value
    assert "@import" not in html
    assert len(html) < 5_000_000


def test_pictures_are_well_formed(file: Path) -> None:
    pictures = re.findall(r"<svg .*?</svg>", file.read_text(), re.DOTALL)
    assert len(pictures) == 4
    for picture in pictures:
        root = ET.fromstring(picture)
        assert root.get("aria-label")
        assert root.get("width") is None  # as wide as the page


def test_one_run_gives_one_page(file: Path, tmp_path: Path) -> None:
    made().report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == file.read_text()


def test_names_are_escaped(tmp_path: Path) -> None:
    kernel = tw.Kernel.from_source(
        "#include <tilewright/kernel.hpp>\n"
        "template <class T> static T twice(T x) { return x + x; }\n"
        "static void k() { tilewright::kernel::print(twice<unsigned>(2)); }\n"
        "TILEWRIGHT_KERNEL(k)",
        "<b>k&.cpp",
    )
    with tw.open("tiny") as device, device.profile() as profile:
        device.run(kernel, [(0, 0)], [])
    profile.report(tmp_path / "x.html")
    html = (tmp_path / "x.html").read_text()
    assert "<b>k" not in html
    assert "&lt;b&gt;k&amp;" in html


def test_a_device_that_was_closed_has_none(tmp_path: Path) -> None:
    with tw.open("tiny") as device, device.profile() as profile:
        device.close()
    with pytest.raises(tw.StateError, match="closed, or went to a snapshot, before"):
        profile.report(tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


def test_an_idle_profile_has_a_page(tmp_path: Path) -> None:
    with tw.open("tiny") as device, device.profile() as profile:
        pass
    profile.report(tmp_path / "x.html")
    assert Page((tmp_path / "x.html").read_text()).open == []


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize("width", [400, 1200])
def test_a_browser_shows_it_without_a_scroll_bar_to_the_right(
    file: Path, width: int, tmp_path: Path
) -> None:
    """The page itself, framed at this width, says how wide its content is."""
    frame = tmp_path / "frame.html"
    inner = file.read_text().replace("&", "&amp;").replace("'", "&#39;")
    frame.write_text(
        f"<!doctype html><title>?</title><iframe id=f style='width:{width}px;height:900px;border:0'"
        f" srcdoc='{inner}'></iframe>"
        "<script>onload = () => { const d = f.contentDocument.documentElement;"
        " document.title = d.scrollWidth + ' ' + d.querySelectorAll('svg').length; };</script>"
    )
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    done = subprocess.run(
        [*command, f"--user-data-dir={tmp_path / 'profile'}", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    title = re.search(r"<title>(\d+) (\d+)</title>", done.stdout)
    assert title is not None, done.stdout[:500] + done.stderr[-2000:]
    assert int(title[1]) <= width
    assert title[2] == "4"
