// Finds an enumerator by its name, with an error that lists the names there are.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tilewright/base/error.hpp"

namespace tilewright {

inline std::size_t index_of(std::string_view name, std::span<const std::string_view> names,
                            std::string_view what) {
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return i;
        known += (i == 0 ? "" : ", ") + std::string(names[i]);
    }
    throw ArgumentError("no " + std::string(what) + " is called '" + std::string(name) +
                        "'; known: " + known);
}

}  // namespace tilewright
