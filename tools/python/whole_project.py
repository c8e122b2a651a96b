"""Hands what pip asks of this folder to the build system of the whole project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scikit_build_core import build

os.chdir(Path(__file__).parents[2])

_HOOKS = (
    *("build_editable", "build_sdist", "build_wheel", "get_requires_for_build_editable"),
    *("get_requires_for_build_sdist", "get_requires_for_build_wheel"),
    *("prepare_metadata_for_build_editable", "prepare_metadata_for_build_wheel"),
)


def __getattr__(name: str) -> Callable[..., Any]:
    if name not in _HOOKS:
        raise AttributeError(name)
    hook: Callable[..., Any] = getattr(build, name)
    return hook
