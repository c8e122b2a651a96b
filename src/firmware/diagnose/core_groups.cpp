#include "tilewright/firmware/core_groups.hpp"

#include <algorithm>

#include "tilewright/base/text.hpp"

namespace tilewright::diagnose {
namespace {

constexpr std::size_t longest_report = 400;  // characters, and one text
constexpr std::size_t longest_print = 1000;  // of one text

// They differ in tile, have the same number there, and leave out no tile of the rectangle.
bool fill_a_rectangle(std::span<const CoreId> cores, const CoreId& first, const CoreId& last) {
    const std::size_t wide = last.tile.x - first.tile.x + 1u;
    const std::size_t high = last.tile.y - first.tile.y + 1u;
    return cores.size() == wide * high && std::ranges::all_of(cores, [&](const CoreId& core) {
               return core.processor == first.processor;
           });
}

std::string indented_end(const std::string& text, std::size_t most) {
    std::string end = text.substr(text.size() - std::min(text.size(), most));
    if (end.size() < text.size()) {
        const std::size_t line = end.find('\n');  // whole lines, if there are any
        end = "..." + (line + 1 < end.size() && line != std::string::npos ? end.substr(line) : end);
    }
    while (end.ends_with('\n')) end.pop_back();
    for (std::size_t at = 0; (at = end.find('\n', at)) != std::string::npos; at += 5) {
        end.insert(at + 1, "    ");
    }
    return end;
}

}  // namespace

std::string cores(std::span<const CoreId> cores) {
    if (cores.size() == 1) return "core " + describe(cores[0]);
    CoreId first = cores[0];
    CoreId last = cores[0];
    for (const CoreId& core : cores) {
        first.tile = {std::min(first.tile.x, core.tile.x), std::min(first.tile.y, core.tile.y)};
        last.tile = {std::max(last.tile.x, core.tile.x), std::max(last.tile.y, core.tile.y)};
    }
    std::string text = std::to_string(cores.size()) + " cores, ";
    if (fill_a_rectangle(cores, first, last)) {
        return text + describe(first) + " to " + describe(last);
    }
    constexpr std::size_t named = 4;
    for (std::size_t i = 0; i < std::min(named, cores.size()); ++i) {
        text += (i == 0 ? "" : ", ") + describe(cores[i]);
    }
    return cores.size() <= named ? text : text + " and others";
}

void CoreGroups::add(CoreId core, const std::string& text, std::uint64_t since) {
    const auto [found, added] = by_text_.try_emplace(text, groups_.size());
    if (added) groups_.push_back({.cores = {}, .text = text, .first = since, .last = since});
    Group& group = groups_[found->second];
    group.cores.push_back(core);
    group.first = std::min(group.first, since);
    group.last = std::max(group.last, since);
}

std::string printed(const CoreGroups& texts, bool full) {
    if (texts.empty()) return "";
    const std::size_t all = full ? ~std::size_t{0} : longest_report;
    const std::size_t each = full ? ~std::size_t{0} : longest_print;
    return "\nprinted:" + texts.lines(all, [&](const CoreGroups::Group& group) {
        return cores(group.cores) + ": " + indented_end(group.text, each);
    });
}

}  // namespace tilewright::diagnose
