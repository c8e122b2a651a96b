// What software has agreed on with its programs, as far as the chip keeps to it: plain data, given
// when a chip is made. By default a chip knows no conventions: all of L1 is the user's.
#pragma once

#include <cstdint>

namespace tilewright {

struct Conventions {
    /// Below this, programs may read L1 but not change it, but for synchronising words.
    std::uint32_t l1_user_base = 0;
    /// The synchronising words, from begin up to end: atomics, stores of whole words and NoC writes
    /// of one word may change them.
    std::uint32_t synchronising_begin = 0;
    std::uint32_t synchronising_end = 0;
    /// Those of them that exist once the host has written them, for the check `unwritten_reads`.
    std::uint32_t declared_begin = 0;
    std::uint32_t declared_end = 0;
    /// Where the first processor of a tile finds its launch arguments, `arguments_stride` bytes at
    /// most, and how much further the next one.
    std::uint32_t arguments_base = 0;
    std::uint32_t arguments_stride = 0;
    /// What a0 holds at an ecall that calls an image, and at one with which a tile begins a program
    /// (firmware/abi.hpp); at any other one the kernel has ended.
    std::uint32_t call_image = ~0u;
    std::uint32_t begin_program = ~0u;

    constexpr bool is_synchronising_word(std::uint32_t address) const {
        return address >= synchronising_begin && address < synchronising_end && address % 4 == 0;
    }
    constexpr bool is_declared_word(std::uint32_t address) const {
        return address - declared_begin < declared_end - declared_begin;
    }
    constexpr std::uint32_t arguments_of(std::uint32_t processor) const {
        return arguments_base + processor * arguments_stride;
    }
    constexpr std::uint32_t max_argument_words() const { return arguments_stride / 4; }
};

}  // namespace tilewright
