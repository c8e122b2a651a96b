// zig takes a list of features, clang an ISA string; old clangs do not know the halves of `a`.
#include "runtime/isa_flags.hpp"

#include <algorithm>
#include <cctype>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

constexpr int first_clang_with_zaamo = 19;
constexpr int first_clang_with_zicsr = 17;  ///< before, it was part of the base

/// The names of the extensions in order: single letters, then those after underscores.
std::vector<std::string> extensions(std::string_view isa) {
    const auto refuse = [&](const std::string& why) {
        throw CompileError("the ISA string \"" + std::string(isa) + "\" " + why +
                           "; expected one such as rv32im_zicsr_zba");
    };
    constexpr std::string_view base = "rv32i";
    if (!isa.starts_with(base)) refuse("does not start with rv32i");
    std::vector<std::string> result;
    std::string_view rest = isa.substr(base.size());
    bool letters = true;
    while (!rest.empty()) {
        if (letters && rest.front() != '_') {
            if (std::islower(static_cast<unsigned char>(rest.front())) == 0)
                refuse("has an extension that is not a lower-case letter");
            result.emplace_back(1, rest.front());
            rest.remove_prefix(1);
            continue;
        }
        letters = false;
        rest.remove_prefix(1);
        const std::string_view name = rest.substr(0, rest.find('_'));
        const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::islower(c) != 0 || std::isdigit(c) != 0;
        });
        if (name.empty() || !plain) refuse("has an extension without a proper name");
        result.emplace_back(name);
        rest.remove_prefix(name.size());
    }
    return result;
}

}  // namespace

std::vector<std::string> isa_flags(std::string_view isa, const Toolchain& toolchain) {
    std::vector<std::string> names = extensions(isa);
    std::erase(names, "xtttensix");  // written by its encoding
    const auto has = [&](std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (toolchain.zig) {
        std::string features = "-mcpu=generic_rv32+relax";
        for (const std::string absent : {"m", "a", "f", "d", "c"})
            if (!has(absent)) features += "-" + absent;
        for (const std::string& name : names) features += "+" + name;
        return {features};
    }
    std::string march = "-march=rv32i";
    std::string rest;
    bool atomics = false;
    for (const std::string& name : names) {
        const bool half = name == "zaamo" || name == "zalrsc";
        if (half && toolchain.clang_version < first_clang_with_zaamo)
            atomics = true;
        else if (name.size() == 1)
            march += name;
        else if (name == "zicsr" && toolchain.clang_version < first_clang_with_zicsr)
            continue;
        else if (name != "zawrs")  // wrs.nto is written by its encoding
            rest += "_" + name;
    }
    if (atomics && !has("a")) march += 'a';
    return {march + rest};
}

}  // namespace tilewright
