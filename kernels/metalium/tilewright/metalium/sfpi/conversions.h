// Between floats and integers, rounded to the nearest or at random.
#pragma once

#include "tilewright/metalium/sfpi/functions.h"

namespace sfpi {

/// Kernels of the first generation say 0 for the nearest and 1 for at random.
class RoundMode {
public:
    enum Value : std::uint8_t {
        Nearest = 0,
        NearestAway = 0,
        NearestEven = 0,
        NearestStochastic = 1,
        Stochastic = 1
    };
    TILEWRIGHT_DEVICE constexpr RoundMode(Value value) : value_(value) {}
    TILEWRIGHT_DEVICE constexpr RoundMode(int value) : value_(value == 0 ? Nearest : Stochastic) {}
    TILEWRIGHT_DEVICE constexpr operator Value() const { return value_; }

private:
    Value value_;
};

namespace impl_ {
enum class To : std::uint8_t {
    fp16 = 0,
    bf16 = 1,
    unsigned8 = 2,
    signed8 = 3,
    unsigned8_of_integer = 4,
    signed8_of_integer = 5,
    unsigned16 = 6,
    signed16 = 7
};
TILEWRIGHT_DEVICE Value rounded(To to, Value x, RoundMode round) {
    return vectors::made(op::sfp_stoch_rnd{.mode = static_cast<std::uint32_t>(to),
                                           .stochastic = static_cast<std::uint32_t>(round)},
                         x);
}
}  // namespace impl_

/// Of signs and magnitudes, despite the name that it has everywhere. Blackhole rounds to the
/// nearest only: of numbers with more than 24 bits.
template <AnyVector T>
TILEWRIGHT_DEVICE vFloat int32_to_float(const T& x, RoundMode round = RoundMode::Stochastic) {
    const std::uint32_t random =
        tilewright::kernel::tensix::wormhole && round == RoundMode::Stochastic ? 1 : 0;
    return impl_::vectors::made(impl_::op::sfpcast{.mode = random}, x.get());
}

#define TILEWRIGHT_CONVERSION(name, Result, to)                                               \
    TILEWRIGHT_DEVICE Result name(const vFloat& x, RoundMode round = RoundMode::Stochastic) { \
        return impl_::rounded(impl_::To::to, x.get(), round);                                 \
    }
// The first generation has these as vUInt; what they are taken as by reinterpret<> is the same.
TILEWRIGHT_CONVERSION(float_to_fp16a, vFloat, fp16)
TILEWRIGHT_CONVERSION(float_to_fp16b, vFloat, bf16)
TILEWRIGHT_CONVERSION(float_to_uint8, vUInt, unsigned8)
TILEWRIGHT_CONVERSION(float_to_int8, vInt, signed8)
TILEWRIGHT_CONVERSION(float_to_uint16, vUInt, unsigned16)
TILEWRIGHT_CONVERSION(float_to_int16, vInt, signed16)
#undef TILEWRIGHT_CONVERSION

/// x / 2^descale.
#define TILEWRIGHT_CONVERSION(name, Result, to)                                         \
    TILEWRIGHT_DEVICE Result name(const vInt& x, unsigned descale,                      \
                                  RoundMode round = RoundMode::Stochastic) {            \
        return impl_::vectors::made(                                                    \
            impl_::op::sfp_stoch_rnd{.mode = static_cast<std::uint32_t>(impl_::To::to), \
                                     .immediate = 1,                                    \
                                     .value = descale & 31,                             \
                                     .stochastic = static_cast<std::uint32_t>(round)},  \
            x.get());                                                                   \
    }                                                                                   \
    TILEWRIGHT_DEVICE Result name(const vInt& x, const vUInt& descale,                  \
                                  RoundMode round = RoundMode::Stochastic) {            \
        return impl_::vectors::added(                                                   \
            impl_::op::sfp_stoch_rnd{.mode = static_cast<std::uint32_t>(impl_::To::to), \
                                     .stochastic = static_cast<std::uint32_t>(round)},  \
            descale.get(), x.get());                                                    \
    }
TILEWRIGHT_CONVERSION(int32_to_uint8, vUInt, unsigned8_of_integer)
TILEWRIGHT_CONVERSION(int32_to_int8, vInt, signed8_of_integer)
#undef TILEWRIGHT_CONVERSION

/// A number of another type with about the same value.
template <AnyVector Result, AnyVector T>
TILEWRIGHT_DEVICE Result convert(const T& x, RoundMode round = RoundMode::Stochastic) {
    constexpr bool from_float = std::derived_from<T, vFloat>;
    if constexpr (std::is_same_v<Result, T>) {
        return x;
    } else if constexpr (from_float) {
        constexpr bool known = std::is_same_v<Result, vFloat16a> ||
                               std::is_same_v<Result, vFloat16b> ||
                               std::is_same_v<Result, vUInt16> || std::is_same_v<Result, vUInt8> ||
                               std::is_same_v<Result, vSMag16> || std::is_same_v<Result, vSMag8>;
        static_assert(known, "no instruction converts vFloat to this type");
        constexpr impl_::To to = std::is_same_v<Result, vFloat16a>   ? impl_::To::fp16
                                 : std::is_same_v<Result, vFloat16b> ? impl_::To::bf16
                                 : std::is_same_v<Result, vUInt16>   ? impl_::To::unsigned16
                                 : std::is_same_v<Result, vUInt8>    ? impl_::To::unsigned8
                                 : std::is_same_v<Result, vSMag16>   ? impl_::To::signed16
                                                                     : impl_::To::signed8;
        return Result(impl_::rounded(to, x.get(), round));
    } else if constexpr (std::derived_from<Result, vFloat>) {
        if constexpr (std::derived_from<T, vInt>)
            return Result(int32_to_float(vSMag(impl_::other_sign(x)), round).get());
        else
            return Result(int32_to_float(x, round).get());
    } else if constexpr (std::derived_from<T, vInt> != std::derived_from<Result, vInt> &&
                         (std::derived_from<T, vSMag> || std::derived_from<Result, vSMag>)) {
        return Result(impl_::other_sign(as<vInt>(x)));
    } else {
        return Result(x.get());
    }
}

}  // namespace sfpi
