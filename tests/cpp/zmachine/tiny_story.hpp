// A story made of a few bytes of code, of version 3 by default, for tests that look at one
// instruction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace tilewright::zmachine::test {

/// Addresses in such a story. The code may call a routine that begins at an even address of its
/// own.
inline constexpr std::uint32_t tiny_globals = 0x40;
inline constexpr std::uint32_t tiny_objects = 0x220;     // defaults, then objects
inline constexpr std::uint32_t tiny_properties = 0xC00;  // an empty name, no properties
inline constexpr std::uint32_t tiny_static = 0xD00;
inline constexpr std::uint32_t tiny_dictionary = 0xD00;
inline constexpr std::uint32_t tiny_code = 0xE00;
inline constexpr std::uint32_t tiny_bytes = 0x1800;

inline void set_word(std::vector<std::uint8_t>& story, std::uint32_t at, std::uint32_t value) {
    story[at] = static_cast<std::uint8_t>(value >> 8);
    story[at + 1] = static_cast<std::uint8_t>(value);
}

inline std::vector<std::uint8_t> tiny_story(const std::vector<std::uint8_t>& code,
                                            std::uint8_t version = 3) {
    std::vector<std::uint8_t> story(tiny_bytes);
    story[0] = version;
    set_word(story, 0x04, tiny_static);
    set_word(story, 0x06, tiny_code);
    set_word(story, 0x08, tiny_dictionary);
    set_word(story, 0x0A, tiny_objects);
    set_word(story, 0x0C, tiny_globals);
    set_word(story, 0x0E, tiny_static);
    set_word(story, 0x18, tiny_static);
    set_word(story, 0x1A, tiny_bytes / (version <= 3 ? 2 : version <= 5 ? 4 : 8));
    const std::uint32_t first = version <= 3 ? 62 : 126;
    const std::uint32_t bytes = version <= 3 ? 9 : 14;
    for (std::uint32_t at = tiny_objects + first; at + bytes <= tiny_properties; at += bytes) {
        set_word(story, at + bytes - 2, tiny_properties);
    }
    // A dictionary without separators and words.
    story[tiny_dictionary + 1] = version <= 3 ? 7 : 9;
    std::copy(code.begin(), code.end(), story.begin() + tiny_code);
    return story;
}

/// Appends bytes to code.
inline void emit(std::vector<std::uint8_t>& code, std::initializer_list<std::uint32_t> bytes) {
    for (const std::uint32_t byte : bytes) code.push_back(static_cast<std::uint8_t>(byte));
}

inline constexpr std::uint8_t op_quit = 0xBA;

}  // namespace tilewright::zmachine::test
