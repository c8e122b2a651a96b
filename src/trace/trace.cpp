#include "tilewright/trace/trace.hpp"

#include <algorithm>
#include <cstdio>

#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/engine/command.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/tile/address_space.hpp"
#include "trace/awaited_word.hpp"
#include "trace/sink.hpp"

namespace tilewright {
namespace {

using Kind = detail::TraceEvent::Kind;

std::unique_ptr<detail::TraceSink> sink_for(const std::filesystem::path& file) {
    return file.extension() == ".json" ? detail::chrome_sink(file) : detail::perfetto_sink(file);
}

const char* verb(TransferRecord::Kind kind) {
    switch (kind) {
        case TransferRecord::Kind::read:
            return "read";
        case TransferRecord::Kind::write:
            return "write";
        case TransferRecord::Kind::atomic:
            return "atomic";
    }
    return "";
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at++]);
        const int more = lead < 0x80       ? 0
                         : lead >> 5 == 6  ? 1
                         : lead >> 4 == 14 ? 2
                         : lead >> 3 == 30 ? 3
                                           : -1;
        if (more < 0) return false;
        for (int i = 0; i < more; ++i, ++at) {
            if (at == text.size() || static_cast<unsigned char>(text[at]) >> 6 != 2) return false;
        }
    }
    return true;
}

/// As the symbols have it; both formats want UTF-8, which a damaged program's names need not be.
std::string function_name(const riscv::ElfImage& program, std::uint32_t address) {
    const auto found =
        std::ranges::lower_bound(program.functions, address, {}, &riscv::ElfFunction::address);
    if (found != program.functions.end() && found->address == address) {
        std::string name = found->name;
        const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
        if (!is_utf8(name)) std::ranges::replace_if(name, foreign, '?');
        return name;
    }
    return hex(address, 8);
}

}  // namespace

TraceWriter::TraceWriter(const std::filesystem::path& file, const ChipConfig& config,
                         TraceOptions options)
    : sink_(sink_for(file)),
      options_(options),
      columns_(config.tile_columns()),
      cores_(config.core_count()),
      banks_(config.dram_bank_count),
      groups_(config.all_tile_count() + 3) {
    for (std::uint32_t tile = 0; tile < config.all_tile_count(); ++tile) {
        first_cores_.push_back(config.first_core_of(tile));
    }
}

TraceWriter::~TraceWriter() {
    try {
        finish(Cycle{last_cycle_});
    } catch (const Error&) {  // a destructor has nobody to tell
    }
}

void TraceWriter::finish(Cycle now) {
    if (!sink_) return;
    for (CoreState& core : cores_) end_all(core, std::max(last_cycle_, count(now)));
    const std::unique_ptr<detail::TraceSink> sink = std::move(sink_);
    sink->finish();
}

TraceWriter::CoreState& TraceWriter::state(CoreId id) {
    const std::uint32_t tile = id.tile.y * columns_ + id.tile.x;
    CoreState& core = cores_[first_cores_[tile] + id.processor];
    if (core.track != 0) return core;
    core.tile = tile;
    core.processor = id.processor;
    if (!groups_[tile]) {
        group(tile, "tile " + describe(id.tile));
    }
    core.track = new_track(tile + 1, "core " + std::to_string(id.processor));
    return core;
}

void TraceWriter::group(std::size_t index, std::string_view name) {
    if (groups_[index]) return;
    groups_[index] = true;
    sink_->group(static_cast<std::uint32_t>(index) + 1, name);
}

std::uint32_t TraceWriter::new_track(std::uint32_t group, const std::string& name) {
    const std::string after = restored_ == 0 ? "" : ", restored " + std::to_string(restored_);
    sink_->track(++tracks_, group, name + after);
    return tracks_;
}

void TraceWriter::begin(CoreState& core, std::uint64_t cycle, std::string_view name) {
    sink_->event({.kind = Kind::begin,
                  .track = core.track,
                  .group = core.tile + 1,
                  .cycle = cycle,
                  .name = name});
    ++core.open;
    last_cycle_ = std::max(last_cycle_, cycle);
}

void TraceWriter::end(CoreState& core, std::uint64_t cycle) {
    if (core.open == 0) return;  // it began before the recording did
    sink_->event({.kind = Kind::end,
                  .track = core.track,
                  .group = core.tile + 1,
                  .cycle = cycle,
                  .name = {}});
    --core.open;
    last_cycle_ = std::max(last_cycle_, cycle);
}

void TraceWriter::end_all(CoreState& core, std::uint64_t cycle) {
    while (core.open != 0) end(core, cycle);
    core.waiting = false;
    end_functions(core, 0, cycle, false);
    core.functions.clear();
}

// A function is written when it is known to be long enough, and then so are its callers.
void TraceWriter::end_functions(CoreState& core, std::size_t stays, std::uint64_t cycle, bool all) {
    std::vector<CallStack::Frame>& frames = core.functions.frames();
    for (std::size_t i = frames.size(); i-- > stays;) {
        const std::uint64_t end = std::max(cycle, frames[i].begin);
        const bool is_short = end - frames[i].begin < options_.shortest_function;
        if (is_short && !all && !frames[i].written) continue;
        if (!frames[i].written) write_functions(core, i + 1);
        sink_->event({.kind = Kind::end,
                      .track = core.function_track,
                      .group = core.tile + 1,
                      .cycle = end,
                      .name = {}});
        last_cycle_ = std::max(last_cycle_, end);
    }
}

void TraceWriter::write_functions(CoreState& core, std::size_t count) {
    if (core.function_track == 0) {
        core.function_track =
            new_track(core.tile + 1, "core " + std::to_string(core.processor) + " functions");
    }
    for (std::size_t i = 0; i < count; ++i) {
        CallStack::Frame& frame = core.functions.frames()[i];
        if (frame.written) continue;
        frame.written = true;
        sink_->event({.kind = Kind::begin,
                      .track = core.function_track,
                      .group = core.tile + 1,
                      .cycle = frame.begin,
                      .name = function_name(*frame.program, frame.function)});
    }
}

void TraceWriter::on_functions(CoreId id, const std::shared_ptr<const riscv::ElfImage>& program,
                               std::span<const riscv::CallRecord> records) {
    CoreState& core = state(id);
    core.functions.run(program);
    for (const riscv::CallRecord& record : records) {
        const std::size_t stays = core.functions.staying(record);
        if (stays != core.functions.frames().size()) {
            end_functions(core, stays, record.cycle, false);
        }
        core.functions.apply(record, stays);
    }
}

// Time may go back, and slices of a track must not: what is restored gets tracks of its own.
void TraceWriter::on_restored(Cycle until) {
    ++restored_;
    for (CoreState& core : cores_) {
        end_all(core, std::max(last_cycle_, count(until)));
        core.track = core.function_track = 0;
        core.lanes.clear();
    }
    for (Lanes& lanes : banks_) lanes.clear();
    engines_.clear();
    queues_.clear();
}

void TraceWriter::on_kernel(CoreId, std::string_view name) {
    kernel_ = name;
}

void TraceWriter::on_core(CoreId id, CoreEvent event, Cycle cycle, CoreAddress address) {
    CoreState& core = state(id);
    switch (event) {
        case CoreEvent::launched:
            begin(core, count(cycle), kernel_);
            break;
        case CoreEvent::parked:
            begin(core, count(cycle), waits_for(value(address)));
            core.waiting = true;
            break;
        case CoreEvent::woken:
            if (core.waiting) end(core, count(cycle));
            core.waiting = false;
            break;
        case CoreEvent::ended:
            end_all(core, count(cycle));
            break;
        case CoreEvent::faulted:
            begin(core, count(cycle), "fault");
            [[fallthrough]];
        case CoreEvent::aborted:
            end_functions(core, 0, count(cycle), true);
            core.functions.clear();
            end_all(core, count(cycle));
            break;
    }
}

void TraceWriter::on_zone(CoreId id, Cycle cycle, std::string_view name) {
    CoreState& core = state(id);
    if (!name.empty()) {
        begin(core, count(cycle), name);
    } else if (core.open > 1) {  // the outermost is the kernel
        end(core, count(cycle));
    }
}

template <class NameOf>
std::uint32_t TraceWriter::lane(Lanes& lanes, std::uint32_t group, std::uint64_t from,
                                std::uint64_t until, NameOf&& name_of) {
    auto found = std::ranges::find_if(lanes, [&](const Lane& l) { return l.free_at <= from; });
    if (found == lanes.end()) {
        lanes.push_back({.track = new_track(group, name_of(lanes.size() + 1))});
        found = lanes.end() - 1;
    }
    found->free_at = until;
    return found->track;
}

std::uint32_t TraceWriter::lane(Lanes& lanes, std::uint32_t group, Cycle from, Cycle until,
                                const std::string& name) {
    return lane(lanes, group, count(from), count(until), [&](std::size_t number) {
        return number == 1 ? name : name + " (" + std::to_string(number) + ")";
    });
}

void TraceWriter::on_transfer(const TransferRecord& t) {
    CoreState& core = state(t.initiator);
    const std::uint32_t group = core.tile + 1;
    const std::uint64_t from = count(t.issued);
    const std::uint64_t until = count(t.completed);
    const std::uint32_t track = lane(core.lanes, group, from, until, [&](std::size_t number) {
        return "core " + std::to_string(core.processor) + " transfers " + std::to_string(number);
    });

    char name[64];
    std::snprintf(name, sizeof name, "%s router (%u, %u) over NoC %u", verb(t.kind), t.node & 0xFF,
                  t.node >> 8 & 0xFF, t.noc);
    ++flows_;
    sink_->event({.kind = Kind::instant,
                  .track = core.track,
                  .group = group,
                  .cycle = from,
                  .name = verb(t.kind),
                  .flow_from = flows_});
    sink_->event({.kind = Kind::begin,
                  .track = track,
                  .group = group,
                  .cycle = from,
                  .name = name,
                  .flow_to = flows_,
                  .has_details = true,
                  .address = t.address,
                  .bytes = t.bytes});
    sink_->event({.kind = Kind::end, .track = track, .group = group, .cycle = until, .name = {}});
    last_cycle_ = std::max(last_cycle_, until);
}

void TraceWriter::on_engine(const EngineRecord& command) {
    const auto number = static_cast<std::uint32_t>(groups_.size()) - 1;
    group(number - 1, "engines");
    const std::uint32_t track = lane(engines_[command.engine], number, command.waited, command.end,
                                     engine_name(command.engine));
    if (command.waited < command.start) {
        slice(number, track, command.waited, command.start, "wait for flag");
    }
    slice(number, track, command.start, command.end, command.what, value(command.destination),
          command.bytes);
}

void TraceWriter::on_queue(const QueueRecord& command) {
    const auto number = static_cast<std::uint32_t>(groups_.size());
    group(number - 1, "queues");
    const std::uint32_t track = lane(queues_[command.queue], number, command.start, command.end,
                                     "queue " + std::to_string(command.queue));
    slice(number, track, command.start, command.end, command.what, 0, command.bytes);
}

void TraceWriter::slice(std::uint32_t group, std::uint32_t track, Cycle from, Cycle until,
                        std::string_view name, std::uint64_t address, std::uint64_t bytes) {
    sink_->event({.kind = Kind::begin,
                  .track = track,
                  .group = group,
                  .cycle = count(from),
                  .name = name,
                  .has_details = bytes != 0,
                  .address = address,
                  .bytes = bytes});
    sink_->event(
        {.kind = Kind::end, .track = track, .group = group, .cycle = count(until), .name = {}});
    last_cycle_ = std::max(last_cycle_, count(until));
}

void TraceWriter::on_dram(const DramRecord& access) {
    const auto number = static_cast<std::uint32_t>(groups_.size()) - 2;
    group(number - 1, "DRAM");
    const Cycle end{count(access.start) + access.busy_cycles};
    const std::uint32_t track =
        lane(banks_[access.bank], number, access.start, end, "bank " + std::to_string(access.bank));
    slice(number, track, access.start, end, access.write ? "write" : "read", access.address,
          access.bytes);
}

std::string_view TraceWriter::waits_for(std::uint32_t address) {
    return text_ = "wait for " + detail::awaited_word(address);
}

}  // namespace tilewright
