// C++ exceptions become the classes of tilewright.errors, which are written in Python so that each
// can also derive from the built-in exception that fits.
#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "tilewright/base/error.hpp"

namespace nb = nanobind;

namespace tilewright::python {
namespace {

void raise(const char* class_name, const std::exception& error) {
    const nb::object type = nb::module_::import_("tilewright.errors").attr(class_name);
    PyErr_SetString(type.ptr(), error.what());
}

/// The parts of the message as attributes, for programs.
void raise_fault(const KernelFault& error) {
    const nb::object type = nb::module_::import_("tilewright.errors").attr("KernelFault");
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

void translate(const std::exception_ptr& thrown, void*) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Interrupted& error) {
        // The signal handler that stopped the run has set its own exception, which travels on.
        if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_KeyboardInterrupt, error.what());
    } catch (const ConfigError& error) {
        raise("ConfigError", error);
    } catch (const ArgumentError& error) {
        raise("ArgumentError", error);
    } catch (const AddressError& error) {
        raise("AddressError", error);
    } catch (const ElfError& error) {
        raise("ElfError", error);
    } catch (const KernelFault& error) {
        raise_fault(error);
    } catch (const DeadlockError& error) {
        raise("DeadlockError", error);
    } catch (const CycleLimitError& error) {
        raise("CycleLimitError", error);
    } catch (const CompileError& error) {
        raise("CompileError", error);
    } catch (const GraphError& error) {
        raise("GraphError", error);
    } catch (const SnapshotError& error) {
        raise("SnapshotError", error);
    } catch (const StoryError& error) {
        raise("StoryError", error);
    } catch (const Error& error) {
        raise("Error", error);
    }
}

}  // namespace

void bind_errors(nb::module_&) {
    nb::register_exception_translator(translate);
}

}  // namespace tilewright::python
