// tilewright._core: the C++ runtime with its own nouns. What Python users see is the package around
// it, which adds dtypes, shapes and the conversions of arguments.
#include "bindings.hpp"

NB_MODULE(_core, module) {
    module.doc() = "The C++ runtime of Tilewright; use the package `tilewright` instead.";
    // Objects that a program keeps in globals outlive the module; that is no leak to shout about.
    nanobind::set_leak_warnings(false);
    module.attr("version") = TILEWRIGHT_VERSION;
    tilewright::python::bind_errors(module);
    tilewright::python::bind_config(module);
    tilewright::python::bind_buffer(module);
    tilewright::python::bind_kernel(module);
    tilewright::python::bind_metalium(module);
    tilewright::python::bind_run(module);
    tilewright::python::bind_waits(module);
    tilewright::python::bind_queue(module);
    tilewright::python::bind_graph(module);
    tilewright::python::bind_graph_run(module);
    tilewright::python::bind_device(module);
    tilewright::python::bind_matmul(module);
    tilewright::python::bind_stillwater_config(module);
    tilewright::python::bind_stillwater(module);
}
