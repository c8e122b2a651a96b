// Who has what of a chip: tiles, cores, flags of the engines, ranges of L1.
//
//     tilewright::Lease tables = device.lease(Resource::l1({0, 0}, 0x20000, 4096), "my tables");
//
// Buffers, circular buffers, semaphores, flags, stories and kernels are in the same book. Who comes
// second is refused with an error that names both.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"

namespace tilewright {

namespace detail {
struct LeaseHandle;
}  // namespace detail

struct Resource {
    enum class Kind : std::uint8_t {
        tile,       ///< all its cores and all its L1 that is not reserved
        core,       ///< what runs there
        flag,       ///< of the engines
        l1,         ///< a range of the L1 of one tile, at or above abi::l1_user_base
        semaphore,  ///< a word of reserved L1, in every tile
    };
    Kind kind = Kind::tile;
    CoreId core{};              ///< for Kind::core; for Kind::tile and Kind::l1 its tile
    std::uint32_t number = 0;   ///< for Kind::flag and Kind::semaphore
    std::uint64_t address = 0;  ///< for Kind::l1
    std::uint64_t bytes = 0;    ///< for Kind::l1

    static Resource tile(TileId tile) { return {.kind = Kind::tile, .core = {tile, 0}}; }
    static Resource of_core(CoreId core) { return {.kind = Kind::core, .core = core}; }
    static Resource flag(std::uint32_t number) { return {.kind = Kind::flag, .number = number}; }
    static Resource l1(TileId tile, std::uint64_t address, std::uint64_t bytes) {
        return {.kind = Kind::l1, .core = {tile, 0}, .address = address, .bytes = bytes};
    }
    bool operator==(const Resource&) const = default;
};
constexpr Resource::Kind last_of(Resource::Kind) {
    return Resource::Kind::semaphore;
}
/// As messages name it, such as "core (0, 0, 1)".
TILEWRIGHT_API std::string describe(const Resource& resource);

/// A line of the book.
struct Holding {
    Resource resource;
    std::string holder;
};

/// A handle; copies are the same lease, which ends when the last one goes, or by release(). One
/// that has outlived its device is harmless.
class TILEWRIGHT_API Lease {
public:
    Lease() = default;
    bool valid() const;                 ///< taken, not given back, and the device is open
    void release();                     ///< harmless when done twice
    const Resource& resource() const;   ///< Error if it was never taken
    const std::string& holder() const;  ///< likewise

private:
    friend class Device;
    explicit Lease(std::shared_ptr<detail::LeaseHandle> handle) : handle_(std::move(handle)) {}
    std::shared_ptr<detail::LeaseHandle> handle_;
};

}  // namespace tilewright
