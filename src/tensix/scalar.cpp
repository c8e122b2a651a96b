#include "tensix/scalar.hpp"

#include "tensix/address_counters.hpp"
#include "tilewright/base/text.hpp"

namespace tilewright::tensix {
namespace {

/// Half a general register.
std::uint16_t half(const Context& context, unsigned index) {
    return static_cast<std::uint16_t>(context.own().registers[index / 2] >> (16 * (index % 2)));
}
void set_half(const Context& context, unsigned index, std::uint32_t value) {
    std::uint32_t& whole = context.own().registers[index / 2];
    const unsigned low = 16 * (index % 2);
    whole = (whole & ~(0xffffu << low)) | (value & 0xffff) << low;
}

/// result = operation(left, right), where right may be a number of 6 bits.
template <class Operands, class Operation>
void combine(const Context& context, const Operands& i, Operation&& operation) {
    auto& registers = context.own().registers;
    const std::uint32_t right = i.immediate != 0 ? i.right : registers[i.right];
    registers[i.result] = operation(registers[i.left], right);
}

/// An address in L1: 16 times a register, plus the half register of an offset, which is then
/// advanced.
template <class Operands>
std::uint32_t indirect_address(const Context& context, const Operands& i) {
    const std::uint32_t address = context.own().registers[i.address] * 16 + half(context, i.offset);
    constexpr std::array<std::uint32_t, 4> steps{0, 2, 4, 16};
    set_half(context, i.offset, half(context, i.offset) + steps[i.increment]);
    return address;
}

/// Sizes of loads and stores: 16, 4, 2, 1 bytes.
constexpr std::array<std::uint32_t, 4> sizes{16, 4, 2, 1};

void copy_in(const Context& context, unsigned first, std::uint32_t address, std::uint32_t size) {
    context.reading(address, size);
    std::memcpy(&context.own().registers[first], context.l1.bytes.data() + address, size);
}
void copy_out(const Context& context, unsigned first, std::uint32_t address, std::uint32_t size) {
    context.writing(address, size);
    std::memcpy(context.l1.bytes.data() + address, &context.own().registers[first], size);
}

std::uint32_t device_register(std::string_view mnemonic, std::uint32_t address) {
    constexpr std::uint32_t first = 0xffb1'1000;
    if (address < first) {
        refuse(mnemonic, "device register " + hex(address) + "; they begin at " + hex(first));
    }
    return address;
}

void write_counter(const Context& context, const op::reg2flop& i) {
    std::uint32_t value = context.own().registers[i.reg];
    const unsigned bits = i.size == 1 ? 32 : i.size == 2 ? 16 : 8;
    if (i.size == 0 || (8 * i.shift) % bits != 0) {
        value = 0;
    } else {
        value = extract(value, 8 * i.shift, bits);
    }
    const unsigned thread = (i.target & 1) != 0 ? i.thread : context.thread;
    const unsigned unit = i.index >> 3 & 3;
    if (thread >= thread_count || unit >= 3) return;
    const std::size_t dimension = i.index & 3;
    Counter& counter =
        context.state.threads[thread].counters[unit].channel[i.index >> 5 & 1][dimension];
    ((i.index & 4) != 0 ? counter.carry : counter.value) = value & counter_masks[dimension];
}

}  // namespace

void execute(const Context& context, const op::setdmareg& i) {
    if (i.signals != 0) refuse("SETDMAREG", "to read a packer's state is not modelled");
    set_half(context, i.half, i.value);
}

void execute(const Context& context, const op::reg2flop& i) {
    if ((i.target & 2) != 0) {
        write_counter(context, i);
        return;
    }
    const auto architecture = static_cast<std::size_t>(context.architecture);
    const std::uint32_t first = config::section0.places[architecture].word;
    const std::uint32_t end = config::first_global.places[architecture].word;
    if (i.target != 0 || first + i.index >= end) {
        refuse("REG2FLOP", "target " + std::to_string(i.target) + ", index " +
                               std::to_string(i.index) + "; it writes " +
                               std::to_string(end - first) +
                               " registers of unpackers and packers, or counters");
    }
    const bool four = i.size == 0;
    for (unsigned word = 0; word < (four ? 4u : 1u); ++word) {
        write_config(context.state, context.architecture, context.config.bank(),
                     first + (four ? (i.index & ~3u) + word : i.index),
                     context.own().registers[four ? (i.reg & ~3u) + word : i.reg]);
    }
}

void execute(const Context& context, const op::adddmareg& i) {
    combine(context, i, [](std::uint32_t x, std::uint32_t y) { return x + y; });
}
void execute(const Context& context, const op::subdmareg& i) {
    combine(context, i, [](std::uint32_t x, std::uint32_t y) { return x - y; });
}
void execute(const Context& context, const op::muldmareg& i) {
    combine(context, i,
            [](std::uint32_t x, std::uint32_t y) { return (x & 0xffff) * (y & 0xffff); });
}
void execute(const Context& context, const op::bitwopdmareg& i) {
    combine(context, i, [&](std::uint32_t x, std::uint32_t y) {
        switch (i.mode) {
            case 0:
                return x & y;
            case 1:
                return x | y;
            case 2:
                return x ^ y;
            default:
                refuse("BITWOPDMAREG", "mode " + std::to_string(i.mode) +
                                           "; it has 0 (and), 1 (or), 2 (exclusive or)");
        }
    });
}
void execute(const Context& context, const op::shiftdmareg& i) {
    combine(context, i, [&](std::uint32_t x, std::uint32_t y) {
        switch (i.mode) {
            case 0:
                return x << (y & 31);
            case 1:
                return x >> (y & 31);
            default:
                refuse("SHIFTDMAREG",
                       "mode " + std::to_string(i.mode) + "; it has 0 (left), 1 (right)");
        }
    });
}
void execute(const Context& context, const op::cmpdmareg& i) {
    combine(context, i, [&](std::uint32_t x, std::uint32_t y) -> std::uint32_t {
        switch (i.mode) {
            case 0:
                return x > y;
            case 1:
                return x < y;
            case 2:
                return x == y;
            default:
                refuse("CMPDMAREG", "mode " + std::to_string(i.mode) +
                                        "; it has 0 (greater), 1 (less), 2 (equal)");
        }
    });
}

void execute(const Context& context, const op::loadind& i) {
    const std::uint32_t size = sizes[i.size];
    const std::uint32_t address = indirect_address(context, i) & ~(size - 1);
    copy_in(context, size == 16 ? i.reg & ~3u : i.reg, address, size);
}

void execute(const Context& context, const op::storeind& i) {
    if (i.l1 != 0) {
        const std::uint32_t size = sizes[i.size];
        const std::uint32_t address = indirect_address(context, i) & ~(size - 1);
        copy_out(context, size == 16 ? i.reg & ~3u : i.reg, address, size);
        return;
    }
    if ((i.size & 2) == 0) refuse("STOREIND", "stores to SrcA and SrcB are not modelled");
    const auto& registers = context.own().registers;
    const std::uint32_t place =
        (registers[i.address] + (half(context, i.offset) >> 4)) & 0x000f'fffc;
    context.effects.access = RegisterAccess{false, device_register("STOREIND", 0xffb0'0000 + place),
                                            registers[i.reg], 0};
    indirect_address(context, i);
}

void execute(const Context& context, const op::atincget& i) {
    auto& registers = context.own().registers;
    const std::uint32_t address = registers[i.address] * 16 + i.word * 4;
    const std::uint32_t mask = (2u << i.width) - 1;
    context.reading(address, 4);
    context.writing(address, 4);
    const auto before = context.load<std::uint32_t>(address);
    const std::uint32_t after = before + registers[i.reg];
    context.store(address, (after & mask) | (before & ~mask));
    registers[i.reg] = before;
}

void execute(const Context& context, const op::atswap& i) {
    const auto& registers = context.own().registers;
    const std::uint32_t address = registers[i.address] * 16;
    std::array<std::uint32_t, 4> words{};
    for (unsigned word = 0; word < 4; ++word) {
        if (i.single == 0) {
            words[word] = registers[(i.reg & ~3u) + word];
        } else if (word == (i.reg & 3)) {
            words[word] = registers[i.reg];
        }
    }
    context.check(address, 16);
    for (unsigned first = 0; first < 8; ++first) {
        unsigned end = first;
        while ((i.mask >> end & 1) != 0) ++end;
        context.writing(address + 2 * first, 2 * (end - first));
        first = end;
    }
    for (unsigned piece = 0; piece < 8; ++piece) {
        if ((i.mask >> piece & 1) == 0) continue;
        context.store(address + 2 * piece,
                      static_cast<std::uint16_t>(words[piece / 2] >> (16 * (piece % 2))));
    }
}

void execute(const Context& context, const op::loadreg& i) {
    context.effects.access =
        RegisterAccess{true, device_register("LOADREG", 0xffb0'0000 + (i.address << 2)), 0,
                       static_cast<std::uint8_t>(i.reg)};
}

void execute(const Context& context, const op::storereg& i) {
    context.effects.access =
        RegisterAccess{false, device_register("STOREREG", 0xffb0'0000 + (i.address << 2)),
                       context.own().registers[i.reg], 0};
}

}  // namespace tilewright::tensix
