"""`tilewright presets` and `tilewright info`: the chips that can be opened, and their parts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import tilewright
from tilewright.cli.commands import Subcommands, add_command, make_console, print_json

if TYPE_CHECKING:
    from rich.tree import Tree


def add_to(commands: Subcommands) -> None:
    add_command(
        commands,
        "presets",
        show_presets,
        "List the chips that can be opened by name.",
        "tilewright presets",
        has_json=True,
    )
    info = add_command(
        commands,
        "info",
        show_preset,
        "Show what a chip is made of.",
        "tilewright info blackhole",
        has_json=True,
    )
    info.add_argument("chip", metavar="CHIP", help="name of a preset, or a YAML, TOML or JSON file")
    info.add_argument("--write", metavar="FILE", help="write all of it to a YAML or JSON file")


def describe(config: tilewright.ChipConfig) -> dict[str, str | int | float]:
    """What tells chips apart, as data."""
    fields = config.fields()
    return {
        "preset": config.name,
        "architecture": config.architecture,
        "tile_columns": config.tile_columns,
        "tile_rows": config.tile_rows,
        "cores": config.core_count,
        "l1_bytes": int(fields["l1_bytes"]),
        "dram_banks": config.dram_bank_count,
        "dram_bank_bytes": int(fields["dram_bank_bytes"]),
        "clock_mhz": fields["clock_mhz"],
    }


def show_presets(options: argparse.Namespace) -> int:
    from rich.table import Table

    chips = [describe(tilewright.preset(name)) for name in tilewright.presets()]
    if options.json:
        print_json(chips)
        return 0
    table = Table("preset", "architecture", "tiles", "cores", "L1 of a tile", "DRAM", "clock")
    for chip in chips:
        table.add_row(
            str(chip["preset"]),
            str(chip["architecture"]),
            f"{chip['tile_columns']} x {chip['tile_rows']}",
            str(chip["cores"]),
            f"{int(chip['l1_bytes']) >> 10} KiB",
            f"{chip['dram_banks']} x {int(chip['dram_bank_bytes']) >> 20} MiB",
            f"{chip['clock_mhz']:g} MHz",
        )
    make_console().print(table)
    return 0


def show_preset(options: argparse.Namespace) -> int:
    from rich.table import Table

    from tilewright.config_file import config_to_document

    config = tilewright.load_config(options.chip)
    if options.write:
        tilewright.write_config(config, options.write)
        return 0
    if options.json:
        print_json(config_to_document(config))
        return 0
    table = Table("field", "value", title=config.name)
    table.add_row("architecture", config.architecture)
    for line, harvested in (
        ("columns", config.harvested_columns),
        ("rows", config.harvested_rows),
    ):
        if harvested:
            table.add_row(f"harvested {line}", ", ".join(map(str, harvested)))
    table.add_row("tiles", f"{config.tile_columns} x {config.tile_rows}")
    for processor, (kind, isa) in enumerate(zip(config.kinds, config.isas, strict=True)):
        table.add_row(f"processor {processor}: {kind}", isa)
    for number, cores in enumerate(config.control_cores):
        table.add_row(f"control tile ({number}, {config.tile_rows})", f"{cores} cores")
    table.add_row("DRAM banks", str(config.dram_bank_count))
    table.add_section()
    for name, value in config.fields().items():
        table.add_row(name, f"{value:g}" if isinstance(value, float) else str(value))
    console = make_console()
    console.print(table)
    console.print(draw_hierarchy(config))
    return 0


def draw_hierarchy(config: tilewright.ChipConfig) -> Tree:
    """The path of data from the outside in: memories, and between them what moves data."""
    from rich.tree import Tree

    fields = {name: int(value) for name, value in config.fields().items()}

    def memory(name: str, count: int, size: int) -> str:
        return f"{name}: {count} x {_size(size)}" if count > 1 else f"{name}: {_size(size)}"

    root = Tree(f"[bold]{config.name}[/]")
    if fields["host_memory_region_count"]:
        root.add(
            memory(
                "host memory",
                fields["host_memory_region_count"],
                fields["host_memory_region_bytes"],
            )
        )
    dram = root.add(memory("DRAM", config.dram_bank_count, fields["dram_bank_bytes"]))
    if fields["dma_engine_count"]:
        level = engines = dram.add(f"[cyan]DMA engines: {fields['dma_engine_count']}[/]")
        if fields["scratchpad_count"]:
            engines.add(
                memory("scratchpads", fields["scratchpad_count"], fields["scratchpad_bytes"])
            )
        if fields["l3_tile_count"]:
            level = engines.add(memory("L3", fields["l3_tile_count"], fields["l3_tile_bytes"]))
            for engine, below in (("block_mover", "l2_bank"), ("streamer", "l1_buffer")):
                if not fields[f"{engine}_count"] or not fields[f"{below}_count"]:
                    break
                name = engine.replace("_", " ") + "s"
                level = level.add(f"[cyan]{name}: {fields[f'{engine}_count']}[/]")
                level = level.add(
                    memory(
                        {"l2_bank": "L2", "l1_buffer": "L1 buffers"}[below],
                        fields[f"{below}_count"],
                        fields[f"{below}_bytes"],
                    )
                )
        if fields["systolic_array_count"]:
            level.add(
                f"[cyan]systolic arrays: {fields['systolic_array_count']} of "
                f"{fields['systolic_rows']} x {fields['systolic_columns']}[/]"
            )
    network = dram.add("[cyan]two networks on chip[/]")
    tiles = network.add(
        f"tiles: {config.tile_columns} x {config.tile_rows}, L1 of {_size(fields['l1_bytes'])} each"
    )
    tiles.add(f"cores of a tile: {', '.join(config.kinds)}")
    for number, cores in enumerate(config.control_cores):
        network.add(f"control tile ({number}, {config.tile_rows}): {cores} cores")
    if fields["direct_memory_bytes"]:
        tiles.add(f"direct memory: {_size(fields['direct_memory_bytes'])} of the DRAM")
    return root


def _size(count: int) -> str:
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count >= 1 << shift and count % (1 << shift) == 0:
            return f"{count >> shift} {unit}"
    return f"{count} bytes"
