// Counters, mhartid, mscratch. Numbers: RISC-V manual, Volume II, the CSR listing.
#include "csr.hpp"

namespace tilewright::riscv {
namespace {

enum Number : std::uint32_t {
    mscratch = 0x340,
    cycle = 0xC00,
    time = 0xC01,
    instret = 0xC02,
    cycleh = 0xC80,
    timeh = 0xC81,
    instreth = 0xC82,
    mhartid = 0xF14,
};

std::uint32_t low(std::uint64_t v) {
    return static_cast<std::uint32_t>(v);
}
std::uint32_t high(std::uint64_t v) {
    return static_cast<std::uint32_t>(v >> 32);
}

}  // namespace

std::optional<std::uint32_t> read_csr(const HartState& hart, const Isa& isa, std::uint32_t number) {
    if (number == mscratch) return hart.scratch;
    if (number == mhartid) return hart.hart_id;
    if (!isa.has(Extension::zicntr)) return std::nullopt;
    switch (number) {
        case cycle:
        case time:
            return low(hart.cycles);
        case cycleh:
        case timeh:
            return high(hart.cycles);
        case instret:
            return low(hart.retired);
        case instreth:
            return high(hart.retired);
        default:
            return std::nullopt;
    }
}

bool write_csr(HartState& hart, std::uint32_t number, std::uint32_t value) {
    if (number != mscratch) return false;
    hart.scratch = value;
    return true;
}

std::string_view csr_name(std::uint32_t number) {
    switch (number) {
        case mscratch:
            return "mscratch";
        case cycle:
            return "cycle";
        case time:
            return "time";
        case instret:
            return "instret";
        case cycleh:
            return "cycleh";
        case timeh:
            return "timeh";
        case instreth:
            return "instreth";
        case mhartid:
            return "mhartid";
        default:
            return {};
    }
}

}  // namespace tilewright::riscv
