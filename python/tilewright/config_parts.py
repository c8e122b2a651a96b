"""The fields of a chip that are text or lists, from what documents and callers have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tilewright import _core
from tilewright.errors import ConfigError

RouterPair: TypeAlias = tuple[int, int]
CoreParts: TypeAlias = tuple[str, int, str]

CORE = ("isa", "local_bytes", "kind")


def _list(value: object) -> Sequence[Any]:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return value
    raise ConfigError("expected a list")


def _router(value: object) -> RouterPair:
    parts = _list(value)
    if len(parts) != 2 or not all(type(part) is int for part in parts):
        raise ConfigError("expected a router [x, y]")
    return parts[0], parts[1]


def _fields(value: object, required: set[str], optional: set[str]) -> Mapping[str, Any]:
    names = ", ".join(sorted(required | optional))
    if not isinstance(value, Mapping) or not required <= set(value) <= required | optional:
        raise ConfigError(f"expected entries with {names}")
    return value


def _core_parts(value: object) -> CoreParts:
    core = _fields(value, {"isa", "local_bytes"}, {"kind"})
    kind = core.get("kind", "data_movement")
    if not isinstance(core["isa"], str) or not isinstance(kind, str):
        raise ConfigError("expected text as isa and kind")
    if type(core["local_bytes"]) is not int:
        raise ConfigError("expected a whole number as local_bytes")
    return core["isa"], core["local_bytes"], kind


def _numbers(value: object) -> list[int]:
    if not all(type(number) is int for number in _list(value)):
        raise ConfigError("expected whole numbers")
    return list(_list(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError("expected text")
    return value


def _with_control_tiles(config: _core.ChipConfig, value: object) -> _core.ChipConfig:
    tiles = [_fields(tile, {"router", "cores"}, set()) for tile in _list(value)]
    return config.with_control_tiles(
        [
            (_router(tile["router"]), [_core_parts(c) for c in _list(tile["cores"])])
            for tile in tiles
        ]
    )


def _with_dram(config: _core.ChipConfig, value: object) -> _core.ChipConfig:
    banks = [_fields(bank, {"noc0", "noc1"}, set()) for bank in _list(value)]
    return config.with_dram([(_router(bank["noc0"]), _router(bank["noc1"])) for bank in banks])


_SETTERS: dict[str, Callable[[_core.ChipConfig, Any], _core.ChipConfig]] = {
    "name": lambda config, value: config.with_name(_text(value)),
    "architecture": lambda config, value: config.with_architecture(_text(value)),
    "harvested_columns": lambda config, value: config.with_harvested_columns(_numbers(value)),
    "harvested_rows": lambda config, value: config.with_harvested_rows(_numbers(value)),
    "tile_router_x": lambda config, value: config.with_tile_router_x(_numbers(value)),
    "tile_router_y": lambda config, value: config.with_tile_router_y(_numbers(value)),
    "cores": lambda config, value: config.with_cores([_core_parts(c) for c in _list(value)]),
    "control_tiles": _with_control_tiles,
    "dram": _with_dram,
    "host_router": lambda config, value: config.with_host_router(_router(value)),
}

NAMES = frozenset(_SETTERS)


def set_part(config: _core.ChipConfig, field: str, value: Any) -> _core.ChipConfig:
    """A copy of `config` with one of them changed; ConfigError names it."""
    try:
        return _SETTERS[field](config, value)
    except (ConfigError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ConfigError(f"{field}: {_reason(error)}, not {_short(value)}") from None


def _reason(error: Exception) -> str:
    # nanobind's text about numbers that do not fit lists signatures, which help nobody here.
    return str(error) if isinstance(error, ConfigError) else "expected numbers in their range"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
