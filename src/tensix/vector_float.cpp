#include "tensix/vector_float.hpp"

#include "tensix/lanes.hpp"
#include "tensix/multiply_add.hpp"
#include "tensix/number.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint32_t one = 0x3f80'0000;
/// Bits of modes: operands by register 7 of the lane.
constexpr std::uint32_t indirect_va = 4, indirect_vd = 8;

/// The register that a lane's result goes to; nothing is written to constants.
template <class Compute>
void set_indirect(const Context& context, std::string_view mnemonic, std::uint32_t vd,
                  bool indirect, Compute&& compute) {
    check_result(context, mnemonic, vd);
    VectorState& vector = context.state.vector;
    each_lane(enabled_lanes(vector), [&](unsigned lane) {
        const std::uint32_t result = compute(lane);
        const std::uint32_t meant = indirect ? vector.registers[7][lane] & 15 : vd;
        if (meant < written_registers) vector.registers[meant][lane] = result;
    });
}

/// va * vb + vc. Blackhole can negate the product (mode bit 0) and the addend (bit 1).
template <class Operands>
void multiply_and_add(const Context& context, std::string_view mnemonic, const Operands& i) {
    if (!context.blackhole() && (i.mode & 3) != 0) refuse_mode(mnemonic, i.mode);
    const auto& registers = context.state.vector.registers;
    set_indirect(context, mnemonic, i.vd, (i.mode & indirect_vd) != 0, [&](unsigned lane) {
        const std::uint32_t va = (i.mode & indirect_va) != 0 ? registers[7][lane] & 15 : i.va;
        const std::uint32_t x = registers[va][lane] ^ ((i.mode & 1) != 0 ? sign_bit : 0);
        const std::uint32_t z = registers[i.vc][lane] ^ ((i.mode & 2) != 0 ? sign_bit : 0);
        return multiply_add(context.architecture, x, registers[i.vb][lane], z);
    });
}

/// vd = immediate * factor + addend, of which vd is one.
template <class Operands>
void with_immediate(const Context& context, std::string_view mnemonic, const Operands& i,
                    bool product) {
    if ((i.mode & ~indirect_vd) != 0) refuse_mode(mnemonic, i.mode);
    const std::uint32_t immediate = i.value << 16;
    const auto& own = context.state.vector.registers[i.vd];
    set_indirect(context, mnemonic, i.vd, (i.mode & indirect_vd) != 0, [&](unsigned lane) {
        return product ? multiply_add(context.architecture, immediate, own[lane], 0)
                       : multiply_add(context.architecture, immediate, one, own[lane]);
    });
}

/// Coefficients of 8 bits: sign, 3 bits of exponent downwards from 1, 4 of mantissa; all set is 0.
constexpr std::uint32_t coefficient8(std::uint32_t x) {
    if (x == 0xff) return 0;
    return x >> 7 << 31 | (127 - (x >> 4 & 7)) << 23 | (x & 15) << 19;
}
/// Coefficients of 16 bits: FP16 without denormals, whose largest exponent means 0.
constexpr std::uint32_t coefficient16(std::uint32_t x) {
    const std::uint32_t exponent = x >> 10 & 31;
    return (x & 0x8000) << 16 | (exponent == 31 ? 0 : exponent + fp16_to_fp32_bias) << 23 |
           (x & 0x3ff) << 13;
}

constexpr std::uint32_t bits_of_half = 0x3f00'0000, bits_of_one_and_half = 0x3fc0'0000,
                        bits_of_two = 0x4000'0000, bits_of_three = 0x4040'0000,
                        bits_of_four = 0x4080'0000;

/// Which of three ranges a magnitude lies in: below 1, below 2, above.
constexpr unsigned third_of(std::uint32_t magnitude) {
    return magnitude < one ? 0 : magnitude < bits_of_two ? 1 : 2;
}

/// The upper half of that range?
constexpr bool upper_half(std::uint32_t magnitude, std::uint32_t last_cut) {
    switch (third_of(magnitude)) {
        case 0:
            return magnitude >= bits_of_half;
        case 1:
            return magnitude >= bits_of_one_and_half;
        default:
            return magnitude >= last_cut;
    }
}

std::uint32_t like_sign(std::uint32_t x, std::uint32_t sign, bool wanted) {
    return wanted ? (x & ~sign_bit) | (sign & sign_bit) : x;
}

/// 7 bits of mantissa of 1 / (1 + (i + 1/2) / 128), doubled.
constexpr auto reciprocals = [] {
    std::array<std::uint8_t, 128> table{};
    for (unsigned i = 0; i < table.size(); ++i) {
        const unsigned divisor = 257 + 2 * i;
        table[i] = static_cast<std::uint8_t>((2 * 65536 + divisor) / (2 * divisor) - 128);
    }
    return table;
}();

std::uint32_t approximate_reciprocal(std::uint32_t magnitude) {
    constexpr std::uint32_t smallest = 0x0080'0000, too_large = 0x7e80'0000;
    if (magnitude < smallest) return fp32_infinity;
    if (magnitude >= too_large) return 0;
    return (253 - (magnitude >> 23)) << 23 | std::uint32_t{reciprocals[magnitude >> 16 & 0x7f]}
                                                 << 16;
}

}  // namespace

void execute(const Context& context, const op::sfpmad& i) {
    multiply_and_add(context, "SFPMAD", i);
}
void execute(const Context& context, const op::sfpadd& i) {
    multiply_and_add(context, "SFPADD", i);
}
void execute(const Context& context, const op::sfpmul& i) {
    multiply_and_add(context, "SFPMUL", i);
}
void execute(const Context& context, const op::sfpaddi& i) {
    with_immediate(context, "SFPADDI", i, false);
}
void execute(const Context& context, const op::sfpmuli& i) {
    with_immediate(context, "SFPMULI", i, true);
}

// Registers 0 to 2 hold a slope and an offset for each of three ranges of register 3.
void execute(const Context& context, const op::sfplut& i) {
    constexpr std::uint32_t keep_sign = 4;
    if ((i.mode & 3) != 0) refuse_mode("SFPLUT", i.mode);
    const auto& registers = context.state.vector.registers;
    set_indirect(context, "SFPLUT", i.vd, (i.mode & indirect_vd) != 0, [&](unsigned lane) {
        const std::uint32_t x = registers[3][lane];
        const std::uint32_t magnitude = x & ~sign_bit;
        const std::uint32_t line = registers[third_of(magnitude)][lane];
        const std::uint32_t y = multiply_add(context.architecture, coefficient8(line >> 8 & 0xff),
                                             magnitude, coefficient8(line & 0xff));
        return like_sign(y, x, (i.mode & keep_sign) != 0);
    });
}

// The same with FP32 in registers 0 to 2 and 4 to 6, or with numbers of 16 bits for six ranges; or
// with both of a range in one register.
void execute(const Context& context, const op::sfplutfp32& i) {
    constexpr std::uint32_t six = 2, cut_at_four = 1, keep_sign = 4, three16 = 10;
    const auto& registers = context.state.vector.registers;
    set_indirect(context, "SFPLUTFP32", i.vd, (i.mode & indirect_vd) != 0, [&](unsigned lane) {
        const std::uint32_t x = registers[3][lane];
        const std::uint32_t magnitude = x & ~sign_bit;
        const unsigned range = third_of(magnitude);
        std::uint32_t slope = registers[range][lane];
        std::uint32_t offset = registers[4 + range][lane];
        if ((i.mode & three16) == three16) {
            offset = coefficient16(slope & 0xffff);
            slope = coefficient16(slope >> 16);
        } else if ((i.mode & six) != 0) {
            const std::uint32_t last = (i.mode & cut_at_four) != 0 ? bits_of_four : bits_of_three;
            const unsigned low = upper_half(magnitude, last) ? 16 : 0;
            slope = coefficient16(slope >> low & 0xffff);
            offset = coefficient16(offset >> low & 0xffff);
        }
        const std::uint32_t y = multiply_add(context.architecture, slope, magnitude, offset);
        return like_sign(y, x, (i.mode & keep_sign) != 0);
    });
}

void execute(const Context& context, const op::sfparecip& i) {
    if (i.mode != 0 || i.value != 0) refuse_mode("SFPARECIP", i.mode);
    const auto& x = context.state.vector.registers[i.vc];
    set_register(context, "SFPARECIP", i.vd, [&](unsigned lane) {
        return (x[lane] & sign_bit) | approximate_reciprocal(x[lane] & ~sign_bit);
    });
}

}  // namespace tilewright::tensix
