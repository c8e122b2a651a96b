// Functions of the vector unit are written for the vendor's compiler, but those that are made of
// instructions: these constants, of its modes, are all that they take from its sfpi.
#pragma once

#include "tilewright/kernel/tensix/vector.hpp"

#define sfpi_inline [[gnu::always_inline]] inline

namespace sfpi {

inline constexpr unsigned SFPLOADI_MOD0_FLOATB = 0, SFPLOADI_MOD0_USHORT = 2,
                          SFPLOADI_MOD0_UPPER = 8, SFPLOADI_MOD0_LOWER = 10;
inline constexpr unsigned SFPLOAD_MOD0_FMT_SRCB = 0, SFPSTORE_MOD0_FMT_SRCB = 0;
inline constexpr unsigned SFPSETCC_MOD1_LREG_LT0 = 0, SFPSETCC_MOD1_LREG_NE0 = 2,
                          SFPSETCC_MOD1_LREG_GTE0 = 4, SFPSETCC_MOD1_LREG_EQ0 = 6;
inline constexpr unsigned SFPENCC_IMM12_BOTH = 3, SFPENCC_MOD1_EI_RI = 10;
inline constexpr unsigned SFPIADD_MOD1_ARG_IMM = 1, SFPIADD_MOD1_CC_NONE = 4;
inline constexpr unsigned SFPSHFT2_MOD1_SUBVEC_SHFLROR1 = 3;

/// A constant of the unit, by register 0.
struct Constant {
    void operator=(std::uint32_t bits) const {
        namespace engine = tilewright::kernel::tensix;
        engine::vector::set(0, bits);
        engine::issue(engine::op::sfpconfig{.vd = 12});
    }
};
inline constexpr Constant vConstIntPrgm0;

}  // namespace sfpi
