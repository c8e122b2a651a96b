"""Tilewright: a tiled accelerator that you can pip install.

Open a chip once, put arrays into its memory, run kernels on its RISC-V cores, read back true
numbers and exact cycles::

    import numpy as np
    import tilewright as tw

    with tw.open("blackhole") as device:
        x = device.put(np.arange(1024, dtype=np.float32))
        print(x.numpy().sum())

What it offers is loaded when a name of it is first used, all of it at once
(`tilewright.public`), so that `tilewright --help` and what imports this for later start soon.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tilewright.public import *  # noqa: F403
    from tilewright.public import __all__ as __all__
    from tilewright.public import __version__ as __version__


def __getattr__(name: str) -> Any:
    own = globals()
    if name.startswith("_") and name not in ("__all__", "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if find_spec(f"{__name__}.{name}") is not None:
        return import_module(f"{__name__}.{name}")
    public = import_module("tilewright.public")
    own.update({each: getattr(public, each) for each in public.__all__}, __all__=public.__all__)
    if name not in own:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return own[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *import_module("tilewright.public").__all__})
