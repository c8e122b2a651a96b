#include "trace/awaited_word.hpp"

#include "tilewright/base/text.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"

namespace tilewright::detail {
namespace {

std::string network_register(std::uint32_t offset) {
    switch (offset) {
        case abi::noc_register::reads_pending:
            return "reads";
        case abi::noc_register::writes_pending:
            return "writes to be acknowledged";
        case abi::noc_register::writes_unsent:
            return "writes to leave";
        case abi::noc_register::atomics_pending:
            return "atomics";
        default:
            return "a register";
    }
}

}  // namespace

std::string awaited_word(std::uint32_t address) {
    const std::uint32_t noc = (address - abi::noc_registers) / abi::noc_stride;
    if (abi::is_engine_flag(address)) return "flag " + std::to_string(abi::engine_flag(address));
    if (address >= abi::noc_registers && noc < abi::noc_count) {
        const std::uint32_t offset = (address - abi::noc_registers) % abi::noc_stride;
        return network_register(offset) + ", NoC " + std::to_string(noc);
    }
    if (address - abi::semaphore_base < abi::semaphore_count * 4) {
        return "semaphore " + std::to_string((address - abi::semaphore_base) / 4);
    }
    const std::uint32_t buffer =
        (address - abi::circular_buffer_counters) / abi::circular_buffer_counters_stride;
    if (buffer < abi::circular_buffer_count) return "circular buffer " + std::to_string(buffer);
    return "L1 word " + hex(address);
}

}  // namespace tilewright::detail
