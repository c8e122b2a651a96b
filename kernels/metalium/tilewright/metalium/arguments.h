// Arguments: those of the launch, each core's own and those that all cores of the kernel share, and
// those that were fixed when the kernel was compiled.
//
// The words at arguments_base of the processor: the number of own arguments and, in the upper half,
// of common ones; the own ones; the common ones. Reading past them is a fault.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tilewright/kernel/arguments.hpp"
#include "tilewright/kernel/check.hpp"

namespace tilewright::metalium {

/// The word with both counts. It does not change while the kernel runs, so it is loaded once.
TILEWRIGHT_DEVICE std::uint32_t argument_counts() {
    std::uint32_t counts;
    asm("lw %0, 0(%1)" : "=r"(counts) : "r"(kernel::device::argument_words()));
    return counts;
}

extern "C" [[gnu::noinline, gnu::used]] inline void tilewright_print_missing_argument(
    const char* kind, std::uint32_t index, std::uint32_t count) {
    kernel::print(kind, " argument ", index, " was read; ", count, " were set\n");
}

/// A fault, at the kernel's line. An assembly statement, which the compiler leaves out where what
/// was read is not used: published kernels read arguments that their host programs do not set.
TILEWRIGHT_DEVICE std::uint32_t missing_argument(const char* kind, std::uint32_t index,
                                                 std::uint32_t count) {
    register std::uint32_t a0 asm("a0") = reinterpret_cast<std::uint32_t>(kind);
    register std::uint32_t a1 asm("a1") = index;
    register std::uint32_t a2 asm("a2") = count;
    asm("call tilewright_print_missing_argument\n\tebreak"
        : "+r"(a0), "+r"(a1), "+r"(a2)
        :
        : "ra", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6");
    return a0;
}

TILEWRIGHT_DEVICE std::uint32_t argument_address(std::uint32_t index) {
    const std::uint32_t count = argument_counts() & 0xFFFF;
    if (index >= count) [[unlikely]]
        return missing_argument("runtime", index, count);
    return reinterpret_cast<std::uint32_t>(kernel::device::argument_words() + 1 + index);
}

TILEWRIGHT_DEVICE std::uint32_t common_argument_address(std::uint32_t index) {
    const std::uint32_t counts = argument_counts();
    if (index >= counts >> 16) [[unlikely]]
        return missing_argument("common runtime", index, counts >> 16);
    return reinterpret_cast<std::uint32_t>(kernel::device::argument_words() + 1 +
                                           (counts & 0xFFFF) + index);
}

template <typename T>
TILEWRIGHT_DEVICE T load_argument(std::uint32_t address) {
    static_assert(sizeof(T) == 4, "a runtime argument is one 32-bit word");
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const void*>(address), sizeof(T));
    return value;
}

struct NamedArgument {
    std::string_view name;
    std::uint32_t value;
};

#ifdef KERNEL_COMPILE_TIME_ARG_MAP
inline constexpr NamedArgument named_arguments[] = {KERNEL_COMPILE_TIME_ARG_MAP};
#else
inline constexpr std::array<NamedArgument, 0> named_arguments{};
#endif

consteval std::uint32_t named_argument(std::string_view name) {
    for (const NamedArgument& argument : named_arguments) {
        if (argument.name == name) return argument.value;
    }
    __builtin_trap();  // there is no compile-time argument of this name
}

}  // namespace tilewright::metalium

/// Byte address in L1 of an own argument; of a common one.
TILEWRIGHT_DEVICE std::uint32_t get_arg_addr(int index) {
    return tilewright::metalium::argument_address(static_cast<std::uint32_t>(index));
}
TILEWRIGHT_DEVICE std::uint32_t get_common_arg_addr(int index) {
    return tilewright::metalium::common_argument_address(static_cast<std::uint32_t>(index));
}

/// An own argument of this core; one that all cores of the kernel share. T takes 4 bytes.
template <typename T>
TILEWRIGHT_DEVICE T get_arg_val(int index) {
    return tilewright::metalium::load_argument<T>(get_arg_addr(index));
}
template <typename T>
TILEWRIGHT_DEVICE T get_common_arg_val(int index) {
    return tilewright::metalium::load_argument<T>(get_common_arg_addr(index));
}

#ifndef KERNEL_COMPILE_TIME_ARGS
#define KERNEL_COMPILE_TIME_ARGS
#endif

namespace tilewright::metalium {
template <typename... T>
consteval std::array<std::uint32_t, sizeof...(T)> words_of(T... values) {
    return {static_cast<std::uint32_t>(values)...};
}
}  // namespace tilewright::metalium

inline constexpr auto kernel_compile_time_args =
    tilewright::metalium::words_of(KERNEL_COMPILE_TIME_ARGS);

template <std::uint32_t index>
consteval std::uint32_t get_ct_arg() {
    static_assert(index < kernel_compile_time_args.size(),
                  "the kernel was given fewer compile-time arguments");
    return kernel_compile_time_args[index];
}

#define get_compile_time_arg_val(index) get_ct_arg<index>()
#define get_named_ct_arg(name) ::tilewright::metalium::named_argument(name)
#define get_named_compile_time_arg_val(name) ::tilewright::metalium::named_argument(name)
