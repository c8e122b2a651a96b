#include "chip/tile_bus.hpp"

#include <bit>
#include <cstring>

#include "chip/components.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/core_registers.hpp"

namespace tilewright {
namespace {

using riscv::Access;
using riscv::Cause;

constexpr std::size_t output_limit = 1 << 20;  // what one kernel may print
constexpr std::string_view output_cut = "\n[output cut at 1 MiB]\n";

// Transfers that one core may have in flight on one NoC; a further command waits for a completion.
constexpr std::uint32_t max_outstanding = 128;

bool in_core_registers(std::uint32_t address) {
    return address - abi::core_registers < abi::core_register::size;
}

bool in_noc_registers(std::uint32_t address, std::uint32_t& noc, std::uint32_t& offset) {
    noc = (address - abi::noc_registers) / abi::noc_stride;
    offset = (address - abi::noc_registers) % abi::noc_stride;
    return address >= abi::noc_registers && noc < abi::noc_count &&
           offset < abi::noc_register::size;
}

// What only the core itself changes.
bool is_constant(std::uint32_t address) {
    std::uint32_t noc = 0;
    std::uint32_t offset = 0;
    return in_core_registers(address) ||
           (in_noc_registers(address, noc, offset) &&
            (offset < abi::noc_register::reads_pending || offset == abi::noc_register::node));
}

bool in_engine_registers(std::uint32_t address) {
    return address - abi::engine_registers < abi::engine_register::size;
}

// What changes by itself, and wakes who waits for it.
bool is_counter(std::uint32_t address) {
    if (abi::is_engine_flag(address)) return true;
    std::uint32_t noc = 0;
    std::uint32_t offset = 0;
    return in_noc_registers(address, noc, offset) && offset >= abi::noc_register::reads_pending &&
           offset <= abi::noc_register::atomics_pending;
}

}  // namespace

bool TileBus::synchronising(std::uint32_t address) const {
    std::uint32_t noc = 0;
    std::uint32_t offset = 0;
    return in_core_registers(address) || in_noc_registers(address, noc, offset) ||
           in_engine_registers(address);
}

void TileBus::granted(std::uint64_t cycle) {
    chip_.moment_ = {cycle, component_of(core_)};
}

void TileBus::changed_functions(std::span<const riscv::CallRecord> records) {
    if (!chip_.functions_observed_) return;
    chip_.observer_->on_functions(chip_.core_id(core_), chip_.program_of(core_), records);
}

// An iteration that ends where it began is worth a look; if looks fail, ever more rarely.
bool TileBus::poll() {
    if (chip_.config_.park_polling_loops == 0) return false;
    const riscv::HartState& hart = chip_.cores_[core_].hart;
    PollingState& seen = chip_.cores_[core_].polling;
    const std::uint64_t since = hart.retired - seen.retired;
    if (seen.pc == hart.pc && since == 0) return false;  // looked at just now
    const bool again = seen.pc == hart.pc && since <= riscv::PollingLoop::longest;
    seen.pc = hart.pc;
    seen.retired = hart.retired;
    seen.visits = again ? seen.visits + 1 : 0;
    return std::has_single_bit(seen.visits);
}

std::optional<riscv::WordSeen> TileBus::look(std::uint32_t address) const {
    if (in_direct(address)) return std::nullopt;  // nobody tells of writes there
    if (plain(address) != nullptr) {
        const bool local = in_local(address);
        return riscv::WordSeen{
            .value = *word(address),
            .latency = local ? chip_.config_.core_timing.load_near : 0,
            .synchronises = false,
            .changes = !local,
        };
    }
    const Access a = read_register(address);
    if (a.cause != Cause::none || !(is_constant(address) || is_counter(address))) {
        return std::nullopt;
    }
    return riscv::WordSeen{.value = a.value,
                           .latency = a.latency,
                           .synchronises = true,
                           .changes = is_counter(address)};
}

Access TileBus::read_register(std::uint32_t address) const {
    const ChipConfig& config = chip_.config_;
    const CoreId id = chip_.core_id(core_);
    const auto good = [&](std::uint32_t value) {
        return Access{value, Cause::none, config.core_timing.load_device};
    };
    if (in_core_registers(address)) {
        switch (address - abi::core_registers) {
            case abi::core_register::tile:
                return good(id.tile.x | std::uint32_t{id.tile.y} << 16);
            case abi::core_register::processor:
                return good(id.processor);
            case abi::core_register::grid:
                return good(config.tile_columns() | config.tile_rows() << 16);
            case abi::core_register::dram_banks:
                return good(config.dram_bank_count);
            case abi::core_register::l1_bytes:
                return good(config.l1_bytes);
            case abi::core_register::local_bytes:
                return good(chip_.core_config(core_).local_bytes);
            default:
                return {0, Cause::load_unmapped, 0};
        }
    }
    if (in_engine_registers(address)) return read_engine_register(address);
    std::uint32_t noc = 0;
    std::uint32_t offset = 0;
    if (!in_noc_registers(address, noc, offset)) return {0, Cause::load_unmapped, 0};
    const NocPort& port = chip_.cores_[core_].noc[noc];
    switch (offset) {
        case abi::noc_register::remote_node:
            return good(port.remote_node);
        case abi::noc_register::remote_address:
            return good(port.remote_address);
        case abi::noc_register::local_address:
            return good(port.local_address);
        case abi::noc_register::length:
            return good(port.length);
        case abi::noc_register::value:
            return good(port.value);
        case abi::noc_register::receivers:
            return good(port.receivers);
        case abi::noc_register::reads_pending:
            return good(port.reads_pending);
        case abi::noc_register::writes_pending:
            return good(port.writes_pending);
        case abi::noc_register::writes_unsent:
            return good(port.writes_unsent);
        case abi::noc_register::atomics_pending:
            return good(port.atomics_pending);
        case abi::noc_register::node: {
            const Router r = config.tile_router(tile_);
            return good(abi::node(abi::NodeSpace::physical, r.x, r.y));
        }
        default:
            return {0, Cause::load_unmapped, 0};
    }
}

bool TileBus::in_local(std::uint32_t address) const {
    return address - abi::local_base < chip_.core_config(core_).local_bytes;
}

// Where the byte lies, if it is of the tile's L1 or of the core's local memory.
std::byte* TileBus::plain(std::uint32_t address) const {
    if (address < l1_bytes_) return chip_.l1(tile_) + address;
    if (in_local(address)) return chip_.local(core_) + (address - abi::local_base);
    if (in_direct(address)) return chip_.dram(0) + (address - abi::direct_base);
    return nullptr;
}

bool TileBus::in_direct(std::uint32_t address) const {
    return address - abi::direct_base < chip_.config_.direct_memory_bytes;
}

std::uint32_t TileBus::load_latency(std::uint32_t address) const {
    const riscv::Timing& timing = chip_.config_.core_timing;
    if (in_direct(address)) return timing.load_direct;
    return in_local(address) ? timing.load_near : timing.load_far;
}

std::uint32_t* TileBus::word(std::uint32_t address) const {
    return reinterpret_cast<std::uint32_t*>(plain(address));
}

// Plain memory comes here only while it is checked or watched.
Access TileBus::load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) {
    if (const std::byte* const memory = plain(address)) {
        chip_.check_stack(core_);
        chip_.check_load(memory, tile_, address, bytes);
        std::uint32_t value = 0;
        std::memcpy(&value, memory, bytes);
        chip_.tell_access(core_, memory, address, bytes, false, 0);
        return {value, Cause::none, load_latency(address)};
    }
    if (bytes != 4) return {0, Cause::load_unmapped, 0};  // registers are words
    return read_register(address);
}

Cause TileBus::store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                     std::uint64_t cycle) {
    if (address < abi::l1_user_base) {
        if (bytes != 4 || !abi::is_synchronising_word(address)) return Cause::store_read_only;
        if (cycle >= chip_.limits_.horizon) return Cause::retry;  // it must wait for its turn
    }
    if (std::byte* const memory = plain(address)) {
        if (chip_.memory_checked()) {
            chip_.check_stack(core_);
            chip_.check_store(tile_, address, bytes);
        }
        chip_.touch(memory, bytes);
        std::memcpy(memory, &value, bytes);
        chip_.tell_access(core_, memory, address, bytes, true, value);
        changed(address, bytes, cycle);
        return Cause::none;
    }
    if (address - abi::image_base < abi::image_window_bytes) return Cause::store_read_only;
    if (address == abi::core_registers + abi::core_register::print) {
        std::string& output = chip_.cores_[core_].output;
        if (output.size() < output_limit) {
            output.push_back(static_cast<char>(value));
            if (output.size() == output_limit) output += output_cut;
        }
        return Cause::none;
    }
    if (bytes == 4 && address == abi::core_registers + abi::core_register::zone_begin) {
        chip_.enter_zone(core_, value, cycle);
        return Cause::none;
    }
    if (bytes == 4 && address == abi::core_registers + abi::core_register::zone_end) {
        if (chip_.observer_ != nullptr) {
            chip_.observer_->on_zone(chip_.core_id(core_), Cycle{cycle}, {});
        }
        return Cause::none;
    }
    if (bytes == 4 && in_engine_registers(address)) {
        return write_engine_register(address, value, cycle);
    }
    std::uint32_t noc = 0;
    std::uint32_t offset = 0;
    if (bytes == 4 && in_noc_registers(address, noc, offset)) {
        return write_noc(noc, offset, value, cycle);
    }
    return Cause::store_unmapped;
}

Cause TileBus::write_noc(std::uint32_t noc, std::uint32_t offset, std::uint32_t value,
                         std::uint64_t cycle) {
    Core& core = chip_.cores_[core_];
    NocPort& port = core.noc[noc];
    switch (offset) {
        case abi::noc_register::remote_node:
            port.remote_node = value;
            return Cause::none;
        case abi::noc_register::remote_address:
            port.remote_address = value;
            return Cause::none;
        case abi::noc_register::local_address:
            port.local_address = value;
            return Cause::none;
        case abi::noc_register::length:
            port.length = value;
            return Cause::none;
        case abi::noc_register::value:
            port.value = value;
            return Cause::none;
        case abi::noc_register::receivers:
            port.receivers = value;
            return Cause::none;
        case abi::noc_register::command:
            break;
        default:
            return Cause::store_unmapped;
    }
    if (port.outstanding() >= max_outstanding) {
        core.status = CoreStatus::blocked;
        core.event_cycle = ~0ull;  // none, until one of its transfers completes
        return Cause::retry;
    }
    chip_.start_transfer(core_, noc, static_cast<abi::NocCommand>(value), cycle);
    chip_.limits_.horizon = chip_.horizon(core_);
    return Cause::none;
}

// Atomics of cores and of the NoC: user L1, direct memory, and the synchronising words of reserved
// L1; and local memory, while it is checked.
bool TileBus::atomic_place(std::uint32_t address) const {
    return (address >= abi::l1_user_base && address < l1_bytes_) || in_local(address) ||
           in_direct(address) || abi::is_synchronising_word(address);
}

// This core has written to plain memory: whoever watches that word of the L1 is told.
void TileBus::changed(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) {
    if (address >= l1_bytes_) return;
    chip_.written(tile_, address, bytes, cycle, core_, core_);
    chip_.limits_.horizon = chip_.horizon(core_);
}

Access TileBus::atomic(riscv::AtomicOp op, std::uint32_t address, std::uint32_t operand,
                       std::uint64_t cycle) {
    if (!atomic_place(address)) {
        return {0, address < l1_bytes_ ? Cause::store_read_only : Cause::store_unmapped, 0};
    }
    chip_.check_store(tile_, address, 4);
    std::uint32_t* const memory = word(address);
    const std::uint32_t old = *memory;
    chip_.touch(plain(address), sizeof old);
    *memory = riscv::apply(op, old, operand);
    changed(address, 4, cycle);
    return {old, Cause::none, in_direct(address) ? load_latency(address) : 0};
}

Access TileBus::load_reserved(std::uint32_t address, std::uint64_t) {
    if (in_direct(address)) {
        throw BusRefusal{"lr.w: words of direct memory cannot be reserved; wait on a word of L1"};
    }
    if (plain(address) == nullptr) return read_register(address);
    chip_.check_semaphore(tile_, address);
    if (address >= abi::l1_user_base && address < l1_bytes_) {
        // The hart holds the reservation when this returns; its neighbours' stores must look.
        for (std::uint32_t c = chip_.first_core(tile_); c < chip_.end_core(tile_); ++c) {
            riscv::RunContext* const context = chip_.contexts_.find(c);
            if (c != core_ && context != nullptr) context->set_far_store_bytes(0);
        }
    }
    return {*word(address), Cause::none, 0};
}

Cause TileBus::store_conditional(std::uint32_t address, std::uint32_t value, std::uint64_t cycle) {
    if (!atomic_place(address)) {
        return address < l1_bytes_ ? Cause::store_read_only : Cause::store_unmapped;
    }
    chip_.check_store(tile_, address, 4);
    chip_.touch(plain(address), sizeof value);
    *word(address) = value;
    changed(address, 4, cycle);
    return Cause::none;
}

}  // namespace tilewright
