// How a field that cannot be is told.
#pragma once

#include <string>

#include "tilewright/base/error.hpp"

namespace tilewright::detail {

[[noreturn]] inline void refuse(const std::string& field, const std::string& what) {
    throw ConfigError("config field '" + field + "': " + what);
}

/// With no more digits than it has.
inline std::string text_of(double v) {
    std::string s = std::to_string(v);
    if (s.find('.') == std::string::npos) return s;  // infinite, or no number
    s.erase(s.find_last_not_of('0') + 1);
    if (s.back() == '.') s.pop_back();
    return s;
}

/// Refuses a number outside its limits.
inline void check_range(const std::string& field, double value, double least, double most) {
    if (value >= least && value <= most) return;
    refuse(field,
           "expected " + text_of(least) + " to " + text_of(most) + ", not " + text_of(value));
}

}  // namespace tilewright::detail
