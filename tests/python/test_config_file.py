"""Chips from files, mappings and dataclasses: what comes in comes out, and mistakes are named."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import tilewright as tw
from tilewright import _core
from tilewright.cli import main
from tilewright.config_file import config_from, config_to_document


@pytest.mark.parametrize("name", tw.presets())
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_every_preset_survives_a_file(name: str, suffix: str, tmp_path: Path) -> None:
    config = tw.preset(name)
    path = tmp_path / f"chip{suffix}"
    tw.write_config(config, path)
    assert tw.load_config(path) == config
    assert tw.load_config(str(path)) == config


def test_yaml_with_a_base_and_changes(tmp_path: Path) -> None:
    path = tmp_path / "chip.yaml"
    path.write_text("""
preset: tiny
name: mine
l1_bytes: 524288
core_timing: {load_far: 11, atomic: 13}
cores:
  - {isa: rv32im_zicsr_zaamo_zalrsc_zawrs_zba_zbb, local_bytes: 8192}
  - {isa: rv32imc_zicsr, local_bytes: 4096, kind: vector}
""")
    config = tw.load_config(path)
    assert config.name == "mine"
    assert config.kinds == ["data_movement", "vector"]
    fields = config.fields()
    assert fields["l1_bytes"] == 524288
    assert (fields["core_timing.load_far"], fields["core_timing.atomic"]) == (11, 13)
    assert fields["core_timing.multiply"] == tw.preset("tiny").fields()["core_timing.multiply"]
    with tw.open(path, clock_mhz=500) as device:
        assert device.config.fields()["clock_mhz"] == 500
        run = device.run(tw.Kernel.builtin("message"), [(1, 1)], [device.zeros(64, "uint8"), 0, 0])
        assert run.cycles > 0


def test_toml(tmp_path: Path) -> None:
    path = tmp_path / "chip.toml"
    path.write_text('preset = "tiny"\n[core_timing]\nload_far = 12\n')
    assert tw.load_config(path).fields()["core_timing.load_far"] == 12
    with pytest.raises(tw.ConfigError, match=r"\*\.yaml"):
        tw.write_config(tw.preset("tiny"), tmp_path / "other.toml")


def test_dataclass_and_mapping() -> None:
    @dataclasses.dataclass
    class MyChip:
        preset: str = "tiny"
        l1_bytes: int | None = None
        quantum_cycles: int = 512

    assert tw.load_config(MyChip()) == tw.preset("tiny", quantum_cycles=512)
    changed = tw.preset("tiny", quantum_cycles=512, l1_bytes=1 << 20)
    assert tw.load_config(MyChip(l1_bytes=1 << 20)) == changed
    assert tw.load_config({"preset": "tiny", "quantum_cycles": 512, "l1_bytes": 1 << 20}) == changed


def test_a_preset_is_a_base_of_itself() -> None:
    document = config_to_document(tw.preset("blackhole"))
    assert config_from({**document, "preset": "tiny"}) == tw.preset("blackhole")


MISTAKES: dict[str, tuple[Any, str]] = {
    "unknown field": ({"preset": "tiny", "l1_byte": 1}, "l1_byte"),
    "unknown preset": ({"preset": "tyni"}, "tyni"),
    "preset of another type": ({"preset": 3}, "expected a name"),
    "nothing given": ({}, "router_columns"),
    "text for a number": ({"preset": "tiny", "l1_bytes": "big"}, "l1_bytes"),
    "unknown group": ({"preset": "tiny", "timing": {"load": 1}}, r"timing\.load"),
    "cores as text": ({"preset": "tiny", "cores": "five"}, "cores: expected a list"),
    "core without isa": ({"preset": "tiny", "cores": [{"local_bytes": 4096}]}, "cores: .*isa"),
    "bad isa": ({"preset": "tiny", "cores": [{"isa": "rv64", "local_bytes": 4096}]}, "rv64"),
    "bad kind": (
        {"preset": "tiny", "cores": [{"isa": "rv32i", "local_bytes": 4096, "kind": "gpu"}]},
        "cores: no kind .*'gpu'.*vector",
    ),
    "router of three": ({"preset": "tiny", "host_router": [1, 2, 3]}, "host_router: .*router"),
    "router beyond": ({"preset": "tiny", "tile_router_x": [1, 99]}, "outside"),
    "router too large": ({"preset": "tiny", "tile_router_x": [1, 1 << 20]}, "tile_router_x"),
    "negative": ({"preset": "tiny", "tile_router_x": [-1]}, "tile_router_x"),
    "dram without ports": ({"preset": "tiny", "dram": [[0, 0]]}, "dram: .*noc0"),
    "name as number": ({"preset": "tiny", "name": 7}, "name: expected text"),
    "field that is no name": ({"preset": "tiny", 3: 4}, "expected a name"),
}


@pytest.mark.parametrize(("document", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_named(document: dict[str, Any], message: str) -> None:
    with pytest.raises(tw.ConfigError, match=message):
        tw.load_config(document)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("chip.json", "{", "not JSON"),
        ("chip.toml", "= 3", "not TOML"),
        ("chip.yaml", "a: [", "not YAML"),
        ("chip.yaml", "!!python/object/apply:os.system ['false']", "not YAML"),
        ("chip.yaml", "- 1", "expected fields"),
        ("chip.json", "[" * 100_000, "not JSON"),
        ("chip.ini", "", r"\*\.yaml"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(tw.ConfigError, match=message):
        tw.load_config(path)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(tw.ConfigError, match=r"absent\.yaml"):
        tw.open(str(tmp_path / "absent.yaml"))
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(tw.ConfigError, match="UTF-8"):
        tw.load_config(path)
    with pytest.raises(tw.ConfigError, match="got int"):
        tw.load_config(7)


# --- Boards and architecture ----------------------------------------------------------------------


WORMHOLE_ONLY = """
#ifndef ARCH_WORMHOLE
#error "this is no Wormhole"
#endif
void kernel_main() {}
"""


def test_architecture_is_what_kernels_are_compiled_for(tmp_path: Path) -> None:
    from tilewright.metalium import compile_kernel

    source = tmp_path / "kernel.cpp"
    source.write_text(WORMHOLE_ONLY)
    path = tmp_path / "chip.yaml"
    path.write_text("preset: wormhole\nname: mine\n")
    with tw.open(path) as device:
        assert device.config.architecture == "wormhole"
        compile_kernel(source, device)
    with (
        tw.open("tiny", architecture="blackhole") as device,
        pytest.raises(tw.CompileError, match="this is no Wormhole"),
    ):
        compile_kernel(source, device)


def test_architecture_travels_in_files(tmp_path: Path) -> None:
    config = tw.preset("tiny", architecture="wormhole")
    assert config != tw.preset("tiny")
    tw.write_config(config, tmp_path / "chip.json")
    assert tw.load_config(tmp_path / "chip.json") == config
    assert tw.preset("kpu").architecture == "generic"
    with pytest.raises(tw.ConfigError, match=r"architecture: no architecture.*blackhole"):
        tw.preset("tiny", architecture="grayskull")
    with pytest.raises(tw.ConfigError, match="architecture: expected text"):
        tw.preset("tiny", architecture=3)


def test_boards_are_grids_of_their_own() -> None:
    for name, architecture, grid in (("p150", "blackhole", (13, 10)), ("n150", "wormhole", (8, 8))):
        with tw.open(name) as device:
            assert device.config.architecture == architecture
            assert device.grid == grid
            with pytest.raises(tw.AddressError, match=f"{grid[0]} x {grid[1]} tiles"):
                device.run(tw.Kernel.builtin("wait_forever"), [grid])


GRID = """#include <tilewright/kernel.hpp>
static void grid(std::uint32_t) {
    tilewright::kernel::print(tilewright::kernel::grid_columns(), " x ",
                              tilewright::kernel::grid_rows(), "\\n");
}
TILEWRIGHT_KERNEL(grid)
"""


def test_harvested_lines_are_not_there() -> None:
    kernel = tw.Kernel.from_source(GRID, "grid.cpp")
    with tw.open("tiny", harvested_columns=[1]) as device:
        assert device.grid == (1, 2)
        assert device.config.harvested_columns == [1]
        assert device.run(kernel, [(0, 1)], [0]).output == "1 x 2\n"
        data = np.arange(4096, dtype=np.uint8)
        near = device.put(data, tw.Placement.l1(0, 1))
        np.testing.assert_array_equal(near.numpy(), data)
        with pytest.raises(tw.AddressError, match=r"1 x 2 tiles"):
            device.run(kernel, [(1, 0)], [0])
    with pytest.raises(tw.ConfigError, match=r"harvested_rows.*tile_router_y, not 7"):
        tw.open("tiny", harvested_rows=[7])


# --- The table of fields --------------------------------------------------------------------------


def field_rows() -> list[str]:
    """The rows of docs/configuration.md, as the code has them."""
    defaults = _core.ChipConfig().fields()

    def number(value: float) -> str:
        return str(int(value)) if value == int(value) else f"{value:g}"

    return [
        f"| `{name}` | {unit} | {number(defaults[name])} | {number(least)} to {number(most)} "
        f"| {text} |"
        for name, least, most, unit, text in _core.ChipConfig().field_table()
    ]


def test_every_field_is_in_the_documents() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `") and " to " in line]
    assert rows == field_rows()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from([*config_to_document(tw.preset("tiny")), "preset"]) | st.text(max_size=8)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.booleans())
def test_any_document_is_a_chip_or_a_config_error(document: dict[str, Any], based: bool) -> None:
    try:
        config = config_from({"preset": "tiny", **document} if based else document)
    except tw.ConfigError:
        return
    config.check()


@given(st.text(max_size=200))
def test_any_text_is_a_chip_or_a_config_error(text: str) -> None:
    from tilewright.config_file import _parse

    for suffix in (".yaml", ".json", ".toml"):
        try:
            document = _parse(suffix, text)
            if isinstance(document, dict):
                config_from(document)
        except tw.ConfigError:
            continue


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chip.yaml"
    assert main(["info", "tiny", "--write", str(path)]) == 0
    document = yaml.safe_load(path.read_text())
    document["l1_bytes"] = 7 << 16
    path = tmp_path / "chip.json"
    path.write_text(json.dumps(document))
    assert main(["info", str(path)]) == 0
    assert str(7 << 16) in capsys.readouterr().out
    path.write_text("{}")
    assert main(["info", str(path)]) == 1
    assert "chip.json" in capsys.readouterr().err
