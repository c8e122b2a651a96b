// The object tree and the attributes of objects.
//
// Versions 1 to 3 have at most 255 objects of 9 bytes: 4 of attributes, parent, sibling, child, the
// address of the properties. Later ones have 14: 6 of attributes, and the links are words.
#pragma once

#include "memory.hpp"

namespace tilewright::zmachine {

template <unsigned V>
struct ObjectLayout {
    static constexpr bool wide = V >= 4;
    static constexpr u32 bytes = wide ? 14 : 9;
    static constexpr u32 first = wide ? 126 : 62;  ///< behind the default properties
    static constexpr u32 count = wide ? 65535 : 255;
    static constexpr u32 attributes = wide ? 48 : 32;
    static constexpr u32 parent = wide ? 6 : 4;
    static constexpr u32 sibling = wide ? 8 : 5;
    static constexpr u32 child = wide ? 10 : 6;
    static constexpr u32 properties = wide ? 12 : 7;
};

/// Address of an object, which is not 0. A number that no object has is an error.
template <unsigned V>
inline u32 object_address(Machine& m, u32 object) {
    using Layout = ObjectLayout<V>;
    if (object > Layout::count) [[unlikely]] {
        fail(m, Error::illegal_object);
        object = 1;
    }
    const u32 address = m.control.objects + Layout::first - Layout::bytes + object * Layout::bytes;
    return Layout::wide ? address & 0xFFFF : address;
}

template <unsigned V>
inline u32 link(Machine& m, u32 object, u32 which) {
    const u32 address = object_address<V>(m, object) + which;
    return ObjectLayout<V>::wide ? load_word(m, address) : load_byte(m, address);
}

template <unsigned V>
inline void set_link(Machine& m, u32 object, u32 which, u32 to) {
    const u32 address = object_address<V>(m, object) + which;
    ObjectLayout<V>::wide ? store_word(m, address, to) : store_byte(m, address, to);
}

/// Address of the byte that holds an attribute; an attribute that there is not is an error.
template <unsigned V>
inline u32 attribute_address(Machine& m, u32 object, u32 attribute) {
    if (attribute >= ObjectLayout<V>::attributes) [[unlikely]] {
        fail(m, Error::illegal_attribute);
        attribute = 0;
    }
    return object_address<V>(m, object) + (attribute >> 3);
}

template <unsigned V>
inline bool test_attribute(Machine& m, u32 object, u32 attribute) {
    const u32 byte = load_byte(m, attribute_address<V>(m, object, attribute));
    return (byte << (attribute & 7) & 0x80) != 0;
}

template <unsigned V>
inline void set_attribute(Machine& m, u32 object, u32 attribute, bool on) {
    const u32 address = attribute_address<V>(m, object, attribute);
    const u32 bit = 0x80u >> (attribute & 7);
    const u32 byte = load_byte(m, address);
    store_byte(m, address, on ? byte | bit : byte & ~bit);
}

/// Takes an object out of its parent.
template <unsigned V>
[[gnu::noinline]] inline void remove_object(Machine& m, u32 object) {
    using Layout = ObjectLayout<V>;
    const u32 parent = link<V>(m, object, Layout::parent);
    if (parent == 0) return;
    const u32 sibling = link<V>(m, object, Layout::sibling);
    set_link<V>(m, object, Layout::parent, 0);
    set_link<V>(m, object, Layout::sibling, 0);
    u32 at = link<V>(m, parent, Layout::child);
    if (at == object) return set_link<V>(m, parent, Layout::child, sibling);
    for (u32 steps = 0; at != 0 && steps <= Layout::count; ++steps) {
        const u32 next = link<V>(m, at, Layout::sibling);
        if (next == object) return set_link<V>(m, at, Layout::sibling, sibling);
        at = next;
    }
    fail(m, Error::object_tree_damaged);
}

/// Makes an object the first child of another.
template <unsigned V>
[[gnu::noinline]] inline void insert_object(Machine& m, u32 object, u32 into) {
    using Layout = ObjectLayout<V>;
    remove_object<V>(m, object);
    set_link<V>(m, object, Layout::parent, into);
    set_link<V>(m, object, Layout::sibling, link<V>(m, into, Layout::child));
    set_link<V>(m, into, Layout::child, object);
}

/// Address of an object's short name: a byte of its length in words, then the text.
template <unsigned V>
inline u32 name_address(Machine& m, u32 object) {
    return load_word(m, object_address<V>(m, object) + ObjectLayout<V>::properties);
}

}  // namespace tilewright::zmachine
