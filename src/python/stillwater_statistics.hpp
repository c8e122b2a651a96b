// The statistics of a KPUSimulator as Python has them.
#pragma once

#include <nanobind/nanobind.h>

#include "stillwater/kpu/statistics.hpp"

namespace tilewright::python {

/// A dictionary by the names of the fields; engines and memories by their own names.
nanobind::dict to_dict(const stillwater::kpu::Statistics& statistics);

}  // namespace tilewright::python
