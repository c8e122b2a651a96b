#include "tensix/vector_integer.hpp"

#include "tensix/lanes.hpp"
#include "tensix/number.hpp"
#include "tensix/random.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint32_t mantissa_bits = 0x007f'ffff;

constexpr std::uint32_t exponent_field(std::uint32_t x) {
    return x >> 23 & 0xff;
}

/// An immediate of 12 bits with a sign.
constexpr std::int32_t signed_immediate(std::uint32_t value) {
    return static_cast<std::int32_t>(value << 20) >> 20;
}

/// A result that also sets the lane's flag: `flag` gives it from the result and what it was.
template <class Compute, class Flag>
void set_with_flag(const Context& context, std::string_view mnemonic, std::uint32_t vd,
                   Compute&& compute, Flag&& flag) {
    check_result(context, mnemonic, vd);
    if (vd >= written_registers) return;
    VectorState& vector = context.state.vector;
    each_lane(enabled_lanes(vector), [&](unsigned lane) {
        const std::uint32_t result = compute(lane);
        const bool before = (vector.flags >> lane & 1) != 0;
        const bool after = flag(lane, result, before);
        vector.registers[vd][lane] = result;
        set_flag(vector, lane, after);
    });
}

/// To the left, or to the right by the negated amount; only five bits of it count.
std::uint32_t shifted(std::uint32_t x, std::int32_t by, bool arithmetic) {
    const auto amount = static_cast<std::uint32_t>(by);
    if (by >= 0) return x << (amount & 31);
    const std::uint32_t down = (0u - amount) & 31;
    return arithmetic ? static_cast<std::uint32_t>(static_cast<std::int32_t>(x) >> down)
                      : x >> down;
}

template <class Operands, class Operation>
void combine_bits(const Context& context, std::string_view mnemonic, const Operands& i,
                  std::uint32_t vb, Operation&& operation) {
    const auto& registers = context.state.vector.registers;
    set_register(context, mnemonic, i.vd, [&](unsigned lane) -> std::uint32_t {
        return operation(registers[vb][lane], registers[i.vc][lane]);
    });
}

/// Blackhole has another operand than the result, in mode 1.
template <class Operands>
std::uint32_t second_operand(std::string_view mnemonic, const Operands& i) {
    if (i.mode > 1) refuse_mode(mnemonic, i.mode);
    return i.mode == 1 ? i.vb : i.vd;
}

}  // namespace

void execute(const Context& context, const op::sfpiadd& i) {
    constexpr std::uint32_t immediate = 1, subtract = 2, no_flag = 4, invert = 8;
    const auto& registers = context.state.vector.registers;
    set_with_flag(
        context, "SFPIADD", i.vd,
        [&](unsigned lane) {
            const std::uint32_t x = registers[i.vc][lane];
            if ((i.mode & immediate) != 0) {
                return x + static_cast<std::uint32_t>(signed_immediate(i.value));
            }
            const std::uint32_t y = registers[i.vd][lane];
            return (i.mode & subtract) != 0 ? x - y : x + y;
        },
        [&](unsigned, std::uint32_t result, bool before) {
            const bool flag = (i.mode & no_flag) != 0 ? before : (result & sign_bit) != 0;
            return flag != ((i.mode & invert) != 0);
        });
}

void execute(const Context& context, const op::sfpmul24& i) {
    if (i.mode > 1) refuse_mode("SFPMUL24", i.mode);
    const auto& registers = context.state.vector.registers;
    set_register(context, "SFPMUL24", i.vd, [&](unsigned lane) {
        const std::uint64_t x = registers[i.va][lane] & mantissa_bits;
        const std::uint64_t y = registers[i.vb][lane] & mantissa_bits;
        return static_cast<std::uint32_t>(x * y >> (i.mode == 1 ? 23 : 0)) & mantissa_bits;
    });
}

void execute(const Context& context, const op::sfpabs& i) {
    if (i.mode > 1) refuse_mode("SFPABS", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    set_register(context, "SFPABS", i.vd, [&](unsigned lane) {
        const std::uint32_t bits = x[lane];
        if ((bits & sign_bit) == 0) return bits;
        if (i.mode == 0) return 0u - bits;
        // A NaN keeps its sign.
        return (bits & ~sign_bit) > fp32_infinity ? bits : bits & ~sign_bit;
    });
}

void execute(const Context& context, const op::sfpand& i) {
    combine_bits(context, "SFPAND", i, second_operand("SFPAND", i),
                 [](std::uint32_t x, std::uint32_t y) { return x & y; });
}
void execute(const Context& context, const op::sfpor& i) {
    combine_bits(context, "SFPOR", i, second_operand("SFPOR", i),
                 [](std::uint32_t x, std::uint32_t y) { return x | y; });
}
void execute(const Context& context, const op::sfpxor& i) {
    combine_bits(context, "SFPXOR", i, i.vd,
                 [](std::uint32_t x, std::uint32_t y) { return x ^ y; });
}
void execute(const Context& context, const op::sfpnot& i) {
    combine_bits(context, "SFPNOT", i, i.vd, [](std::uint32_t, std::uint32_t y) { return ~y; });
}

void execute(const Context& context, const op::sfplz& i) {
    constexpr std::uint32_t flag_unless_zero = 2, without_sign = 4, invert = 8;
    if ((i.mode & 1) != 0) refuse_mode("SFPLZ", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    const std::uint32_t counted = (i.mode & without_sign) != 0 ? ~sign_bit : ~0u;
    set_with_flag(
        context, "SFPLZ", i.vd,
        [&](unsigned lane) {
            return static_cast<std::uint32_t>(std::countl_zero(x[lane] & counted));
        },
        [&](unsigned, std::uint32_t zeros, bool before) {
            const bool flag = (i.mode & flag_unless_zero) != 0 ? zeros != 32 : before;
            return flag != ((i.mode & invert) != 0);
        });
}

void execute(const Context& context, const op::sfpshft& i) {
    // Blackhole: to the right with the sign, and of vc instead of vd by an immediate.
    constexpr std::uint32_t immediate = 1, arithmetic = 2, other = 4;
    const bool known =
        context.blackhole() ? i.mode <= 3 || i.mode == 5 || i.mode == 7 : i.mode <= 1;
    if (!known) refuse_mode("SFPSHFT", i.mode);
    const auto& registers = context.state.vector.registers;
    set_register(context, "SFPSHFT", i.vd, [&](unsigned lane) {
        const std::uint32_t x = registers[(i.mode & other) != 0 ? i.vc : i.vd][lane];
        const std::int32_t by = (i.mode & immediate) != 0
                                    ? signed_immediate(i.value)
                                    : static_cast<std::int32_t>(registers[i.vc][lane]);
        return shifted(x, by, (i.mode & arithmetic) != 0);
    });
}

// The exponent: set, or added to where the number is finite.
void execute(const Context& context, const op::sfpdivp2& i) {
    if (i.mode > 1) refuse_mode("SFPDIVP2", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    set_register(context, "SFPDIVP2", i.vd, [&](unsigned lane) {
        std::uint32_t exponent = i.value & 0xff;
        if (i.mode == 1) {
            const std::uint32_t own = exponent_field(x[lane]);
            exponent = own == 255 ? own : (own + exponent) & 0xff;
        }
        return (x[lane] & ~fp32_infinity) | exponent << 23;
    });
}

void execute(const Context& context, const op::sfpexexp& i) {
    constexpr std::uint32_t biased = 1, flag_if_negative = 2, invert = 8;
    if ((i.mode & 4) != 0) refuse_mode("SFPEXEXP", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    set_with_flag(
        context, "SFPEXEXP", i.vd,
        [&](unsigned lane) { return exponent_field(x[lane]) - ((i.mode & biased) != 0 ? 0 : 127); },
        [&](unsigned, std::uint32_t exponent, bool before) {
            const bool flag =
                (i.mode & flag_if_negative) != 0 ? (exponent & sign_bit) != 0 : before;
            return flag != ((i.mode & invert) != 0);
        });
}

void execute(const Context& context, const op::sfpexman& i) {
    if (i.mode > 1) refuse_mode("SFPEXMAN", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    set_register(context, "SFPEXMAN", i.vd, [&](unsigned lane) {
        return (x[lane] & mantissa_bits) | (i.mode == 0 ? mantissa_bits + 1 : 0);
    });
}

void execute(const Context& context, const op::sfpsetexp& i) {
    if (i.mode > 2) refuse_mode("SFPSETEXP", i.mode);
    const auto& registers = context.state.vector.registers;
    set_register(context, "SFPSETEXP", i.vd, [&](unsigned lane) {
        const std::uint32_t y = registers[i.vd][lane];
        const std::uint32_t exponent = i.mode == 1   ? i.value
                                       : i.mode == 2 ? exponent_field(y)
                                                     : y & 0xff;
        return (registers[i.vc][lane] & ~fp32_infinity) | exponent << 23;
    });
}

void execute(const Context& context, const op::sfpsetman& i) {
    if (i.mode > 1) refuse_mode("SFPSETMAN", i.mode);
    const auto& registers = context.state.vector.registers;
    set_register(context, "SFPSETMAN", i.vd, [&](unsigned lane) {
        const std::uint32_t mantissa =
            i.mode == 1 ? i.value << 11 : registers[i.vd][lane] & mantissa_bits;
        return (registers[i.vc][lane] & ~mantissa_bits) | mantissa;
    });
}

void execute(const Context& context, const op::sfpsetsgn& i) {
    if (i.mode > 1) refuse_mode("SFPSETSGN", i.mode);
    const auto& registers = context.state.vector.registers;
    set_register(context, "SFPSETSGN", i.vd, [&](unsigned lane) {
        const std::uint32_t sign = i.mode == 1 ? i.value << 31 : registers[i.vd][lane] & sign_bit;
        return (registers[i.vc][lane] & ~sign_bit) | sign;
    });
}

// Sign and magnitude to FP32; on Blackhole also to two's complement.
void execute(const Context& context, const op::sfpcast& i) {
    constexpr std::uint32_t stochastic = 1, to_twos_complement = 3;
    const bool known =
        i.mode == 0 || i.mode == (context.blackhole() ? to_twos_complement : stochastic);
    if (!known) refuse_mode("SFPCAST", i.mode);
    VectorState& vector = context.state.vector;
    set_register(context, "SFPCAST", i.vd, [&](unsigned lane) -> std::uint32_t {
        const std::uint32_t x = vector.registers[i.vc][lane];
        const std::uint32_t sign = x & sign_bit;
        if (i.mode == to_twos_complement) return sign | (sign != 0 ? 0u - x : x);
        const std::uint32_t magnitude = x & ~sign_bit;
        // The magnitude, its first bit moved to the top: 24 bits of it are kept.
        const int zeros = std::countl_zero(magnitude);
        const std::uint32_t normal = magnitude == 0 ? 0 : magnitude << zeros;
        std::uint32_t result = sign + (normal >> 8);
        if (magnitude != 0) result += static_cast<std::uint32_t>(157 - zeros) << 23;
        const bool up = i.mode == stochastic
                            ? (normal & 0xfe) > (draw_random(vector, lane) >> 9 & 0xfe)
                            : (normal & 0x80) != 0 && (normal & 0x17f) != 0;
        return result + (up ? 1 : 0);
    });
}

namespace {

/// A rounding: up where what is dropped, as 23 bits, reaches this.
constexpr std::uint32_t half = 0x40'0000;

/// FP32 with fewer bits of mantissa.
std::uint32_t shortened(std::uint32_t x, unsigned dropped, std::uint32_t limit) {
    const std::uint32_t exponent = exponent_field(x);
    if (exponent == 0) return 0;
    if (exponent == 255) return x & (sign_bit | fp32_infinity);
    const std::uint32_t rest = x & ((1u << dropped) - 1);
    return x - rest + (rest << (23 - dropped) >= limit ? 1u << dropped : 0);
}

/// A magnitude whose lower 23 bits are behind the point, as an integer with a sign.
std::uint32_t integer(std::uint64_t magnitude, std::uint32_t sign, std::uint32_t most,
                      std::uint32_t limit) {
    const std::uint64_t whole = (magnitude >> 23) + ((magnitude & mantissa_bits) >= limit ? 1 : 0);
    const auto bounded = static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, most));
    return bounded == 0 ? 0 : sign | bounded;
}

std::uint32_t integer_of_float(std::uint32_t x, bool with_sign, std::uint32_t most,
                               std::uint32_t limit) {
    const std::uint32_t sign = with_sign ? x & sign_bit : 0;
    const int exponent = static_cast<int>(exponent_field(x)) - 127;
    if (exponent < -1) return 0;
    if (exponent >= 16) return sign | most;
    const std::uint64_t mantissa = (x & mantissa_bits) | (mantissa_bits + 1);
    return integer(exponent >= 0 ? mantissa << exponent : mantissa >> 1, sign, most, limit);
}

}  // namespace

void execute(const Context& context, const op::sfp_stoch_rnd& i) {
    if (i.stochastic > 1) refuse_mode("SFP_STOCH_RND", i.stochastic);
    VectorState& vector = context.state.vector;
    set_register(context, "SFP_STOCH_RND", i.vd, [&](unsigned lane) -> std::uint32_t {
        // A number is drawn whether it is used or not.
        const std::uint32_t drawn = draw_random(vector, lane) & mantissa_bits;
        const std::uint32_t limit = i.stochastic != 0 ? drawn : half;
        const std::uint32_t x = vector.registers[i.vc][lane];
        switch (i.mode) {
            case 0:
                return shortened(x, 13, limit);
            case 1:
                return shortened(x, 16, limit);
            case 2:
                return integer_of_float(x, false, 255, limit);
            case 3:
                return integer_of_float(x, true, 127, limit);
            case 6:
                return integer_of_float(x, false, 65535, limit);
            case 7:
                return integer_of_float(x, true, 32767, limit);
            default: {
                const std::uint32_t down =
                    i.immediate != 0 ? i.value : vector.registers[i.vb][lane] & 31;
                const std::uint64_t magnitude = std::uint64_t{x & ~sign_bit} << 23 >> down;
                return i.mode == 4 ? integer(magnitude, 0, 255, limit)
                                   : integer(magnitude, x & sign_bit, 127, limit);
            }
        }
    });
}

}  // namespace tilewright::tensix
