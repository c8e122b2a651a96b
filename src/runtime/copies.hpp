// Copies between buffers: what DMA engines are told so that the bytes of one arrive in the other.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/engine/dma/dma_copy.hpp"

namespace tilewright::detail {

struct DeviceState;
struct Record;

/// A range of one buffer, and where it goes in another one. It fits both.
struct CopyRange {
    std::uint64_t from = 0;  ///< offset in the source
    std::uint64_t to = 0;    ///< offset in the destination
    std::uint64_t bytes = 0;
};

/// Transfers that make up the copy, in the order of their first bytes: one for each pair of
/// memories in which pages lie at regular distances, and more where the range begins or ends inside
/// a page. Neither buffer is pinned memory of the host.
std::vector<DmaCopy> plan_copy(const DeviceState& state, const Record& from, const Record& to,
                               const CopyRange& range);

}  // namespace tilewright::detail
