// Faults: what a core did that cannot be, and where.
#include "firmware/diagnose/race.hpp"
#include "firmware/diagnose/words.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/riscv/disassemble.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright::diagnose {
namespace {

using riscv::Cause;

const CoreTraits& traits(const Chip& chip, std::uint32_t core) {
    const CoreId id = chip.core_id(core);
    return chip.site(chip.tile_index(id.tile)).cores[id.processor];
}

std::string describe(const Chip& chip, std::uint32_t core, const riscv::Fault& trap) {
    const std::string& isa = traits(chip, core).isa;
    const std::string address = hex(trap.address);
    switch (trap.cause) {
        case Cause::illegal_instruction:
            return "illegal instruction " + hex(trap.instruction) + " (" +
                   riscv::disassemble(trap.instruction, trap.pc, riscv::parse_isa(isa)) + ") for " +
                   isa;
        case Cause::fetch_misaligned:
            return "jump to the misaligned address " + address;
        case Cause::fetch_unmapped:
            return "no code at " + hex(trap.pc);
        case Cause::load_misaligned:
            return "misaligned load from " + address;
        case Cause::load_unmapped:
            return "load from " + address + ", where nothing is mapped";
        case Cause::store_misaligned:
            return "misaligned store to " + address;
        case Cause::store_unmapped:
            return "store to " + address + ", where nothing is mapped";
        case Cause::store_read_only: {
            const std::uint32_t user_base = chip.conventions().l1_user_base;
            return "store to " + address +
                   (trap.address < user_base ? " in reserved L1 (below " + hex(user_base) + ")"
                                             : " in the kernel's read-only image");
        }
        case Cause::breakpoint:
            return "ebreak (a check failed, or a breakpoint)";
        case Cause::none:
        case Cause::retry:
            break;
    }
    return "no fault";
}

// What may have led to the trap.
std::string hint(const Chip& chip, std::uint32_t core, const riscv::Fault& trap) {
    const riscv::HartState& hart = chip.core(core).hart;
    const std::uint32_t stack = hart.x[2];
    const bool unmapped = trap.cause == Cause::load_unmapped || trap.cause == Cause::store_unmapped;
    if (unmapped && stack - abi::local_base > traits(chip, core).local_bytes) {
        return "; the stack pointer " + hex(stack) + " has left local memory: stack overflow";
    }
    if (trap.cause == Cause::fetch_unmapped || trap.cause == Cause::fetch_misaligned) {
        // The return address is the best hint of where the jump came from.
        return "; the last call was made at " + chip.image(core)->describe(hart.x[1] - 4);
    }
    return {};
}

std::string describe(const Chip& chip, const CoreFault& fault) {
    if (fault.undeclared) {
        return program_semaphore(static_cast<std::uint32_t>(fault.undeclared->offset)) +
               ", which the program has not created on " +
               tile_name(chip.site(fault.undeclared->index));
    }
    if (!fault.fault) return fault.message;
    return describe(chip, fault.core, *fault.fault) + hint(chip, fault.core, *fault.fault);
}

}  // namespace

KernelFault fault(const Chip& chip, const BufferName& buffer) {
    if (const Race* const race = chip.race()) {
        return race_fault(chip, *race, buffer ? buffer(race->place) : "");
    }
    const CoreFault& fault = chip.fault();
    if (fault.core == CoreFault::nobody) return KernelFault(fault.message);
    const std::string& printed = chip.core(fault.core).output;
    const std::string place = chip.image(fault.core)->describe(fault.pc);
    std::string message = "core " + describe(chip.core_id(fault.core)) + " at " + place + ": " +
                          describe(chip, fault);
    if (!printed.empty()) message += "\nit had printed: " + printed;
    return {message, FaultSite{.core = chip.core_id(fault.core),
                               .pc = CoreAddress{fault.pc},
                               .place = place,
                               .printed = printed}};
}

}  // namespace tilewright::diagnose
