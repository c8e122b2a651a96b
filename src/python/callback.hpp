// A callable of Python as a callback of the runtime, which calls and drops it without the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "host_device.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::python {

/// None is no callback; ArgumentError names `name` for what cannot be called. While it runs, its
/// thread may use the device.
inline std::function<void()> to_callback(std::shared_ptr<InUse> in_use, nanobind::handle callable,
                                         const char* name) {
    namespace nb = nanobind;
    if (callable.is_none()) return nullptr;
    if (PyCallable_Check(callable.ptr()) == 0) {
        throw ArgumentError(std::string(name) + ": expected a function without arguments, got " +
                            nb::cast<std::string>(nb::str(callable.type().attr("__name__"))));
    }
    const std::shared_ptr<nb::object> kept(new nb::object(nb::borrow(callable)),
                                           [](nb::object* object) {
                                               const nb::gil_scoped_acquire gil;
                                               delete object;
                                           });
    return [kept, in_use = std::move(in_use)] {
        const nb::gil_scoped_acquire gil;
        const auto outer = std::exchange(in_use->in_callback, std::this_thread::get_id());
        struct Back {
            InUse& in_use;
            std::thread::id outer;
            ~Back() { in_use.in_callback = outer; }
        } back{*in_use, outer};
        (*kept)();
    };
}

}  // namespace tilewright::python
