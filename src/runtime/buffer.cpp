#include "tilewright/runtime/buffer.hpp"

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

Buffer::Buffer(std::shared_ptr<detail::AllocationHandle> allocation)
    : allocation_(std::move(allocation)) {}

bool Buffer::valid() const {
    if (!allocation_) return false;
    const auto device = allocation_->device.lock();
    return device && device->memory.knows(allocation_->id, allocation_->record);
}

// The device stays as long as what is returned does.
std::shared_ptr<detail::DeviceState> Buffer::live() const {
    if (!allocation_) throw ClosedError("the buffer was never allocated");
    auto device = allocation_->device.lock();
    if (!device) throw ClosedError("the device of the buffer is closed");
    if (!device->memory.knows(allocation_->id, allocation_->record)) {
        throw ClosedError("the buffer was freed");
    }
    return device;
}

bool Buffer::belongs_to(const std::shared_ptr<detail::DeviceState>& device) const {
    return live() == device;
}

std::uint64_t Buffer::bytes() const {
    live();
    return allocation_->record.bytes;
}
std::uint64_t Buffer::bytes_in_each() const {
    live();
    return allocation_->record.bank_bytes;
}
const Placement& Buffer::placement() const {
    live();
    return allocation_->record.placement;
}
std::uint64_t Buffer::address() const {
    live();
    return allocation_->record.address;
}

CoreAddress Buffer::core_address() const {
    const auto device = live();
    const detail::Allocation& record = allocation_->record;
    const ChipConfig& config = device->chip.config();
    using Kind = Placement::Kind;
    const Kind kind = record.placement.kind;
    if (kind == Kind::l1) return CoreAddress{static_cast<std::uint32_t>(record.address)};
    const bool one_bank = kind == Kind::interleaved && config.dram_bank_count == 1;
    if (kind != Kind::bank && !one_bank) {
        throw AddressError("no core address for " + describe() +
                           ": cores load and store what lies in one DRAM bank, or in their L1");
    }
    const std::uint64_t offset = record.placement.bank * config.dram_bank_bytes + record.address;
    if (offset + record.bytes > config.direct_memory_bytes) {
        throw AddressError("the cores of '" + config.name + "' do not reach " + describe() +
                           " by loads: direct memory is the first " +
                           std::to_string(config.direct_memory_bytes) + " bytes of its DRAM");
    }
    return CoreAddress{abi::direct_base + static_cast<std::uint32_t>(offset)};
}

GlobalAddress Buffer::global_address() const {
    const auto device = live();
    const detail::Allocation& record = allocation_->record;
    const Placement& placement = record.placement;
    const Chip& chip = device->chip;
    const AddressMap& map = chip.map();
    using Kind = Placement::Kind;
    const bool one_bank = chip.config().dram_bank_count == 1;
    if (placement.kind == Kind::bank || (placement.kind == Kind::interleaved && one_bank)) {
        return map.address(MemoryKind::dram, placement.bank, record.address);
    }
    if (placement.kind == Kind::l1) {
        return map.address(MemoryKind::tile_l1, chip.tile_index(placement.tile), record.address);
    }
    if (placement.kind == Kind::memory) {
        return map.address(placement.memory, placement.bank, record.address);
    }
    throw AddressError("no global address for " + describe() +
                       ": a range of those lies in one memory of the chip");
}

abi::BufferRef Buffer::ref() const {
    const auto device = live();
    const detail::Allocation& record = allocation_->record;
    abi::BufferRef ref{.address = static_cast<std::uint32_t>(record.address),
                       .bytes = static_cast<std::uint32_t>(record.bytes),
                       .page_bytes = static_cast<std::uint32_t>(record.bank_bytes),
                       .bank_count = 1,
                       .node = 0};
    const auto check_port = [&](std::uint32_t bank) {
        if (bank < device->chip.config().dram.size()) return;
        throw AddressError("kernels do not reach " + describe() + ": DRAM bank " +
                           std::to_string(bank) + " has no port on the network; DMA engines do");
    };
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            ref.page_bytes = record.placement.page_bytes;
            ref.bank_count = static_cast<std::uint32_t>(device->memory.banks.size());
            check_port(ref.bank_count - 1);
            ref.node = abi::node(abi::NodeSpace::dram, 0, 0);
            break;
        case Placement::Kind::all_l1:
            ref.page_bytes = record.placement.page_bytes;
            ref.bank_count = device->chip.config().tile_count();
            ref.node = abi::node(abi::NodeSpace::tile_number, 0, 0);
            break;
        case Placement::Kind::memory:
            throw AddressError("kernels do not reach " + describe() + "; DMA engines do");
        case Placement::Kind::host:
            ref.node = abi::node(abi::NodeSpace::host, 0, 0);
            break;
        case Placement::Kind::bank:
            check_port(record.placement.bank);
            ref.node = abi::node(abi::NodeSpace::dram, record.placement.bank, 0);
            break;
        case Placement::Kind::l1:
            ref.node =
                abi::node(abi::NodeSpace::tile, record.placement.tile.x, record.placement.tile.y);
            break;
    }
    return ref;
}

namespace {

void check(const detail::Allocation& record, std::uint64_t offset, std::uint64_t bytes) {
    if (offset <= record.bytes && bytes <= record.bytes - offset) return;
    throw AddressError(std::to_string(bytes) + " bytes at offset " + std::to_string(offset) +
                       " do not fit into a buffer of " + std::to_string(record.bytes) + " bytes");
}

}  // namespace

void Buffer::write(std::span<const std::byte> data, std::uint64_t offset) const {
    const detail::DeviceLock state(live());
    check(allocation_->record, offset, data.size());
    state->memory.write(allocation_->record, offset, data);
}

void Buffer::read(std::span<std::byte> data, std::uint64_t offset) const {
    const detail::DeviceLock state(live());
    check(allocation_->record, offset, data.size());
    state->memory.read(allocation_->record, offset, data);
}

BufferView Buffer::view() const {
    const detail::DeviceLock state(live());
    BufferView view{state->memory.in_place(allocation_->record), nullptr};
    struct Keep {
        Keep(std::shared_ptr<const void> bytes, std::shared_ptr<detail::AllocationHandle> of)
            : memory(std::move(bytes)), allocation(std::move(of)) {}
        Keep(const Keep&) = delete;
        Keep& operator=(const Keep&) = delete;
        std::shared_ptr<const void> memory;
        std::shared_ptr<detail::AllocationHandle> allocation;
        ~Keep() {
            const auto device = allocation->device.lock();
            if (!device) return;
            const std::lock_guard lock(device->tables);
            const auto count = device->memory.views.find(allocation->id);
            if (count != device->memory.views.end() && --count->second == 0)
                device->memory.views.erase(count);
        }
    };
    view.keep = std::make_shared<Keep>(state->chip.keep_memory(), allocation_);
    const std::lock_guard lock(state->tables);
    ++state->memory.views[allocation_->id];
    return view;
}

void Buffer::free() {
    if (!valid()) return;
    const detail::DeviceLock state(live());
    {
        const std::lock_guard lock(state->tables);
        if (state->memory.views.contains(allocation_->id)) {
            throw BusyError(
                "the buffer has views, which show its memory; drop them before it is freed");
        }
    }
    state->memory.release(allocation_->id, allocation_->record);
}

std::string Buffer::describe() const {
    if (!valid()) return "freed buffer";
    const detail::Allocation& record = allocation_->record;
    std::string text = std::to_string(record.bytes) + " bytes at " + std::to_string(record.address);
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            return text + " of all DRAM banks, in pages of " +
                   std::to_string(record.placement.page_bytes);
        case Placement::Kind::all_l1:
            return text + " of the L1s of all tiles, in pages of " +
                   std::to_string(record.placement.page_bytes);
        case Placement::Kind::memory:
            return text + " of " + memory_name(record.placement.memory, record.placement.bank);
        case Placement::Kind::host:
            return text + " of the host's node, pinned";
        case Placement::Kind::bank:
            return text + " of DRAM bank " + std::to_string(record.placement.bank);
        case Placement::Kind::l1:
            return text + " of the L1 of tile " + tilewright::describe(record.placement.tile);
    }
    return text;
}

}  // namespace tilewright
