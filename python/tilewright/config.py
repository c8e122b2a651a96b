"""Chips by name, with fields changed: what `tilewright.open` takes."""

from tilewright import _core
from tilewright.errors import ConfigError


def presets() -> list[str]:
    """Names of the chips that can be opened by name."""
    return _core.preset_names()


def preset(name: str, **overrides: int | float) -> _core.ChipConfig:
    """A preset with some of its fields changed, checked.

    Example: ``preset("tiny", l1_bytes=512 * 1024)``. Raises ConfigError for an unknown name, an
    unknown field, or a value that cannot be.
    """
    if not isinstance(name, str):
        raise ConfigError(
            f"preset: expected a name ({', '.join(presets())}), got {type(name).__name__}"
        )
    return replace(_core.preset(name), **overrides)


def replace(config: _core.ChipConfig, **overrides: int | float) -> _core.ChipConfig:
    """A copy of `config` with some of its fields changed, checked."""
    for field, value in overrides.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigError(f"{field}: expected a number, got {type(value).__name__} {value!r}")
        try:
            config = config.replace(field, value)
        except TypeError:
            raise ConfigError(f"{field}: {value} does not fit into 64 bits") from None
    config.check()
    return config
