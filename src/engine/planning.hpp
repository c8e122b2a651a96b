// What the plans of all kinds of work have in common: operands in one memory each, what a result
// must keep to, and refusals that name the work.
#pragma once

#include <cstdint>
#include <string>

#include "tilewright/engine/work.hpp"

namespace tilewright::detail {

/// AddressError: a place that does not exist or that such work cannot use.
[[noreturn]] void refuse_place(const Work& work, const std::string& why);
/// ArgumentError: sizes or options that cannot be.
[[noreturn]] void refuse_argument(const Work& work, const std::string& why);

/// Rows `stride` bytes apart; 0: they follow each other.
Layout rows_of(std::uint64_t rows, std::uint64_t row_bytes, std::uint64_t stride);

/// ArgumentError unless it is a matrix of such elements.
void check_matrix(const Work& work, std::uint32_t height, std::uint32_t width,
                  std::uint32_t element_bytes);

/// The operand that begins at `address`. AddressError unless all of it lies in one memory.
Operand operand(const Work& work, const PlanContext& context, GlobalAddress address,
                const Layout& layout);

/// AddressError if engines may not write there, or its rows overlap each other.
void check_result(const Work& work, const PlanContext& context, const Operand& result);

inline bool on_chip(MemoryKind kind) {
    return kind != MemoryKind::host && kind != MemoryKind::dram;
}

/// The rate of a streaming command: the engine's, or that of the slower memory.
Rate slowest_of(Rate engine, const Plan& plan, const PlanContext& context);

// Pieces of descriptions.
std::string hex(GlobalAddress address);
std::string shape_of(std::uint32_t height, std::uint32_t width, std::uint32_t element_bytes);

}  // namespace tilewright::detail
