#include "firmware/diagnose/words.hpp"

#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright::diagnose {
namespace {

bool of_device(std::uint32_t address) {
    return address - abi::semaphore_base < abi::semaphore_count * 4;
}

bool of_program(std::uint32_t address) {
    return address - abi::program_semaphore_base <
           abi::program_semaphore_count * abi::program_semaphore_stride;
}

}  // namespace

bool is_semaphore(std::uint32_t address) {
    return of_device(address) || of_program(address);
}

std::string program_semaphore(std::uint32_t address) {
    return "semaphore " +
           std::to_string((address - abi::program_semaphore_base) / abi::program_semaphore_stride);
}

std::string word(std::uint32_t address) {
    const std::string at = " (" + hex(address) + ")";
    if (of_device(address)) {
        return "semaphore " + std::to_string((address - abi::semaphore_base) / 4) + at;
    }
    if (of_program(address)) return program_semaphore(address) + " of its program" + at;
    const bool direct = address - abi::direct_base < abi::max_direct_bytes;
    return "the word at " + hex(address) + (direct ? " of direct memory" : " of its L1");
}

}  // namespace tilewright::diagnose
