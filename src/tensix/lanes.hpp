// Lanes and registers of the vector unit, as its instructions use them.
#pragma once

#include <bit>
#include <string>

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// Registers below are written by instructions; 8 and above only by SFPCONFIG, or are constants.
inline constexpr unsigned written_registers = 8;
/// From here on a result means a template of a macro instruction.
inline constexpr unsigned first_template = 12;
inline constexpr unsigned all_lanes = ~0u;

/// Bits of the lanes' configuration that are modelled.
namespace lane_config {
inline constexpr std::uint32_t fp16_infinity = 1 << 0;
inline constexpr std::uint32_t no_templates = 1 << 1;
inline constexpr std::uint32_t index = 1 << 2;          ///< SFPSWAP moves indices, too
inline constexpr std::uint32_t capture_index = 1 << 3;  ///< SFPLOAD writes them
inline constexpr std::uint32_t exchange = 1 << 8;       ///< SFPSWAP compares the other way round
inline constexpr std::uint32_t modelled =
    fp16_infinity | no_templates | index | capture_index | exchange;
}  // namespace lane_config

/// A bit for each lane that takes part.
inline std::uint32_t enabled_lanes(const VectorState& vector) {
    return ~vector.use_flags | vector.flags;
}

template <class Use>
void each_lane(std::uint32_t lanes, Use&& use) {
    for (; lanes != 0; lanes &= lanes - 1) use(static_cast<unsigned>(std::countr_zero(lanes)));
}

inline void set_flag(VectorState& vector, unsigned lane, bool value) {
    vector.flags = (vector.flags & ~(1u << lane)) | (value ? 1u << lane : 0);
}

/// TensixFault for a result that would be a template of a macro instruction.
inline void check_result(const Context& context, std::string_view mnemonic, std::uint32_t vd) {
    const bool templates = (context.state.vector.lane_config & lane_config::no_templates) == 0;
    if (vd >= first_template && templates) {
        refuse(mnemonic, "register " + std::to_string(vd) +
                             " as result stands for a template of SFPLOADMACRO, which is not "
                             "modelled");
    }
}

/// vd = compute(lane) in all lanes that take part. Constants stay what they are.
template <class Compute>
void set_register(const Context& context, std::string_view mnemonic, std::uint32_t vd,
                  Compute&& compute) {
    check_result(context, mnemonic, vd);
    if (vd >= written_registers) return;
    VectorState& vector = context.state.vector;
    each_lane(enabled_lanes(vector),
              [&](unsigned lane) { vector.registers[vd][lane] = compute(lane); });
}

[[noreturn]] inline void refuse_mode(std::string_view mnemonic, std::uint32_t mode) {
    refuse(mnemonic, "mode " + std::to_string(mode) + " is reserved, or not modelled");
}

}  // namespace tilewright::tensix
