"""What kind of machine this is: results of one kind are compared with each other only."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    kind: str  # a file name: architecture, vendor's series, vector instructions
    text: str


def _cpu_fields() -> dict[str, str]:
    """Of the first processor in /proc/cpuinfo; empty where there is none."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def this_machine() -> Machine:
    fields = _cpu_fields()
    model = fields.get("model name", platform.processor() or "unknown processor")
    flags = fields.get("flags", "").split()
    vectors = next((v for v in ("avx512f", "avx2", "sse4_2") if v in flags), "plain")
    cores = os.cpu_count() or 1
    series = re.sub(r"\(R\)|\(TM\)|CPU|Processor|@.*", "", model)
    words = [platform.machine(), *series.lower().split(), vectors]
    kind = re.sub(r"[^a-z0-9_]+", "-", "-".join(words)).strip("-")
    return Machine(kind, f"{' '.join(model.split())}, {vectors}, {cores} processors")
