// What stands behind a name that the host program gives to a kernel: dfb::x, sem::x, tensor::x,
// scratch::x. A kernel makes an object of it: DataflowBuffer in(dfb::in).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tilewright/metalium/tensor_accessor_args.h"
#include "tilewright/metalium/types.h"

namespace dfb {
/// How several threads of a kernel would share a buffer; kernels have one here.
enum AccessPattern : std::uint8_t { STRIDED, ALL, BLOCKED, UNKNOWN };
}  // namespace dfb

/// A circular buffer; also its number.
template <dfb::AccessPattern producer = dfb::UNKNOWN, dfb::AccessPattern consumer = dfb::UNKNOWN>
class DFBBindingToken {
public:
    explicit constexpr DFBBindingToken(std::uint16_t id) : id_(id) {}
    constexpr operator std::uint32_t() const { return id_; }

private:
    std::uint16_t id_;
};

/// Who changes a semaphore. Here all changes are atomic, whoever makes them.
enum class SemScope : std::uint8_t { LOCAL_NONATOMIC, DM_LOCAL_CACHED, EXTERNAL, COMPUTE_ATOMIC };

/// A semaphore of the program; also its number.
struct SemaphoreBindingToken {
    std::uint32_t id;
    SemScope scope = SemScope::LOCAL_NONATOMIC;

    constexpr operator std::uint32_t() const { return id; }
};

/// Memory of this tile for the kernel's own use: the common argument that holds its address, bytes.
class ScratchpadBindingToken {
public:
    constexpr ScratchpadBindingToken(std::uint32_t argument, std::uint32_t bytes)
        : argument_(argument), bytes_(bytes) {}

private:
    template <typename T>
    friend class Scratchpad;

    std::uint32_t argument_;
    std::uint32_t bytes_;
};

namespace tensor_accessor {

/// A tensor: the compile-time argument that its layout begins at, and the bytes to the common
/// argument that holds its address.
template <std::uint32_t word, std::uint32_t address_offset>
struct TensorBindingToken {
    using args_t = TensorAccessorArgs<word>;
    static constexpr args_t args{};
    static constexpr std::uint32_t addr_crta_offset = address_offset;
    static constexpr std::uint32_t address_argument = address_offset / 4;
};

/// What get_token_if_present() points to where the host gave no tensor of that name: nowhere.
struct NullTensorBindingToken {
    NullTensorBindingToken() = delete;
};
/// The layout of such a tensor.
struct NullTensorArgs {
    static constexpr bool is_sharded = false;
    static constexpr bool is_dram = false;
    static constexpr std::uint32_t page_bytes = 0;
};

}  // namespace tensor_accessor

namespace tilewright::metalium {

/// A name as a template's argument.
template <std::size_t size>
struct Name {
    char text[size]{};

    constexpr Name(const char (&name)[size]) { std::copy_n(name, size, text); }
    constexpr bool operator==(std::string_view other) const {
        return std::string_view(text, size - 1) == other;
    }
};

}  // namespace tilewright::metalium
