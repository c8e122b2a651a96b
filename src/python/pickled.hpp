// Values that Python may pickle and copy: they travel as the bytes that an archive makes of their
// `fields`. Those of types that no snapshot has stand here.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <span>
#include <utility>

#include "tilewright/base/archive.hpp"
#include "tilewright/graph/analysis.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

constexpr EngineKind last_of(EngineKind) {
    return EngineKind::systolic_array;
}
constexpr PathStep::After last_of(PathStep::After) {
    return PathStep::After::worker;
}

template <class Archive, class T>
void fields(Archive& archive, std::optional<T>& value) {
    bool there = value.has_value();
    archive(there);
    if (there && !value) value.emplace();
    if (there) archive(*value);
}

template <class Archive>
void fields(Archive& archive, Placement& p) {
    archive(p.kind, p.bank, p.tile.x, p.tile.y, p.page_bytes, p.from_top, p.memory);
}
template <class Archive>
void fields(Archive& archive, CoreId& c) {
    archive(c.tile.x, c.tile.y, c.processor);
}
template <class Archive>
void fields(Archive& archive, CoreReport& r) {
    archive(r.core, r.start, r.end, r.instructions, r.waiting_cycles, r.translated, r.output);
}
template <class Archive>
void fields(Archive& archive, CodePlace& p) {
    archive(p.kernel, p.file, p.line, p.function, p.pc, p.text);
}
template <class Archive>
void fields(Archive& archive, Awaited& a) {
    archive(a.kind, a.name, a.address, a.value, a.relation, a.target);
}
template <class Archive>
void fields(Archive& archive, Signaller& s) {
    archive(s.cores, s.place, s.certain, s.state);
}
template <class Archive>
void fields(Archive& archive, CoreWait& w) {
    archive(w.core, w.cores, w.where, w.since, w.code, w.awaited, w.last_writer, w.last_written,
            w.could_write, w.period, w.place, w.what);
}
template <class Archive>
void fields(Archive& archive, CoreRunning& r) {
    archive(r.core, r.code, r.state, r.instructions, r.since, r.cycle, r.last_printed);
}
template <class Archive>
void fields(Archive& archive, Run& r) {
    archive(r.start, r.end, r.cycles, r.instructions, r.translated, r.simulated_seconds,
            r.host_seconds, r.cores);
}
template <class Archive>
void fields(Archive& archive, PathStep& s) {
    archive(s.task, s.iteration, s.after, s.released, s.worker_wait, s.scheduling, s.executing);
}
template <class Archive>
void fields(Archive& archive, Handshake& h) {
    archive(h.core, h.ready, h.task, h.busy, h.done, h.quit);
}

template <class Archive>
void fields(Archive& archive, MatmulTiles& t) {
    archive(t.block_m, t.block_n, t.block_k, t.panel_m, t.panel_n);
}
template <class Archive>
void fields(Archive& archive, MatmulOptions& o) {
    archive(o.type, o.out, o.dataflow, o.activation, o.has_bias, o.tiles, o.arrays,
            o.fidelity_phases);
}
template <class Archive>
void fields(Archive& archive, EngineId& e) {
    archive(e.kind, e.index);
}
template <class Archive>
void fields(Archive& archive, MatmulStage& s) {
    archive(s.engine, s.slots);
}
template <class Archive>
void fields(Archive& archive, MatmulLane& l) {
    archive(l.array, l.a, l.b, l.c, l.bias_engine, l.bias, l.sums, l.first_tile, l.tile_count);
}
template <class Archive>
void fields(Archive& archive, GemmShape& s) {
    archive(s.m, s.n, s.k);
}
template <class Archive>
void fields(Archive& archive, MatmulGrid& g) {
    archive(g.rows, g.columns, g.l1_bytes, g.first_step);
}
template <class Archive>
void fields(Archive& archive, MatmulPlan& p) {
    archive(p.shape, p.options, p.path, p.lanes, p.grid, p.compute_cycles, p.estimated_cycles);
}
template <class Archive>
void fields(Archive& archive, MatmulEnergy& e) {
    archive(e.macs, e.on_chip, e.dram);
}
template <class Archive>
void fields(Archive& archive, MatmulReport& r) {
    archive(r.plan, r.start, r.end, r.cycles, r.compute_cycles, r.vector_cycles, r.memory_cycles,
            r.stall_cycles, r.passes, r.macs, r.dram_bytes_read, r.dram_bytes_written, r.l3_bytes,
            r.l2_bytes, r.l1_bytes, r.scratchpad_bytes, r.compulsory_bytes, r.utilisation,
            r.array_utilisation, r.arithmetic_intensity, r.energy, r.host_seconds);
}

}  // namespace tilewright

namespace tilewright::python {

template <class T>
void pickle(nanobind::class_<T>& bound) {
    namespace nb = nanobind;
    bound
        .def("__getstate__",
             [](const T& self) {
                 ArchiveWriter archive;
                 archive(self);
                 const std::vector<std::byte> bytes = archive.take();
                 return nb::bytes(bytes.data(), bytes.size());
             })
        .def(
            "__setstate__",
            [](T& self, const nb::bytes& state) {
                ArchiveReader archive({static_cast<const std::byte*>(state.data()), state.size()});
                T value;
                archive(value);
                new (&self) T(std::move(value));
            },
            nb::arg("state"));
}

}  // namespace tilewright::python
