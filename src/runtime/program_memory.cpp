#include "tilewright/runtime/program_memory.hpp"

#include <string>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {
namespace {

void check_number(const char* what, std::uint32_t index, std::uint32_t count,
                  std::vector<bool>& taken) {
    if (index >= count) {
        throw AddressError(std::string("no ") + what + " " + std::to_string(index) +
                           "; they are numbered from 0 to " + std::to_string(count - 1));
    }
    if (taken[index]) {
        throw ArgumentError(std::string(what) + " " + std::to_string(index) + " is given twice");
    }
    taken[index] = true;
}

}  // namespace

std::vector<L1Words> program_memory(const std::vector<CircularBufferSpec>& circular_buffers,
                                    const std::vector<ProgramSemaphore>& semaphores) {
    constexpr std::uint32_t words_each = sizeof(abi::CircularBuffer) / 4;
    L1Words table{abi::circular_buffer_table, {}};
    table.words.resize(std::size_t{abi::circular_buffer_count} * words_each);
    std::vector<bool> taken(abi::circular_buffer_count);
    for (const CircularBufferSpec& buffer : circular_buffers) {
        check_number("circular buffer", buffer.index, abi::circular_buffer_count, taken);
        const std::string name = "circular buffer " + std::to_string(buffer.index);
        const std::uint64_t bytes = std::uint64_t{buffer.page_bytes} * buffer.pages;
        if (bytes == 0 || bytes > 0xFFFF'FFFF) {
            throw ArgumentError(name + " of " + std::to_string(buffer.pages) + " pages of " +
                                std::to_string(buffer.page_bytes) +
                                " bytes; expected at least one page of one byte, and less than "
                                "4 GiB");
        }
        if (buffer.address < abi::l1_user_base) {
            throw AddressError(name + " at " + std::to_string(buffer.address) +
                               " in reserved L1; expected " + std::to_string(abi::l1_user_base) +
                               " or above");
        }
        std::uint32_t* words = table.words.data() + std::size_t{buffer.index} * words_each;
        words[0] = buffer.address;
        words[1] = buffer.page_bytes;
        words[2] = buffer.pages;
        words[3] = static_cast<std::uint32_t>(bytes);
    }
    std::vector<L1Words> setup{
        std::move(table),
        {abi::circular_buffer_counters,
         std::vector<std::uint32_t>(abi::circular_buffer_count *
                                    abi::circular_buffer_counters_stride / 4)}};
    taken.assign(abi::program_semaphore_count, false);
    for (const ProgramSemaphore& semaphore : semaphores) {
        check_number("semaphore", semaphore.index, abi::program_semaphore_count, taken);
        setup.push_back(
            {abi::program_semaphore_base + semaphore.index * abi::program_semaphore_stride,
             {semaphore.initial}});
    }
    return setup;
}

}  // namespace tilewright
