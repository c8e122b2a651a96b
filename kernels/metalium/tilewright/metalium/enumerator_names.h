// Names of enumerators, for DPRINT: of values from 0 to 63, and of the lower 32 bits of flags,
// which an operator| joins.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <tt_stl/enum_names.hpp>
#include <type_traits>
#include <utility>

#include "tilewright/metalium/number_text.h"

namespace tilewright::metalium {

template <typename T>
concept Flags = std::is_enum_v<T> && requires(T a, T b) {
    { a | b } -> std::same_as<T>;
};

template <typename T>
constexpr std::string_view type_name() {
    constexpr std::string_view all = __PRETTY_FUNCTION__;
    constexpr std::size_t start = all.find("T = ") + 4;
    return all.substr(start, all.size() - start - 1);
}

/// Of the i-th value that is looked at: i, or the i-th bit.
template <typename E, std::size_t i>
constexpr std::string_view name_of_candidate() {
    return name_of_value < E, Flags<E> ? std::size_t{1} << i : i > ();
}

/// The names one behind another, each ended by a zero, and nothing for those without one.
template <typename E>
struct EnumeratorNames {
    static constexpr std::size_t count = Flags<E> ? std::min<std::size_t>(sizeof(E) * 8, 32) : 64;

    template <std::size_t... i>
    static constexpr auto joined(std::index_sequence<i...>) {
        constexpr std::size_t size = (name_of_candidate<E, i>().size() + ... + sizeof...(i));
        std::array<char, size> all{};
        std::size_t at = 0;
        const auto add = [&](std::string_view name) {
            for (const char c : name) all[at++] = c;
            ++at;
        };
        (add(name_of_candidate<E, i>()), ...);
        return all;
    }
    static constexpr auto text = joined(std::make_index_sequence<count>());
};

/// Puts the name of candidate `wanted`, behind `type::` where `type` is not empty; false if it has
/// none.
[[gnu::noinline]] inline bool put_enumerator(const char* names, std::uint32_t count,
                                             std::uint32_t wanted, std::string_view type) {
    if (wanted >= count) return false;
    for (; wanted != 0; --wanted) {
        while (*names != 0) ++names;
        ++names;
    }
    if (*names == 0) return false;
    for (const char c : type) kernel::device::put(c);
    for (const char* c = type.empty() ? "" : "::"; *c != 0; ++c) kernel::device::put(*c);
    for (; *names != 0; ++names) kernel::device::put(*names);
    return true;
}
[[gnu::noinline]] inline void put_unnamed(std::string_view type, std::uint64_t magnitude,
                                          bool negative) {
    kernel::device::put('(');
    for (const char c : type) kernel::device::put(c);
    kernel::device::put(')');
    put_integer(magnitude, negative, {});
}

/// An enumerator by its name; flags joined by " | "; `(type)number` where there is no name.
template <typename E>
[[gnu::noinline]] void put_enumeration(E value, bool with_type) {
    using Names = EnumeratorNames<E>;
    using Number = std::underlying_type_t<E>;
    const auto number = static_cast<std::uint64_t>(static_cast<Number>(value));
    const bool negative = static_cast<Number>(value) < Number{};
    const std::string_view type = with_type ? type_name<E>() : std::string_view();
    if constexpr (Flags<E>) {
        std::uint64_t rest = number;
        for (std::uint32_t bit = 0; rest != 0 && bit < Names::count; ++bit) {
            if ((rest >> bit & 1) == 0) continue;
            if (rest != number) {
                for (const char c : std::string_view(" | ")) kernel::device::put(c);
            }
            if (!put_enumerator(Names::text.data(), Names::count, bit, type)) break;
            rest &= ~(std::uint64_t{1} << bit);
        }
        if (rest == 0 && number != 0) return;
        put_unnamed(type_name<E>(), rest, false);
    } else {
        if (!negative && number < Names::count &&
            put_enumerator(Names::text.data(), Names::count, static_cast<std::uint32_t>(number),
                           type)) {
            return;
        }
        put_unnamed(type_name<E>(), negative ? 0 - number : number, negative);
    }
}

}  // namespace tilewright::metalium

/// The name of a type.
template <typename T>
struct dp_type_name_t {
    TILEWRIGHT_DEVICE void print() const {
        for (const char c : tilewright::metalium::type_name<T>())
            tilewright::kernel::device::put(c);
    }
};
