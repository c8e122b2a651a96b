// What changed from one snapshot to another: the pages of memory that differ, and all the rest.
#include <cstring>
#include <map>
#include <string>

#include "runtime/snapshot_header.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

constexpr std::array<char, 8> magic = {'t', 'w', 's', 't', 'e', 'p', '\n', '\0'};

struct Header {
    std::array<char, 8> magic{};
    std::uint64_t base = 0;      ///< checksum of the snapshot that the changes are from ...
    std::uint64_t result = 0;    ///< ... and of the one that they lead to
    std::uint64_t checksum = 0;  ///< of what follows
};

template <class Archive>
void fields(Archive& archive, Header& h) {
    archive(h.magic, h.base, h.result, h.checksum);
}

constexpr std::size_t header_bytes = 32;

using Bytes = std::span<const std::byte>;

/// A snapshot in its parts: everything up to the pages, the pages, and what ends them.
struct Parts {
    Bytes front;
    Bytes pages;
    Bytes end;
};

Parts split(Bytes snapshot) {
    const SnapshotHeader header = read_snapshot_header(snapshot);
    const std::uint64_t pages = std::uint64_t{header.pages} * snapshot_page_bytes;
    const std::uint64_t end = sizeof(std::uint64_t);
    if (pages + end > snapshot.size() - SnapshotHeader::size) {
        throw SnapshotError("snapshot: it has no room for its " + std::to_string(header.pages) +
                            " pages");
    }
    const std::size_t first = snapshot.size() - end - pages;
    return {snapshot.first(first), snapshot.subspan(first, pages), snapshot.last(end)};
}

std::uint64_t offset_of(Bytes page) {
    std::uint64_t offset = 0;
    std::memcpy(&offset, page.data(), sizeof offset);
    return offset;
}

/// Pages with their offsets in front, by offset.
std::map<std::uint64_t, Bytes> by_offset(Bytes pages) {
    std::map<std::uint64_t, Bytes> result;
    for (std::size_t at = 0; at < pages.size(); at += snapshot_page_bytes) {
        const Bytes page = pages.subspan(at, snapshot_page_bytes);
        result.emplace(offset_of(page), page);
    }
    return result;
}

}  // namespace

SnapshotChanges changes(const Snapshot& base, const Snapshot& later) {
    const auto known = by_offset(split(base.bytes).pages);
    const Parts parts = split(later.bytes);

    ArchiveWriter body;
    body(std::vector<std::byte>(parts.front.begin(), parts.front.end()));
    body(std::uint64_t{parts.pages.size() / snapshot_page_bytes});
    for (std::size_t at = 0; at < parts.pages.size(); at += snapshot_page_bytes) {
        const Bytes page = parts.pages.subspan(at, snapshot_page_bytes);
        const auto before = known.find(offset_of(page));
        const bool same = before != known.end() &&
                          std::memcmp(before->second.data(), page.data(), page.size()) == 0;
        body(same);
        body.raw(same ? page.first(sizeof(std::uint64_t)) : page);
    }
    const std::vector<std::byte> bytes = body.take();
    ArchiveWriter archive;
    archive(Header{magic, read_snapshot_header(base.bytes).checksum,
                   read_snapshot_header(later.bytes).checksum, checksum(bytes)});
    archive.raw(bytes);
    return {archive.take()};
}

Snapshot apply(const Snapshot& base, const SnapshotChanges& changes) {
    const SnapshotHeader base_header = read_snapshot_header(base.bytes);
    const Bytes bytes = changes.bytes;
    if (bytes.size() < header_bytes) {
        throw SnapshotError("snapshot changes: " + std::to_string(bytes.size()) +
                            " bytes are less than their header");
    }
    Header header;
    ArchiveReader(bytes.first(header_bytes))(header);
    if (header.magic != magic) {
        throw SnapshotError("snapshot changes: these bytes are no changes of a snapshot");
    }
    if (header.checksum != checksum(bytes.subspan(header_bytes))) {
        throw SnapshotError("snapshot changes: they are damaged (the checksum is wrong)");
    }
    if (header.base != base_header.checksum) {
        throw SnapshotError("snapshot changes: they are from another snapshot than this one");
    }
    const auto known = by_offset(split(base.bytes).pages);
    ArchiveReader body(bytes.subspan(header_bytes));
    std::vector<std::byte> front;
    std::uint64_t count = 0;
    body(front, count);
    ArchiveWriter result;
    result.raw(front);
    for (std::uint64_t i = 0; i < count; ++i) {
        bool same = false;
        body(same);
        if (!same) {
            result.raw(body.raw(snapshot_page_bytes));
            continue;
        }
        const auto page = known.find(offset_of(body.raw(sizeof(std::uint64_t))));
        if (page == known.end()) throw SnapshotError("snapshot changes: a page of nowhere");
        result.raw(page->second);
    }
    result.raw(split(base.bytes).end);
    Snapshot snapshot{result.take()};
    if (!body.at_end() || read_snapshot_header(snapshot.bytes).checksum != header.result) {
        throw SnapshotError("snapshot changes: they do not lead to the snapshot they name");
    }
    return snapshot;
}

}  // namespace tilewright
