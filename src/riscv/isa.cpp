// Reading and writing ISA strings, by the naming chapter of the unprivileged RISC-V manual.
#include "tilewright/riscv/isa.hpp"

#include <array>
#include <cctype>
#include <optional>

#include "tilewright/base/error.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Extension::count_)> names = {
    "i",     "m",   "zmmul", "zicsr", "zicntr", "zaamo",    "zalrsc",
    "zawrs", "zba", "zbb",   "f",     "c",      "zifencei", "xtttensix",
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Removes a version number, digits or digits 'p' digits, from the front of the text.
void skip_version(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    if (n > 0 && n + 1 < text.size() && text[n] == 'p' && is_digit(text[n + 1])) {
        ++n;
        while (n < text.size() && is_digit(text[n])) ++n;
    }
    text.remove_prefix(n);
}

/// The name without a version number at its end. None of the names ends in a digit itself.
std::string_view strip_version(std::string_view name) {
    std::size_t end = name.size();
    while (end > 0 && is_digit(name[end - 1])) --end;
    if (end == name.size()) return name;
    if (end > 1 && name[end - 1] == 'p' && is_digit(name[end - 2])) {
        --end;
        while (end > 0 && is_digit(name[end - 1])) --end;
    }
    return name.substr(0, end);
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw ConfigError("ISA string \"" + std::string(text) + "\": " + why);
}

std::string supported_names() {
    std::string list = "a";
    for (const std::string_view name : names) list.append(", ").append(name);
    return list;
}

}  // namespace

Isa parse_isa(std::string_view original) {
    std::string lower(original);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string_view rest = lower;
    if (!rest.starts_with("rv32i")) {
        refuse(original, "expected it to begin with \"rv32i\"");
    }
    rest.remove_prefix(5);
    skip_version(rest);

    Isa isa;
    std::string seen = "|i|";
    const auto enable = [&](std::string_view name) {
        std::string mark(name);
        mark.append("|");
        if (seen.find("|" + mark) != std::string::npos) {
            refuse(original, "\"" + std::string(name) + "\" is named twice");
        }
        seen += mark;
        if (name == "a") {
            isa.add(Extension::zaamo).add(Extension::zalrsc);
            return;
        }
        for (std::size_t e = 0; e < names.size(); ++e) {
            if (names[e] != name) continue;
            isa.add(static_cast<Extension>(e));
            if (name == "m") isa.add(Extension::zmmul);
            if (name == "f") isa.add(Extension::zicsr);
            if (name == "f" || name == "zicsr") isa.add(Extension::zicntr);
            return;
        }
        refuse(original, "extension \"" + std::string(name) + "\" is not supported; expected " +
                             supported_names());
    };

    while (!rest.empty()) {
        if (rest.front() == '_') {
            rest.remove_prefix(1);
            if (rest.empty() || rest.front() == '_') {
                refuse(original, "expected an extension after \"_\"");
            }
            continue;
        }
        if (rest.front() == 'z' || rest.front() == 's' || rest.front() == 'x') {
            const std::string_view word = rest.substr(0, rest.find('_'));
            enable(strip_version(word));
            rest.remove_prefix(word.size());
        } else {
            enable(rest.substr(0, 1));
            rest.remove_prefix(1);
            skip_version(rest);
        }
    }
    if (isa.has(Extension::zicntr) && !isa.has(Extension::zicsr)) {
        refuse(original, "zicntr needs zicsr");
    }
    if (isa.has(Extension::xtttensix) && isa.has(Extension::c)) {
        refuse(original, "xtttensix has the words that c would have");
    }
    if (isa.has(Extension::zawrs) && !isa.has(Extension::zalrsc)) {
        refuse(original, "zawrs needs zalrsc");
    }
    return isa;
}

std::string to_string(const Isa& isa) {
    std::string text = "rv32i";
    if (isa.has(Extension::m)) text += 'm';
    if (isa.has(Extension::f)) text += 'f';
    if (isa.has(Extension::c)) text += 'c';
    for (std::size_t e = static_cast<std::size_t>(Extension::zmmul); e < names.size(); ++e) {
        const auto extension = static_cast<Extension>(e);
        if (names[e].size() == 1) continue;
        const bool implied = (extension == Extension::zmmul && isa.has(Extension::m)) ||
                             (extension == Extension::zicsr && isa.has(Extension::f)) ||
                             (extension == Extension::zicntr && isa.has(Extension::zicsr));
        if (isa.has(extension) && !implied) text.append("_").append(names[e]);
    }
    return text;
}

}  // namespace tilewright::riscv
