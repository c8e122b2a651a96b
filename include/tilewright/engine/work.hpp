// What an engine can be told to do: one alternative for each kind of engine.
//
// A kind of engine is a folder: the struct of its work, which plans itself, its part of the
// configuration, and an alternative here. The rest (queueing, flags, time, contention, snapshots)
// is the same for all.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "tilewright/base/archive.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/engine/block_mover/block_move.hpp"
#include "tilewright/engine/dma/dma_copy.hpp"
#include "tilewright/engine/plan.hpp"
#include "tilewright/engine/streamer/stream_move.hpp"
#include "tilewright/engine/systolic/array_matmul.hpp"

namespace tilewright {

using Work = std::variant<DmaCopy, BlockMove, StreamMove, ArrayMatmul>;

/// Everything about the work is checked here: AddressError or ArgumentError name what does not
/// exist or fit.
Plan make_plan(const Work& work, const PlanContext& context);

/// The kind of engine that does such work, and its name in timelines ("copy", "transpose", ...).
EngineKind kind_of(const Work& work);
const char* verb_of(const Work& work);
/// Where it reads (the first operand) and writes, for reports.
std::pair<GlobalAddress, GlobalAddress> endpoints_of(const Work& work);
/// "copy of 1024 bytes from 0x100000000 to 0x180100000" and the like.
TILEWRIGHT_API std::string describe(const Work& work);

/// "DMA engine 1" and the like.
std::string engine_name(EngineId engine);

namespace detail {

template <class Archive, std::size_t... I>
void read_work(Archive& archive, Work& work, std::uint8_t index, std::index_sequence<I...>) {
    bool known = false;
    const auto read = [&]<std::size_t i>(std::integral_constant<std::size_t, i>) {
        if (index != i) return;
        known = true;
        archive(work.emplace<i>());
    };
    (read(std::integral_constant<std::size_t, I>{}), ...);
    if (!known) throw SnapshotError("snapshot: a command of an unknown kind");
}

}  // namespace detail

template <class Archive>
void archive_work(Archive& archive, Work& work) {
    auto index = static_cast<std::uint8_t>(work.index());
    archive(index);
    if constexpr (std::is_same_v<Archive, ArchiveWriter>) {
        std::visit([&](auto& w) { archive(w); }, work);
    } else {
        detail::read_work(archive, work, index,
                          std::make_index_sequence<std::variant_size_v<Work>>{});
    }
}

}  // namespace tilewright
