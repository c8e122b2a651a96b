#include "firmware/diagnose/place.hpp"

namespace tilewright::diagnose {
namespace {

// Leaves out what stands between angle brackets, and what is in parentheses at the end.
std::string without_parameters(std::string_view name) {
    std::string kept;
    int depth = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool operator_name = kept.ends_with("operator");
        if (operator_name && (c == '<' || c == '>' || c == '(')) return std::string(name);
        if (c == '<') ++depth;
        if (c == '(' && depth == 0 && !kept.empty()) break;
        if (depth == 0) kept.push_back(c);
        if (c == '>') --depth;
    }
    return kept;
}

}  // namespace

std::string short_function(std::string_view name) {
    constexpr std::string_view unnamed = "(anonymous namespace)::";
    std::string all(name);
    for (std::size_t at = 0; (at = all.find(unnamed)) != std::string::npos;) {
        all.erase(at, unnamed.size());
    }
    std::string text = without_parameters(all);
    // The type that a template returns stands before its name.
    const std::size_t space = text.rfind(' ');
    if (space != std::string::npos && text.find("operator") == std::string::npos) {
        text.erase(0, space + 1);
    }
    const std::size_t last = text.rfind("::");
    const std::size_t before =
        last == std::string::npos || last == 0 ? last : text.rfind("::", last - 1);
    return before == std::string::npos || last == 0 ? text : text.substr(before + 2);
}

CodePlace place_in(const Image& image, std::uint32_t pc) {
    const riscv::SourceLocation location = image.location(pc);
    return {.kernel = image.name(),
            .file = location.file,
            .line = location.line,
            .function = short_function(location.function),
            .pc = pc,
            .text = image.describe(pc)};
}

std::string short_text(const CodePlace& place) {
    if (place.file.empty() || place.function.empty()) return place.text;
    std::string text = place.file;
    if (place.line != 0) text += ":" + std::to_string(place.line);
    return text + " in " + place.function;
}

}  // namespace tilewright::diagnose
