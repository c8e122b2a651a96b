// A device as bytes: a header that says what follows, then the chip and the allocations.
#include <cstring>

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "runtime/snapshot_header.hpp"
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

/// Values by number, as many as the archive says.
template <class T>
std::map<std::uint64_t, T> load_map(ArchiveReader& archive) {
    std::uint64_t count = 0;
    archive(count);
    std::map<std::uint64_t, T> values;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t number = 0;
        T value;
        archive(number, value);
        values.emplace(number, std::move(value));
    }
    return values;
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
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    state.memory.note_views();
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
        archive(state.memory.next_id, std::uint64_t{state.memory.records.size()});
        for (const auto& [id, record] : state.memory.records) archive(id, record);
        archive(std::uint64_t{state.leases.holdings().size()});
        for (const auto& [number, holding] : state.leases.holdings()) archive(number, holding);
    }
    save_launches(archive, state);
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
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const SnapshotHeader header = read_snapshot_header(bytes);
    if (header.config != config_hash(state.chip.config())) {
        throw SnapshotError("snapshot: it is of another chip than '" + state.chip.config().name +
                            "' as configured here");
    }

    ArchiveReader body(bytes.subspan(SnapshotHeader::size));
    std::uint64_t next_id = 0;
    body(next_id);
    auto records = load_map<detail::Allocation>(body);
    const auto holdings = load_map<Holding>(body);
    detail::LoadedLaunches launches = detail::load_launches(body);
    detail::QueuedWork work = detail::load_queued_work(body);

    std::map<std::uint64_t, std::shared_ptr<const void>> owners;  // outlive the lock
    std::unique_lock lock(state.tables);
    // Try it all in empty books before anything changes.
    detail::Allocations& memory = state.memory;
    const auto undo = [&, banks = memory.banks, hierarchy = memory.hierarchy,
                       leases = state.leases] {
        memory.banks = banks;
        memory.hierarchy = hierarchy;
        state.leases = leases;
    };
    try {
        memory.clear();
        state.leases = state.leases.next_edition(holdings);
        for (const auto& [id, record] : records) {
            if (!memory.take(record)) throw SnapshotError("snapshot: an allocation that cannot be");
        }
        book_claims(state.leases, work, launches);
        state.chip.load(body,
                        [&](std::span<const std::uint32_t> crossings, const EngineState& engines) {
                            check(work, launches.launches, crossings, engines, records);
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
    memory.records = std::move(records);
    owners.swap(memory.owners);
    memory.next_id = std::max(memory.next_id, next_id);
    detail::for_each_claim(work, launches.launches,
                           [&](const detail::HeldClaim& held) { held->booked(state_); });
    lock.unlock();
    memory.note_all_bounds();
    state.callbacks.clear();
    state.launches.swap(launches.launches);
    state.next_launch = std::max(state.next_launch, launches.next);
    state.queues.adopt(std::move(work));
}

}  // namespace tilewright
