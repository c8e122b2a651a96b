// A piece of the chip's memory that the host allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

namespace detail {
struct DeviceState;
struct AllocationHandle;
}  // namespace detail

/// Where a buffer lies.
struct Placement {
    enum class Kind : std::uint8_t {
        interleaved,  ///< pages go round all DRAM banks
        bank,         ///< all of it in one DRAM bank
        l1,           ///< all of it in the L1 of one tile
        all_l1,       ///< pages go round the L1s of all tiles, row by row
        host,         ///< memory of the host that Device::pin() lets kernels reach
        memory,       ///< all of it in one memory of the hierarchy, which only engines reach
    };
    Kind kind = Kind::interleaved;
    std::uint32_t bank = 0;  ///< for Kind::bank; for Kind::memory the number among its kind
    TileId tile{};           ///< for Kind::l1
    /// For Kind::interleaved a multiple of noc_dram_alignment, for Kind::all_l1 of
    /// noc_l1_alignment.
    std::uint32_t page_bytes = 4096;
    /// In L1: take the highest free place instead of the lowest.
    bool from_top = false;
    MemoryKind memory = MemoryKind::scratchpad;  ///< for Kind::memory

    static Placement interleaved(std::uint32_t page_bytes = 4096) {
        return {.kind = Kind::interleaved, .page_bytes = page_bytes};
    }
    static Placement in_bank(std::uint32_t bank) { return {.kind = Kind::bank, .bank = bank}; }
    static Placement in_l1(TileId tile) { return {.kind = Kind::l1, .tile = tile}; }
    /// A buffer no longer than page_bytes * tiles takes the same page in every tile.
    static Placement in_all_l1(std::uint32_t page_bytes) {
        return {.kind = Kind::all_l1, .page_bytes = page_bytes};
    }
    /// In an L2 bank, a scratchpad, ... (or in a DRAM bank, as in_bank()).
    static Placement in_memory(MemoryKind kind, std::uint32_t index) {
        if (kind == MemoryKind::dram) return in_bank(index);
        return {.kind = Kind::memory, .bank = index, .memory = kind};
    }
    bool operator==(const Placement&) const = default;
};
constexpr Placement::Kind last_of(Placement::Kind) {
    return Placement::Kind::memory;
}

/// Bytes of the chip in the hands of the host, without a copy. They stay mapped as long as a copy
/// of `keep` lives, also when the device is closed. A kernel that waits for a word is not woken by
/// what the host changes here.
struct BufferView {
    std::span<std::byte> bytes;
    std::shared_ptr<const void> keep;
};

/// A handle; copies share the memory, which is given back when the last one goes, or by free().
/// Every call on a buffer that was freed, or whose device is closed, throws ClosedError.
class TILEWRIGHT_API Buffer {
public:
    Buffer() = default;
    std::uint64_t bytes() const;
    /// What it takes in each of the memories that its pages go round.
    std::uint64_t bytes_in_each() const;
    const Placement& placement() const;
    /// Offset inside each bank (DRAM), address in each L1, or address at the host's node.
    std::uint64_t address() const;
    /// Where cores reach it by loads and stores: in the direct-memory window, or in the L1 of its
    /// own tile. AddressError if it does not lie there in one piece.
    CoreAddress core_address() const;
    /// Where it begins in the unified map of the chip's memories, for engines and the host.
    /// AddressError for a buffer whose pages go round several memories, and for pinned memory.
    GlobalAddress global_address() const;
    /// What a kernel gets when this buffer is its argument. AddressError if it lies where the
    /// network does not reach.
    abi::BufferRef ref() const;

    /// Copy to or from the host, outside simulated time. AddressError if it does not fit.
    void write(std::span<const std::byte> data, std::uint64_t offset = 0) const;
    void read(std::span<std::byte> data, std::uint64_t offset = 0) const;

    /// Its memory in place, outside simulated time. UnsupportedError if it lies in several
    /// memories. As long as the view lives the buffer is not given back: free() throws BusyError.
    BufferView view() const;

    bool belongs_to(const std::shared_ptr<detail::DeviceState>& device) const;
    bool valid() const;  ///< neither freed nor of a closed device
    void free();         ///< harmless when done twice; Error while there are views
    std::string describe() const;

private:
    friend class Device;
    friend class Queue;
    explicit Buffer(std::shared_ptr<detail::AllocationHandle> allocation);
    std::shared_ptr<detail::DeviceState> live() const;
    std::shared_ptr<detail::AllocationHandle> allocation_;
};

/// A 32-bit word at the same address in the reserved L1 of every tile; kernels wait on it and add
/// to it, on their own tile or across the NoC. Lives as long as its device.
struct Semaphore {
    std::uint32_t address = 0;
    std::uint64_t device = 0;  ///< Device::serial() of the one it belongs to
};

}  // namespace tilewright
