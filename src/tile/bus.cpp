#include "tile/bus.hpp"

#include <bit>
#include <cstring>

#include "tile/watch.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {

using riscv::Access;
using riscv::Cause;

namespace {

std::uint32_t device_latency(const RegisterDevice& device, std::uint32_t offset,
                             const riscv::Timing& timing) {
    const std::uint32_t own = device.latency(offset);
    return own != 0 ? own : timing.load_device;
}

}  // namespace

bool TileBus::synchronising(std::uint32_t address) const {
    for (const DeviceKind& kind : tile_.around.devices) {
        if (address - kind.base < kind.bytes) return kind.synchronises;
    }
    return false;
}

bool TileBus::queues_stores(std::uint32_t address) const {
    return address < chip_.l1_bytes;
}

void TileBus::changed_functions(std::span<const riscv::CallRecord> records) {
    const Probes& probes = tile_.around.probes;
    if (!probes.functions) return;
    probes.observer->on_functions(tile_.core_id(processor_), run_.program.elf, records);
}

void TileBus::pushed() {
    for (const auto& device : tile_.devices) device->pushed(processor_);
    refresh_horizon();
}

void TileBus::granted(std::uint64_t cycle) {
    run_.turn = cycle;
    if (tile_.around.probes.order != nullptr) tell_granted(tile_, processor_);
}

// An iteration that ends where it began is worth a look; if looks fail, ever more rarely.
bool TileBus::poll() {
    if (!chip_.park_polling_loops) return false;
    const riscv::HartState& hart = core_.hart;
    PollingState& seen = core_.polling;
    const std::uint64_t since = hart.retired - seen.retired;
    if (seen.pc == hart.pc && since == 0) return false;  // looked at just now
    const bool again = seen.pc == hart.pc && since <= riscv::PollingLoop::longest;
    seen.pc = hart.pc;
    seen.retired = hart.retired;
    seen.visits = again ? seen.visits + 1 : 0;
    return std::has_single_bit(seen.visits);
}

std::optional<riscv::WordSeen> look(const Tile& tile, std::uint32_t processor,
                                    std::uint32_t address) {
    const riscv::Timing& timing = tile.around.parameters.timing;
    if (in_direct(tile, address)) return std::nullopt;  // nobody tells of writes there
    if (const std::byte* const memory = plain_memory(tile, processor, address)) {
        const bool local = in_local(tile, processor, address);
        std::uint32_t value = 0;
        std::memcpy(&value, memory, sizeof value);
        return riscv::WordSeen{.value = value,
                               .latency = local ? timing.load_near : 0,
                               .synchronises = false,
                               .changes = !local};
    }
    std::uint32_t offset = 0;
    const RegisterDevice* const device = tile.device_at(address, offset);
    if (device == nullptr) return std::nullopt;
    const RegisterDevice::Word kind = device->word(offset);
    if (kind == RegisterDevice::Word::other) return std::nullopt;
    return riscv::WordSeen{.value = device->value(processor, offset),
                           .latency = device_latency(*device, offset, timing),
                           .synchronises = true,
                           .changes = kind == RegisterDevice::Word::counter};
}

std::uint32_t TileBus::load_latency(std::uint32_t address) const {
    if (in_direct(tile_, address)) return chip_.timing.load_direct;
    return in_local(tile_, processor_, address) ? chip_.timing.load_near : chip_.timing.load_far;
}

Access TileBus::load_register(std::uint32_t address, std::uint64_t cycle) {
    std::uint32_t offset = 0;
    RegisterDevice* const device = tile_.device_at(address, offset);
    if (device == nullptr) return {0, Cause::load_unmapped, 0};
    Access access = device->load(processor_, offset, cycle);
    access.latency = device_latency(*device, offset, chip_.timing);
    return access;
}

void TileBus::refresh_horizon() {
    run_.limits.horizon = tile_.around.clock.horizon(component_of(tile_.core_number(processor_)));
}

// Plain memory comes here only while it is checked or watched.
Access TileBus::load(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) {
    if (const std::byte* const memory = plain(address)) {
        check_stack(tile_, processor_);
        check_load(tile_, memory, address, bytes);
        if (const auto& guard = tile_.around.checks.guard; guard && address < chip_.l1_bytes) {
            guard->reads(tile_, processor_, address, bytes, AccessGuard::By::core);
        }
        std::uint32_t value = 0;
        std::memcpy(&value, memory, bytes);
        tell_access(tile_, processor_, memory, address, bytes, false, 0);
        if (tile_.around.probes.order != nullptr) {
            tell_load(tile_, processor_, address, bytes, cycle);
        }
        return {value, Cause::none, load_latency(address)};
    }
    if (bytes != 4) return {0, Cause::load_unmapped, 0};  // registers are words
    return load_register(address, cycle);
}

Cause TileBus::store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                     std::uint64_t cycle) {
    if (address < chip_.conventions.l1_user_base) {
        if (bytes != 4 || !chip_.conventions.is_synchronising_word(address))
            return Cause::store_read_only;
        if (cycle >= run_.limits.horizon) return Cause::retry;  // it must wait for its turn
    }
    if (std::byte* const memory = plain(address)) {
        if (tile_.around.checks.enabled.of_memory()) {
            check_stack(tile_, processor_);
            check_store(tile_, processor_, memory, address, bytes);
        }
        if (const auto& guard = tile_.around.checks.guard; guard && address < chip_.l1_bytes) {
            guard->writes(tile_, processor_, address, bytes, AccessGuard::By::core);
        }
        will_write(memory, address, bytes, cycle);
        std::memcpy(memory, &value, bytes);
        tell_access(tile_, processor_, memory, address, bytes, true, value);
        if (tile_.around.probes.order != nullptr) {
            tell_store(tile_, processor_, address, bytes, cycle);
        }
        return Cause::none;
    }
    if (address - abi::image_base < abi::image_window_bytes) return Cause::store_read_only;
    std::uint32_t offset = 0;
    RegisterDevice* const device = tile_.device_at(address, offset);
    if (device == nullptr) return Cause::store_unmapped;
    const Cause cause = device->store(processor_, offset, bytes, value, cycle);
    refresh_horizon();
    return cause;
}

Cause TileBus::instruct(std::uint32_t word, std::uint64_t cycle) {
    for (const DeviceKind& kind : tile_.around.devices) {
        if (kind.instructions) return store(kind.base + *kind.instructions, 4, word, cycle);
    }
    return Cause::illegal_instruction;
}

// Atomics of cores and of the NoC: user L1, direct memory, and the synchronising words of reserved
// L1; and local memory, while it is checked.
bool TileBus::atomic_place(std::uint32_t address) const {
    return chip_.in_user_l1(address) || in_local(tile_, processor_, address) ||
           in_direct(tile_, address) || chip_.conventions.is_synchronising_word(address);
}

// Whoever waits for that word of the L1 is told.
void TileBus::will_write(std::byte* memory, std::uint32_t address, std::uint32_t bytes,
                         std::uint64_t cycle) {
    tile_.around.memories.will_write(memory, bytes);
    if (address >= chip_.l1_bytes) return;
    const std::uint32_t core = tile_.core_number(processor_);
    l1_written(tile_, address, bytes,
               {.cycle = cycle,
                .turn = run_.turn,
                .component = component_of(core),
                .core = core,
                .keeps_reservation = true});
    refresh_horizon();
}

Access TileBus::atomic(riscv::AtomicOp op, std::uint32_t address, std::uint32_t operand,
                       std::uint64_t cycle) {
    if (!atomic_place(address)) {
        return {0, address < chip_.l1_bytes ? Cause::store_read_only : Cause::store_unmapped, 0};
    }
    check_store(tile_, processor_, plain(address), address, 4);
    if (const auto& guard = tile_.around.checks.guard) {
        guard->changes(tile_, processor_, address, operand);
    }
    std::uint32_t* const memory = word(address);
    const std::uint32_t old = *memory;
    will_write(plain(address), address, sizeof old, cycle);
    *memory = riscv::apply(op, old, operand);
    if (tile_.around.probes.order != nullptr) {
        tell_synchronising(tile_, processor_, address, Synchronising::atomic);
    }
    return {old, Cause::none, in_direct(tile_, address) ? load_latency(address) : 0};
}

Access TileBus::load_reserved(std::uint32_t address, std::uint64_t cycle) {
    if (in_direct(tile_, address)) {
        throw BusRefusal{"lr.w: words of direct memory cannot be reserved; wait on a word of L1"};
    }
    if (plain(address) == nullptr) return load_register(address, cycle);
    check_declared(tile_, address);
    check_open(tile_, plain(address), address, sizeof(std::uint32_t));
    if (tile_.around.probes.order != nullptr) {
        tell_synchronising(tile_, processor_, address, Synchronising::load_reserved);
    }
    if (const auto& guard = tile_.around.checks.guard) guard->reserves(tile_, processor_, address);
    if (chip_.in_user_l1(address)) {
        // The hart holds the reservation when this returns; its neighbours' stores must look.
        for (std::uint32_t p = 0; p < tile_.core_count(); ++p) {
            if (p != processor_) tile_.runs[p].context.set_far_store_bytes(0);
        }
    }
    return {*word(address), Cause::none, 0};
}

Cause TileBus::store_conditional(std::uint32_t address, std::uint32_t value, std::uint64_t cycle) {
    if (!atomic_place(address)) {
        return address < chip_.l1_bytes ? Cause::store_read_only : Cause::store_unmapped;
    }
    check_store(tile_, processor_, plain(address), address, 4);
    will_write(plain(address), address, sizeof value, cycle);
    *word(address) = value;
    if (tile_.around.probes.order != nullptr) {
        tell_synchronising(tile_, processor_, address, Synchronising::store_conditional);
    }
    return Cause::none;
}

}  // namespace tilewright
