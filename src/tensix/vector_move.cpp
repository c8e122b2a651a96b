#include "tensix/vector_move.hpp"

#include "tensix/lanes.hpp"
#include "tensix/number.hpp"
#include "tensix/random.hpp"

namespace tilewright::tensix {
namespace {

/// Lane i gets the number of the lane before it in its group of eight; the first of the group that
/// of the last.
std::uint32_t from_left(const std::array<std::uint32_t, lane_count>& x, unsigned lane) {
    return (lane & 7) != 0 ? x[lane - 1] : x[lane + 7];
}

}  // namespace

void execute(const Context& context, const op::sfploadi& i) {
    VectorState& vector = context.state.vector;
    const auto set = [&](std::uint32_t value, std::uint32_t kept) {
        if (i.vd >= written_registers) return;
        each_lane(enabled_lanes(vector), [&](unsigned lane) {
            std::uint32_t& own = vector.registers[i.vd][lane];
            own = (own & kept) | value;
        });
    };
    switch (i.mode) {
        case 0:
            return set(i.value << 16, 0);
        case 1: {  // FP16, whose exponents are all those of normal numbers
            const std::uint32_t magnitude =
                ((i.value & 0x7fff) << 13) + (std::uint32_t{fp16_to_fp32_bias} << 23);
            return set((i.value & 0x8000) << 16 | magnitude, 0);
        }
        case 2:
            return set(i.value, 0);
        case 4:
            return set(static_cast<std::uint32_t>(static_cast<std::int32_t>(i.value << 16) >> 16),
                       0);
        case 8:
            return set(i.value << 16, 0xffff);
        case 10:
            return set(i.value, 0xffff'0000);
        default:
            refuse_mode("SFPLOADI", i.mode);
    }
}

void execute(const Context& context, const op::sfpmov& i) {
    constexpr std::uint32_t negate = 1, all = 2, special = 8;
    constexpr std::uint32_t random_number = 9, configuration = 15;
    VectorState& vector = context.state.vector;
    if (i.mode != 0 && i.mode != negate && i.mode != all && i.mode != special) {
        refuse_mode("SFPMOV", i.mode);
    }
    if (i.mode == special && i.vc != random_number && i.vc != configuration) {
        refuse("SFPMOV", "from special register " + std::to_string(i.vc) +
                             "; modelled are 9 (random numbers) and 15 (configuration)");
    }
    check_result(context, "SFPMOV", i.vd);
    each_lane(i.mode == all ? all_lanes : enabled_lanes(vector), [&](unsigned lane) {
        std::uint32_t x = vector.registers[i.vc][lane];
        if (i.mode == negate) x ^= sign_bit;
        if (i.mode == special) {
            x = i.vc == random_number ? draw_random(vector, lane) : vector.lane_config;
        }
        if (i.vd < written_registers) vector.registers[i.vd][lane] = x;
    });
}

// Of what it configures, constants (11 to 14) and the lanes are modelled; macro instructions are
// not.
void execute(const Context& context, const op::sfpconfig& i) {
    constexpr std::string_view mnemonic = "SFPCONFIG";
    constexpr std::uint32_t immediate = 1, or_bits = 2, and_bits = 4, lane_mask = 8;
    constexpr std::array<std::uint32_t, 4> defaults{0xbf80'0000, 0x3780'0000, 0xbf2c'c4c7,
                                                    0xbeb0'8ff9};
    VectorState& vector = context.state.vector;
    if ((i.mode & lane_mask) != 0) refuse(mnemonic, "a mask of lanes is not modelled");
    if (i.vd == 9 || i.vd == 10) return;
    if (i.vd < 9) refuse(mnemonic, "macro instructions are not modelled");
    // Eight lanes of register 0 are the source, those of them that take part.
    const std::uint32_t lanes = enabled_lanes(vector) & 0xff;
    if (i.vd < 15) {
        each_lane(all_lanes, [&](unsigned lane) {
            if ((lanes >> (lane & 7) & 1) == 0) return;
            vector.registers[i.vd][lane] =
                (i.mode & immediate) != 0 ? defaults[i.vd - 11] : vector.registers[0][lane & 7];
        });
        return;
    }
    if (lanes != 0xff) refuse(mnemonic, "a configuration of some lanes only is not modelled");
    std::uint32_t value = i.value;
    if ((i.mode & immediate) == 0) {
        value = vector.registers[0][0];
        for (unsigned lane = 1; lane < 8; ++lane) {
            if (vector.registers[0][lane] != value) {
                refuse(mnemonic, "a configuration that differs between lanes is not modelled");
            }
        }
    }
    const std::uint32_t before = vector.lane_config;
    switch (i.mode & (or_bits | and_bits)) {
        case or_bits:
            value |= before;
            break;
        case and_bits:
            value &= before;
            break;
        case or_bits | and_bits:
            value ^= before;
            break;
        default:
            break;
    }
    if ((value & ~lane_config::modelled) != 0) {
        refuse(mnemonic, "bits " + std::to_string(value & ~lane_config::modelled) +
                             " of the lanes' configuration are not modelled");
    }
    vector.lane_config = value;
}

void execute(const Context& context, const op::sfpswap& i) {
    // Lanes in which vd gets the smaller number, by mode; mode 0 always swaps.
    constexpr std::array<std::uint32_t, 10> smaller{
        0,           0xffff'ffff, 0x0000'ffff, 0x00ff'00ff, 0xff00'00ff,
        0x0000'00ff, 0x0000'ff00, 0x00ff'0000, 0xff00'0000, 0};
    if (i.mode >= smaller.size()) refuse_mode("SFPSWAP", i.mode);
    check_result(context, "SFPSWAP", i.vd);
    VectorState& vector = context.state.vector;
    auto& registers = vector.registers;
    const bool exchange = (vector.lane_config & lane_config::exchange) != 0;
    const bool with_index = (vector.lane_config & lane_config::index) != 0;
    const unsigned swapped = with_index ? 4 : written_registers;
    each_lane(enabled_lanes(vector), [&](unsigned lane) {
        const std::uint32_t c = registers[i.vc][lane];
        const std::uint32_t d = registers[i.vd][lane];
        if (i.mode != 0) {
            const bool c_is_smaller = total_order(c) < total_order(d);
            const bool d_gets_smaller = (smaller[i.mode] >> lane & 1) != 0;
            if ((c_is_smaller == d_gets_smaller) == exchange) return;
        }
        if (i.vc < swapped) registers[i.vc][lane] = d;
        if (i.vd < swapped) registers[i.vd][lane] = c;
        if (with_index) {
            std::swap(registers[4 + (i.vc & 3)][lane], registers[4 + (i.vd & 3)][lane]);
        }
    });
}

// Registers 0 to 3, and 4 to 7: in each column of lanes, row r of register s and row s of register
// r change places.
void execute(const Context& context, const op::sfptransp& i) {
    check_result(context, "SFPTRANSP", i.vd);
    VectorState& vector = context.state.vector;
    const std::uint32_t lanes = enabled_lanes(vector);
    for (unsigned base = 0; base < written_registers; base += 4) {
        for (unsigned r = 0; r < 4; ++r) {
            for (unsigned s = 0; s < r; ++s) {
                for (unsigned column = 0; column < 8; ++column) {
                    std::uint32_t& x = vector.registers[base + r][s * 8 + column];
                    std::uint32_t& y = vector.registers[base + s][r * 8 + column];
                    const std::uint32_t old_x = x;
                    if ((lanes >> (s * 8 + column) & 1) != 0) x = y;
                    if ((lanes >> (r * 8 + column) & 1) != 0) y = old_x;
                }
            }
        }
    }
}

void execute(const Context& context, const op::sfpshft2& i) {
    constexpr std::string_view mnemonic = "SFPSHFT2";
    VectorState& vector = context.state.vector;
    auto& registers = vector.registers;
    const std::uint32_t lanes = enabled_lanes(vector);
    // Registers 1 to 3 move down by one; what comes into 3?
    const auto move_down = [&](auto&& last) {
        check_result(context, mnemonic, i.vd);
        each_lane(lanes, [&](unsigned lane) {
            registers[0][lane] = registers[1][lane];
            registers[1][lane] = registers[2][lane];
            registers[2][lane] = registers[3][lane];
            registers[3][lane] = last(lane);
        });
    };
    const auto by = [](std::uint32_t x, std::int32_t amount) {
        const auto bits = static_cast<std::uint32_t>(amount);
        return amount >= 0 ? x << (bits & 31) : x >> ((0u - bits) & 31);
    };
    switch (i.mode) {
        case 0:
            move_down([](unsigned) { return 0u; });
            return;
        case 1: {
            const auto first = registers[0];
            move_down([&](unsigned lane) { return lane < 24 ? first[lane + 8] : 0u; });
            return;
        }
        case 2: {
            const auto x = registers[i.vc];
            move_down([&](unsigned lane) { return from_left(x, lane); });
            return;
        }
        case 3: {
            const auto x = registers[i.vc];
            set_register(context, mnemonic, i.vd,
                         [&](unsigned lane) { return from_left(x, lane); });
            return;
        }
        case 4: {
            if (!context.blackhole()) {
                refuse(mnemonic, "mode 4 shifts in what an earlier instruction left, on Wormhole");
            }
            const auto x = registers[i.vc];
            set_register(context, mnemonic, i.vd,
                         [&](unsigned lane) { return (lane & 7) != 0 ? x[lane - 1] : 0; });
            return;
        }
        case 5:
            set_register(context, mnemonic, i.vd, [&](unsigned lane) {
                return by(registers[i.value & 15][lane],
                          static_cast<std::int32_t>(registers[i.vc][lane]));
            });
            return;
        case 6:
            set_register(context, mnemonic, i.vd, [&](unsigned lane) {
                return by(registers[i.value & 15][lane],
                          static_cast<std::int32_t>(i.value << 20) >> 20);
            });
            return;
        default:
            refuse_mode(mnemonic, i.mode);
    }
}

void execute(const Context&, const op::sfpnop&) {}

}  // namespace tilewright::tensix
