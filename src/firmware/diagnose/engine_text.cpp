#include "firmware/diagnose/engine_text.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace tilewright::diagnose {

std::string with_parts_of_kernels(std::string description) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> words{{
        {", T0:", " (unpack)"},
        {", T1:", " (math)"},
        {", T2:", " (pack)"},
        {"waits for SrcA", ", which is unpacked for it"},
        {"waits for SrcB", ", which is unpacked for it"},
        {"waits for a free bank of SrcA", ", which math is to take"},
        {"waits for a free bank of SrcB", ", which math is to take"},
        {"semaphore 1, which is 0", ": for Dst, to be handed over by tile_regs_commit"},
        {"semaphore 1, which is full", ": for Dst, to be given back by tile_regs_release"},
        {"semaphore 2, which is 0", ": for a tile of Dst that math lets it unpack to"},
        {"semaphore 7, which is 0", ": for a tile that is unpacked to Dst"},
    }};
    for (const auto& [found, added] : words) {
        const bool is_thread = found.ends_with(':');
        for (std::size_t at = 0; (at = description.find(found, at)) != std::string::npos;) {
            at += found.size() - (is_thread ? 1 : 0);
            description.insert(at, added);
        }
    }
    return description;
}

}  // namespace tilewright::diagnose
