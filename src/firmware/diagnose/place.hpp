// Places in the source of kernels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tilewright/chip/image.hpp"
#include "tilewright/sim/run_report.hpp"

namespace tilewright::diagnose {

CodePlace place_in(const Image& image, std::uint32_t pc);
/// "file:line in function" if both are known, else all that is.
std::string short_text(const CodePlace& place);
/// Of a name with parameters: the name, with the class or namespace before it.
std::string short_function(std::string_view name);

}  // namespace tilewright::diagnose
