"""Imports every staged package from the folder that is given, and runs a shipped kernel there."""

import importlib
import sys
from pathlib import Path


def main() -> None:
    stage = Path(sys.argv[1]).resolve()
    # An editable install of this very package comes before sys.path.
    sys.meta_path = [
        finder
        for finder in sys.meta_path
        if not type(finder).__module__.startswith("_editable_skbc_tilewright")
    ]
    sys.path.insert(0, str(stage))
    packages = sorted(
        folder.name for folder in stage.iterdir() if (folder / "__init__.py").exists()
    )
    assert {"pto_runtime", "tilewright", "zork_tt"} <= set(packages), packages
    for name in packages:
        module = importlib.import_module(name)
        assert module.__file__ is not None
        assert Path(module.__file__).is_relative_to(stage), f"{name} came from {module.__file__}"

    import tilewright

    with tilewright.open("tiny") as device:
        line = device.empty(128, "uint8")
        device.run(tilewright.Kernel.builtin("message"), [(1, 0)], [line, 0, 7])
        assert b"batch 7" in line.numpy().tobytes()
    print(f"imported {', '.join(packages)} from {stage}")


if __name__ == "__main__":
    main()
