// Kernels from assembled words, for tests that need to know each instruction.
#pragma once

#include <string>

#include "riscv/assembler.hpp"
#include "tilewright/runtime/kernel.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

/// An ELF file with one segment of code at the beginning of the image window.
inline Kernel assembled_kernel(const riscv::test::Program& program, const std::string& name) {
    constexpr std::uint32_t headers = 52 + 32;
    std::string bytes(
        "\x7F"
        "ELF\x01\x01\x01",
        7);
    const auto half = [&](std::uint32_t v) {
        for (std::uint32_t i = 0; i < 2; ++i) bytes.push_back(static_cast<char>(v >> 8 * i));
    };
    const auto words = [&](std::initializer_list<std::uint32_t> values) {
        for (std::uint32_t v : values) half(v & 0xFFFF), half(v >> 16);
    };
    bytes.resize(16);
    half(2), half(243);  // executable, RISC-V
    words({1, abi::image_base, 52, 0, 0});
    half(52), half(32), half(1), half(40), half(0), half(0);
    words({1, headers, abi::image_base, abi::image_base, program.size(), program.size(), 5, 4});
    bytes.append(reinterpret_cast<const char*>(program.words.data()), program.size());
    return Kernel::from_elf(std::as_bytes(std::span(bytes)), name);
}

}  // namespace tilewright
