// What a kernel's file tells of its code: where it pushes to and pops from circular buffers, and
// sets words that others wait for. For reports of deadlocks.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/firmware/abi.hpp"
#include "tilewright/riscv/elf.hpp"

namespace tilewright::firmware {

struct SignalSite {
    abi::Signal signal{};
    std::uint32_t object = 0;  ///< index of a circular buffer, address of a word, or any_object
    std::uint32_t pc = 0;
};

/// Those that are code of the program: what the linker left out is none.
std::vector<SignalSite> signal_sites(const riscv::ElfImage& program);

}  // namespace tilewright::firmware
