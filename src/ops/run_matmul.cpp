// Runs a planned matmul: checks, and feeding the engines while time passes.
#include "ops/run_matmul.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <string>

#include "ops/commands.hpp"
#include "ops/matmul_report.hpp"
#include "runtime/device_state.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"

namespace tilewright::detail {
namespace {

// So many blocks of every lane are with the engines at a time: enough that none ever runs dry, few
// enough that a large matmul does not fill the host's memory with commands.
constexpr std::size_t rounds_ahead = 16;

/// A flag for each engine of a plan, leased for as long as this lives.
class PlanFlags {
public:
    /// AddressError if there are not as many; none is taken then.
    PlanFlags(DeviceState& state, const MatmulPlan& plan) : state_(state) {
        for (const EngineId engine : engines_of(plan)) of.emplace(engine, 0);
        const std::lock_guard lock(state.tables);
        if (of.size() > state.leases.free_flags()) {
            throw BusyError("matmul: it needs " + std::to_string(of.size()) +
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
    // Half a matmul is of no use to anybody, and nothing would feed the engines any more.
    Chip::Outcome outcome{};
    try {
        // Where memory is slow, the store of a block may end after the command of a later block
        // that tells the host: nobody tells of the store, and all engines may be done with what
        // they have.
        do {
            outcome = pass_time(state, deadline, run, feed_and_see);
        } while ((outcome == Chip::Outcome::ended || outcome == Chip::Outcome::idle) &&
                 !feed_and_see() && state.chip.engines().busy() != 0);
    } catch (...) {
        state.stop_everything();
        throw;
    }
    if (rounds.empty()) return;
    if (outcome == Chip::Outcome::stopped) {
        const auto error = error_with_report<Interrupted>(
            state, "matmul: interrupted at cycle " + std::to_string(state.chip.now()) +
                       "; everything that ran on the device was stopped");
        state.stop_everything();
        throw error;
    }
    const auto error = error_with_report<CycleLimitError>(
        state, "matmul: not done after " + std::to_string(run.cycle_limit) + " cycles");
    state.stop_everything();
    throw error;
}

}  // namespace

MatmulReport run_matmul(DeviceState& state, const MatmulPlan& plan, const MatmulOperands& operands,
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
    const MatmulCounts before = matmul_counts(state.chip, plan);
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
        matmul_report(plan, state.chip.config(), before, matmul_counts(state.chip, plan),
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
