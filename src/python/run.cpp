// Run and CoreReport: what a run did.
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "bindings.hpp"
#include "pickled.hpp"
#include "shown.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/runtime/device.hpp"

namespace nb = nanobind;

namespace tilewright::python {

void bind_run(nb::module_& module) {
    nb::class_<CoreReport> report(module, "CoreReport", "What one core did in a run.");
    report
        .def_prop_ro("core",
                     [](const CoreReport& r) {
                         return std::tuple(r.core.tile.x, r.core.tile.y, r.core.processor);
                     })
        .def_prop_ro("start", [](const CoreReport& r) { return count(r.start); })
        .def_prop_ro("end", [](const CoreReport& r) { return count(r.end); })
        .def_prop_ro("cycles", [](const CoreReport& r) { return count(r.end - r.start); })
        .def_ro("instructions", &CoreReport::instructions)
        .def_ro(
            "translated", &CoreReport::translated,
            "Of the instructions, those that translated code has carried out; it depends on the "
            "host and on what ran before, as nothing that is simulated does.")
        .def_ro("waiting_cycles", &CoreReport::waiting_cycles)
        .def_ro("output", &CoreReport::output)
        .def("__repr__", show({"core", "cycles", "instructions", "waiting_cycles"}));
    pickle(report);

    nb::class_<Run> run(module, "Run", "What a run did.");
    run.def_prop_ro("start", [](const Run& r) { return count(r.start); })
        .def_prop_ro("end", [](const Run& r) { return count(r.end); })
        .def_ro("cycles", &Run::cycles)
        .def_ro("instructions", &Run::instructions)
        .def_ro("translated", &Run::translated,
                "Of the instructions, those that translated code has carried out: see "
                "`CoreReport.translated`.")
        .def_ro("seconds", &Run::simulated_seconds, "Simulated: cycles at the chip's clock.")
        .def_ro("host_seconds", &Run::host_seconds, "What simulating it took.")
        .def_prop_ro("output", &Run::output, "What its cores printed, one after another.")
        .def_ro("cores", &Run::cores)
        .def("__repr__", [](const Run& r) {
            return "<Run of " + std::to_string(r.cores.size()) +
                   " cores: " + std::to_string(r.cycles) + " cycles, " +
                   std::to_string(r.instructions) + " instructions>";
        });
    pickle(run);
}

}  // namespace tilewright::python
