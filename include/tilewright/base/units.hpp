// Units and identifiers as types, so that a cycle is never added to an address by mistake.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace tilewright {

/// A point in, or a length of, simulated time: cycles of the chip clock.
enum class Cycle : std::uint64_t {};
constexpr Cycle last_of(Cycle) {
    return Cycle{~std::uint64_t{0}};
}

constexpr std::uint64_t count(Cycle c) {
    return static_cast<std::uint64_t>(c);
}
constexpr Cycle operator+(Cycle a, std::uint64_t n) {
    return Cycle{count(a) + n};
}
constexpr Cycle operator+(Cycle a, Cycle b) {
    return Cycle{count(a) + count(b)};
}
constexpr Cycle operator-(Cycle a, Cycle b) {
    return Cycle{count(a) - count(b)};
}
constexpr Cycle& operator+=(Cycle& a, std::uint64_t n) {
    return a = a + n;
}
constexpr auto operator<=>(Cycle a, Cycle b) {
    return count(a) <=> count(b);
}

/// A 32-bit address as a RISC-V core sees it (own L1 from 0, local memory, device registers).
enum class CoreAddress : std::uint32_t {};
/// A byte offset inside each bank of a DRAM, the same in every bank of an interleaved buffer.
enum class BankOffset : std::uint64_t {};
/// A 64-bit address of the unified map: what DMA engines and the host use.
enum class GlobalAddress : std::uint64_t {};
constexpr GlobalAddress last_of(GlobalAddress) {
    return GlobalAddress{~std::uint64_t{0}};
}

constexpr std::uint32_t value(CoreAddress a) {
    return static_cast<std::uint32_t>(a);
}
constexpr std::uint64_t value(BankOffset a) {
    return static_cast<std::uint64_t>(a);
}
constexpr std::uint64_t value(GlobalAddress a) {
    return static_cast<std::uint64_t>(a);
}

constexpr GlobalAddress operator+(GlobalAddress a, std::uint64_t bytes) {
    return GlobalAddress{value(a) + bytes};
}

/// A worker tile by its logical coordinates: x is the column, y the row, (0, 0) the first. Control
/// tiles stand in the row after the last.
struct TileId {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    auto operator<=>(const TileId&) const = default;
};

/// One RISC-V core: a tile and the index of the processor in it.
struct CoreId {
    TileId tile;
    std::uint16_t processor = 0;
    auto operator<=>(const CoreId&) const = default;
};

/// Units that work through queues of commands, beside the cores.
enum class EngineKind : std::uint8_t { dma, block_mover, streamer, systolic_array };
inline constexpr std::uint32_t engine_kind_count = 4;

/// One of them: a kind, and the number among those of its kind.
struct EngineId {
    EngineKind kind = EngineKind::dma;
    std::uint32_t index = 0;
    auto operator<=>(const EngineId&) const = default;
};

}  // namespace tilewright
