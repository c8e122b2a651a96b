#include "tensix/address_counters.hpp"

namespace tilewright::tensix {
namespace {

/// Call `use` with the counters of each unit in the mask, of the thread that is named (0: its own).
template <class Use>
void each(const Context& context, std::uint32_t units, std::uint32_t thread, Use&& use) {
    const unsigned meant = thread == 0 ? context.thread : thread - 1;
    for (unsigned unit = 0; unit < 3; ++unit) {
        if ((units >> unit & 1) != 0) use(context.state.threads[meant].counters[unit]);
    }
}

using Step = void (&)(AddressCounters&, unsigned, std::size_t, std::uint32_t);

/// Four values for two dimensions of both channels; `which` has a bit for each.
template <class Operands>
void apply(const Context& context, const Operands& i, std::uint32_t which, std::size_t first,
           Step step) {
    const std::array values{i.first0, i.second0, i.first1, i.second1};
    each(context, i.units, i.thread, [&](AddressCounters& counters) {
        for (unsigned place = 0; place < 4; ++place) {
            if ((which >> place & 1) != 0) {
                step(counters, place / 2, first + place % 2, values[place]);
            }
        }
    });
}

constexpr std::uint32_t all = 0xf;

}  // namespace

void execute(const Context& context, const op::setadc& i) {
    // The thread's bits are those of the value that only X has.
    const std::uint32_t value = i.value | i.thread << 16;
    each(context, i.units, i.thread,
         [&](AddressCounters& counters) { set_counter(counters, i.channel, i.dimension, value); });
}

void execute(const Context& context, const op::setadcxx& i) {
    each(context, i.units, 0, [&](AddressCounters& counters) {
        set_counter(counters, 0, counter_x, i.start);
        set_counter(counters, 1, counter_x, i.end);
    });
}

void execute(const Context& context, const op::setadcxy& i) {
    apply(context, i, i.which, counter_x, set_counter);
}
void execute(const Context& context, const op::setadczw& i) {
    apply(context, i, i.which, counter_z, set_counter);
}
void execute(const Context& context, const op::incadcxy& i) {
    apply(context, i, all, counter_x, advance_counter);
}
void execute(const Context& context, const op::incadczw& i) {
    apply(context, i, all, counter_z, advance_counter);
}
void execute(const Context& context, const op::addrcrxy& i) {
    apply(context, i, i.which, counter_x, carry_counter);
}
void execute(const Context& context, const op::addrcrzw& i) {
    apply(context, i, i.which, counter_z, carry_counter);
}

}  // namespace tilewright::tensix
