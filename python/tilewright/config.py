"""Chips by name, with fields changed: what `tilewright.open` takes."""

from typing import Any

from tilewright import _core, config_parts
from tilewright.errors import ConfigError
from tilewright.suggest import did_you_mean


def presets() -> list[str]:
    """Names of the chips that can be opened by name."""
    return _core.preset_names()


def preset(name: str, **overrides: Any) -> _core.ChipConfig:
    """A preset with some of its fields changed, checked.

    Example: ``preset("tiny", l1_bytes=512 * 1024, architecture="wormhole")``. Raises ConfigError
    for an unknown name, an unknown field, or a value that cannot be.
    """
    if not isinstance(name, str):
        raise ConfigError(
            f"preset: expected a name ({', '.join(presets())}), got {type(name).__name__}"
        )
    if name not in presets():
        raise ConfigError(
            f"unknown preset '{name}'{did_you_mean(name, presets())}; expected one of: "
            f"{', '.join(presets())}"
        )
    return replace(_core.preset(name), **overrides)


def replace(config: _core.ChipConfig, **overrides: Any) -> _core.ChipConfig:
    """A copy of `config` with some of its fields changed, checked."""
    for field in [name for name in overrides if name in config_parts.NAMES]:
        config = config_parts.set_part(config, field, overrides.pop(field))
    for field, value in overrides.items():
        if hint := _hint(config, field):
            raise ConfigError(f"config has no field '{field}'{hint}")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigError(f"{field}: expected a number, got {type(value).__name__} {value!r}")
        try:
            config = config.replace(field, value)
        except TypeError:
            raise ConfigError(f"{field}: {value} does not fit into 64 bits") from None
    config.check()
    return config


def _hint(config: _core.ChipConfig, field: str) -> str:
    """What was meant by a field that is not there, if that can be guessed."""
    known = config.fields()
    return "" if field in known else did_you_mean(field, (*known, *config_parts.NAMES))
