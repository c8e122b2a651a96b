// memcpy and its relatives, which the compiler also calls by itself.
//
// Word by word, eight loads before eight stores: a load from L1 takes 8 cycles or more, but the
// next may issue while it is under way.
#include <cstddef>
#include <cstdint>

namespace {

using Word [[gnu::may_alias]] = std::uint32_t;
using Byte = unsigned char;

std::uint32_t misalignment(const void* p) {
    return reinterpret_cast<std::uintptr_t>(p) & 3;
}

}  // namespace

extern "C" {

void* memcpy(void* __restrict destination, const void* __restrict source, std::size_t count) {
    auto* to = static_cast<Byte*>(destination);
    auto* from = static_cast<const Byte*>(source);
    if (count >= 8) {
        while (misalignment(to) != 0) {
            *to++ = *from++;
            --count;
        }
        auto* to_word = reinterpret_cast<Word*>(to);
        const std::uint32_t skew = misalignment(from);
        if (skew == 0) {
            auto* from_word = reinterpret_cast<const Word*>(from);
            for (; count >= 32; count -= 32, to_word += 8, from_word += 8) {
                const Word a = from_word[0], b = from_word[1], c = from_word[2], d = from_word[3];
                const Word e = from_word[4], f = from_word[5], g = from_word[6], h = from_word[7];
                to_word[0] = a, to_word[1] = b, to_word[2] = c, to_word[3] = d;
                to_word[4] = e, to_word[5] = f, to_word[6] = g, to_word[7] = h;
            }
            for (; count >= 4; count -= 4) *to_word++ = *from_word++;
            from = reinterpret_cast<const Byte*>(from_word);
        } else {
            // Whole words of the source, joined in pairs. Only words that hold a byte to be copied
            // are touched.
            const std::uint32_t down = 8 * skew;
            const std::uint32_t up = 32 - down;
            auto* from_word = reinterpret_cast<const Word*>(from - skew);
            Word held = *from_word++;
            for (; count >= 16; count -= 16, to_word += 4, from_word += 4) {
                const Word a = from_word[0], b = from_word[1], c = from_word[2], d = from_word[3];
                to_word[0] = held >> down | a << up;
                to_word[1] = a >> down | b << up;
                to_word[2] = b >> down | c << up;
                to_word[3] = c >> down | d << up;
                held = d;
            }
            for (; count >= 4; count -= 4) {
                const Word next = *from_word++;
                *to_word++ = held >> down | next << up;
                held = next;
            }
            from = reinterpret_cast<const Byte*>(from_word) - 4 + skew;
        }
        to = reinterpret_cast<Byte*>(to_word);
    }
    while (count-- != 0) *to++ = *from++;
    return destination;
}

void* memmove(void* destination, const void* source, std::size_t count) {
    auto* to = static_cast<Byte*>(destination);
    auto* from = static_cast<const Byte*>(source);
    if (to == from) return destination;
    // memcpy reads ahead of what it writes within a round, so it is safe only without overlap.
    if (to + count <= from || from + count <= to) return memcpy(destination, source, count);
    const bool words = misalignment(to) == misalignment(from);
    if (to < from) {
        if (words) {
            for (; count != 0 && misalignment(to) != 0; --count) *to++ = *from++;
            for (; count >= 4; count -= 4, to += 4, from += 4)
                *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);
        }
        while (count-- != 0) *to++ = *from++;
        return destination;
    }
    to += count;
    from += count;
    if (words) {
        for (; count != 0 && misalignment(to) != 0; --count) *--to = *--from;
        for (; count >= 4; count -= 4) {
            to -= 4;
            from -= 4;
            *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);
        }
    }
    while (count-- != 0) *--to = *--from;
    return destination;
}

void* memset(void* destination, int value, std::size_t count) {
    auto* to = static_cast<Byte*>(destination);
    const auto byte = static_cast<Byte>(value);
    if (count >= 8) {
        for (; misalignment(to) != 0; --count) *to++ = byte;
        const Word word = byte * 0x0101'0101u;
        auto* to_word = reinterpret_cast<Word*>(to);
        for (; count >= 32; count -= 32, to_word += 8) {
            to_word[0] = word, to_word[1] = word, to_word[2] = word, to_word[3] = word;
            to_word[4] = word, to_word[5] = word, to_word[6] = word, to_word[7] = word;
        }
        for (; count >= 4; count -= 4) *to_word++ = word;
        to = reinterpret_cast<Byte*>(to_word);
    }
    while (count-- != 0) *to++ = byte;
    return destination;
}

int memcmp(const void* left, const void* right, std::size_t count) {
    auto* a = static_cast<const Byte*>(left);
    auto* b = static_cast<const Byte*>(right);
    if (misalignment(a) == 0 && misalignment(b) == 0) {
        // Skip words that are equal; the bytes below find the difference within one.
        while (count >= 4 &&
               *reinterpret_cast<const Word*>(a) == *reinterpret_cast<const Word*>(b)) {
            a += 4;
            b += 4;
            count -= 4;
        }
    }
    for (; count != 0; --count, ++a, ++b)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}

/// What the compiler calls when only equality matters.
int bcmp(const void* left, const void* right, std::size_t count) {
    return memcmp(left, right, count);
}

void* memchr(const void* bytes, int value, std::size_t count) {
    auto* at = static_cast<const Byte*>(bytes);
    for (; count != 0; --count, ++at)
        if (*at == static_cast<Byte>(value)) return const_cast<Byte*>(at);
    return nullptr;
}

/// What std::find calls for integers as wide as a wchar_t.
wchar_t* wmemchr(const wchar_t* values, wchar_t value, std::size_t count) {
    for (; count != 0; --count, ++values)
        if (*values == value) return const_cast<wchar_t*>(values);
    return nullptr;
}

std::size_t strlen(const char* text) {
    const char* end = text;
    while (*end != '\0') ++end;
    return static_cast<std::size_t>(end - text);
}
}
