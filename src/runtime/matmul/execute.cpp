// Device::matmul(): checks, feeding the engines while time passes, and the report from what the
// chip counted meanwhile.
#include <algorithm>
#include <cassert>
#include <chrono>
#include <deque>
#include <map>
#include <string>

#include "runtime/device_state.hpp"
#include "runtime/matmul/commands.hpp"
#include "runtime/matmul/energy.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/abi.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

using detail::MatmulCommands;

// So many blocks of every lane are with the engines at a time: enough that none ever runs dry, few
// enough that a large product does not fill the host's memory with commands.
constexpr std::size_t rounds_ahead = 16;

/// A flag for each engine of a plan, from the last one down.
std::map<EngineId, std::uint32_t> take_flags(const MatmulPlan& plan) {
    std::map<EngineId, std::uint32_t> flags;
    for (const MatmulLane& lane : plan.lanes) {
        flags.emplace(lane.array, 0);
        for (const auto* stages : {&lane.a, &lane.b, &lane.c}) {
            for (const MatmulStage& stage : *stages) flags.emplace(stage.engine, 0);
        }
    }
    std::uint32_t next = abi::engine_flag_count;
    for (auto& [engine, flag] : flags) flag = --next;
    return flags;
}

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
                         const Progress& after, Cycle start, Cycle end) {
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

    const GemmShape& s = plan.shape;
    r.compulsory_bytes = (s.m * s.k + s.k * s.n) * size_of(plan.options.type) +
                         s.m * s.n * size_of(*plan.options.out) +
                         (plan.options.has_bias ? s.n * 4 : 0);
    const std::uint64_t elements =
        plan.lanes.size() * std::uint64_t{config.systolic_rows} * config.systolic_columns;
    const auto macs = static_cast<double>(r.macs);
    const auto dram = static_cast<double>(r.dram_bytes_read + r.dram_bytes_written);
    r.utilisation = macs / (static_cast<double>(r.cycles) * static_cast<double>(elements));
    r.arithmetic_intensity = 2 * macs / dram;
    r.energy.macs = macs * detail::mac_picojoules(plan.options.type);
    r.energy.dram = dram * detail::dram_picojoules;
    r.energy.on_chip =
        static_cast<double>(r.l3_bytes) * detail::sram_picojoules(config.l3_tile_bytes) +
        static_cast<double>(r.l2_bytes) * detail::sram_picojoules(config.l2_bank_bytes) +
        static_cast<double>(r.l1_bytes) * detail::sram_picojoules(config.l1_buffer_bytes) +
        static_cast<double>(r.scratchpad_bytes) * detail::sram_picojoules(config.scratchpad_bytes);
    assert(r.macs == s.macs() && r.utilisation <= 1.0);
    return r;
}

}  // namespace

MatmulReport Device::matmul(const Buffer& a, const Buffer& b, const Buffer& c,
                            const GemmShape& shape, const MatmulOptions& options,
                            const Buffer* bias, const RunOptions& run) {
    detail::DeviceState& state = open_state();
    const auto host_start = std::chrono::steady_clock::now();
    MatmulOptions wanted = options;
    wanted.has_bias = bias != nullptr;
    const MatmulPlan plan = plan_matmul(state.chip.config(), shape, wanted);

    // Where the operands lie. Each must be as long as its shape, and C apart from the others.
    const auto stretches = [&](const char* name, const Buffer& buffer, std::uint64_t bytes) {
        const std::string what = std::string("matmul: ") + name;
        if (!buffer.belongs_to(state_)) throw AddressError(what + " belongs to another device");
        const detail::Record record = buffer.allocation_->record;
        if (record.bytes != bytes) {
            throw ArgumentError(what + ": expected " + std::to_string(bytes) + " bytes, got " +
                                buffer.describe());
        }
        using Kind = Placement::Kind;
        const Kind kind = record.placement.kind;
        if (kind == Kind::host) {
            throw ArgumentError(what + ": no engine reaches pinned memory of the host");
        }
        const bool in_l1 = kind == Kind::l1 || kind == Kind::all_l1;
        const MemoryKind memory = in_l1 ? MemoryKind::tile_l1 : MemoryKind::dram;
        return
            [&state, record, memory](std::uint64_t offset, std::uint64_t count,
                                     std::uint64_t inside, std::vector<detail::MatmulPart>& parts) {
                state.for_each_piece(
                    record, offset, count,
                    [&](std::uint32_t index, std::uint64_t at, std::uint64_t done,
                        std::uint64_t piece) {
                        parts.push_back({index, state.chip.map().address(memory, index, at),
                                         inside + done, piece});
                    });
            };
    };
    const std::uint64_t size = size_of(options.type);
    detail::MatmulOperands operands{
        stretches("A", a, shape.m * shape.k * size),
        stretches("B", b, shape.k * shape.n * size),
        stretches("C", c, shape.m * shape.n * size_of(*plan.options.out)),
        {}};
    if (bias != nullptr) operands.bias = stretches("bias", *bias, shape.n * 4);
    for (const Buffer* other : {&a, &b, bias}) {
        if (other != nullptr && other->allocation_ == c.allocation_) {
            throw ArgumentError(
                "matmul: C is also an operand, of which parts would be overwritten "
                "before they are read");
        }
    }

    const auto flags = take_flags(plan);
    for (const auto& [engine, flag] : flags) {
        if (!state.chip.engines().engine(engine).idle()) {
            throw AddressError("matmul: " + engine_name(engine) + " is busy with other commands");
        }
        state.chip.set_flag(flag, 0);
    }
    const Progress before = progress_of(state.chip, flags);
    const Cycle start{state.chip.now()};

    // Of each round the last commands of its lanes: when they have ended, it has.
    using Round = std::vector<FlagWait>;
    MatmulCommands commands(plan, std::move(operands),
                            [&](EngineId engine) { return flags.at(engine); });
    std::deque<Round> rounds;
    std::vector<MatmulCommands::Command> batch;
    bool more = true;
    const auto feed_and_see = [&] {
        const auto happened = [&](const FlagWait& w) {
            return state.chip.engines().flag(w.flag) >= w.value;
        };
        while (!rounds.empty() && std::ranges::all_of(rounds.front(), happened)) rounds.pop_front();
        while (more && rounds.size() < rounds_ahead) {
            batch.clear();
            more = commands.next(batch);
            if (more) rounds.push_back(commands.last_points());
            for (const auto& [engine, command] : batch) state.chip.submit(engine, command);
        }
        return rounds.empty();
    };
    const Chip::Outcome outcome = detail::pass_time(
        state, detail::cycles_after(count(start), run.cycle_limit), run, feed_and_see);
    if (!rounds.empty()) {
        // Half a product is of no use to anybody, and nothing would feed the engines any more.
        state.stop_everything();
        if (outcome == Chip::Outcome::stopped) {
            throw Interrupted("matmul: interrupted at cycle " + std::to_string(state.chip.now()) +
                              "; everything that ran on the device was stopped");
        }
        throw CycleLimitError("matmul: not done after " + std::to_string(run.cycle_limit) +
                              " cycles");
    }
    MatmulReport report =
        make_report(plan, state.chip.config(), before, progress_of(state.chip, flags), start,
                    Cycle{state.chip.now()});
    report.host_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - host_start).count();
    return report;
}

}  // namespace tilewright
