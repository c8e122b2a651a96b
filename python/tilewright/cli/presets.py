"""`tilewright presets` and `tilewright info`: the chips that can be opened, and their parts."""

from __future__ import annotations

import argparse

from rich.table import Table

import tilewright
from tilewright.cli.commands import Subcommands, add_command, make_console


def add_to(commands: Subcommands) -> None:
    add_command(
        commands,
        "presets",
        show_presets,
        "List the chips that can be opened by name.",
        "tilewright presets",
    )
    info = add_command(
        commands, "info", show_preset, "Show what a chip is made of.", "tilewright info blackhole"
    )
    info.add_argument("chip", metavar="CHIP", help="name of a preset, or a YAML, TOML or JSON file")
    info.add_argument("--write", metavar="FILE", help="write all of it to a YAML or JSON file")


def show_presets(_: argparse.Namespace) -> int:
    table = Table("preset", "tiles", "cores", "L1 of a tile", "DRAM", "clock")
    for name in tilewright.presets():
        config = tilewright.preset(name)
        fields = config.fields()
        dram = config.dram_bank_count * int(fields["dram_bank_bytes"])
        table.add_row(
            name,
            f"{config.tile_columns} x {config.tile_rows}",
            str(config.core_count),
            f"{int(fields['l1_bytes']) >> 10} KiB",
            f"{config.dram_bank_count} x {dram // config.dram_bank_count >> 20} MiB",
            f"{fields['clock_mhz']:g} MHz",
        )
    make_console().print(table)
    return 0


def show_preset(options: argparse.Namespace) -> int:
    config = tilewright.load_config(options.chip)
    if options.write:
        tilewright.write_config(config, options.write)
        return 0
    table = Table("field", "value", title=config.name)
    table.add_row("tiles", f"{config.tile_columns} x {config.tile_rows}")
    for processor, (kind, isa) in enumerate(zip(config.kinds, config.isas, strict=True)):
        table.add_row(f"processor {processor}: {kind}", isa)
    for number, cores in enumerate(config.control_cores):
        table.add_row(f"control tile ({number}, {config.tile_rows})", f"{cores} cores")
    table.add_row("DRAM banks", str(config.dram_bank_count))
    table.add_section()
    for name, value in config.fields().items():
        table.add_row(name, f"{value:g}" if isinstance(value, float) else str(value))
    make_console().print(table)
    return 0
