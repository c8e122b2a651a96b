// What a program finds in the reserved L1 of its tiles when it is launched: circular buffers and
// semaphores that it numbers for itself (firmware/abi.hpp says where).
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// Words that lie in the L1 of a tile when a launch begins; reserved L1 is allowed.
struct L1Words {
    std::uint32_t address = 0;  ///< a multiple of 4
    std::vector<std::uint32_t> words;
};

/// A ring of pages in L1 through which one core of a tile hands data to another.
struct CircularBufferSpec {
    std::uint32_t index = 0;       ///< 0 to abi::circular_buffer_count - 1
    std::uint32_t address = 0;     ///< in L1, at or above abi::l1_user_base
    std::uint32_t page_bytes = 0;  ///< of one page
    std::uint32_t pages = 0;       ///< that it holds
};

/// A semaphore that the program knows by its number.
struct ProgramSemaphore {
    std::uint32_t index = 0;  ///< 0 to abi::program_semaphore_count - 1
    std::uint32_t initial = 0;
};

/// For Launch::setup: these circular buffers, empty, and no others; these semaphores. AddressError
/// names a number that does not exist or is given twice, a buffer without pages or in reserved L1.
TILEWRIGHT_API std::vector<L1Words> program_memory(
    const std::vector<CircularBufferSpec>& circular_buffers,
    const std::vector<ProgramSemaphore>& semaphores);

}  // namespace tilewright
