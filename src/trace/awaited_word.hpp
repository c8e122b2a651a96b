// What a core waits for, by the address of the word.
#pragma once

#include <cstdint>
#include <string>

namespace tilewright::detail {

/// "semaphore 3", "circular buffer 1", "reads, NoC 0", "flag 2", "L1 word 0x1234".
std::string awaited_word(std::uint32_t address);

}  // namespace tilewright::detail
