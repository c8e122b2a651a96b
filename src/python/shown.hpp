// How values of the runtime show themselves: by some of their attributes, as Python shows those.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <utility>
#include <vector>

namespace tilewright::python {

/// What a class has as its `__repr__`: `<Name: attribute=value, ...>`.
inline auto show(std::vector<std::string> attributes) {
    return [attributes = std::move(attributes)](nanobind::handle self) {
        std::string text = nanobind::cast<std::string>(self.type().attr("__name__"));
        const char* before = ": ";
        for (const std::string& attribute : attributes) {
            const nanobind::object value = self.attr(attribute.c_str());
            text += before + attribute + "=" + nanobind::repr(value).c_str();
            before = ", ";
        }
        return "<" + text + ">";
    };
}

}  // namespace tilewright::python
