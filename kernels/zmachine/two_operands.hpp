// Instructions of two operands, among them the arithmetic.
#pragma once

#include "control_flow.hpp"
#include "properties.hpp"
#include "warning.hpp"

namespace tilewright::zmachine {

/// Division towards zero; -32768 / -1 wraps. A divisor of 0 is an error.
inline u32 divide(Machine& m, u32 a, u32 b) {
    if (b == 0) [[unlikely]] {
        fail(m, Error::division_by_zero);
        return 0;
    }
    return static_cast<u32>(to_signed(a) / to_signed(b)) & 0xFFFF;
}
/// Its remainder, of the sign of the dividend.
inline u32 modulo(Machine& m, u32 a, u32 b) {
    if (b == 0) [[unlikely]] {
        fail(m, Error::division_by_zero);
        return 0;
    }
    return static_cast<u32>(to_signed(a) % to_signed(b)) & 0xFFFF;
}

/// Adds `step` to a variable in place; gives its new value.
TILEWRIGHT_ZMACHINE_INLINE std::int32_t step_variable(Machine& m, Registers& r, u32 variable,
                                                      u32 step) {
    const u32 value = read_in_place(m, r, variable) + step;
    write_in_place(m, r, variable, value);
    return to_signed(value);
}

/// The opcodes loadw and loadb.
TILEWRIGHT_ZMACHINE_INLINE void load_checked(Machine& m, Registers& r, u32 address, bool is_word) {
    if (address >= m.control.story_bytes) [[unlikely]]
        return fail_here(m, r, Error::load_outside_story);
    store_result(m, r, is_word ? load_word(m, address) : load_byte(m, address));
}

/// `equal` is what je finds: it alone takes more operands than two.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void two_operands(Machine& m, Registers& r, u32 opcode, u32 a, u32 b,
                                             bool equal) {
    switch (opcode) {
        case 0x01:  // je
            return branch(m, r, equal);
        case 0x02:  // jl
            return branch(m, r, to_signed(a) < to_signed(b));
        case 0x03:  // jg
            return branch(m, r, to_signed(a) > to_signed(b));
        case 0x04:  // dec_chk
            return branch(m, r, step_variable(m, r, a, 0xFFFF'FFFF) < to_signed(b));
        case 0x05:  // inc_chk
            return branch(m, r, step_variable(m, r, a, 1) > to_signed(b));
        case 0x06: {  // jin
            if (a == 0) [[unlikely]] {
                warn_here(m, r, Warning::jin);
                return branch(m, r, b == 0);
            }
            const u32 parent = link<V>(m, a, ObjectLayout<V>::parent);
            check(m, r);
            return branch(m, r, parent == b);
        }
        case 0x07:  // test
            return branch(m, r, (a & b) == b);
        case 0x08:  // or
            return store_result(m, r, a | b);
        case 0x09:  // and
            return store_result(m, r, a & b);
        case 0x0A: {  // test_attr
            if (a == 0) [[unlikely]] {
                warn_here(m, r, Warning::test_attr);
                return branch(m, r, false);
            }
            const bool on = test_attribute<V>(m, a, b);
            check(m, r);
            return branch(m, r, on);
        }
        case 0x0B:  // set_attr
            if (a == 0) [[unlikely]]
                return warn_here(m, r, Warning::set_attr);
            set_attribute<V>(m, a, b, true);
            return check(m, r);
        case 0x0C:  // clear_attr
            if (a == 0) [[unlikely]]
                return warn_here(m, r, Warning::clear_attr);
            set_attribute<V>(m, a, b, false);
            return check(m, r);
        case 0x0D:  // store
            return write_in_place(m, r, a, b);
        case 0x0E:  // insert_obj
            if (a == 0) [[unlikely]]
                return warn_here(m, r, Warning::move_object);
            if (b == 0) [[unlikely]] {
                return warn_here(m, r, Warning::move_object_into);
            }
            insert_object<V>(m, a, b);
            return check(m, r);
        case 0x0F:  // loadw
            return load_checked(m, r, (a + 2 * b) & 0xFFFF, true);
        case 0x10:  // loadb
            return load_checked(m, r, (a + b) & 0xFFFF, false);
        case 0x11: {  // get_prop
            u32 value = 0;
            if (a != 0) [[likely]] {
                value = get_property<V>(m, a, b);
                check(m, r);
            } else {
                warn_here(m, r, Warning::get_prop);
            }
            return store_result(m, r, value);
        }
        case 0x12: {  // get_prop_addr
            u32 address = 0;
            if (a != 0) [[likely]] {
                address = get_property_address<V>(m, a, b);
                check(m, r);
            } else {
                warn_here(m, r, Warning::get_prop_addr);
            }
            return store_result(m, r, address);
        }
        case 0x13: {  // get_next_prop
            u32 number = 0;
            if (a != 0) [[likely]] {
                number = get_next_property<V>(m, a, b);
                check(m, r);
            } else {
                warn_here(m, r, Warning::get_next_prop);
            }
            return store_result(m, r, number);
        }
        case 0x14:  // add
            return store_result(m, r, a + b);
        case 0x15:  // sub
            return store_result(m, r, a - b);
        case 0x16:  // mul
            return store_result(m, r, a * b);
        case 0x17:  // div
            store_result(m, r, divide(m, a, b));
            return check(m, r);
        case 0x18:  // mod
            store_result(m, r, modulo(m, a, b));
            return check(m, r);
        case 0x19:  // call_2s
            if constexpr (V >= 4) return call<V>(m, r, {.count = 2, .a = a, .b = b}, 0);
            break;
        case 0x1A:  // call_2n
            if constexpr (V >= 5) {
                return call<V>(m, r, {.count = 2, .a = a, .b = b}, discard_result);
            }
            break;
        case 0x1B:  // set_colour
            if constexpr (V >= 5) {
                add_event(m, EventKind::colour, a, b);
                return check_events(m, r);
            }
            break;
        case 0x1C:  // throw
            if constexpr (V >= 5) return throw_value(m, r, a, b);
            break;
        default:
            break;
    }
    return fail_here(m, r, Error::illegal_opcode);
}

}  // namespace tilewright::zmachine
