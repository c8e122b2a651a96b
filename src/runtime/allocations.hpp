// The memory of a chip in the hands of the host: what is allocated where, and the bytes of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "runtime/allocator.hpp"
#include "runtime/leases.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/buffer.hpp"

namespace tilewright::detail {

struct DeviceState;
struct AllocationHandle;

/// One piece of allocated memory.
struct Allocation {
    Placement placement;
    std::uint64_t address = 0;     ///< offset in each bank, or in the L1
    std::uint64_t bytes = 0;       ///< as the user asked
    std::uint64_t bank_bytes = 0;  ///< taken in each bank, or in the L1
    bool operator==(const Allocation&) const = default;
};

template <class Archive>
void fields(Archive& archive, Allocation& r) {
    archive(r.placement.kind, r.placement.bank, r.placement.tile.x, r.placement.tile.y,
            r.placement.page_bytes, r.placement.from_top, r.placement.memory, r.address, r.bytes,
            r.bank_bytes);
}

struct Allocations {
    Allocations(Chip& chip, Leases& leases, std::mutex& tables);

    /// AddressError if there is no such place or no room in it, or at the address, if there is one.
    std::uint64_t allocate(std::uint64_t bytes, const Placement& placement,
                           std::optional<std::uint64_t> address = std::nullopt);
    void mark_undefined(const Allocation& record);
    /// For the check `buffers`: of a buffer what is its own and what is padding; of all of them,
    /// when the check begins or the chip forgets.
    void note_bounds(std::uint64_t id, const Allocation& record);
    void note_all_bounds();
    void close(const Allocation& record);
    /// Of those in which a number of any kind lies: in a bank, an L1, the unified map or the window
    /// of direct memory; and of what lies there.
    std::vector<std::uint64_t> named_by(std::uint64_t number) const;
    std::optional<std::uint64_t> number_of(const Placement& placement, std::uint64_t address) const;
    /// Whether the number is that of this allocation; after a restore it may be another one's.
    bool knows(std::uint64_t id, const Allocation& record) const;
    std::optional<Allocation> find(std::uint64_t id) const;
    /// Nothing happens if the number now belongs to something else.
    void release(std::uint64_t id, const Allocation& record);
    /// Takes what the record says, with the tables locked; false if it does not fit.
    bool take(const Allocation& record);
    /// Likewise gives it back. What owned it is returned, to be let go when nothing is locked. With
    /// `forgets`, for which nobody may use the chip, its bytes count as undefined from now on.
    std::shared_ptr<const void> give_back(std::uint64_t id, const Allocation& record,
                                          bool forgets = false);

    /// "a buffer of 64 bytes", if the byte lies in one.
    std::string describe_owner(const MemoryRef& place) const;

    /// Nothing is taken but L1s, which the leases hold.
    void clear();

    /// Adds what buffers have of L1s.
    void list_l1(std::vector<Holding>& all) const;

    /// The memories that the pages of a buffer go round: DRAM banks, or L1s by tile number.
    std::span<Allocator> memories(const Placement& placement);
    /// Where byte `offset` of a record lies that is all in one memory of the chip.
    MemoryRef place_of(const Allocation& record, std::uint64_t offset) const;
    /// Calls f(place) for each memory that it lies in, where it begins there: it takes
    /// `bank_bytes` of each.
    template <class F>
    void for_each_place(const Allocation& record, F&& f) const;
    /// Calls f(place, offset in the range, bytes) for each piece of a record that lies on the chip.
    template <class F>
    void for_each_piece(const Allocation& record, std::uint64_t offset, std::uint64_t bytes,
                        F&& f) const;

    /// The bytes of an allocation that lies in one memory; AddressError otherwise.
    std::span<std::byte> in_place(const Allocation& record);
    /// What views may have changed unseen.
    void note_views();

    /// Lets kernels reach memory of the host, which the owner, if any, keeps.
    std::uint64_t pin(std::span<std::byte> memory, std::shared_ptr<const void> owner);

    void write(const Allocation& record, std::uint64_t offset, std::span<const std::byte> data);
    void read(const Allocation& record, std::uint64_t offset, std::span<std::byte> data) const;

    Chip& chip;
    Leases& leases;  ///< which hold the L1s
    std::mutex& tables;
    std::vector<Allocator> banks;
    std::array<std::vector<Allocator>, memory_kind_count> hierarchy;  ///< the others, by kind
    std::map<std::uint64_t, Allocation> records;
    std::map<std::uint64_t, std::shared_ptr<const void>> owners;  ///< of pinned memory, by number
    std::map<std::uint64_t, std::weak_ptr<AllocationHandle>> handles;
    std::map<std::uint64_t, std::uint32_t> views;  ///< how many there are of an allocation
    std::uint64_t next_id = 1;
};

/// What a Buffer shares between its copies.
struct AllocationHandle {
    AllocationHandle(std::weak_ptr<DeviceState> owner, std::uint64_t number, const Allocation& what)
        : device(std::move(owner)), id(number), record(what) {}
    ~AllocationHandle();
    AllocationHandle(const AllocationHandle&) = delete;
    AllocationHandle& operator=(const AllocationHandle&) = delete;

    std::weak_ptr<DeviceState> device;
    std::uint64_t id;
    Allocation record;
};

/// What the buffers of that number share: what there is already, if somebody holds one; nothing if
/// it has just been dropped.
std::shared_ptr<AllocationHandle> handle(const std::shared_ptr<DeviceState>& state,
                                         std::uint64_t id);

template <class F>
void Allocations::for_each_place(const Allocation& record, F&& f) const {
    const auto everywhere = [&](MemoryKind kind, std::size_t count) {
        for (std::uint32_t i = 0; i < count; ++i) f(MemoryRef{kind, i, record.address});
    };
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            return everywhere(MemoryKind::dram, banks.size());
        case Placement::Kind::all_l1:
            return everywhere(MemoryKind::tile_l1, chip.config().tile_count());
        case Placement::Kind::bank:
        case Placement::Kind::l1:
        case Placement::Kind::memory:
            return f(place_of(record, 0));
        case Placement::Kind::host:  // what is there is the host's
            return;
    }
}

template <class F>
void Allocations::for_each_piece(const Allocation& record, std::uint64_t offset,
                                 std::uint64_t bytes, F&& f) const {
    const Placement::Kind kind = record.placement.kind;
    if (kind != Placement::Kind::interleaved && kind != Placement::Kind::all_l1) {
        f(place_of(record, offset), std::uint64_t{0}, bytes);
        return;
    }
    const MemoryKind memory =
        kind == Placement::Kind::all_l1 ? MemoryKind::tile_l1 : MemoryKind::dram;
    const std::uint64_t page = record.placement.page_bytes;
    const std::size_t count =
        kind == Placement::Kind::all_l1 ? chip.config().tile_count() : banks.size();
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t at = offset + done;
        const std::uint64_t piece = std::min(bytes - done, page - at % page);
        const std::uint64_t index = at / page;
        f(MemoryRef{memory, static_cast<std::uint32_t>(index % count),
                    record.address + index / count * page + at % page},
          done, piece);
        done += piece;
    }
}

}  // namespace tilewright::detail
