// A device as bytes: a header that says what follows, then the chip and the allocations.
#include <cstring>

#include "runtime/device_state.hpp"
#include "runtime/snapshot_header.hpp"
#include "runtime/turn.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/memory/huge_pages.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

SnapshotHeader read_snapshot_header(std::span<const std::byte> bytes) {
    if (bytes.size() < SnapshotHeader::size) {
        throw SnapshotError("snapshot: " + std::to_string(bytes.size()) +
                            " bytes are less than its header");
    }
    SnapshotHeader header;
    ArchiveReader(bytes.first(SnapshotHeader::size))(header);
    const auto payload = bytes.subspan(SnapshotHeader::size);
    if (header.magic != snapshot_magic) {
        throw SnapshotError("snapshot: these bytes are not a snapshot");
    }
    if (header.version != snapshot_version) {
        throw SnapshotError("snapshot: version " + std::to_string(header.version) +
                            "; this library reads version " + std::to_string(snapshot_version));
    }
    if (header.bytes != payload.size() || header.checksum != checksum(payload)) {
        throw SnapshotError("snapshot: it is damaged (length or checksum is wrong)");
    }
    return header;
}

namespace {

/// Copy the archive to where the header ends, and return the checksum of it: each part while the
/// processor's cache still has it, so that memory is read and written once.
std::uint64_t write_payload(const ArchiveWriter& archive, std::span<std::byte> payload) {
    constexpr std::size_t part_bytes = 64 * 1024;
    Checksum sum;
    std::size_t copied = 0;
    std::size_t summed = 0;
    archive.each_piece([&](std::span<const std::byte> piece) {
        std::memcpy(payload.data() + copied, piece.data(), piece.size());
        copied += piece.size();
        if (copied - summed < part_bytes) return;
        sum.add(payload.subspan(summed, copied - summed));
        summed = copied;
    });
    sum.add(payload.subspan(summed));
    return sum.value();
}

}  // namespace

Snapshot Device::snapshot() const {
    Snapshot image;
    snapshot([&](std::size_t bytes) {
        image.bytes.reserve(bytes);
        prefer_huge_pages({image.bytes.data(), bytes});
        image.bytes.resize(bytes);
        return std::span(image.bytes);
    });
    return image;
}

void Device::snapshot(const std::function<std::span<std::byte>(std::size_t)>& memory) const {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    state.note_views();
    if (!state.callbacks.empty()) {
        throw SnapshotError(
            "snapshot: " + std::to_string(state.callbacks.size()) +
            " callbacks of the host wait for engines:" + state.chip.engines().describe_busy() +
            "\nfinish() them first; a callback cannot be saved");
    }
    SnapshotHeader header{.config = config_hash(state.chip.config())};
    ArchiveWriter archive;
    {
        const std::lock_guard lock(state.tables);
        archive(state.next_id, state.semaphores, state.flags, state.groups);
        archive(std::uint64_t{state.records.size()});
        for (const auto& [id, record] : state.records) archive(id, record);
    }
    save(archive, state.queues.work());
    header.pages = state.chip.save(archive);
    header.bytes = archive.size();
    const std::size_t bytes = SnapshotHeader::size + archive.size();
    const std::span<std::byte> to = memory(bytes);
    if (to.size() != bytes) {
        throw ArgumentError("snapshot: " + std::to_string(to.size()) + " bytes of memory for " +
                            std::to_string(bytes));
    }
    prefer_huge_pages(to);
    header.checksum = write_payload(archive, to.subspan(SnapshotHeader::size));
    ArchiveWriter front;
    front(header);
    std::memcpy(to.data(), front.take().data(), SnapshotHeader::size);
}

void Device::restore(std::span<const std::byte> bytes) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const SnapshotHeader header = read_snapshot_header(bytes);
    if (header.config != config_hash(state.chip.config())) {
        throw SnapshotError("snapshot: it is of another chip than '" + state.chip.config().name +
                            "' as configured here");
    }

    ArchiveReader body(bytes.subspan(SnapshotHeader::size));
    std::uint64_t next_id = 0;
    std::uint32_t semaphores = 0;
    std::uint32_t flags = 0;
    std::vector<detail::Group> groups;
    std::uint64_t record_count = 0;
    body(next_id, semaphores, flags, groups, record_count);
    std::map<std::uint64_t, detail::Record> records;
    for (std::uint64_t i = 0; i < record_count; ++i) {
        std::uint64_t id = 0;
        detail::Record record;
        body(id, record);
        records.emplace(id, record);
    }
    detail::QueuedWork work = detail::load_queued_work(body);
    for (const detail::Group& group : groups) {
        for (std::uint32_t core : group.running) {
            if (core >= state.chip.config().core_count()) {
                throw SnapshotError("snapshot: a launch that cannot be");
            }
        }
    }

    std::map<std::uint64_t, std::shared_ptr<const void>> owners;  // outlive the lock
    std::unique_lock lock(state.tables);
    // Try the allocations on empty allocators before anything changes.
    std::vector<detail::Allocator> banks = state.banks;
    std::vector<detail::Allocator> l1s = state.l1s;
    const auto hierarchy = state.hierarchy;
    const auto undo = [&] {
        state.banks = banks;
        state.l1s = l1s;
        state.hierarchy = hierarchy;
    };
    for (auto& memories : state.hierarchy) {
        for (detail::Allocator& memory : memories) memory.clear();
    }
    for (detail::Allocator& bank : state.banks) bank.clear();
    for (detail::Allocator& l1 : state.l1s) l1.clear();
    try {
        for (const auto& [id, record] : records) {
            if (!state.take(record)) throw SnapshotError("snapshot: an allocation that cannot be");
        }
        state.chip.load(body,
                        [&](std::span<const std::uint32_t> crossings, const EngineState& engines) {
                            check(work, groups, crossings, engines, records);
                            if (!body.at_end())
                                throw SnapshotError("snapshot: bytes are left over");
                        });
    } catch (const SnapshotError&) {
        undo();
        throw;
    } catch (const Error& error) {
        undo();
        throw SnapshotError(std::string("snapshot: ") + error.what());
    }
    state.records = std::move(records);
    owners.swap(state.owners);
    state.next_id = std::max(state.next_id, next_id);
    lock.unlock();
    state.semaphores = semaphores;
    state.flags = flags;
    state.callbacks.clear();
    state.groups = std::move(groups);
    state.queues.adopt(std::move(work));
}

}  // namespace tilewright
