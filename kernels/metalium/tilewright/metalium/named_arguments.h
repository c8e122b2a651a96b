// Arguments by name: get_arg(args::x) for an argument of this core, one that all cores share, or
// one that was fixed when the kernel was compiled. Where each of them is says its type, so that a
// kernel is written the same way for all three.
#pragma once

#include <cstdint>

#include "tilewright/metalium/arguments.h"
#include "tilewright/metalium/types.h"

/// Marks the function whose parameters are the kernel's arguments; it is called as the body.
#define TT_KERNEL static FORCE_INLINE

namespace experimental {

/// An own argument of the core, a common one: bytes from the first that has a name.
template <typename T>
struct RtaArg {
    std::uint32_t byte_offset;
};
template <typename T>
struct CrtaArg {
    std::uint32_t byte_offset;
};
template <typename T>
struct CtaVal {
    T value;
};

template <typename T>
TILEWRIGHT_DEVICE T get_arg(RtaArg<T> argument) {
    return get_arg_val<T>(static_cast<int>(argument.byte_offset / 4));
}
template <typename T>
TILEWRIGHT_DEVICE T get_arg(CrtaArg<T> argument) {
    return get_common_arg_val<T>(static_cast<int>(argument.byte_offset / 4));
}
template <typename T>
TILEWRIGHT_DEVICE constexpr T get_arg(CtaVal<T> argument) {
    return argument.value;
}

}  // namespace experimental

// How many arguments have names, and tensors and scratchpads their addresses, before those that
// are known by their places only.
#ifndef TILEWRIGHT_FIRST_VARARG
#define TILEWRIGHT_FIRST_VARARG 0
#endif
#ifndef TILEWRIGHT_FIRST_COMMON_VARARG
#define TILEWRIGHT_FIRST_COMMON_VARARG 0
#endif

/// The arguments behind those that have names, from 0 on.
TILEWRIGHT_DEVICE std::uint32_t get_vararg(std::uint32_t index) {
    return get_arg_val<std::uint32_t>(static_cast<int>(TILEWRIGHT_FIRST_VARARG + index));
}
TILEWRIGHT_DEVICE std::uint32_t get_common_vararg(std::uint32_t index) {
    return get_common_arg_val<std::uint32_t>(
        static_cast<int>(TILEWRIGHT_FIRST_COMMON_VARARG + index));
}
