#include "tensix/row_counters.hpp"

#include "tensix/sources.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint32_t dst_mask = dst_rows - 1;
constexpr std::uint32_t source_mask = source_rows - 1;

/// One counter of an address mode.
struct Move {
    std::uint32_t increment;
    bool from_carry;
    bool clear;
    bool to_carry = false;
};

void apply(Counter& counter, const Move& move, std::uint32_t mask) {
    if (move.clear) {
        counter = {};
    } else if (move.to_carry) {
        counter.value = counter.carry = (counter.value + move.increment) & mask;
    } else if (move.from_carry) {
        counter.value = counter.carry = (counter.carry + move.increment) & mask;
    } else {
        counter.value = (counter.value + move.increment) & mask;
    }
}

inline __attribute__((always_inline)) void apply_mode(const Context& context, std::uint32_t mode,
                                                      bool with_fidelity) {
    RowCounters& rows = context.own().rows;
    const bool wormhole = !context.blackhole();
    if (wormhole && (rows.bias != 0 || context.config.own(thread_config::upper_modes) != 0)) {
        mode += 4;
    }
    const std::uint32_t ab =
        context.config.own(thread_config::source_modes.at(wormhole ? 2 * mode : mode));
    const std::uint32_t dst = context.config.own(thread_config::dst_modes.at(mode));
    const std::uint32_t bias = context.config.own(thread_config::bias_modes.at(mode));

    apply(rows.a, {extract(ab, 0, 6), extract(ab, 6, 1) != 0, extract(ab, 7, 1) != 0}, source_mask);
    apply(rows.b, {extract(ab, 8, 6), extract(ab, 14, 1) != 0, extract(ab, 15, 1) != 0},
          source_mask);
    apply(rows.dst,
          {extract(dst, 0, 10), extract(dst, 10, 1) != 0, extract(dst, 11, 1) != 0,
           extract(dst, 12, 1) != 0},
          dst_mask);
    if (with_fidelity) {
        const bool clear = extract(dst, 15, 1) != 0;
        rows.fidelity = clear ? 0 : (rows.fidelity + extract(dst, 13, 2)) & 3;
    }
    if (extract(bias, 4, 1) != 0) {
        rows.bias = 0;
    } else if (extract(bias, 0, 2) != 0) {
        rows.bias ^= 1;
    }
}

}  // namespace

void apply_address_mode(const Context& context, std::uint32_t mode, bool with_fidelity) {
    with_known_architecture(
        context, [&](const Context& known)
                     __attribute__((always_inline)) { apply_mode(known, mode, with_fidelity); });
}

void execute(const Context& context, const op::setrwc& i) {
    RowCounters& rows = context.own().rows;
    const auto set = [](Counter& counter, std::uint32_t value, bool add_carry, std::uint32_t mask) {
        counter.value = counter.carry = (value + (add_carry ? counter.carry : 0)) & mask;
    };
    if ((i.which & 1) != 0) set(rows.a, i.a, (i.carry & 1) != 0, source_mask);
    if ((i.which & 2) != 0) set(rows.b, i.b, (i.carry & 2) != 0, source_mask);
    if (i.d_to_carry != 0) {
        rows.dst.value = rows.dst.carry = (rows.dst.value + i.d) & dst_mask;
    } else if ((i.which & 4) != 0) {
        set(rows.dst, i.d, (i.carry & 4) != 0, dst_mask);
    }
    if ((i.which & 8) != 0) rows.fidelity = 0;
    flip_sources(context, i.flip);
}

void execute(const Context& context, const op::incrwc& i) {
    RowCounters& rows = context.own().rows;
    apply(rows.a, {i.a, (i.carry & 1) != 0, false}, source_mask);
    apply(rows.b, {i.b, (i.carry & 2) != 0, false}, source_mask);
    apply(rows.dst, {i.d, (i.carry & 4) != 0, false}, dst_mask);
}

}  // namespace tilewright::tensix
