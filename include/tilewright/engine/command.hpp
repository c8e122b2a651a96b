// What an engine of the chip is told to do, and when: plain data, in a queue of each engine.
//
// A kind of engine is: a struct for its work, an alternative of Work, and the functions declared
// below for it. The rest (queueing, flags, time, contention, snapshots) is the same for all.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tilewright/base/archive.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/rate.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/engine/layout.hpp"
#include "tilewright/engine/movement.hpp"
#include "tilewright/engine/systolic/array_work.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

using Work = std::variant<DmaCopy, BlockMove, StreamMove, ArrayMatmul>;

/// A flag to wait for, until it is at least `value`.
struct FlagWait {
    std::uint32_t flag = ~0u;
    std::uint32_t value = 0;
};

struct EngineCommand {
    static constexpr std::uint32_t no_flag = ~0u;

    Work work;
    /// The engine waits until this flag is at least `wait_value`.
    std::uint32_t wait_flag = no_flag;
    std::uint32_t wait_value = 0;
    /// And for these.
    std::array<FlagWait, 2> more_waits{};
    /// When the command has ended, `done_increment` is added to this flag.
    std::uint32_t done_flag = no_flag;
    std::uint32_t done_increment = 1;
    /// If not 0, the host is told of the end by this number.
    std::uint64_t notice = 0;
};

/// One operand or the result of a command.
struct Side {
    MemoryRef place;
    Layout layout;
};

/// How a command takes place.
///
/// If it `streams`, operand 0 goes to the result in bursts, at `rate` or as fast as the memories
/// on its way allow. Otherwise it is a product on an array: operands 0 and 1 are the factors,
/// operand 2 the sums and operand 3 the bias, where there are any; pass_at() says what happens
/// when.
struct Plan {
    static constexpr std::uint32_t most_operands = 4;
    std::array<Side, most_operands> operands{};
    Side result;
    std::uint64_t setup_cycles = 0;
    bool streams = true;
    bool backwards = false;  ///< the last burst first: the destination overlaps what follows
    Rate rate{};             ///< of a streaming command, the memories' rates included
};

/// Everything about the command is checked here: AddressError or ArgumentError names what does not
/// exist or fit.
Plan make_plan(const Work& work, const AddressMap& map, const ChipConfig& config);

/// The kind of engine that does such work, and its name in timelines ("copy", "transpose", ...).
EngineKind kind_of(const Work& work);
const char* verb_of(const Work& work);
/// Where it reads (the first operand) and writes, for reports.
std::pair<GlobalAddress, GlobalAddress> ends_of(const Work& work);

/// "DMA engine 1" and the like.
std::string engine_name(EngineId engine);
/// "copy of 1024 bytes from 0x100000000 to 0x180100000" and the like.
std::string describe(const Work& work);

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
void fields(Archive& archive, FlagWait& w) {
    archive(w.flag, w.value);
}

template <class Archive>
void fields(Archive& archive, EngineCommand& c) {
    archive(c.wait_flag, c.wait_value, c.more_waits, c.done_flag, c.done_increment, c.notice);
    auto index = static_cast<std::uint8_t>(c.work.index());
    archive(index);
    if constexpr (std::is_same_v<Archive, ArchiveWriter>) {
        std::visit([&](auto& work) { archive(work); }, c.work);
    } else {
        detail::read_work(archive, c.work, index,
                          std::make_index_sequence<std::variant_size_v<Work>>{});
    }
}

}  // namespace tilewright
