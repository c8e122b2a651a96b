#include "tensix/configure.hpp"

namespace tilewright::tensix {
namespace {

void write(const Context& context, std::uint32_t word, std::uint32_t value, bool whole = true) {
    write_config(context.state, context.architecture, context.config.bank(), word, value, whole);
}

std::uint32_t read(const Context& context, std::uint32_t word) {
    return read_config(context.state, context.architecture, context.config.bank(), word);
}

/// Changes the bits of one byte that the mask has.
template <class Operands>
void write_byte(const Context& context, const Operands& i, unsigned byte) {
    const std::uint32_t mask = i.mask << (8 * byte);
    write(context, i.word, (read(context, i.word) & ~mask) | (i.value << (8 * byte) & mask), false);
}

}  // namespace

void execute(const Context& context, const op::wrcfg& i) {
    const auto& registers = context.own().registers;
    if (i.four == 0) {
        write(context, i.word, registers[i.reg]);
        return;
    }
    for (unsigned word = 0; word < 4; ++word) {
        write(context, (i.word & ~3u) + word, registers[(i.reg & ~3u) + word]);
    }
}

void execute(const Context& context, const op::rdcfg& i) {
    context.own().registers[i.reg] = read(context, i.word);
}

void execute(const Context& context, const op::setc16& i) {
    write_thread_config(context.state, context.architecture, context.thread, i.word,
                        static_cast<std::uint16_t>(i.value));
}

void execute(const Context& context, const op::rmwcib0& i) {
    write_byte(context, i, 0);
}
void execute(const Context& context, const op::rmwcib1& i) {
    write_byte(context, i, 1);
}
void execute(const Context& context, const op::rmwcib2& i) {
    write_byte(context, i, 2);
}
void execute(const Context& context, const op::rmwcib3& i) {
    write_byte(context, i, 3);
}

// Of its operations the vendor's kernels use one: to add a scratch register.
void execute(const Context& context, const op::cfgshiftmask& i) {
    constexpr std::uint32_t add = 3;
    if (i.rotation != 0 || i.width != 31 || i.operation != add || i.keep_old != 1) {
        refuse("CFGSHIFTMASK",
               "only the addition of all 32 bits of a scratch register is modelled "
               "(rotation=0 width=31 operation=3 keep_old=1)");
    }
    const unsigned scratch = i.scratch == 3 ? context.thread : i.scratch;
    write(context, i.word, read(context, i.word) + context.config(config::scratch.at(scratch)));
}

}  // namespace tilewright::tensix
