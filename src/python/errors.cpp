// C++ exceptions become the classes of tilewright.errors, which are written in Python so that each
// can also derive from the built-in exception that fits.
#include <nanobind/stl/string.h>

#include <array>

#include "bindings.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/graph_error.hpp"
#include "tilewright/riscv/elf_error.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/runtime/compile_error.hpp"
#include "tilewright/sim/run_error.hpp"

namespace nb = nanobind;

namespace tilewright::python {
namespace {

struct ErrorClass {
    const char* name;  ///< in C++ and in tilewright.errors
    bool (*holds)(const Error*);
};

template <class Class>
constexpr ErrorClass error_class(const char* name) {
    return {name, [](const Error* e) { return dynamic_cast<const Class*>(e) != nullptr; }};
}

// None derives from another, but all from the last.
constexpr std::array error_classes = {
    error_class<ConfigError>("ConfigError"),
    error_class<AddressError>("AddressError"),
    error_class<ArgumentError>("ArgumentError"),
    error_class<OutOfMemoryError>("OutOfMemoryError"),
    error_class<BusyError>("BusyError"),
    error_class<ClosedError>("ClosedError"),
    error_class<StateError>("StateError"),
    error_class<UnsupportedError>("UnsupportedError"),
    error_class<FileError>("FileError"),
    error_class<ElfError>("ElfError"),
    error_class<KernelFault>("KernelFault"),
    error_class<DeadlockError>("DeadlockError"),
    error_class<CycleLimitError>("CycleLimitError"),
    error_class<CompileError>("CompileError"),
    error_class<GraphError>("GraphError"),
    error_class<SnapshotError>("SnapshotError"),
    error_class<Error>("Error"),
};

nb::object python_class(const char* name) {
    return nb::module_::import_("tilewright.errors").attr(name);
}

/// The parts of the message as attributes, for programs.
void raise_fault(const KernelFault& error) {
    const nb::object type = python_class("KernelFault");
    const nb::object fault = type(error.what());
    if (const auto& site = error.site()) {
        fault.attr("core") =
            nb::make_tuple(site->core.tile.x, site->core.tile.y, site->core.processor);
        fault.attr("pc") = value(site->pc);
        fault.attr("place") = site->place;
        fault.attr("printed") = site->printed;
    }
    PyErr_SetObject(type.ptr(), fault.ptr());
}

void raise_with_report(const char* name, const RunError& error) {
    const nb::object type = python_class(name);
    const nb::object exception = type(error.what());
    set_report(exception, error);
    PyErr_SetObject(type.ptr(), exception.ptr());
}

/// The signal handler that stopped the run has set its own exception, which travels on, and tells
/// what was going on.
void interrupt(const Interrupted& error) {
    if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_KeyboardInterrupt, error.what());
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    try {
        set_report(value, error);
        nb::handle(value).attr("add_note")(error.what());
    } catch (const nb::python_error&) {
        PyErr_Clear();  // an exception that takes nothing travels on as it is
    }
    PyErr_Restore(type, value, trace);
}

void translate(const std::exception_ptr& thrown, void*) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Interrupted& error) {
        interrupt(error);
    } catch (const DeadlockError& error) {
        raise_with_report("DeadlockError", error);
    } catch (const CycleLimitError& error) {
        raise_with_report("CycleLimitError", error);
    } catch (const KernelFault& error) {
        raise_fault(error);
    } catch (const Error& error) {
        for (const ErrorClass& known : error_classes) {
            if (!known.holds(&error)) continue;
            PyErr_SetString(python_class(known.name).ptr(), error.what());
            return;
        }
    }
}

}  // namespace

void bind_errors(nb::module_& module) {
    nb::register_exception_translator(translate);
    nb::list names;
    for (const ErrorClass& known : error_classes) names.append(known.name);
    module.attr("error_classes") = nb::tuple(names);
}

}  // namespace tilewright::python
