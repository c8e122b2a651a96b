// Formats by name, for messages.
#pragma once

#include <string_view>

#include "tilewright/base/export.hpp"
#include "tilewright/tensix/format.hpp"

namespace tilewright::tensix {

/// The name of a code of the hardware, and what it is if it is none.
TILEWRIGHT_API std::string_view name_of(Format format);

}  // namespace tilewright::tensix
