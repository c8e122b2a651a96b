// Semaphores: words of L1 that cores of this and other tiles set, add to and wait for. Waiting
// sleeps.
#pragma once

#include <cstdint>

#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/print.hpp"
#include "tilewright/metalium/noc.h"

namespace tilewright::metalium {

[[gnu::noinline]] inline void print_missing_semaphore(std::uint32_t id) {
    kernel::print("semaphore ", id, " does not exist; they are numbered from 0 to ",
                  abi::program_semaphore_count - 1, '\n');
}

TILEWRIGHT_DEVICE void note_set(std::uint64_t address) {
    kernel::device::note_signal<abi::Signal::sets_word>(static_cast<std::uint32_t>(address));
}

}  // namespace tilewright::metalium

/// Tensix cores are the only ones.
enum class ProgrammableCoreType { TENSIX, ACTIVE_ETH, IDLE_ETH, DRAM, COUNT };

namespace tilewright::metalium {
template <auto option>
constexpr bool not_tensix() {
    if constexpr (requires { option == ProgrammableCoreType::TENSIX; }) {
        return option != ProgrammableCoreType::TENSIX;
    } else {
        return false;
    }
}
}  // namespace tilewright::metalium

/// Byte address of a semaphore of the program, the same in every tile.
template <auto... options>
TILEWRIGHT_DEVICE std::uint32_t get_semaphore(std::uint32_t id) {
    static_assert((!tilewright::metalium::not_tensix<options>() && ...),
                  "there are no semaphores on cores that are not of type TENSIX");
    if (id >= tilewright::abi::program_semaphore_count) [[unlikely]] {
        tilewright::metalium::print_missing_semaphore(id);
        tilewright::kernel::device::stop();
    }
    return tilewright::abi::program_semaphore_base + id * tilewright::abi::program_semaphore_stride;
}

TILEWRIGHT_DEVICE void noc_semaphore_wait(volatile tt_l1_ptr std::uint32_t* word,
                                          std::uint32_t value) {
    tilewright::kernel::device::wait_word(reinterpret_cast<std::uint32_t>(word),
                                          [=](std::uint32_t now) { return now == value; });
}
TILEWRIGHT_DEVICE void noc_semaphore_wait_min(volatile tt_l1_ptr std::uint32_t* word,
                                              std::uint32_t value) {
    tilewright::kernel::device::wait_word(reinterpret_cast<std::uint32_t>(word),
                                          [=](std::uint32_t now) { return now >= value; });
}
TILEWRIGHT_DEVICE void noc_semaphore_set(volatile tt_l1_ptr std::uint32_t* word,
                                         std::uint32_t value) {
    asm volatile("amoswap.w zero, %1, (%0)" ::"r"(word), "r"(value) : "memory");
    tilewright::metalium::note_set(reinterpret_cast<std::uint32_t>(word));
}
template <bool posted = false>
TILEWRIGHT_DEVICE void noc_semaphore_inc(std::uint64_t address, std::uint32_t increment,
                                         std::uint8_t noc = noc_index,
                                         std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_semaphore_inc(tilewright::metalium::split(address), increment, noc);
}
/// Writes the word at `source` of this tile's L1 to another tile.
TILEWRIGHT_DEVICE void noc_semaphore_set_remote(std::uint32_t source, std::uint64_t destination,
                                                std::uint8_t noc = noc_index) {
    noc_async_write(source, destination, 4, noc);
    tilewright::metalium::note_set(destination);
}

/// Writes the word at `source` to `receivers` other tiles; adds to a word of each.
TILEWRIGHT_DEVICE void noc_semaphore_set_multicast(std::uint32_t source, std::uint64_t destinations,
                                                   std::uint32_t receivers, bool linked = false,
                                                   std::uint8_t noc = noc_index) {
    noc_async_write_multicast(source, destinations, 4, receivers, linked, noc);
    tilewright::metalium::note_set(destinations);
}
TILEWRIGHT_DEVICE void noc_semaphore_set_multicast_loopback_src(std::uint32_t source,
                                                                std::uint64_t destinations,
                                                                std::uint32_t receivers,
                                                                bool linked = false,
                                                                std::uint8_t noc = noc_index) {
    noc_async_write_multicast_loopback_src(source, destinations, 4, receivers, linked, noc);
    tilewright::metalium::note_set(destinations);
}
template <bool posted = false>
TILEWRIGHT_DEVICE void noc_semaphore_inc_multicast(std::uint64_t destinations,
                                                   std::uint32_t increment, std::uint32_t receivers,
                                                   std::uint8_t noc = noc_index,
                                                   std::uint8_t = NOC_MULTICAST_WRITE_VC) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_semaphore_inc_multicast(tilewright::metalium::split(destinations),
                                                    increment, receivers,
                                                    tilewright::kernel::Multicast::to_others, noc);
}
