// What is illegal but common: done without effect, and mentioned once in the text.
//
// Many published stories apply an operation to object 0. The wording is that of Frotz, whose
// transcripts people compare with; like there, each kind is mentioned once a game.
#pragma once

#include "output.hpp"

namespace tilewright::zmachine {

enum class Warning : u32 {
    jin,
    get_child,
    get_parent,
    get_sibling,
    get_prop_addr,
    get_prop,
    put_prop,
    clear_attr,
    set_attr,
    test_attr,
    move_object,
    move_object_into,
    remove_object,
    get_next_prop,
};

inline constexpr const char* warning_text[] = {
    "@jin called with object 0",           "@get_child called with object 0",
    "@get_parent called with object 0",    "@get_sibling called with object 0",
    "@get_prop_addr called with object 0", "@get_prop called with object 0",
    "@put_prop called with object 0",      "@clear_attr called with object 0",
    "@set_attr called with object 0",      "@test_attr called with object 0",
    "@move_object called moving object 0", "@move_object called moving into object 0",
    "@remove_object called with object 0", "@get_next_prop called with object 0"};

/// `pc` is the address behind the operands of the instruction. A strict game ends with an error.
[[gnu::noinline]] inline void warn(Machine& m, Warning warning, u32 pc) {
    if (m.control.strict != 0) return fail(m, Error::object_zero);
    const u32 index = static_cast<u32>(warning);
    if ((m.control.warned >> index & 1) != 0) return;
    m.control.warned |= 1u << index;
    print_ascii(m, "Warning: ");
    print_ascii(m, warning_text[index]);
    print_ascii(m, " (PC = ");
    print_unsigned(m, pc, 16);
    print_ascii(m, ") (will ignore further occurrences)\n");
}

TILEWRIGHT_ZMACHINE_INLINE void warn_here(Machine& m, Registers& r, Warning warning) {
    warn(m, warning, pc_offset(m, r));
    check(m, r);
}

}  // namespace tilewright::zmachine
