// The name that programs of 2024 include; what it declares is in today's header, but for this.
#pragma once

#include <tt-metalium/util.hpp>

namespace tt::tt_metal::detail {

inline std::uint32_t TileSize(const DataFormat& format) {
    return tile_size(format);
}

}  // namespace tt::tt_metal::detail
