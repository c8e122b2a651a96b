// Address counters of unpackers and packers, and the instructions that set and move them.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// Bits that a counter of X, Y, Z, W has.
inline constexpr std::array<std::uint32_t, 4> counter_masks{0x3'ffff, 0x1fff, 0xff, 0xff};

inline void set_counter(AddressCounters& counters, unsigned channel, std::size_t dimension,
                        std::uint32_t value) {
    Counter& counter = counters.channel[channel][dimension];
    counter.value = counter.carry = value & counter_masks[dimension];
}
inline void advance_counter(AddressCounters& counters, unsigned channel, std::size_t dimension,
                            std::uint32_t by) {
    Counter& counter = counters.channel[channel][dimension];
    counter.value = (counter.value + by) & counter_masks[dimension];
}
inline void carry_counter(AddressCounters& counters, unsigned channel, std::size_t dimension,
                          std::uint32_t by) {
    Counter& counter = counters.channel[channel][dimension];
    counter.value = counter.carry = (counter.carry + by) & counter_masks[dimension];
}

void execute(const Context& context, const op::setadc& i);
void execute(const Context& context, const op::setadcxx& i);
void execute(const Context& context, const op::setadcxy& i);
void execute(const Context& context, const op::setadczw& i);
void execute(const Context& context, const op::incadcxy& i);
void execute(const Context& context, const op::incadczw& i);
void execute(const Context& context, const op::addrcrxy& i);
void execute(const Context& context, const op::addrcrzw& i);

}  // namespace tilewright::tensix
