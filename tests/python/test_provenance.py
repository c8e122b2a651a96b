"""Each number of the timing model says where it comes from, and is the one in the code."""

import re
from pathlib import Path

import pytest
from benchmarks.silicon.chip import UNFITTED
from benchmarks.silicon.split import TRAIN, read_split

import tilewright as tw

PAGE = (Path(__file__).parents[2] / "docs" / "timing-model.md").read_text()
KINDS = ("documentation", "vendor's source", "derived", "fitted", "assumed")

#: Fields of `blackhole` that no transfer, load or instruction of a chip without engines meets.
UNUSED = re.compile(
    r"core_timing\.(load_direct|float_\w+)|host_memory_\w+|sram_\w+|dma_\w+|block_mover_\w+"
    r"|streamer_\w+|quantum_cycles"
)


def table() -> dict[str, tuple[str, str]]:
    section = PAGE.split("## Provenance")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| ([\d.]+) \| (.+) \|$", section, re.MULTILINE)
    return {field: (value, provenance) for field, value, provenance in rows}


def code() -> dict[str, float]:
    return {name: float(value) for name, value in tw.preset("blackhole").fields().items()}


def test_every_value_is_that_of_the_code() -> None:
    values = code()
    for field, (value, _) in table().items():
        assert values[field] == float(value), field


def test_every_field_in_cycles_has_a_provenance() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    timed = re.findall(r"^\| `([\w.]+)` \| (?:cycles|bytes per cycle) \|", page, re.MULTILINE)
    assert {field for field in timed if not UNUSED.fullmatch(field)} <= set(table())


@pytest.mark.parametrize("field", table())
def test_a_provenance_is_one_of_five(field: str) -> None:
    provenance = table()[field][1]
    kind = next((kind for kind in KINDS if provenance.startswith(kind)), None)
    assert kind is not None, provenance
    if kind != "fitted":
        assert provenance == kind
        return
    match = re.fullmatch(r"fitted \((\w+) ([\w.]+)\)", provenance)
    assert match is not None, provenance
    assert read_split().parts[match[1]][match[2]] == TRAIN


def test_the_benchmark_turns_off_what_is_fitted() -> None:
    fitted = {field for field, (_, kind) in table().items() if kind.startswith("fitted")}
    assert set(UNFITTED) == fitted
