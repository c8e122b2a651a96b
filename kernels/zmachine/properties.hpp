// Properties: lists behind the objects' names, in descending order of their numbers.
//
// Versions 1 to 3: one byte, (length - 1) * 32 + number. Later: the number in the lower 6 bits, bit
// 6 for a length of 2 instead of 1, or bit 7 for a second byte that holds the length. A list ends
// with number 0; the zeros behind the story end one that does not.
#pragma once

#include "objects.hpp"

namespace tilewright::zmachine {

template <unsigned V>
inline constexpr u32 property_mask = V <= 3 ? 0x1F : 0x3F;

/// Bytes of data of the property whose size byte lies at `p`, and of what stands before them.
template <unsigned V>
inline u32 property_length(const u8* p) {
    if constexpr (V <= 3) return (p[0] >> 5) + 1u;
    if ((p[0] & 0x80) == 0) return (p[0] >> 6) + 1u;
    const u32 length = p[1] & 0x3F;
    return length == 0 ? 64 : length;
}
template <unsigned V>
inline u32 property_header(const u8* p) {
    return V >= 4 && (p[0] & 0x80) != 0 ? 2 : 1;
}

template <unsigned V>
inline const u8* first_property(Machine& m, u32 object) {
    const u8* p = m.memory + name_address<V>(m, object);
    return p + 1 + 2u * p[0];
}

template <unsigned V>
inline const u8* next_property(const u8* p) {
    return p + property_header<V>(p) + property_length<V>(p);
}

/// The size byte of the first property whose number is not above `number`.
template <unsigned V>
inline const u8* find_property(Machine& m, u32 object, u32 number) {
    const u8* p = first_property<V>(m, object);
    while ((*p & property_mask<V>) > number) p = next_property<V>(p);
    return p;
}

template <unsigned V>
inline u32 get_property(Machine& m, u32 object, u32 number) {
    const u8* p = find_property<V>(m, object, number);
    if ((*p & property_mask<V>) != number) {
        return load_word(m, (m.control.objects + 2 * (number - 1)) & 0xFFFF);
    }
    const u8* data = p + property_header<V>(p);
    return property_length<V>(p) == 1 ? *data : word_at(data);
}

template <unsigned V>
inline u32 get_property_address(Machine& m, u32 object, u32 number) {
    const u8* p = find_property<V>(m, object, number);
    if ((*p & property_mask<V>) != number) return 0;
    return static_cast<u32>(p - m.memory) + property_header<V>(p);
}

/// Length of the property whose data lies at `address`; 0 for address 0.
template <unsigned V>
inline u32 get_property_length(Machine& m, u32 address) {
    if (address == 0) return 0;
    const u32 size = load_byte(m, address - 1);
    if constexpr (V <= 3) return (size >> 5) + 1;
    if ((size & 0x80) == 0) return (size >> 6) + 1;
    return (size & 0x3F) == 0 ? 64 : size & 0x3F;
}

template <unsigned V>
inline u32 get_next_property(Machine& m, u32 object, u32 number) {
    const u8* p = first_property<V>(m, object);
    if (number != 0) {
        p = find_property<V>(m, object, number);
        if ((*p & property_mask<V>) != number) fail(m, Error::no_such_property);
        p = next_property<V>(p);
    }
    return *p & property_mask<V>;
}

template <unsigned V>
[[gnu::noinline]] inline void put_property(Machine& m, u32 object, u32 number, u32 value) {
    const u8* p = find_property<V>(m, object, number);
    if ((*p & property_mask<V>) != number) return fail(m, Error::no_such_property);
    const u32 address = static_cast<u32>(p - m.memory) + property_header<V>(p);
    property_length<V>(p) == 1 ? store_byte(m, address, value) : store_word(m, address, value);
}

}  // namespace tilewright::zmachine
