"""That the shared library exports what its headers mark with TILEWRIGHT_API, and nothing else.

Usage: exported_symbols.py LIBRARY INCLUDE_FOLDER. Instances of templates of the C++ library do not
count: its headers ask the compiler to export them.
"""

import re
import subprocess
import sys
from pathlib import Path

OURS = re.compile(
    r"(?:typeinfo (?:name )?for |vtable for |VTT for |guard variable for )?"
    r"(?P<name>(?:tilewright|stillwater::kpu)(?:::~?\w+)+)(?=[\[(<: ]|$)"
)
MARKED = re.compile(r"(?<!define )TILEWRIGHT_API\s+([^;{(]*)")


def exported(library: str) -> set[str]:
    """The names in our namespaces, without arguments."""
    listing = subprocess.run(
        ["nm", "-DC", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    symbols = [line.split(maxsplit=2)[2] for line in listing.splitlines()]
    return {match["name"] for symbol in symbols if (match := OURS.match(symbol))}


def marked(folder: Path) -> set[str]:
    """The names of marked classes and functions, without namespaces."""
    names = set()
    for header in folder.rglob("*.hpp"):
        for declaration in MARKED.findall(header.read_text()):
            words = re.sub(r"final|\s:\s.*", "", declaration, flags=re.DOTALL).split()
            names.add(words[-1].lstrip("*&"))
    return names


def main(library: str, include: str) -> int:
    found, allowed = exported(library), marked(Path(include))
    # A class or function stands first in a name, or behind one inner namespace.
    parts = {
        name: set(re.sub(r"^(tilewright|stillwater::kpu)::", "", name).split("::")[:2])
        for name in found
    }
    hidden = sorted(name for name in found if not allowed & parts[name])
    absent = sorted(allowed.difference(*parts.values()))
    for name in hidden:
        print(f"{name} is exported, but no header in {include} marks it with TILEWRIGHT_API")
    for name in absent:
        print(f"{name} is marked with TILEWRIGHT_API, but {library} does not export it")
    if not found:
        print(f"{library} exports nothing of ours")
    return bool(hidden or absent or not found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
