"""Draws the pictures, by default into docs/pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from scripts.pictures import drawings, gallery, runs

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=PICTURES)
    parser.add_argument("--no-gallery", action="store_true", help="leave out what examples draw")
    options = parser.parse_args()
    drawings.draw_tile(options.folder)
    drawings.draw_time(options.folder)
    drawings.draw_memory_map(options.folder)
    runs.draw_adding_tiles(options.folder)
    runs.draw_ring(options.folder)
    if not options.no_gallery:
        gallery.draw_all(options.folder / "gallery")


if __name__ == "__main__":
    main()
