#include "runtime/allocations.hpp"

#include <algorithm>
#include <string>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright::detail {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

[[noreturn]] void full(std::uint64_t bytes, const std::string& where,
                       std::span<const Allocator> places) {
    std::uint64_t free = 0;
    for (const Allocator& place : places) free += place.free_bytes();
    const auto most = places.front().largest();
    throw OutOfMemoryError("no room for a buffer of " + std::to_string(bytes) + " bytes in " +
                           where + ": " + std::to_string(free) +
                           " bytes are free, not all in one piece" +
                           (most ? "; most is taken by " + describe(*most) : ""));
}

std::string describe(const Placement& placement, std::size_t memories) {
    switch (placement.kind) {
        case Placement::Kind::bank:
            return "DRAM bank " + std::to_string(placement.bank);
        case Placement::Kind::l1:
            return "the L1 of tile (" + std::to_string(placement.tile.x) + ", " +
                   std::to_string(placement.tile.y) + ")";
        case Placement::Kind::memory:
            return memory_name(placement.memory, placement.bank);
        case Placement::Kind::all_l1:
            return "the L1s of " + std::to_string(memories) + " tiles";
        default:
            return std::to_string(memories) + " DRAM banks";
    }
}

// The lowest, or highest, place that is free in all memories.
std::optional<std::uint64_t> agreed_place(std::span<const Allocator> places, std::uint64_t bytes,
                                          bool from_top) {
    std::uint64_t at = from_top ? ~std::uint64_t{0} - bytes : 0;
    for (bool agreed = false; !agreed;) {
        agreed = true;
        for (const Allocator& allocator : places) {
            const auto place =
                from_top ? allocator.find_last(bytes, at + bytes) : allocator.find(bytes, at);
            if (!place) return std::nullopt;
            agreed = agreed && *place == at;
            at = *place;
        }
    }
    return at;
}

}  // namespace

Allocations::Allocations(Chip& chip_, Leases& leases_, std::mutex& tables_)
    : chip(chip_), leases(leases_), tables(tables_) {
    clear();
}

void Allocations::clear() {
    banks.assign(chip.config().dram_bank_count, Allocator(0, chip.config().dram_bank_bytes));
    for (std::uint32_t k = 0; k < memory_kind_count; ++k) {
        const auto kind = static_cast<MemoryKind>(k);
        if (kind == MemoryKind::dram || kind == MemoryKind::tile_l1) continue;
        const AddressMap::Window& window = chip.map().window(kind);
        hierarchy[k].assign(window.count, Allocator(0, window.bytes));
    }
}

std::span<Allocator> Allocations::memories(const Placement& placement) {
    switch (placement.kind) {
        case Placement::Kind::interleaved:
            return banks;
        case Placement::Kind::bank:
            if (placement.bank >= banks.size()) {
                throw AddressError("no DRAM bank " + std::to_string(placement.bank) +
                                   "; the chip has " + std::to_string(banks.size()));
            }
            return std::span(banks).subspan(placement.bank, 1);
        case Placement::Kind::l1:
            return std::span(leases.l1s).subspan(chip.tile_index(placement.tile), 1);
        case Placement::Kind::all_l1:
            return std::span(leases.l1s).first(chip.config().tile_count());
        case Placement::Kind::memory: {
            const auto kind = static_cast<std::uint32_t>(placement.memory);
            if (kind >= memory_kind_count || placement.bank >= hierarchy[kind].size()) {
                throw AddressError("no " + memory_name(placement.memory, placement.bank) +
                                   " to put a buffer in");
            }
            return std::span(hierarchy[kind]).subspan(placement.bank, 1);
        }
        case Placement::Kind::host:
            break;
    }
    return {};
}

std::uint64_t Allocations::allocate(std::uint64_t bytes, const Placement& placement,
                                    std::optional<std::uint64_t> address) {
    if (bytes == 0) throw ArgumentError("a buffer of 0 bytes; expected at least 1");
    if (bytes > 0xFFFF'FFFF) {
        throw OutOfMemoryError("a buffer of " + std::to_string(bytes) +
                               " bytes; one buffer holds at most 4294967295");
    }
    if (placement.kind == Placement::Kind::host) {
        throw UnsupportedError("memory of the host is not allocated here; pin() it");
    }
    const std::lock_guard lock(tables);
    const std::span<Allocator> places = memories(placement);
    const bool spread =
        placement.kind == Placement::Kind::interleaved || placement.kind == Placement::Kind::all_l1;
    Allocation record{.placement = placement, .address = 0, .bytes = bytes, .bank_bytes = bytes};
    if (spread) {
        const std::uint64_t page = placement.page_bytes;
        const std::uint64_t unit = placement.kind == Placement::Kind::all_l1
                                       ? chip.config().noc_l1_alignment
                                       : chip.config().noc_dram_alignment;
        if (page == 0 || page % unit != 0) {
            throw ArgumentError("page_bytes " + std::to_string(page) + "; expected a multiple of " +
                                std::to_string(unit));
        }
        if (places.empty()) throw AddressError("the chip has no DRAM banks");
        record.bank_bytes =
            round_up(round_up(bytes, page) / page, places.size()) / places.size() * page;
    }
    const auto free_at = [&](const Allocator& a) { return a.is_free(*address, record.bank_bytes); };
    if (address && !std::ranges::all_of(places, free_at)) {
        const std::string what = std::to_string(record.bank_bytes) + " bytes at " +
                                 std::to_string(*address) + " of " +
                                 describe(placement, places.size());
        for (const Allocator& each : places) {
            auto first = each.taken_by(*address, record.bank_bytes);
            if (!first) first = each.shared_by(*address, record.bank_bytes);
            if (first) refuse_second(what, "a buffer", describe(*first));
        }
        throw AddressError(what + " are not on a multiple of 64, or past the end");
    }
    const auto place =
        address ? address : agreed_place(places, record.bank_bytes, placement.from_top);
    if (!place) full(bytes, describe(placement, places.size()), places);
    record.address = *place;
    take(record);
    mark_undefined(record);
    note_bounds(next_id, record);
    records.emplace(next_id, record);
    return next_id++;
}

// New memory holds nothing yet, whatever its last owner left there; what was freed nothing any
// more.
void Allocations::mark_undefined(const Allocation& record) {
    for_each_place(record,
                   [&](const MemoryRef& place) { chip.mark_undefined(place, record.bank_bytes); });
}

// Up to where the next one may begin, all is this buffer's or nobody's.
void Allocations::note_bounds(std::uint64_t id, const Allocation& record) {
    const bool wanted = chip.checks().buffers;
    if (!wanted || record.placement.kind == Placement::Kind::host) return;
    for_each_place(record, [&](const MemoryRef& place) {
        chip.close(
            {place, Allocator::align(record.bank_bytes), Closed::Why::padding, record.bytes});
    });
    for_each_piece(record, 0, record.bytes,
                   [&](const MemoryRef& place, std::uint64_t, std::uint64_t n) {
                       chip.close({place, n, Closed::Why::owned, record.bytes, id});
                   });
}

void Allocations::note_all_bounds() {
    const std::lock_guard lock(tables);
    for (const auto& [id, record] : records) note_bounds(id, record);
}

// It is nobody's from now on.
void Allocations::close(const Allocation& record) {
    if (!chip.checks().buffers) return;
    for_each_place(record, [&](const MemoryRef& place) {
        chip.close({place, Allocator::align(record.bank_bytes), Closed::Why::freed, record.bytes});
    });
}

std::vector<std::uint64_t> Allocations::named_by(std::uint64_t number) const {
    const std::lock_guard lock(tables);
    std::vector<std::uint64_t> named;
    const std::uint64_t bank_bytes = chip.config().dram_bank_bytes;
    for (const auto& [id, record] : records) {
        const std::uint64_t bytes = record.bank_bytes;
        const auto holds = [=](std::uint64_t begin) { return number - begin < bytes; };
        const Placement& p = record.placement;
        const bool one = p.kind == Placement::Kind::bank || p.kind == Placement::Kind::l1 ||
                         p.kind == Placement::Kind::memory;
        const bool direct = p.kind == Placement::Kind::bank &&
                            holds(abi::direct_base + p.bank * bank_bytes + record.address);
        const bool global = one && holds(value(chip.map().address(place_of(record, 0))));
        if (holds(record.address) || direct || global) named.push_back(id);
    }
    return named;
}

std::optional<std::uint64_t> Allocations::number_of(const Placement& placement,
                                                    std::uint64_t address) const {
    const std::lock_guard lock(tables);
    for (const auto& [id, record] : records) {
        if (record.placement == placement && record.address == address) return id;
    }
    return std::nullopt;
}

void Allocations::list_l1(std::vector<Holding>& all) const {
    for (const auto& entry : records) {
        const Allocation& record = entry.second;
        const Placement& placement = record.placement;
        const auto add = [&](TileId tile) {
            all.push_back({Resource::l1(tile, record.address, record.bank_bytes),
                           "a buffer of " + std::to_string(record.bytes) + " bytes"});
        };
        if (placement.kind == Placement::Kind::l1) add(placement.tile);
        if (placement.kind != Placement::Kind::all_l1) continue;
        for (std::uint32_t t = 0; t < chip.config().tile_count(); ++t)
            add(chip.config().tile_id(t));
    }
}

bool Allocations::take(const Allocation& record) {
    const std::span<Allocator> places = memories(record.placement);
    const auto fits = [&](const Allocator& a) {
        return record.bank_bytes != 0 && a.is_free(record.address, record.bank_bytes);
    };
    if (places.empty() || record.placement.page_bytes == 0 || !std::ranges::all_of(places, fits))
        return false;
    for (Allocator& place : places) place.take(record.address, record.bank_bytes);
    return true;
}

std::uint64_t Allocations::pin(std::span<std::byte> memory, std::shared_ptr<const void> owner) {
    const std::lock_guard lock(tables);
    const Allocation record{.placement = {.kind = Placement::Kind::host},
                            .address = chip.pin(memory),
                            .bytes = memory.size(),
                            .bank_bytes = memory.size()};
    records.emplace(next_id, record);
    if (owner) owners.emplace(next_id, std::move(owner));
    return next_id++;
}

MemoryRef Allocations::place_of(const Allocation& record, std::uint64_t offset) const {
    const Placement& p = record.placement;
    const std::uint64_t at = record.address + offset;
    if (p.kind == Placement::Kind::l1) return {MemoryKind::tile_l1, chip.tile_index(p.tile), at};
    return {p.kind == Placement::Kind::bank ? MemoryKind::dram : p.memory, p.bank, at};
}

std::string Allocations::describe_owner(const MemoryRef& place) const {
    const std::lock_guard lock(tables);
    for (const auto& [id, record] : records) {
        const bool inside =
            place.offset >= record.address && place.offset - record.address < record.bank_bytes;
        const Placement::Kind kind = record.placement.kind;
        const bool spread = kind == Placement::Kind::interleaved ? place.kind == MemoryKind::dram
                            : kind == Placement::Kind::all_l1    ? place.kind == MemoryKind::tile_l1
                                                                 : false;
        const bool one = !spread && kind != Placement::Kind::host &&
                         kind != Placement::Kind::interleaved && kind != Placement::Kind::all_l1 &&
                         place_of(record, 0).kind == place.kind &&
                         place_of(record, 0).index == place.index;
        if (inside && (spread || one)) {
            return "a buffer of " + std::to_string(record.bytes) + " bytes from " +
                   std::to_string(record.address) + " on";
        }
    }
    return {};
}

std::span<std::byte> Allocations::in_place(const Allocation& record) {
    switch (record.placement.kind) {
        case Placement::Kind::bank:
        case Placement::Kind::l1:
        case Placement::Kind::memory:
            return chip.in_place(place_of(record, 0), record.bytes);
        case Placement::Kind::host:
            return chip.pinned_memory(record.address);
        case Placement::Kind::interleaved:
        case Placement::Kind::all_l1:
            break;
    }
    throw UnsupportedError(
        "the pages of the buffer go round several memories, so there is no view of it; allocate it "
        "in one memory, or copy it");
}

void Allocations::note_views() {
    const std::lock_guard lock(tables);
    for (const auto& [id, count] : views) {
        const auto record = records.find(id);
        if (record != records.end()) in_place(record->second);
    }
}

bool Allocations::knows(std::uint64_t id, const Allocation& record) const {
    return find(id) == record;
}

std::optional<Allocation> Allocations::find(std::uint64_t id) const {
    const std::lock_guard lock(tables);
    const auto found = records.find(id);
    return found == records.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const void> Allocations::give_back(std::uint64_t id, const Allocation& record,
                                                   bool forgets) {
    const auto found = records.find(id);
    if (found == records.end() || found->second != record) return nullptr;
    if (forgets) {
        mark_undefined(record);
        close(record);
    }
    if (record.placement.kind == Placement::Kind::host) {
        chip.unpin(static_cast<std::uint32_t>(record.address));
    }
    for (Allocator& place : memories(record.placement)) place.release(record.address);
    handles.erase(id);
    records.erase(found);
    auto owner = owners.extract(id);
    return owner.empty() ? nullptr : std::move(owner.mapped());
}

void Allocations::release(std::uint64_t id, const Allocation& record) {
    std::shared_ptr<const void> owner;  // outlives the lock
    const std::lock_guard lock(tables);
    owner = give_back(id, record, true);
}

void Allocations::write(const Allocation& record, std::uint64_t offset,
                        std::span<const std::byte> data) {
    if (record.placement.kind == Placement::Kind::host) {
        std::ranges::copy(
            data, chip.pinned_memory(record.address).begin() + static_cast<std::ptrdiff_t>(offset));
        return;
    }
    for_each_piece(record, offset, data.size(),
                   [&](const MemoryRef& place, std::uint64_t done, std::uint64_t n) {
                       chip.write(place, data.subspan(done, n));
                   });
}

void Allocations::read(const Allocation& record, std::uint64_t offset,
                       std::span<std::byte> data) const {
    if (record.placement.kind == Placement::Kind::host) {
        std::ranges::copy(chip.pinned_memory(record.address).subspan(offset, data.size()),
                          data.begin());
        return;
    }
    for_each_piece(record, offset, data.size(),
                   [&](const MemoryRef& place, std::uint64_t done, std::uint64_t n) {
                       chip.read(place, data.subspan(done, n));
                   });
}

AllocationHandle::~AllocationHandle() {
    if (const auto owner = device.lock()) owner->drop(id, record);
}

std::shared_ptr<AllocationHandle> handle(const std::shared_ptr<DeviceState>& state,
                                         std::uint64_t id) {
    std::shared_ptr<AllocationHandle> before;  // outlives the lock
    const std::lock_guard lock(state->tables);
    const auto found = state->memory.records.find(id);
    if (found == state->memory.records.end()) return nullptr;
    const Allocation& record = found->second;
    std::weak_ptr<AllocationHandle>& known = state->memory.handles[id];
    before = known.lock();
    // After a restore the number may be that of something else.
    if (before != nullptr && before->record == record) return before;
    auto allocation = std::make_shared<AllocationHandle>(state, id, record);
    known = allocation;
    return allocation;
}

}  // namespace tilewright::detail
