// Device::matmul(): checks, feeding the engines while time passes, and the report from what the
// chip counted meanwhile.
#include "ops/product.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <deque>
#include <map>
#include <string>

#include "ops/commands.hpp"
#include "ops/energy.hpp"
#include "runtime/device_state.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"

namespace tilewright::detail {
namespace {

// So many blocks of every lane are with the engines at a time: enough that none ever runs dry, few
// enough that a large product does not fill the host's memory with commands.
constexpr std::size_t rounds_ahead = 16;

/// A flag for each engine of a plan, leased for as long as this lives.
class PlanFlags {
public:
    /// AddressError if there are not as many; none is taken then.
    PlanFlags(DeviceState& state, const MatmulPlan& plan) : state_(state) {
        for (const MatmulLane& lane : plan.lanes) {
            of.emplace(lane.array, 0);
            for (const auto* stages : {&lane.a, &lane.b, &lane.c}) {
                for (const MatmulStage& stage : *stages) of.emplace(stage.engine, 0);
            }
        }
        const std::lock_guard lock(state.tables);
        if (of.size() > state.leases.free_flags()) {
            throw BusyError("matmul: a product needs " + std::to_string(of.size()) +
                            " flags, and too many of the device are taken");
        }
        for (auto& [engine, flag] : of) {
            const std::uint64_t number = state.leases.take_flag("matmul", true);
            leases_.emplace_back(number, state.leases.holding(number));
            flag = leases_.back().second.resource.number;
        }
    }
    ~PlanFlags() {
        const std::lock_guard lock(state_.tables);
        for (const auto& [number, holding] : leases_) state_.leases.give_back(number, holding);
    }
    PlanFlags(const PlanFlags&) = delete;
    PlanFlags& operator=(const PlanFlags&) = delete;

    std::map<EngineId, std::uint32_t> of;

private:
    DeviceState& state_;
    std::vector<std::pair<std::uint64_t, Holding>> leases_;
};

struct Traffic {
    std::uint64_t dram_read = 0;
    std::uint64_t dram_written = 0;
    std::array<std::uint64_t, memory_kind_count> bytes{};  // read and written
};

Traffic traffic(const Chip& chip) {
    Traffic t;
    for (std::uint32_t b = 0; b < chip.config().dram_bank_count; ++b) {
        t.dram_read += chip.dram_bank(b).bytes_read;
        t.dram_written += chip.dram_bank(b).bytes_written;
    }
    for (const MemoryKind kind :
         {MemoryKind::l3, MemoryKind::l2, MemoryKind::l1_buffer, MemoryKind::scratchpad}) {
        for (std::uint32_t i = 0; i < chip.map().window(kind).count; ++i) {
            const MemoryPorts& ports = chip.engines().ports(kind, i);
            t.bytes[static_cast<std::size_t>(kind)] += ports.bytes_read + ports.bytes_written;
        }
    }
    return t;
}

/// What the engines of a plan have done so far.
struct Progress {
    std::map<EngineId, Engine> engines;
    Traffic memory;
};

Progress progress_of(const Chip& chip, const std::map<EngineId, std::uint32_t>& flags) {
    Progress work{{}, traffic(chip)};
    for (const auto& [id, flag] : flags) {
        const Engine& engine = chip.engines().engine(id);
        Engine& copy = work.engines[id];
        copy.counters = engine.counters;
        copy.array.passes = engine.array.passes;
        copy.array.macs = engine.array.macs;
        copy.array.pass_cycles = engine.array.pass_cycles;
        copy.array.vector_cycles = engine.array.vector_cycles;
    }
    return work;
}

MatmulReport make_report(const MatmulPlan& plan, const ChipConfig& config, const Progress& before,
                         const Progress& after, std::uint64_t compulsory_bytes, Cycle start,
                         Cycle end) {
    MatmulReport r;
    r.plan = plan;
    r.start = start;
    r.end = end;
    r.cycles = count(end - start);
    for (const auto& [id, engine] : after.engines) {
        const Engine& old = before.engines.at(id);
        if (id.kind != EngineKind::systolic_array) {
            r.memory_cycles =
                std::max(r.memory_cycles, engine.counters.busy_cycles - old.counters.busy_cycles);
            continue;
        }
        r.compute_cycles =
            std::max(r.compute_cycles, engine.array.pass_cycles - old.array.pass_cycles);
        r.vector_cycles =
            std::max(r.vector_cycles, engine.array.vector_cycles - old.array.vector_cycles);
        r.passes += engine.array.passes - old.array.passes;
        r.macs += engine.array.macs - old.array.macs;
    }
    r.stall_cycles = r.cycles - r.compute_cycles;
    r.dram_bytes_read = after.memory.dram_read - before.memory.dram_read;
    r.dram_bytes_written = after.memory.dram_written - before.memory.dram_written;
    const auto moved = [&](MemoryKind kind) {
        const auto i = static_cast<std::size_t>(kind);
        return after.memory.bytes[i] - before.memory.bytes[i];
    };
    r.l3_bytes = moved(MemoryKind::l3);
    r.l2_bytes = moved(MemoryKind::l2);
    r.l1_bytes = moved(MemoryKind::l1_buffer);
    r.scratchpad_bytes = moved(MemoryKind::scratchpad);

    r.compulsory_bytes = compulsory_bytes;
    const std::uint64_t elements =
        plan.lanes.size() * std::uint64_t{config.systolic_rows} * config.systolic_columns;
    const auto macs = static_cast<double>(r.macs);
    const auto dram = static_cast<double>(r.dram_bytes_read + r.dram_bytes_written);
    r.utilisation = macs / (static_cast<double>(r.cycles) * static_cast<double>(elements));
    r.arithmetic_intensity = 2 * macs / dram;
    r.energy.macs = macs * mac_picojoules(plan.options.type);
    r.energy.dram = dram * dram_picojoules;
    r.energy.on_chip =
        static_cast<double>(r.l3_bytes) * sram_picojoules(config.l3_tile_bytes) +
        static_cast<double>(r.l2_bytes) * sram_picojoules(config.l2_bank_bytes) +
        static_cast<double>(r.l1_bytes) * sram_picojoules(config.l1_buffer_bytes) +
        static_cast<double>(r.scratchpad_bytes) * sram_picojoules(config.scratchpad_bytes);
    assert(r.macs == plan.shape.macs() && r.utilisation <= 1.0);
    return r;
}

}  // namespace

void feed(DeviceState& state, const RunOptions& run, std::uint64_t deadline,
          const NextCommands& next) {
    // Of each round the last commands: when they have ended, it has.
    std::deque<std::vector<FlagWait>> rounds;
    std::vector<MatmulCommands::Command> batch;
    bool more = true;
    const auto feed_and_see = [&] {
        const auto happened = [&](const FlagWait& w) {
            return state.chip.engines().flag(w.flag) >= w.value;
        };
        while (!rounds.empty() && std::ranges::all_of(rounds.front(), happened)) rounds.pop_front();
        while (more && rounds.size() < rounds_ahead) {
            batch.clear();
            std::vector<FlagWait> last;
            more = next(batch, last);
            if (more) rounds.push_back(std::move(last));
            for (const auto& [engine, command] : batch) state.chip.submit(engine, command);
        }
        return rounds.empty();
    };
    // Half a product is of no use to anybody, and nothing would feed the engines any more.
    Chip::Outcome outcome{};
    try {
        outcome = pass_time(state, deadline, run, feed_and_see);
    } catch (...) {
        state.stop_everything();
        throw;
    }
    if (rounds.empty()) return;
    state.stop_everything();
    if (outcome == Chip::Outcome::stopped) {
        throw Interrupted("matmul: interrupted at cycle " + std::to_string(state.chip.now()) +
                          "; everything that ran on the device was stopped");
    }
    throw CycleLimitError("matmul: not done after " + std::to_string(run.cycle_limit) + " cycles");
}

MatmulReport run_product(DeviceState& state, const MatmulPlan& plan, const MatmulOperands& operands,
                         std::uint64_t compulsory_bytes, const RunOptions& run,
                         const Prologue& prologue) {
    const auto host_start = std::chrono::steady_clock::now();
    const PlanFlags leased(state, plan);
    const auto& flags = leased.of;
    const auto reset_flags = [&] {
        for (const auto& [engine, flag] : flags) state.chip.set_flag(flag, 0);
    };
    for (const auto& [engine, flag] : flags) {
        if (!state.chip.engines().engine(engine).idle()) {
            throw BusyError("matmul: " + engine_name(engine) + " is busy with other commands");
        }
    }
    const Progress before = progress_of(state.chip, flags);
    const Cycle start{state.chip.now()};
    const std::uint64_t deadline = cycles_after(count(start), run.cycle_limit);
    const auto flag_of = [&](EngineId engine) { return flags.at(engine); };
    if (prologue) {
        reset_flags();
        feed(state, run, deadline, prologue(flag_of));
    }
    reset_flags();
    MatmulCommands commands(plan, operands, flag_of);
    feed(state, run, deadline,
         [&](std::vector<MatmulCommands::Command>& batch, std::vector<FlagWait>& last) {
             const bool more = commands.next(batch);
             last = commands.last_points();
             return more;
         });
    MatmulReport report =
        make_report(plan, state.chip.config(), before, progress_of(state.chip, flags),
                    compulsory_bytes, start, Cycle{state.chip.now()});
    report.host_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - host_start).count();
    return report;
}

Stretches stretches_of(const DeviceState& state, const Allocation& record) {
    const AddressMap& map = state.chip.map();
    Stretches stretches;
    const Placement::Kind kind = record.placement.kind;
    if (kind != Placement::Kind::interleaved && kind != Placement::Kind::all_l1) {
        stretches.whole = map.address(state.memory.place_of(record, 0));
    }
    stretches.append = [&state, &map, record](std::uint64_t offset, std::uint64_t bytes,
                                              std::uint64_t inside,
                                              std::vector<MatmulPart>& parts) {
        state.memory.for_each_piece(
            record, offset, bytes,
            [&](const MemoryRef& place, std::uint64_t done, std::uint64_t piece) {
                parts.push_back({place.index, map.address(place), inside + done, piece});
            });
    };
    return stretches;
}

void check_operand(const std::shared_ptr<DeviceState>& device, const std::string& what,
                   const Buffer& buffer, std::uint64_t bytes) {
    if (!buffer.belongs_to(device)) throw ArgumentError(what + " belongs to another device");
    if (buffer.bytes() != bytes) {
        throw ArgumentError(what + ": expected " + std::to_string(bytes) + " bytes, got " +
                            buffer.describe());
    }
    if (buffer.placement().kind == Placement::Kind::host) {
        throw UnsupportedError(what + ": no engine reaches pinned memory of the host");
    }
}

}  // namespace tilewright::detail
