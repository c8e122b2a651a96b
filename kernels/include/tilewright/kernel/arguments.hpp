// How a kernel gets its launch arguments: by the parameter types of a function, or word by word.
//
//     static void scale(Buffer x, float factor, std::uint32_t count) { ... }
//     TILEWRIGHT_KERNEL(scale)
//
// The types also go into the ELF file, so that the host refuses arguments that do not fit. A kernel
// that defines `extern "C" void kernel_main()` itself and calls arg<T>() is not checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tilewright/kernel/buffer.hpp"
#include "tilewright/kernel/coordinates.hpp"
#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/semaphore.hpp"

/// The program's body; the start-up code calls it once the globals are in place.
extern "C" void kernel_main();

namespace tilewright::kernel {

namespace device {

template <typename T>
consteval abi::Parameter parameter() {
    if constexpr (std::is_same_v<T, bool>) {
        return abi::Parameter::u32;
    } else if constexpr (std::is_same_v<T, Buffer>) {
        return abi::Parameter::buffer;
    } else if constexpr (std::is_same_v<T, Semaphore>) {
        return abi::Parameter::semaphore;
    } else if constexpr (std::is_same_v<T, float>) {
        return abi::Parameter::f32;
    } else if constexpr (std::is_same_v<T, double>) {
        return abi::Parameter::f64;
    } else {
        static_assert(std::is_integral_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
                      "a kernel parameter is a 32- or 64-bit integer, float, double, bool, Buffer "
                      "or Semaphore, by value");
        if constexpr (sizeof(T) == 4)
            return std::is_signed_v<T> ? abi::Parameter::i32 : abi::Parameter::u32;
        else
            return std::is_signed_v<T> ? abi::Parameter::i64 : abi::Parameter::u64;
    }
}

/// bool takes a whole word like everything else.
template <typename T>
inline constexpr std::uint32_t words_of = (sizeof(T) + 3) / 4;

/// A letter for each parameter, and a zero.
template <std::size_t Size>
struct Signature {
    char letters[Size];
};

template <typename... Parameters>
consteval auto signature(void (*)(Parameters...)) {
    static_assert((words_of<Parameters> + ... + 0) <= abi::max_argument_words,
                  "the parameters of this kernel take more words than a launch can carry");
    return Signature<sizeof...(Parameters) + 1>{
        {static_cast<char>(parameter<Parameters>())..., '\0'}};
}

TILEWRIGHT_DEVICE const std::uint32_t* argument_words() {
    return reinterpret_cast<const std::uint32_t*>(abi::arguments_base +
                                                  processor() * abi::arguments_stride);
}

template <typename T>
TILEWRIGHT_DEVICE T argument(const std::uint32_t* words) {
    if constexpr (std::is_same_v<T, bool>) {
        return *words != 0;
    } else {
        T value;
        __builtin_memcpy(&value, words, sizeof(T));
        return value;
    }
}

/// Braces evaluate from left to right, so `index` walks the parameters in order. The call stays a
/// call: faults name the function that the user wrote.
template <typename... Parameters>
TILEWRIGHT_DEVICE void call(void (*function)(Parameters...)) {
    [[maybe_unused]] const std::uint32_t* words = argument_words();
    [[maybe_unused]] std::uint32_t index = 0;
    struct Call {
        TILEWRIGHT_DEVICE Call(void (*body)(Parameters...), Parameters... values) {
            [[clang::noinline]] body(values...);
        }
    };
    Call{function,
         argument<Parameters>(words + (index += words_of<Parameters>)-words_of<Parameters>)...};
}

}  // namespace device

/// The argument that starts at this word of the launch arguments, in kernels without a signature.
template <typename T>
TILEWRIGHT_DEVICE T arg(std::uint32_t word) {
    static_assert(device::parameter<T>() != abi::Parameter{});
    return device::argument<T>(device::argument_words() + word);
}

}  // namespace tilewright::kernel

/// Makes a function the program's body. Once a program, outside any namespace.
#define TILEWRIGHT_KERNEL(function)                                                 \
    [[gnu::used, gnu::retain,                                                       \
      gnu::section(".tilewright.signature")]] constexpr auto tilewright_signature = \
        ::tilewright::kernel::device::signature(&function);                         \
    extern "C" void kernel_main() {                                                 \
        ::tilewright::kernel::device::call(&function);                              \
    }
