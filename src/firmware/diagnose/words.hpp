// Names of the words that cores wait for.
#pragma once

#include <cstdint>
#include <string>

namespace tilewright::diagnose {

/// The word is a semaphore, of the device or of a program.
bool is_semaphore(std::uint32_t address);

/// Which semaphore it is, or just which word of an L1.
std::string word(std::uint32_t address);

/// "semaphore 3", by the number that its program gave it.
std::string program_semaphore(std::uint32_t address);

}  // namespace tilewright::diagnose
