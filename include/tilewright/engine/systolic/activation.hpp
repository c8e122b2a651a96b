// Activation functions, the same bits on every host.
//
// They are computed in double from +, -, * and / alone, each of which IEEE 754 defines to the bit,
// and rounded to float32 once: at most 0.51 units in the last place from the exact value. The
// host's libm is not used, because it differs from machine to machine.
//
//   relu     max(x, 0)
//   gelu     x * Phi(x), Phi the normal distribution (the exact form, not the one with tanh)
//   sigmoid  1 / (1 + e^-x)
//   tanh     (e^2x - 1) / (e^2x + 1)
//   silu     x * sigmoid(x)
//
// A NaN gives a NaN; infinities give the limits.
#pragma once

#include <cstdint>
#include <string_view>

#include "tilewright/base/export.hpp"

namespace tilewright {

enum class Activation : std::uint8_t { none, relu, gelu, sigmoid, tanh, silu };
constexpr Activation last_of(Activation) {
    return Activation::silu;
}

TILEWRIGHT_API std::string_view name_of(Activation activation);
/// ArgumentError lists the known names otherwise.
TILEWRIGHT_API Activation activation(std::string_view name);

float activate(Activation activation, float x);

}  // namespace tilewright
