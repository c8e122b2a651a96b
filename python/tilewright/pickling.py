"""How the types of the runtime travel between processes, where they do not know it themselves."""

from __future__ import annotations

import copyreg
from typing import Any

from tilewright import _core
from tilewright.config_file import config_from, config_to_document
from tilewright.stays_here import stays_here


def _reduce_config(config: _core.ChipConfig) -> tuple[Any, ...]:
    # By the names of its fields: a newer version of the package reads it as well.
    return config_from, (config_to_document(config),)


copyreg.pickle(_core.ChipConfig, _reduce_config)
copyreg.pickle(_core.Semaphore, stays_here("create one on the other device"))
copyreg.pickle(_core.Lease, stays_here("take one of the other device"))
copyreg.pickle(_core.Holding, stays_here("look at the leases of the other device"))
