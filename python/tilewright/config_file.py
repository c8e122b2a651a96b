"""Chips as documents: YAML, TOML and JSON files, mappings and dataclasses.

A document is a mapping of fields. `preset` names the chip to start from; without it every part is
to be given. Numbers have the names that `ChipConfig.fields` gives them, with groups
(``core_timing``) nested or dotted; the other parts are text or lists::

    preset: blackhole
    architecture: blackhole
    l1_bytes: 1048576
    core_timing: {load_far: 10}
    tile_router_x: [1, 2, 3]
    harvested_columns: [2]
    cores:
      - {isa: rv32im_zicsr_zaamo, local_bytes: 8192, kind: data_movement}
    dram:
      - {noc0: [0, 11], noc1: [0, 1]}
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tilewright import _core
from tilewright.config import preset, replace
from tilewright.config_parts import CORE, NAMES, CoreParts
from tilewright.errors import ConfigError
from tilewright.files import write_whole

Document: TypeAlias = Mapping[str, Any]

SUFFIXES = (".yaml", ".yml", ".toml", ".json")


def load_config(source: object) -> _core.ChipConfig:
    """The chip that `source` describes, checked: the name of a preset, the path of a file, a
    mapping, an instance of a dataclass, or a config. ConfigError says what is wrong with it."""
    if isinstance(source, _core.ChipConfig):
        source.check()
        return source
    if isinstance(source, os.PathLike) or (isinstance(source, str) and source.endswith(SUFFIXES)):
        return read_config(source)
    if isinstance(source, str):
        return preset(source)
    if dataclasses.is_dataclass(source) and not isinstance(source, type):
        fields = dataclasses.asdict(source)
        return config_from({name: value for name, value in fields.items() if value is not None})
    if isinstance(source, Mapping):
        return config_from(source)
    raise ConfigError(
        "expected a name of a preset, a file, a mapping, a dataclass or a ChipConfig, "
        f"got {type(source).__name__}"
    )


def read_config(path: str | os.PathLike[str]) -> _core.ChipConfig:
    """The chip of a YAML, TOML or JSON file. ConfigError names the file and what is wrong in it."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        document = _parse(path.suffix.lower(), text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not text in UTF-8: {error.reason}") from error
    if not isinstance(document, Mapping):
        raise ConfigError(f"{path}: expected fields and values, got {type(document).__name__}")
    try:
        return config_from(document)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def write_config(config: _core.ChipConfig, path: str | os.PathLike[str]) -> None:
    """Write all of a chip as YAML or JSON, by the suffix of the file. ConfigError for another
    suffix, FileError if the file cannot be written."""
    path = Path(path)
    document = config_to_document(config)
    if path.suffix.lower() in (".yaml", ".yml"):
        import yaml

        text = yaml.safe_dump(document, sort_keys=False)
    elif path.suffix.lower() == ".json":
        import json

        text = json.dumps(document, indent=1) + "\n"
    else:
        raise ConfigError(f"{path}: expected a file called *.yaml, *.yml or *.json to write to")
    write_whole(path, text.encode())


def config_from(document: Document) -> _core.ChipConfig:
    """The chip of a document, checked."""
    base = document.get("preset")
    config = _core.ChipConfig() if base is None else preset(base)
    fields: dict[str, Any] = {}
    for field, value in document.items():
        if not isinstance(field, str):
            raise ConfigError(f"a field is called {field!r}; expected a name")
        if isinstance(value, Mapping) and field not in NAMES:
            fields.update({f"{field}.{inner}": number for inner, number in value.items()})
        elif field != "preset":
            fields[field] = value
    return replace(config, **fields)


def config_to_document(config: _core.ChipConfig) -> dict[str, Any]:
    """All of a chip as a document; `config_from` makes the same chip of it."""

    def core(parts: CoreParts) -> dict[str, Any]:
        return dict(zip(CORE, parts, strict=True))

    document: dict[str, Any] = {"name": config.name, "architecture": config.architecture}
    for field, value in config.fields().items():
        group, _, inner = field.rpartition(".")
        (document.setdefault(group, {}) if group else document)[inner] = value
    document["tile_router_x"] = list(config.tile_router_x)
    document["tile_router_y"] = list(config.tile_router_y)
    document["harvested_columns"] = list(config.harvested_columns)
    document["harvested_rows"] = list(config.harvested_rows)
    document["cores"] = [core(parts) for parts in config.cores]
    document["control_tiles"] = [
        {"router": list(router), "cores": [core(parts) for parts in cores]}
        for router, cores in config.control_tiles
    ]
    document["dram"] = [{"noc0": list(noc0), "noc1": list(noc1)} for noc0, noc1 in config.dram]
    if config.host_router is not None:
        document["host_router"] = list(config.host_router)
    return document


def _parse(suffix: str, text: str) -> object:
    if suffix == ".json":
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"not JSON: {error}") from None
    if suffix == ".toml":
        import tomllib

        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"not TOML: {error}") from None
    if suffix in (".yaml", ".yml"):
        import yaml

        try:
            return yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ConfigError(f"not YAML: {error}") from None
    raise ConfigError(f"expected a file called {', '.join('*' + s for s in SUFFIXES)}")
