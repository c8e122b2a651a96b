// Settings of compute kernels, which are carried and not interpreted.
#pragma once

#include <cstdint>

enum class MathFidelity : std::uint8_t {
    LoFi = 0,
    HiFi2 = 2,
    HiFi3 = 3,
    HiFi4 = 4,
    Invalid = 0xFF
};
enum class UnpackToDestMode : std::uint8_t { UnpackToDestFp32, Default };
