// What a device owns behind its handles. Buffers refer to it weakly: closing the device ends them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "runtime/allocator.hpp"
#include "runtime/queues.hpp"
#include "runtime/running.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/buffer.hpp"

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
            r.placement.page_bytes, r.address, r.bytes, r.bank_bytes);
}

struct DeviceState {
    explicit DeviceState(const ChipConfig& config);

    /// AddressError if there is no such place or no room in it.
    std::uint64_t allocate(std::uint64_t bytes, const Placement& placement);
    void forget_contents(const Record& record);
    /// Nothing happens if the number now belongs to something else (after a restore).
    void release(std::uint64_t id, const Record& record);
    /// Takes what the record says; false if it does not fit.
    bool take(const Record& record);

    /// Calls f(bank, offset in the bank, offset in the buffer, bytes) for each page-wise piece.
    template <class F>
    void for_each_piece(const Record& record, std::uint64_t offset, std::uint64_t bytes,
                        F&& f) const;

    void write(const Record& record, std::uint64_t offset, std::span<const std::byte> data);
    void read(const Record& record, std::uint64_t offset, std::span<std::byte> data) const;

    /// No kernels, no transfers, no commands.
    void stop_everything();

    Chip chip;
    std::vector<Allocator> banks;
    std::vector<Allocator> l1s;
    std::map<std::uint64_t, Record> records;
    std::uint64_t next_id = 1;
    std::uint32_t semaphores = 0;
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

template <class F>
void DeviceState::for_each_piece(const Record& record, std::uint64_t offset, std::uint64_t bytes,
                                 F&& f) const {
    if (record.placement.kind == Placement::Kind::bank) {
        f(record.placement.bank, record.address + offset, std::uint64_t{0}, bytes);
        return;
    }
    const std::uint64_t page = record.placement.page_bytes;
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t at = offset + done;
        const std::uint64_t piece = std::min(bytes - done, page - at % page);
        const std::uint64_t index = at / page;
        f(static_cast<std::uint32_t>(index % banks.size()),
          record.address + index / banks.size() * page + at % page, done, piece);
        done += piece;
    }
}

}  // namespace tilewright::detail
