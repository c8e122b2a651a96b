// Counters, mhartid, mscratch, fcsr and its parts. Numbers: RISC-V manual, Volume II, the CSR
// listing.
#include "csr.hpp"

namespace tilewright::riscv {
namespace {

enum Number : std::uint32_t {
    fflags = 0x001,
    frm = 0x002,
    fcsr = 0x003,
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
    if (isa.has(Extension::f)) {
        if (number == fflags) return hart.fcsr & 0x1F;
        if (number == frm) return hart.fcsr >> 5;
        if (number == fcsr) return hart.fcsr;
    }
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

bool write_csr(HartState& hart, const Isa& isa, std::uint32_t number, std::uint32_t value) {
    if (number == mscratch) {
        hart.scratch = value;
        return true;
    }
    if (!isa.has(Extension::f)) return false;
    switch (number) {
        case fflags:
            hart.fcsr = (hart.fcsr & 0xE0) | (value & 0x1F);
            return true;
        case frm:
            hart.fcsr = (hart.fcsr & 0x1F) | (value & 7) << 5;
            return true;
        case fcsr:
            hart.fcsr = value & 0xFF;
            return true;
        default:
            return false;
    }
}

std::string_view csr_name(std::uint32_t number) {
    switch (number) {
        case fflags:
            return "fflags";
        case frm:
            return "frm";
        case fcsr:
            return "fcsr";
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
