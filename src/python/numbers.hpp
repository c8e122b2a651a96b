// Whole numbers from Python with errors that name the argument, where the bindings' own message
// would list overloads. Anything with __index__ is a number; negative ones are refused, not
// wrapped.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string>

#include "tilewright/base/error.hpp"

namespace tilewright::python {

inline std::uint64_t whole(nanobind::handle value, const char* name) {
    namespace nb = nanobind;
    const nb::object index = nb::steal(PyNumber_Index(value.ptr()));
    if (!index.is_valid()) {
        PyErr_Clear();
        throw ArgumentError(std::string(name) + ": expected a whole number, got " +
                            nb::cast<std::string>(nb::str(value.type().attr("__name__"))));
    }
    const std::uint64_t number = PyLong_AsUnsignedLongLong(index.ptr());
    if (PyErr_Occurred() != nullptr) {
        PyErr_Clear();
        throw ArgumentError(std::string(name) + ": expected 0 to 2**64 - 1, got " +
                            nb::cast<std::string>(nb::str(index)));
    }
    return number;
}

/// A global address: a number, or a buffer in a single memory, of at least `size` bytes.
inline std::uint64_t address(nanobind::handle value, const char* name, nanobind::handle size) {
    if (!nanobind::hasattr(value, "global_address")) return whole(value, name);
    const std::uint64_t bytes = whole(size, "size");
    const std::uint64_t there = whole(value.attr("nbytes"), name);
    if (bytes > there) {
        throw AddressError(std::string(name) + ": " + std::to_string(bytes) +
                           " bytes do not fit into a buffer of " + std::to_string(there));
    }
    return whole(value.attr("global_address"), name);
}

}  // namespace tilewright::python
