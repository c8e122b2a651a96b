// Access to device registers and to words that others change: what the rest of the API stands on.
//
// Functions of this API carry no debug lines of their own, so that a fault or a deadlock inside one
// is reported at the line of the kernel that called it.
#pragma once

#include <cstdint>

#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/core_registers.hpp"

#define TILEWRIGHT_DEVICE [[gnu::always_inline, gnu::nodebug]] inline

namespace tilewright::kernel::device {

/// A register whose value never changes while the kernel runs: the compiler may read it once.
template <std::uint32_t address>
TILEWRIGHT_DEVICE std::uint32_t constant_register() {
    std::uint32_t value;
    asm("lw %0, 0(%1)" : "=r"(value) : "r"(address));
    return value;
}

TILEWRIGHT_DEVICE void write_register(std::uint32_t address, std::uint32_t value) {
    *reinterpret_cast<volatile std::uint32_t*>(address) = value;
}

/// Keeps the compiler from moving accesses to memory across this point.
TILEWRIGHT_DEVICE void compiler_barrier() {
    asm volatile("" ::: "memory");
}

TILEWRIGHT_DEVICE std::uint32_t load_reserved(std::uint32_t address) {
    std::uint32_t value;
    asm volatile("lr.w %0, (%1)" : "=r"(value) : "r"(address) : "memory");
    return value;
}

/// Sleeps until the word that was reserved last changes. By its encoding: assemblers older than
/// Zawrs lack the name.
TILEWRIGHT_DEVICE void wait_for_change() {
    asm volatile(".word 0x00d00073  # wrs.nto" ::: "memory");
}

/// Sleeps until `done(word)`; returns the word that satisfied it. The core does not spin.
template <typename Done>
TILEWRIGHT_DEVICE std::uint32_t wait_word(std::uint32_t address, Done done) {
    while (true) {
        const std::uint32_t word = load_reserved(address);
        if (done(word)) [[likely]]
            return word;
        wait_for_change();
    }
}

/// load_reserved() of a counter of pages, which says in the program's file for how many it asks.
TILEWRIGHT_DEVICE std::uint32_t load_pages(std::uint32_t counter, std::uint32_t pages) {
    std::uint32_t value;
    if (__builtin_constant_p(pages)) {
        asm volatile(
            "lr.w %0, (%1)\n"
            ".pushsection .tilewright.signals, \"\", @progbits\n"
            ".word %2, %3, 1f - 4\n"
            ".popsection\n1:"
            : "=r"(value)
            : "r"(counter), "i"(static_cast<std::uint32_t>(abi::Signal::asks_for_pages)), "i"(pages)
            : "memory");
    } else {
        asm volatile(
            "lr.w %0, (%1)\n"
            ".pushsection .tilewright.signals, \"\", @progbits\n"
            ".word %2\n"
            ".option push\n.option norvc\nadd zero, %3, zero\n.option pop\n"
            ".word 1f - 4\n"
            ".popsection\n1:"
            : "=r"(value)
            : "r"(counter),
              "i"(static_cast<std::uint32_t>(abi::Signal::asks_for_pages_in_register)), "r"(pages)
            : "memory");
    }
    return value;
}

/// wait_word() for a counter of pages.
template <typename Done>
TILEWRIGHT_DEVICE void wait_pages(std::uint32_t counter, std::uint32_t pages, Done done) {
    while (!done(load_pages(counter, pages))) [[unlikely]] wait_for_change();
}

/// Says in the program's file, not in its code, that it has just done this (abi::Signal). Behind
/// it, as the assembler would give the line number of what follows to these words.
template <abi::Signal signal>
TILEWRIGHT_DEVICE void note_signal(std::uint32_t object) {
    if (__builtin_constant_p(object)) {
        asm volatile(
            ".pushsection .tilewright.signals, \"\", @progbits\n"
            ".word %0, %1, 1f - 4\n"
            ".popsection\n1:"
            :
            : "i"(static_cast<std::uint32_t>(signal)), "i"(object));
    } else {
        asm volatile(
            ".pushsection .tilewright.signals, \"\", @progbits\n"
            ".word %0, %1, 1f - 4\n"
            ".popsection\n1:"
            :
            : "i"(static_cast<std::uint32_t>(signal)), "i"(abi::any_object));
    }
}

}  // namespace tilewright::kernel::device
