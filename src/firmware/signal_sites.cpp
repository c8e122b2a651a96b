#include "tilewright/firmware/signal_sites.hpp"

#include <algorithm>
#include <cstring>

namespace tilewright::firmware {

std::vector<SignalSite> signal_sites(const riscv::ElfImage& program) {
    std::vector<SignalSite> sites;
    const auto section = program.section(abi::signals_section);
    if (!section) return sites;
    const auto is_code = [&](std::uint32_t pc) {
        return std::ranges::any_of(program.segments, [&](const riscv::ElfSegment& segment) {
            return segment.executable && pc - segment.address < segment.bytes.size();
        });
    };
    std::uint32_t words[3];
    for (std::size_t at = 0; at + sizeof words <= section->size(); at += sizeof words) {
        std::memcpy(words, section->data() + at, sizeof words);
        if (!is_code(words[2])) continue;
        sites.push_back({static_cast<abi::Signal>(words[0]), words[1], words[2]});
    }
    return sites;
}

}  // namespace tilewright::firmware
