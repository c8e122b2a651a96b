// Values in the vector unit's registers, and its instructions on them.
//
// To the compiler a value is a vector of RISC-V's V extension in a group of four registers, of
// which there are eight: v0, v4, ..., v28 are the unit's L0 to L7. It allocates them, and the
// copies it adds are of all lanes; every instruction here is the engine's own, by its encoding.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/vector.hpp"

// Numbers of the unit's registers, by the names that the compiler gives its own.
asm(".set tilewright_v0, 0\n.set tilewright_v4, 1\n.set tilewright_v8, 2\n"
    ".set tilewright_v12, 3\n.set tilewright_v16, 4\n.set tilewright_v20, 5\n"
    ".set tilewright_v24, 6\n.set tilewright_v28, 7\n");

/// An instruction whose word lacks the numbers of registers: `fields` is an expression for them.
/// Nothing is moved across it, as what it does depends on which lanes take part. A word that the
/// compiler does not know is stored, as issue_word() does.
#define TILEWRIGHT_VECTOR(instruction, fields, result, ...)                                      \
    do {                                                                                         \
        const std::uint32_t tw_word = ::tilewright::kernel::tensix::word_of instruction;         \
        if (__builtin_constant_p(tw_word)) {                                                     \
            asm volatile(".4byte %c[tw_w] + ((" fields ") << 2)"                                 \
                         : result                                                                \
                         : [tw_w] "i"(tw_word << 2 | tw_word >> 30) __VA_OPT__(, ) __VA_ARGS__); \
        } else {                                                                                 \
            std::uint32_t tw_t;                                                                  \
            asm volatile(                                                                        \
                "li %[tw_t], " fields                                                            \
                "\n\tadd %[tw_t], %[tw_t], %[tw_w]\n\tsw %[tw_t], 0(%[tw_p])"                    \
                : result, [tw_t] "=&r"(tw_t)                                                     \
                : [tw_w] "r"(tw_word), [tw_p] "r"(                                               \
                                           ::tilewright::abi::compute_registers +                \
                                           ::tilewright::abi::compute_register::instructions)    \
                                           __VA_OPT__(, ) __VA_ARGS__);                          \
        }                                                                                        \
    } while (false)

namespace tilewright::metalium::vectors {

namespace op = kernel::tensix::op;

using Register = __rvv_int32m4_t;
using Value = Register __attribute__((riscv_rvv_vector_bits(1024)));

/// Registers with constants.
inline constexpr std::uint32_t zero = kernel::tensix::vector::zero,
                               one = kernel::tensix::vector::one,
                               minus_one = kernel::tensix::vector::minus_one;

#define TW_D "(tilewright_%[d] << 4)"
#define TW_C "(tilewright_%[c] << 8)"
#define TW_B "(tilewright_%[b] << 12)"
#define TW_A "(tilewright_%[a] << 16)"
#define TW_UPPER_D "(tilewright_%[d] << 20)"

// --- With one result, which need not have a value before -----------------------------------------

/// Of no operand in a register, where `result` is in the upper or the lower field.
template <class Instruction>
TILEWRIGHT_DEVICE Value made(const Instruction& i) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_D, [d] "=vr"(r));
    return r;
}
template <class Instruction>
TILEWRIGHT_DEVICE Value loaded(const Instruction& i) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_UPPER_D, [d] "=vr"(r));
    return r;
}
/// Of operand c.
template <class Instruction>
TILEWRIGHT_DEVICE Value made(const Instruction& i, Value c) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_D "+" TW_C, [d] "=vr"(r), [c] "vr"(c));
    return r;
}
/// Operand a times operand b.
TILEWRIGHT_DEVICE Value multiplied(const op::sfpmul& i, Value a, Value b) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_D "+" TW_B "+" TW_A, [d] "=vr"(r), [a] "vr"(a), [b] "vr"(b));
    return r;
}
/// Of operands b and c: a sum with register `i.va` as factor.
template <class Instruction>
TILEWRIGHT_DEVICE Value added(const Instruction& i, Value b, Value c) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_D "+" TW_B "+" TW_C, [d] "=vr"(r), [b] "vr"(b), [c] "vr"(c));
    return r;
}
TILEWRIGHT_DEVICE Value multiplied_and_added(const op::sfpmad& i, Value a, Value b, Value c) {
    Value r;
    TILEWRIGHT_VECTOR(
        (i), TW_D "+" TW_A "+" TW_B "+" TW_C, [d] "=vr"(r), [a] "vr"(a), [b] "vr"(b), [c] "vr"(c));
    return r;
}

/// Of operand b, with registers `i.va` and `i.vc`.
TILEWRIGHT_DEVICE Value scaled(const op::sfpmad& i, Value b) {
    Value r;
    TILEWRIGHT_VECTOR((i), TW_D "+" TW_B, [d] "=vr"(r), [b] "vr"(b));
    return r;
}

// --- Changing a value ----------------------------------------------------------------------------

template <class Instruction>
TILEWRIGHT_DEVICE void change(const Instruction& i, Value& d) {
    TILEWRIGHT_VECTOR((i), TW_D, [d] "+vr"(d));
}
template <class Instruction>
TILEWRIGHT_DEVICE void change_upper(const Instruction& i, Value& d) {
    TILEWRIGHT_VECTOR((i), TW_UPPER_D, [d] "+vr"(d));
}
template <class Instruction>
TILEWRIGHT_DEVICE void change(const Instruction& i, Value& d, Value c) {
    TILEWRIGHT_VECTOR((i), TW_D "+" TW_C, [d] "+vr"(d), [c] "vr"(c));
}
TILEWRIGHT_DEVICE void add_to(Value& d, Value c) {
    TILEWRIGHT_VECTOR((op::sfpadd{.va = one}),
                      TW_D "+ (tilewright_%[d] << 12) +" TW_C, [d] "+vr"(d), [c] "vr"(c));
}
TILEWRIGHT_DEVICE void subtract_from(Value& d, Value b) {
    TILEWRIGHT_VECTOR((op::sfpmad{.va = minus_one}),
                      TW_D "+ (tilewright_%[d] << 8) +" TW_B, [d] "+vr"(d), [b] "vr"(b));
}
TILEWRIGHT_DEVICE void multiply_by(Value& d, Value b) {
    TILEWRIGHT_VECTOR((op::sfpmul{.vc = zero}),
                      TW_D "+ (tilewright_%[d] << 16) +" TW_B, [d] "+vr"(d), [b] "vr"(b));
}
/// In the lanes that take part.
TILEWRIGHT_DEVICE void assign(Value& d, Value c) {
    change(op::sfpmov{}, d, c);
}
/// Both are results.
template <std::uint32_t mode>
TILEWRIGHT_DEVICE void exchange(Value& d, Value& c) {
    constexpr std::uint32_t word = kernel::tensix::word_of(op::sfpswap{.mode = mode});
    asm volatile(".4byte %c[w] + ((" TW_D "+" TW_C ") << 2)"
                 : [d] "+vr"(d), [c] "+vr"(c)
                 : [w] "i"(word << 2 | word >> 30));
    kernel::tensix::issue(op::sfpnop{});
}

/// Of four values, by registers 0 to 3; 4 to 7 change, too.
TILEWRIGHT_DEVICE void transpose(Value& w, Value& x, Value& y, Value& z) {
    constexpr std::uint32_t word = kernel::tensix::word_of(op::sfptransp{});
    register Register l0 asm("v0") = w;
    register Register l1 asm("v4") = x;
    register Register l2 asm("v8") = y;
    register Register l3 asm("v12") = z;
    asm volatile(".4byte %c[w]"
                 : "+vr"(l0), "+vr"(l1), "+vr"(l2), "+vr"(l3)
                 : [w] "i"(word << 2 | word >> 30)
                 : "v16", "v20", "v24", "v28");
    w = l0;
    x = l1;
    y = l2;
    z = l3;
}

// --- Without a result in a register --------------------------------------------------------------

/// On one operand, c: flags of lanes.
template <class Instruction>
TILEWRIGHT_DEVICE void use(const Instruction& i, Value c) {
    const std::uint32_t word = kernel::tensix::word_of(i);
    asm volatile(".4byte %c[w] + (" TW_C " << 2)" : : [w] "i"(word << 2 | word >> 30), [c] "vr"(c));
}
/// To Dst.
TILEWRIGHT_DEVICE void store(const op::sfpstore& i, Value d) {
    const std::uint32_t word = kernel::tensix::word_of(i);
    if (__builtin_constant_p(word)) {
        asm volatile(".4byte %c[w] + (" TW_UPPER_D " << 2)"
                     :
                     : [w] "i"(word << 2 | word >> 30), [d] "vr"(d));
    } else {
        std::uint32_t t;
        asm volatile("li %[t], " TW_UPPER_D "\n\tadd %[t], %[t], %[w]\n\tsw %[t], 0(%[p])"
                     : [t] "=&r"(t)
                     : [w] "r"(word), [d] "vr"(d),
                       [p] "r"(abi::compute_registers + abi::compute_register::instructions));
    }
}

// --- Numbers -------------------------------------------------------------------------------------

/// How the unit loads 32 bits for all lanes that take part: by one instruction, or by one for each
/// half.
struct Number {
    op::sfploadi first;
    bool whole;
    op::sfploadi upper_half;
    TILEWRIGHT_DEVICE explicit Number(std::uint32_t bits) {
        constexpr std::uint32_t bf16 = 0, unsigned16 = 2, signed16 = 4, upper = 8, lower = 10;
        const bool known = __builtin_constant_p(bits);
        const auto as_signed = static_cast<std::int32_t>(bits);
        const bool is_bf16 = known && (bits & 0xffff) == 0;
        const bool is_unsigned = known && bits <= 0xffff;
        const bool is_signed = known && as_signed < 0 && as_signed >= -0x8000;
        whole = is_bf16 || is_unsigned || is_signed;
        first = {.value = is_bf16 ? bits >> 16 : bits & 0xffff,
                 .mode = is_bf16       ? bf16
                         : is_unsigned ? unsigned16
                         : is_signed   ? signed16
                                       : lower};
        upper_half = {.value = bits >> 16, .mode = upper};
    }
};
/// In the lanes that take part; elsewhere `r` is what it was.
TILEWRIGHT_DEVICE void set(Value& r, std::uint32_t bits) {
    const Number n(bits);
    change_upper(n.first, r);
    if (!n.whole) change_upper(n.upper_half, r);
}
TILEWRIGHT_DEVICE Value number(std::uint32_t bits) {
    const Number n(bits);
    Value r = loaded(n.first);
    if (!n.whole) change_upper(n.upper_half, r);
    return r;
}

// --- Registers by their number -------------------------------------------------------------------

/// What is in the unit's register now, whoever put it there.
template <unsigned number>
TILEWRIGHT_DEVICE Value read_register();
/// From here on the register has the value, until the compiler needs it for another.
template <unsigned number>
TILEWRIGHT_DEVICE void write_register(Value value);
#define TILEWRIGHT_REGISTER(number, name)                        \
    template <>                                                  \
    TILEWRIGHT_DEVICE Value read_register<number>() {            \
        register Register r asm(name);                           \
        asm volatile("" : "=vr"(r));                             \
        return r;                                                \
    }                                                            \
    template <>                                                  \
    TILEWRIGHT_DEVICE void write_register<number>(Value value) { \
        register Register r asm(name) = value;                   \
        asm volatile("" : : "vr"(r));                            \
    }
TILEWRIGHT_REGISTER(0, "v0")
TILEWRIGHT_REGISTER(1, "v4")
TILEWRIGHT_REGISTER(2, "v8")
TILEWRIGHT_REGISTER(3, "v12")
TILEWRIGHT_REGISTER(4, "v16")
TILEWRIGHT_REGISTER(5, "v20")
TILEWRIGHT_REGISTER(6, "v24")
TILEWRIGHT_REGISTER(7, "v28")
#undef TILEWRIGHT_REGISTER

/// A line for the range that x lies in, from registers 0 to 2.
TILEWRIGHT_DEVICE Value looked_up(const op::sfplut& i, Value x, Value r0, Value r1, Value r2) {
    const std::uint32_t word = kernel::tensix::word_of(i);
    register Register l0 asm("v0") = r0;
    register Register l1 asm("v4") = r1;
    register Register l2 asm("v8") = r2;
    register Register l3 asm("v12") = x;
    Value r;
    asm volatile(".4byte %c[w] + (" TW_UPPER_D " << 2)"
                 : [d] "=vr"(r)
                 : [w] "i"(word << 2 | word >> 30), "vr"(l0), "vr"(l1), "vr"(l2), "vr"(l3));
    return r;
}
/// The same with lines of twice 16 bits. Their mode also means that register 7 names the result.
TILEWRIGHT_DEVICE Value looked_up(op::sfplutfp32 i, Value x, Value r0, Value r1, Value r2) {
    constexpr std::uint32_t result = 4;
    i.vd = result;
    const std::uint32_t word = kernel::tensix::word_of(i);
    register Register l7 asm("v28") = number(result);
    register Register l0 asm("v0") = r0;
    register Register l1 asm("v4") = r1;
    register Register l2 asm("v8") = r2;
    register Register l3 asm("v12") = x;
    register Register l4 asm("v16");
    asm volatile(".4byte %c[w]"
                 : "=vr"(l4)
                 : [w] "i"(word << 2 | word >> 30), "vr"(l0), "vr"(l1), "vr"(l2), "vr"(l3),
                   "vr"(l7));
    return l4;
}
/// And from 4 to 6.
TILEWRIGHT_DEVICE Value looked_up(const op::sfplutfp32& i, Value x, Value r0, Value r1, Value r2,
                                  Value r4, Value r5, Value r6) {
    const std::uint32_t word = kernel::tensix::word_of(i);
    register Register l0 asm("v0") = r0;
    register Register l1 asm("v4") = r1;
    register Register l2 asm("v8") = r2;
    register Register l3 asm("v12") = x;
    register Register l4 asm("v16") = r4;
    register Register l5 asm("v20") = r5;
    register Register l6 asm("v24") = r6;
    Value r;
    asm volatile(".4byte %c[w] + (" TW_D " << 2)"
                 : [d] "=vr"(r)
                 : [w] "i"(word << 2 | word >> 30), "vr"(l0), "vr"(l1), "vr"(l2), "vr"(l3),
                   "vr"(l4), "vr"(l5), "vr"(l6));
    return r;
}
/// One of registers 11 to 14, by way of register 0.
TILEWRIGHT_DEVICE void configure(std::uint32_t number, Value value) {
    const std::uint32_t word = kernel::tensix::word_of(op::sfpconfig{.vd = number});
    register Register l0 asm("v0") = value;
    asm volatile(".4byte %c[w]" : : [w] "i"(word << 2 | word >> 30), "vr"(l0));
}

#undef TW_A
#undef TW_B
#undef TW_C
#undef TW_D
#undef TW_UPPER_D
#undef TILEWRIGHT_VECTOR

}  // namespace tilewright::metalium::vectors
