// Where the fields of the engine's configuration registers lie, on each architecture.
//
// The simulator reads them, kernels write them; so it is freestanding: constants.
// Source: the vendor's register descriptions for each architecture.
#pragma once

#include <cstdint>

namespace tilewright::tensix {

struct Place {
    std::uint16_t word;
    std::uint8_t low;
    std::uint8_t width;
};

/// A field of the configuration that all threads share (two banks).
struct ConfigField {
    Place places[2];  ///< by Architecture
    constexpr ConfigField(Place wormhole, Place blackhole) : places{wormhole, blackhole} {}
    constexpr explicit ConfigField(Place both) : places{both, both} {}
    /// The same field of the i-th of registers that follow one another.
    constexpr ConfigField at(unsigned i) const {
        ConfigField moved = *this;
        for (Place& place : moved.places) place.word = static_cast<std::uint16_t>(place.word + i);
        return moved;
    }
};

/// A field of the threads' own configuration.
using ThreadField = ConfigField;

namespace config {

// ALU
inline constexpr ConfigField a_format_override_value({0, 0, 4});
inline constexpr ConfigField a_format_override({0, 4, 1});
inline constexpr ConfigField b_format_override_value({0, 5, 4});
inline constexpr ConfigField b_format_override({0, 9, 1});
inline constexpr ConfigField dst_format_override_value({0, 10, 4});
inline constexpr ConfigField dst_format_override({0, 14, 1});
inline constexpr ConfigField stochastic_rounding({1, 0, 3});
inline constexpr ConfigField a_unsigned({1, 15, 1});
inline constexpr ConfigField b_unsigned({1, 16, 1});
inline constexpr ConfigField a_format({1, 17, 4});
inline constexpr ConfigField b_format({1, 21, 4});
inline constexpr ConfigField dst_format({1, 25, 4});
inline constexpr ConfigField fp32_dst({1, 29, 1});
inline constexpr ConfigField fp32_vector({1, 30, 1});
inline constexpr ConfigField int8_math({1, 31, 1});
inline constexpr ConfigField keep_source_denormals({2, 0, 1});
inline constexpr ConfigField relu_mode({2, 2, 4});
inline constexpr ConfigField relu_threshold({2, 6, 16});
inline constexpr ConfigField dst_base({6, 0, 16});
inline constexpr ConfigField descale({7, 0, 1}, {8, 0, 1});

// Packers
inline constexpr ConfigField pack_x_stride({8, 0, 12}, {12, 0, 16});
inline constexpr ConfigField pack_y_stride({8, 12, 12}, {12, 16, 16});
inline constexpr ConfigField pack_z_stride({9, 0, 12}, {13, 0, 16});
inline constexpr ConfigField pack_w_stride({9, 12, 16}, {13, 16, 16});
inline constexpr ConfigField pack_out_y_stride({10, 12, 12}, {14, 16, 16});
inline constexpr ConfigField pack_out_z_stride({11, 0, 12}, {15, 0, 16});
inline constexpr ConfigField pack_out_w_stride({11, 12, 16}, {15, 16, 16});
inline constexpr ConfigField pack_base({12, 0, 16}, {16, 0, 18});
inline constexpr ConfigField pack_out_base({13, 0, 16}, {17, 0, 18});
inline constexpr ConfigField pack_reads_32_bits({14, 0, 1}, {18, 0, 1});
inline constexpr ConfigField pack_reads_unsigned({14, 1, 1}, {18, 1, 1});
inline constexpr ConfigField pack_reads_raw({14, 2, 1}, {18, 2, 1});
inline constexpr ConfigField pack_rounds_to_10_bits({14, 3, 1}, {18, 3, 1});
inline constexpr ConfigField edge_uses_faces({15, 8, 1}, {19, 8, 1});
inline constexpr ConfigField edge_row_sets({16, 0, 32}, {20, 0, 32});  ///< .at(set)
inline constexpr ConfigField edge_mask({20, 0, 16}, {24, 0, 16});      ///< .at(0 to 3)
inline constexpr ConfigField edge_is_infinite({20, 16, 1}, {24, 16, 1});
inline constexpr ConfigField edge_row_set_of_packers({20, 17, 8}, {24, 17, 8});
inline constexpr ConfigField pack_rows_of_plane({24, 8, 8}, {28, 8, 8});   ///< .at(packer)
inline constexpr ConfigField pack_planes_first({24, 23, 1}, {28, 23, 1});  ///< .at(packer)
inline constexpr ConfigField pack_dst_offset({152, 0, 12}, {180, 0, 12});  ///< .at(packer)

// Unpackers
inline constexpr ConfigField unpack0_out_base({40, 16, 16}, {49, 0, 18});
inline constexpr ConfigField unpack1_out_base({48, 16, 16}, {61, 0, 18});
inline constexpr ConfigField unpack0_shared_exponent({41, 0, 8}, {50, 0, 8});
inline constexpr ConfigField unpack1_shared_exponent({49, 0, 8}, {62, 0, 8});
inline constexpr ConfigField unpack0_adds_counters({41, 8, 1}, {50, 8, 1});
inline constexpr ConfigField unpack_out_y_stride({44, 12, 12},
                                                 {56, 16, 16});              ///< .at(2 * unpacker)
inline constexpr ConfigField unpack_out_z_stride({45, 0, 12}, {57, 0, 16});  ///< .at(2 * unpacker)
inline constexpr ConfigField unpack_out_w_stride({45, 12, 16},
                                                 {57, 16, 16});  ///< .at(2 * unpacker)

// Registers with effects of their own, and others
inline constexpr ConfigField state_reset({4, 0, 32});
inline constexpr ConfigField random_seed({164, 0, 32}, {186, 0, 32});
inline constexpr ConfigField scratch({0, 0, 0}, {209, 0, 32});  ///< Blackhole, .at(0 to 2)
inline constexpr ConfigField dst_swizzle({0, 0, 0}, {220, 0, 1});
inline constexpr ConfigField dst_remap({0, 0, 0}, {220, 1, 1});
inline constexpr ConfigField zeroacc_absolute({0, 0, 0}, {220, 3, 1});

/// The registers that both the unpackers' and the packers' descriptions lie in: two sections.
inline constexpr ConfigField section0({52, 0, 32}, {64, 0, 32});
inline constexpr ConfigField section1({92, 0, 32}, {112, 0, 32});
/// From here on a write reaches both banks.
inline constexpr ConfigField first_global({152, 0, 32}, {180, 0, 32});
inline constexpr std::uint32_t words[2] = {188, 224};

}  // namespace config

namespace thread_config {

inline constexpr ThreadField bank({0, 0, 1});
inline constexpr ThreadField math_offset({1, 0, 12});
inline constexpr ThreadField upper_modes({2, 0, 1}, {0, 0, 0});
inline constexpr ThreadField own_a_format({0, 0, 0}, {2, 0, 1});  ///< not that of the bank
inline constexpr ThreadField own_b_format({0, 0, 0}, {3, 0, 1});
inline constexpr ThreadField a_first_set({3, 0, 2}, {5, 0, 2});
inline constexpr ThreadField a_row_from_address({3, 2, 1}, {5, 2, 1});
inline constexpr ThreadField b_first_set({4, 0, 2}, {6, 0, 2});
inline constexpr ThreadField keep_valid({5, 0, 2}, {7, 0, 2});  ///< bits: SrcA, SrcB
inline constexpr ThreadField fidelity({6, 0, 2}, {11, 0, 2});
inline constexpr ThreadField pack_modes({31, 0, 16}, {37, 0, 16});  ///< .at(mode)
inline constexpr ThreadField context_offset0({39, 0, 4}, {41, 0, 4});
inline constexpr ThreadField context_reset0({39, 4, 1}, {41, 4, 1});
inline constexpr ThreadField context_offset1({39, 8, 4}, {41, 8, 4});
inline constexpr ThreadField context_reset1({39, 12, 1}, {41, 12, 1});
inline constexpr ThreadField force_fp16({56, 0, 1}, {55, 0, 1});
inline constexpr std::uint32_t words[2] = {57, 68};

/// Address modes of the matrix and vector unit, .at(mode) but for the first on Wormhole, which is
/// every second register.
inline constexpr ThreadField source_modes({7, 0, 16}, {12, 0, 16});
inline constexpr ThreadField dst_modes({23, 0, 16}, {28, 0, 16});
inline constexpr ThreadField bias_modes({48, 0, 16}, {47, 0, 16});

}  // namespace thread_config

}  // namespace tilewright::tensix
