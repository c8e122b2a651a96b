// Says in the program's file, not in its code, what calls of the compute API do: which call the
// next instruction for the engine belongs to (abi::CallNote), for the check of such calls.
#pragma once

#include <cstdint>

#include "tilewright/firmware/abi.hpp"
#include "tilewright/metalium/compute/common.h"

namespace tilewright::metalium::compute {

namespace call_setup = abi::call_setup;
using What = abi::CallNote::What;
inline constexpr std::uint32_t no_buffer = abi::no_format << 8 | abi::no_format;

/// A buffer with its format, if the compiler knows it.
TILEWRIGHT_DEVICE std::uint32_t noted(std::uint32_t cb) {
    return cb | (tile_formats[cb].data_format & 0xfu) << 8;
}

/// Right before an instruction that is known when the kernel is compiled.
TILEWRIGHT_DEVICE void note(What what, std::uint32_t setup = 0, std::uint32_t first = no_buffer,
                            std::uint32_t second = no_buffer) {
    const std::uint32_t low = static_cast<std::uint32_t>(what) | setup << 8 | first << 16;
    if (__builtin_constant_p(low) && __builtin_constant_p(second)) {
        asm volatile(
            ".pushsection .tilewright.calls, \"\", @progbits\n"
            ".word %0, %1, 1f, 0\n"
            ".popsection\n1:"
            :
            : "i"(low), "i"(second));
    } else {
        asm volatile(
            ".pushsection .tilewright.calls, \"\", @progbits\n"
            ".word %0, %1, 1f, 0\n"
            ".popsection\n1:"
            :
            : "i"(static_cast<std::uint32_t>(what) | setup << 8 | no_buffer << 16), "i"(no_buffer));
    }
}

}  // namespace tilewright::metalium::compute

// Calls of the vector unit, by the name of each call and of its init call: constant texts.

/// In an init call. It has no instruction that is certainly carried out after it.
#define TILEWRIGHT_NOTE_VECTOR_INIT(init)                        \
    asm volatile(                                                \
        ".pushsection .tilewright.call_names, \"\", @progbits\n" \
        "2: .asciz \"" init                                      \
        "\"\n"                                                   \
        ".popsection\n"                                          \
        ".pushsection .tilewright.calls, \"\", @progbits\n"      \
        ".word %0, 0, 0, 2b\n"                                   \
        ".popsection" ::"i"(                                     \
            static_cast<std::uint32_t>(tilewright::abi::CallNote::What::sets_up_vector)))
#define TILEWRIGHT_NOTE_VECTOR(call, init)                       \
    asm volatile(                                                \
        ".pushsection .tilewright.call_names, \"\", @progbits\n" \
        "2: .asciz \"" call " " init                             \
        "\"\n"                                                   \
        ".popsection\n"                                          \
        ".pushsection .tilewright.calls, \"\", @progbits\n"      \
        ".word %0, 0, 1f, 2b\n"                                  \
        ".popsection\n1:" ::"i"(                                 \
            static_cast<std::uint32_t>(tilewright::abi::CallNote::What::uses_vector)))
