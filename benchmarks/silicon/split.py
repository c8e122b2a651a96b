"""split.toml: which experiments train the model and which judge it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SPLIT = Path(__file__).parent / "split.toml"

TRAIN, HELD_OUT = "train", "held-out"


@dataclass(frozen=True)
class LeftOut:
    """A file that does not count, or some probes of it."""

    file: str
    why: str
    probes: tuple[str, ...] = ()


@dataclass(frozen=True)
class External:
    """A whole program whose cycles on the board others published."""

    name: str
    cycles: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """The protocol."""

    package: str
    version: str
    parts: dict[str, dict[str, str]]  #: by data set and experiment: train or held-out
    omitted: tuple[LeftOut, ...]
    external: tuple[External, ...]

    @property
    def requirement(self) -> str:
        """As pip wants it."""
        return f"{self.package}=={self.version}"

    def left_out(self, file: str) -> LeftOut | None:
        return next((entry for entry in self.omitted if entry.file == file), None)

    def experiments(self, dataset: str) -> Iterator[tuple[str, str]]:
        """Each experiment of a data set with its part."""
        yield from self.parts[dataset].items()


def read_split(path: Path = SPLIT) -> Split:
    """Read the protocol; ValueError if an experiment is in both parts."""
    table = tomllib.loads(path.read_text())
    parts: dict[str, dict[str, str]] = {}
    for dataset, entry in table.items():
        if dataset in ("package", "left-out", "external"):
            continue
        names = [*entry[TRAIN], *entry[HELD_OUT]]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"{path.name}: {dataset}: {', '.join(sorted(twice))} more than once")
        parts[dataset] = dict.fromkeys(entry[TRAIN], TRAIN)
        parts[dataset] |= dict.fromkeys(entry[HELD_OUT], HELD_OUT)
    return Split(
        package=table["package"]["name"],
        version=table["package"]["version"],
        parts=parts,
        omitted=tuple(
            LeftOut(e["file"], e["why"], tuple(e.get("probes", ()))) for e in table["left-out"]
        ),
        external=tuple(External(e["name"], tuple(e["cycles"])) for e in table["external"]),
    )
