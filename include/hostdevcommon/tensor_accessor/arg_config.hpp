// Which of the words that describe a tensor to a TensorAccessor come at run time. Host programs and
// kernels share this header.
#pragma once

#include <cstdint>

namespace tensor_accessor {

enum class ArgConfig : std::uint8_t {
    None = 0,
    Sharded = 1 << 0,
    IsDram = 1 << 1,
    RuntimeRank = 1 << 2,
    RuntimeNumBanks = 1 << 3,
    RuntimeTensorShape = 1 << 4,
    RuntimeShardShape = 1 << 5,
    RuntimeBankCoords = 1 << 6,
    Runtime =
        RuntimeRank | RuntimeNumBanks | RuntimeTensorShape | RuntimeShardShape | RuntimeBankCoords,
};

/// A set of them.
class ArgsConfig {
public:
    using Underlying = std::uint8_t;

    constexpr ArgsConfig() = default;
    constexpr ArgsConfig(ArgConfig flag) : bits_(static_cast<Underlying>(flag)) {}
    constexpr explicit ArgsConfig(Underlying bits) : bits_(bits) {}

    constexpr Underlying raw() const { return bits_; }
    /// Whether it has all of these.
    constexpr bool test(ArgsConfig flags) const { return (bits_ & flags.bits_) == flags.bits_; }
    constexpr void set(ArgsConfig flags, bool on = true) {
        bits_ = static_cast<Underlying>(on ? bits_ | flags.bits_ : bits_ & ~flags.bits_);
    }
    friend constexpr ArgsConfig operator|(ArgsConfig a, ArgsConfig b) {
        return ArgsConfig(static_cast<Underlying>(a.bits_ | b.bits_));
    }
    friend constexpr ArgsConfig operator&(ArgsConfig a, ArgsConfig b) {
        return ArgsConfig(static_cast<Underlying>(a.bits_ & b.bits_));
    }
    friend constexpr bool operator==(ArgsConfig, ArgsConfig) = default;

private:
    Underlying bits_ = 0;
};

constexpr ArgsConfig operator|(ArgConfig a, ArgConfig b) {
    return ArgsConfig(a) | ArgsConfig(b);
}

}  // namespace tensor_accessor
