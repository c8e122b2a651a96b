// What a device owns behind its handles. Buffers refer to it weakly: closing the device ends them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "runtime/allocator.hpp"
#include "runtime/queues.hpp"
#include "runtime/running.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/buffer.hpp"
#include "tilewright/sim/observer_group.hpp"

namespace tilewright::detail {

/// One piece of allocated memory.
struct Record {
    Placement placement;
    std::uint64_t address = 0;     ///< offset in each bank, or in the L1
    std::uint64_t bytes = 0;       ///< as the user asked
    std::uint64_t bank_bytes = 0;  ///< taken in each bank, or in the L1
    bool operator==(const Record&) const = default;
};

template <class Archive>
void fields(Archive& archive, Record& r) {
    archive(r.placement.kind, r.placement.bank, r.placement.tile.x, r.placement.tile.y,
            r.placement.page_bytes, r.placement.from_top, r.placement.memory, r.address, r.bytes,
            r.bank_bytes);
}

struct Allocation;

struct DeviceState {
    explicit DeviceState(const ChipConfig& config);

    /// AddressError if there is no such place, or no room at the address; OutOfMemoryError if
    /// there is no room in it.
    std::uint64_t allocate(std::uint64_t bytes, const Placement& placement,
                           std::optional<std::uint64_t> address = std::nullopt);
    void forget_contents(const Record& record);
    /// Whether the number is that of this allocation; after a restore it may be another one's.
    bool knows(std::uint64_t id, const Record& record) const;
    std::optional<Record> find(std::uint64_t id) const;
    /// Nothing happens if the number now belongs to something else.
    void release(std::uint64_t id, const Record& record);
    /// The last handle is gone, in any thread. Memory of the host that is pinned stays so while
    /// another thread uses the device.
    void drop(std::uint64_t id, const Record& record);
    /// Takes what the record says, with the tables locked; false if it does not fit.
    bool take(const Record& record);
    /// Likewise gives it back. What owned it is returned, to be let go when nothing is locked.
    std::shared_ptr<const void> give_back(std::uint64_t id, const Record& record);

    /// The memories that the pages of a buffer go round: DRAM banks, or L1s by tile number.
    std::span<Allocator> memories(const Placement& placement);
    /// Where byte `offset` of a record lies that is all in one memory of the chip.
    MemoryRef place_of(const Record& record, std::uint64_t offset) const;
    /// Calls f(place, offset in the range, bytes) for each piece of a record that lies on the chip.
    template <class F>
    void for_each_piece(const Record& record, std::uint64_t offset, std::uint64_t bytes,
                        F&& f) const;

    /// The bytes of an allocation that lies in one memory; UnsupportedError otherwise.
    std::span<std::byte> in_place(const Record& record);
    /// What views may have changed unseen.
    void note_views();

    /// Lets kernels reach memory of the host, which the owner, if any, keeps.
    std::uint64_t pin(std::span<std::byte> memory, std::shared_ptr<const void> owner);

    void write(const Record& record, std::uint64_t offset, std::span<const std::byte> data);
    void read(const Record& record, std::uint64_t offset, std::span<std::byte> data) const;

    /// The command with this notice has ended: its callback, which is forgotten here.
    std::function<void()> take_callback(std::uint64_t notice);

    /// No kernels, no transfers, no commands.
    void stop_everything();

    ObserverGroup observers;  ///< the chip tells them, so they come before it
    Chip chip;

    void forbid_calls(std::uint32_t number);

    bool in_use_elsewhere() const;  ///< by another thread; `tables` is locked
    bool enter();                   ///< false if another thread uses the device
    void leave();

    // What other threads look at and drop handles from is guarded by `tables`, under which nothing
    // is destroyed that somebody else has made.
    mutable std::mutex tables;
    std::atomic<std::thread::id> user{};  ///< who uses the device (turn.hpp), if anybody does
    std::vector<Allocator> banks;
    std::vector<Allocator> l1s;
    std::array<std::vector<Allocator>, memory_kind_count> hierarchy;  ///< the others, by kind
    std::map<std::uint64_t, Record> records;
    std::map<std::uint64_t, std::shared_ptr<const void>> owners;  ///< of pinned memory, by number
    std::map<std::uint64_t, std::weak_ptr<Allocation>> handles;
    std::map<std::uint64_t, std::uint32_t> views;           ///< how many there are of an allocation
    std::vector<std::pair<std::uint64_t, Record>> dropped;  ///< pinned, to be given back
    std::vector<std::uint32_t> forbidden;  ///< images that may not be called from then on
    std::uint64_t next_id = 1;

    std::uint32_t semaphores = 0;
    std::uint32_t flags = 0;                                   ///< of engines, that are taken
    std::map<std::uint64_t, std::function<void()>> callbacks;  ///< by notice
    std::uint64_t next_notice = 1;
    std::vector<Group> groups;  ///< under way, or of a launch that finish() has not reported yet
    Queues queues;
};

/// What a Buffer shares between its copies.
struct Allocation {
    Allocation(std::weak_ptr<DeviceState> owner, std::uint64_t number, const Record& what)
        : device(std::move(owner)), id(number), record(what) {}
    ~Allocation();
    Allocation(const Allocation&) = delete;
    Allocation& operator=(const Allocation&) = delete;

    std::weak_ptr<DeviceState> device;
    std::uint64_t id;
    Record record;
};

/// What the buffers of that number share: what there is already, if somebody holds one; nothing if
/// it has just been dropped.
std::shared_ptr<Allocation> handle(const std::shared_ptr<DeviceState>& state, std::uint64_t id);

template <class F>
void DeviceState::for_each_piece(const Record& record, std::uint64_t offset, std::uint64_t bytes,
                                 F&& f) const {
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
