// What a snapshot begins with, and where in it the pages of memory lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tilewright/base/archive.hpp"
#include "tilewright/memory/arena.hpp"

namespace tilewright {

inline constexpr std::array<char, 8> snapshot_magic = {'t', 'w', 's', 'n', 'a', 'p', '\n', '\0'};
inline constexpr std::uint32_t snapshot_version = 10;

struct SnapshotHeader {
    std::array<char, 8> magic = snapshot_magic;
    std::uint32_t version = snapshot_version;
    std::uint32_t pages = 0;     ///< of memory, at the end of what follows
    std::uint64_t config = 0;    ///< config_hash of the chip
    std::uint64_t bytes = 0;     ///< of what follows
    std::uint64_t checksum = 0;  ///< of what follows

    static constexpr std::size_t size = 40;
};

template <class Archive>
void fields(Archive& archive, SnapshotHeader& h) {
    archive(h.magic, h.version, h.pages, h.config, h.bytes, h.checksum);
}

/// The header of these bytes, with their length and checksum compared. SnapshotError otherwise.
SnapshotHeader read_snapshot_header(std::span<const std::byte> bytes);

/// A page in a snapshot: its offset in the chip's memories, then its bytes.
inline constexpr std::size_t snapshot_page_bytes = sizeof(std::uint64_t) + Arena::page_bytes;

}  // namespace tilewright
