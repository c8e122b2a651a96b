// The unified map: where each memory of a chip lies among its 64-bit global addresses.
//
// The memories of a kind lie one after another in a window of their own. The windows begin at fixed
// addresses, so that an address does not move with the configured capacities; where a configuration
// overflows its window, what follows moves up behind it:
//
//     host memory regions   0x0_0000_0000      scratchpads    0x1_8010_0000
//     external banks        0x1_0000_0000      L1 buffers     0x1_8020_0000
//     L3 tiles              0x1_8000_0000      page buffers   0x1_8030_0000
//     L2 banks              0x1_8008_0000      L1s of tiles   0x1_8040_0000
//
// A base that the configuration names is taken as it stands.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

class TILEWRIGHT_API AddressMap {
public:
    /// The memories of one kind: `count` of them, `bytes` each, from `base` on.
    struct Window {
        std::uint64_t base = 0;
        std::uint32_t count = 0;
        std::uint64_t bytes = 0;
        std::uint64_t size() const { return count * bytes; }
    };

    /// What a configuration asks for the memories of one kind.
    struct Request {
        const char* field = "";          ///< that sets the base, for messages
        std::uint64_t base = 0;          ///< as configured; 0: the default, or behind what is there
        std::uint64_t default_base = 0;  ///< of the window
        std::uint32_t count = 0;
        std::uint64_t bytes = 0;  ///< of each memory
    };
    using Requests = std::array<Request, memory_kind_count>;  ///< by kind

    /// ConfigError names the fields whose windows overlap.
    explicit AddressMap(const Requests& requests);

    const Window& window(MemoryKind kind) const {
        return windows_[static_cast<std::uint32_t>(kind)];
    }
    /// The memory in which all of these bytes lie. AddressError names the range if there is none,
    /// also where it reaches from one memory into the next or wraps around. A range of no bytes
    /// may lie at the end of a memory.
    MemoryRef resolve(GlobalAddress address, std::uint64_t bytes) const;
    /// The global address of a byte. AddressError unless there is such a memory and the byte lies
    /// in it, or at its end.
    GlobalAddress address(const MemoryRef& place) const;
    GlobalAddress address(MemoryKind kind, std::uint32_t index, std::uint64_t offset = 0) const {
        return address(MemoryRef{kind, index, offset});
    }
    /// AddressError names the memory or the range that does not exist.
    void check(const MemoryRef& place, std::uint64_t bytes) const;

private:
    std::array<Window, memory_kind_count> windows_;
};

}  // namespace tilewright
