// The parts of the module tilewright._core, one function for each file beside this one.
#pragma once

#include <nanobind/nanobind.h>

namespace tilewright {
class RunError;
}

namespace tilewright::python {

struct HostDevice;

void bind_errors(nanobind::module_& module);
void bind_config(nanobind::module_& module);
void bind_buffer(nanobind::module_& module);
void bind_metalium(nanobind::module_& module);
void bind_kernel(nanobind::module_& module);
void bind_run(nanobind::module_& module);
void bind_waits(nanobind::module_& module);
/// Gives an exception the attributes `waits`, `running` and `full_report`.
void set_report(nanobind::handle exception, const RunError& error);
void bind_queue(nanobind::module_& module);
void bind_graph(nanobind::module_& module);
void bind_matmul(nanobind::module_& module);
void bind_graph_run(nanobind::module_& module);
void bind_device(nanobind::module_& module);
void bind_engines(nanobind::class_<HostDevice>& device);
void bind_explain(nanobind::class_<HostDevice>& device);
void bind_profile(nanobind::module_& module, nanobind::class_<HostDevice>& device);
void bind_stillwater_config(nanobind::module_& module);
void bind_stillwater(nanobind::module_& module);

}  // namespace tilewright::python
