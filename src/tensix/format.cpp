#include <array>

#include "tilewright/tensix/format_name.hpp"

namespace tilewright::tensix {

std::string_view name_of(Format format) {
    constexpr std::array<std::string_view, 16> names{
        "fp32",  "fp16",  "bfp8a", "bfp4a", "tf32",      "bf16",      "bfp8", "bfp4",
        "int32", "int16", "fp8",   "bfp2a", "format 12", "format 13", "int8", "bfp2"};
    return names[static_cast<std::size_t>(format) & 15];
}

}  // namespace tilewright::tensix
