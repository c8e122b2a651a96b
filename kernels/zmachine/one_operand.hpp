// Instructions of one operand.
#pragma once

#include "control_flow.hpp"
#include "properties.hpp"
#include "text.hpp"
#include "warning.hpp"

namespace tilewright::zmachine {

/// The parent, sibling or child of an object; object 0 has none, which is worth a warning.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE u32 link_or_warn(Machine& m, Registers& r, u32 object, u32 which,
                                            Warning warning) {
    if (object == 0) [[unlikely]] {
        warn_here(m, r, warning);
        return 0;
    }
    const u32 to = link<V>(m, object, which);
    check(m, r);
    return to;
}

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void print_at(Machine& m, Registers& r, u32 address) {
    print_string<V>(m, m.memory + address);
    check_text(m, r);
}

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void one_operand(Machine& m, Registers& r, u32 opcode, u32 a) {
    using Layout = ObjectLayout<V>;
    switch (opcode) {
        case 0x0:  // jz
            return branch(m, r, a == 0);
        case 0x1: {  // get_sibling
            const u32 to = link_or_warn<V>(m, r, a, Layout::sibling, Warning::get_sibling);
            store_result(m, r, to);
            return branch(m, r, to != 0);
        }
        case 0x2: {  // get_child
            const u32 to = link_or_warn<V>(m, r, a, Layout::child, Warning::get_child);
            store_result(m, r, to);
            return branch(m, r, to != 0);
        }
        case 0x3:  // get_parent
            return store_result(m, r,
                                link_or_warn<V>(m, r, a, Layout::parent, Warning::get_parent));
        case 0x4:  // get_prop_len
            return store_result(m, r, get_property_length<V>(m, a));
        case 0x5:  // inc
            return write_in_place(m, r, a, read_in_place(m, r, a) + 1);
        case 0x6:  // dec
            return write_in_place(m, r, a, read_in_place(m, r, a) - 1);
        case 0x7:  // print_addr
            return print_at<V>(m, r, a);
        case 0x8:  // call_1s
            if constexpr (V >= 4) return call<V>(m, r, {.count = 1, .a = a}, 0);
            return fail_here(m, r, Error::illegal_opcode);
        case 0x9:  // remove_obj
            if (a == 0) [[unlikely]] {
                return warn_here(m, r, Warning::remove_object);
            }
            remove_object<V>(m, a);
            return check(m, r);
        case 0xA:  // print_obj
            if (a == 0) [[unlikely]]
                return fail_here(m, r, Error::illegal_object);
            if (const u32 name = name_address<V>(m, a); load_byte(m, name) != 0) {
                print_at<V>(m, r, name + 1);
            }
            return check(m, r);
        case 0xB:  // ret
            return return_value(m, r, a);
        case 0xC:  // jump
            return go_to(m, r, pc_offset(m, r) + static_cast<u32>(to_signed(a)) - 2,
                         Error::jump_outside_story);
        case 0xD: {  // print_paddr
            const u32 address = unpack<V>(m, a, m.control.string_offset);
            if (address >= m.control.story_bytes) [[unlikely]] {
                return fail_here(m, r, Error::text_outside_story);
            }
            return print_at<V>(m, r, address);
        }
        case 0xE:  // load
            return store_result(m, r, read_in_place(m, r, a));
        default:  // 0xF: not, call_1n from version 5 on
            if constexpr (V >= 5) return call<V>(m, r, {.count = 1, .a = a}, discard_result);
            return store_result(m, r, ~a & 0xFFFF);
    }
}

}  // namespace tilewright::zmachine
