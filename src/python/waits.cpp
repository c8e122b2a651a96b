// What cores wait for and do, as plain values, and how they get into exceptions.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "pickled.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/sim/run_error.hpp"

namespace nb = nanobind;

namespace tilewright::python {
namespace {

using CoreTuple = std::tuple<std::uint16_t, std::uint16_t, std::uint16_t>;

CoreTuple to_tuple(CoreId core) {
    return {core.tile.x, core.tile.y, core.processor};
}

std::vector<CoreTuple> to_tuples(const std::vector<CoreId>& cores) {
    std::vector<CoreTuple> tuples;
    for (const CoreId core : cores) tuples.push_back(to_tuple(core));
    return tuples;
}

// What has a place in a kernel tells the parts of it.
template <class T>
void bind_place(nb::class_<T>& bound, CodePlace T::*code) {
    bound.def_prop_ro("kernel", [code](const T& v) { return (v.*code).kernel; })
        .def_prop_ro(
            "file", [code](const T& v) { return (v.*code).file; },
            "Of the source; empty if it is not known.")
        .def_prop_ro("line", [code](const T& v) { return (v.*code).line; })
        .def_prop_ro(
            "function", [code](const T& v) { return (v.*code).function; },
            "Its name, without parameters.")
        .def_prop_ro("pc", [code](const T& v) { return (v.*code).pc; })
        .def("__eq__", [](const T& a, const nb::object& b) {
            T* other = nullptr;
            return nb::try_cast(b, other) && other != nullptr && a == *other;
        });
}

std::string repr(const CoreWait& w) {
    return "<CoreWait: " + w.where + " at " + w.place + " " + w.what + "; waiting since cycle " +
           std::to_string(count(w.since)) + ">";
}

void bind_awaited(nb::module_& module) {
    nb::class_<Awaited> awaited(module, "Awaited", "A word or register for which a core waits.");
    awaited
        .def_prop_ro(
            "kind", [](const Awaited& a) { return std::string(name(a.kind)); },
            "word, semaphore, circular_buffer, local_word or device_register.")
        .def_ro("name", &Awaited::name)
        .def_ro("address", &Awaited::address, "As the core sees it.")
        .def_ro("value", &Awaited::value, "Now.")
        .def_prop_ro("wanted", &Awaited::wanted,
                     "What the value is waited for to be, such as '>= 3'; empty if the loop does "
                     "not tell.")
        .def_ro("relation", &Awaited::relation, "The first part of `wanted`.")
        .def_ro("target", &Awaited::target, "The number in `wanted`.")
        .def("__eq__",
             [](const Awaited& a, const nb::object& b) {
                 Awaited* other = nullptr;
                 return nb::try_cast(b, other) && other != nullptr && a == *other;
             })
        .def("__repr__", [](const Awaited& a) {
            return "<Awaited: " + a.name + " is " + std::to_string(a.value) +
                   (a.relation.empty() ? "" : ", wanted " + a.wanted()) + ">";
        });
    pickle(awaited);
}

void bind_signaller(nb::module_& module) {
    nb::class_<Signaller> signaller(module, "Signaller",
                                    "Cores whose kernels have code that writes what others wait "
                                    "for.");
    bind_place(signaller, &Signaller::place);
    signaller.def_prop_ro("cores", [](const Signaller& s) { return to_tuples(s.cores); })
        .def_ro("certain", &Signaller::certain,
                "False if the word or buffer that it means is computed.")
        .def_prop_ro(
            "state", [](const Signaller& s) { return std::string(name(s.state)); },
            "'has ended', 'waits' or 'runs'.")
        .def("__repr__", [](const Signaller& s) {
            return "<Signaller: " + std::to_string(s.cores.size()) +
                   (s.cores.size() == 1 ? " core" : " cores") + " at " + s.place.text + ">";
        });
    pickle(signaller);
}

void bind_wait(nb::module_& module) {
    nb::class_<CoreWait> wait(module, "CoreWait", "Cores that wait at one place for the same.");
    bind_place(wait, &CoreWait::code);
    wait.def_prop_ro(
            "core", [](const CoreWait& w) { return to_tuple(w.core); }, "The first of them.")
        .def_prop_ro("cores", [](const CoreWait& w) { return to_tuples(w.cores); })
        .def_ro("where", &CoreWait::where,
                "The cores in words, a rectangle of tiles by its corners.")
        .def_prop_ro(
            "since", [](const CoreWait& w) { return count(w.since); },
            "It has waited since then, the first of them.")
        .def_ro("awaited", &CoreWait::awaited,
                "Words and registers, any of which would do; none if nobody can bring it.")
        .def_prop_ro("last_writer",
                     [](const CoreWait& w) {
                         return w.last_writer ? std::optional(to_tuple(*w.last_writer))
                                              : std::nullopt;
                     })
        .def_prop_ro(
            "last_written",
            [](const CoreWait& w) {
                return w.last_written ? std::optional(count(*w.last_written)) : std::nullopt;
            },
            "The cycle, if it was since the core began to wait.")
        .def_ro("could_write", &CoreWait::could_write,
                "Who has code for it, and what became of it.")
        .def_ro("period", &CoreWait::period,
                "Not 0: it does not sleep, but repeats itself every so many cycles.")
        .def_ro("place", &CoreWait::place, "Where in its source.")
        .def_ro("what", &CoreWait::what, "All of it in words.")
        .def("__repr__", &repr);
    pickle(wait);
}

void bind_running(nb::module_& module) {
    nb::class_<CoreRunning> running(module, "CoreRunning",
                                    "A core whose kernel is under way and that does not wait for a "
                                    "word.");
    bind_place(running, &CoreRunning::code);
    running.def_prop_ro("core", [](const CoreRunning& r) { return to_tuple(r.core); })
        .def_prop_ro(
            "place", [](const CoreRunning& r) { return r.code.text; }, "Where in its source.")
        .def_prop_ro(
            "state", [](const CoreRunning& r) { return std::string(name(r.state)); },
            "'runs', 'is held up ...' or 'has ended ...'.")
        .def_ro("instructions", &CoreRunning::instructions, "Of its kernel so far.")
        .def_prop_ro(
            "since", [](const CoreRunning& r) { return count(r.since); },
            "The cycle in which its kernel was launched.")
        .def_prop_ro(
            "cycle", [](const CoreRunning& r) { return count(r.cycle); }, "How far it has come.")
        .def_ro("last_printed", &CoreRunning::last_printed, "The last line that it printed.")
        .def("__repr__", [](const CoreRunning& r) {
            return "<CoreRunning: core " + describe(r.core) + " " + std::string(name(r.state)) +
                   " at " + r.code.text + "; " + std::to_string(r.instructions) +
                   " instructions since cycle " + std::to_string(count(r.since)) + ">";
        });
    pickle(running);
}

}  // namespace

void bind_waits(nb::module_& module) {
    bind_awaited(module);
    bind_signaller(module);
    bind_wait(module);
    bind_running(module);
}

void set_report(nb::handle exception, const RunError& error) {
    exception.attr("waits") = nb::cast(error.waits());
    exception.attr("running") = nb::cast(error.running());
    exception.attr("full_report") = error.full_report();
}

}  // namespace tilewright::python
