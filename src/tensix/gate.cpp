#include "tensix/gate.hpp"

#include <algorithm>
#include <optional>

#include "tensix/needs.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint64_t never = Times::never;

// --- Conditions of STALLWAIT ---

/// A condition: for a thread's pipe to be empty, or for a bank of SrcA or SrcB.
struct Condition {
    enum class Kind : std::uint8_t { pipe, bank_free, bank_unpacked, always } kind;
    Pipe pipe = Pipe::misc;
    unsigned source = 0;
};
using Kind = Condition::Kind;

constexpr std::array<Condition, 15> of_wormhole{{
    {Kind::pipe, Pipe::scalar},
    {Kind::pipe, Pipe::unpacker0},
    {Kind::pipe, Pipe::unpacker1},
    {Kind::pipe, Pipe::packer0},
    {Kind::pipe, Pipe::packer1},
    {Kind::pipe, Pipe::packer2},
    {Kind::pipe, Pipe::packer3},
    {Kind::pipe, Pipe::matrix},
    {Kind::bank_free, {}, 0},
    {Kind::bank_free, {}, 1},
    {Kind::bank_unpacked, {}, 0},
    {Kind::bank_unpacked, {}, 1},
    {Kind::always},  // the mover
    {Kind::always},  // stores of cores to registers and configuration: they are done at once
    {Kind::pipe, Pipe::vector},
}};
constexpr std::array<Condition, 12> of_blackhole{{
    {Kind::pipe, Pipe::scalar},
    {Kind::pipe, Pipe::unpacker0},
    {Kind::pipe, Pipe::unpacker1},
    {Kind::pipe, Pipe::packer0},
    {Kind::pipe, Pipe::matrix},
    {Kind::bank_free, {}, 0},
    {Kind::bank_free, {}, 1},
    {Kind::bank_unpacked, {}, 0},
    {Kind::bank_unpacked, {}, 1},
    {Kind::always},
    {Kind::always},
    {Kind::pipe, Pipe::vector},
}};

/// The condition of a bit of the mask.
const Condition& condition(Architecture architecture, unsigned bit) {
    return architecture == Architecture::wormhole ? of_wormhole[bit] : of_blackhole[bit];
}
/// The conditions that a mask of 0 means: scalar unit, unpackers, packers.
std::uint16_t default_conditions(Architecture architecture) {
    return architecture == Architecture::wormhole ? 0x7f : 0x0f;
}

/// From when on a condition holds, as things stand.
std::uint64_t holds_from(const Engine& engine, unsigned thread, const Condition& condition) {
    const Source& source = condition.source == 0 ? engine.state.a : engine.state.b;
    const auto& bank = engine.times.bank[condition.source];
    switch (condition.kind) {
        case Kind::pipe:
            return engine.times.in_flight[thread][static_cast<std::size_t>(condition.pipe)];
        case Kind::bank_free:
            return source.of_unpacker().valid ? never : bank[source.unpack_bank];
        case Kind::bank_unpacked:
            return source.of_matrix().valid ? bank[source.matrix_bank] : never;
        default:
            return 0;
    }
}

std::uint64_t conditions_hold_from(const Engine& engine, unsigned thread,
                                   std::uint32_t conditions) {
    std::uint64_t from = 0;
    for (unsigned bit = 0; conditions >> bit != 0; ++bit) {
        if ((conditions >> bit & 1) == 0) continue;
        from = std::max(from, holds_from(engine, thread, condition(engine.architecture, bit)));
    }
    return from;
}

std::uint64_t semaphores_hold_from(const SyncState& sync, const GateWait& wait) {
    for (unsigned i = 0; i < semaphore_count; ++i) {
        if ((wait.semaphores >> i & 1) == 0) continue;
        const SyncState::Semaphore& semaphore = sync.semaphores[i];
        if ((wait.conditions & 1) != 0 && semaphore.value == 0) return never;
        if ((wait.conditions & 2) != 0 && semaphore.value >= semaphore.maximum) return never;
    }
    return 0;
}

// --- Blocks ---

/// The bits of a block mask that hold instructions of a unit.
std::uint16_t blocks_of(const Instruction& instruction) {
    switch (instruction.unit) {
        case Unit::misc:
            return instruction.op == Op::nop ? 0 : 0x001;
        case Unit::sync:
            return 0x002;
        case Unit::pack:
            return 0x005;
        case Unit::unpack:
            return 0x009;
        case Unit::scalar:
            return 0x021;
        case Unit::matrix:
            return 0x040;
        case Unit::configuration:
            return 0x080;
        default:
            return 0x100;  // vector
    }
}

bool holds_back(const GateWait& wait, const Instruction& instruction) {
    constexpr std::uint16_t all = 0x1ff;
    if (!wait.active) return false;
    // STALLWAIT and NOP are held by all that would hold everything.
    if (wait.blocks == all) return true;
    if (instruction.op == Op::stallwait) return wait.blocks != 0;
    return (wait.blocks & blocks_of(instruction)) != 0;
}

// --- Units ---

bool reads_dst(Op op) {
    switch (op) {
        case Op::movd2a:
        case Op::movd2b:
        case Op::elwmul:
        case Op::mvmul:
        case Op::gmpool:
        case Op::gapool:
            return true;
        default:
            return false;
    }
}

std::uint64_t matrix_free(const Times& times, Op op) {
    std::uint64_t free = times.pipe[static_cast<std::size_t>(Pipe::matrix)];
    if (op != Op::movd2a && op != Op::movb2a) free = std::max(free, times.after_movd2a);
    if (op != Op::movd2b) free = std::max(free, times.after_movd2b);
    if (reads_dst(op)) free = std::max(free, times.after_mov2d);
    return free;
}

/// A packer takes an instruction while it works on another, but no third.
std::uint64_t packers_free(const Engine& engine, std::uint32_t word) {
    const auto i = operands_of<op::pacr>(engine.architecture, word);
    std::uint64_t free = engine.times.pack_start;
    const bool all = engine.architecture == Architecture::blackhole || i.packers == 0;
    const std::uint32_t packers = all ? 1 : i.packers;
    for (unsigned packer = 0; packer < packer_count; ++packer) {
        if ((packers >> packer & 1) == 0) continue;
        const auto pipe = static_cast<std::size_t>(Pipe::packer0) + packer;
        free = std::max(free, engine.times.pipe[pipe]);
    }
    return free;
}

std::uint64_t unpacker_free(const Engine& engine, std::uint32_t word) {
    const unsigned unpacker = word >> 23 & 1;
    return std::max(engine.times.unpack_address,
                    engine.times.pipe[static_cast<std::size_t>(Pipe::unpacker0) + unpacker]);
}

std::uint64_t configuration_free(const Times& times, Op op) {
    switch (op) {
        case Op::setc16:
            return 0;
        case Op::rmwcib0:
        case Op::rmwcib1:
        case Op::rmwcib2:
        case Op::rmwcib3:
            return std::max(times.after_wrcfg,
                            times.pipe[static_cast<std::size_t>(Pipe::configuration)]);
        default:
            return times.pipe[static_cast<std::size_t>(Pipe::configuration)];
    }
}

std::uint64_t sync_free(const Times& times, Op op) {
    const bool of_semaphores = op == Op::seminit || op == Op::sempost || op == Op::semget;
    return of_semaphores ? times.pipe[static_cast<std::size_t>(Pipe::sync)] : 0;
}

/// From when on the instruction's unit takes it.
std::uint64_t unit_free(const Engine& engine, const Instruction& instruction, std::uint32_t word) {
    const Times& times = engine.times;
    const auto pipe = [&](Pipe which) { return times.pipe[static_cast<std::size_t>(which)]; };
    switch (instruction.unit) {
        case Unit::sync:
            return sync_free(times, instruction.op);
        case Unit::unpack:
            return unpacker_free(engine, word);
        case Unit::matrix:
            return matrix_free(times, instruction.op);
        case Unit::pack:
            return packers_free(engine, word);
        case Unit::vector:
            return instruction.op == Op::sfpnop ? pipe(Pipe::vector)
                                                : std::max(pipe(Pipe::vector), times.after_swap);
        case Unit::scalar:
            return pipe(Pipe::scalar);
        case Unit::configuration:
            return configuration_free(times, instruction.op);
        default:
            return 0;
    }
}

/// When the banks that it needs are handed over in full; they are its own already.
Blocked wait_for_banks(const Engine& engine, const Needs& needs) {
    const auto later = [&](bool needed, std::uint64_t from) { return needed && from > engine.now; };
    const std::uint64_t next_b = engine.times.next_b;
    if (later(needs.matrix_b, next_b)) return {Wait::source_b, next_b};
    const Source& a = engine.state.a;
    const Source& b = engine.state.b;
    const std::uint64_t matrix_a = engine.times.bank[0][a.matrix_bank];
    const std::uint64_t matrix_b = engine.times.bank[1][b.matrix_bank];
    const std::uint64_t unpack_a = engine.times.bank[0][a.unpack_bank];
    const std::uint64_t unpack_b = engine.times.bank[1][b.unpack_bank];
    if (later(needs.matrix_a, matrix_a)) return {Wait::source_a, matrix_a};
    if (later(needs.matrix_b, matrix_b)) return {Wait::source_b, matrix_b};
    if (later(needs.unpack_a, unpack_a)) return {Wait::bank_a, unpack_a};
    if (later(needs.unpack_b, unpack_b)) return {Wait::bank_b, unpack_b};
    if (later(needs.free_matrix_a, matrix_a)) return {Wait::bank_a, matrix_a};
    if (later(needs.free_matrix_b, matrix_b)) return {Wait::bank_b, matrix_b};
    return {};
}

}  // namespace

Blocked blocked(const Engine& engine, unsigned thread) {
    const ThreadFront& front = engine.fronts[thread];
    const std::uint64_t now = engine.now;
    const Times& times = engine.times;
    if (times.thread[thread] > now) return {times.thread_wait[thread], times.thread[thread]};
    const std::uint32_t word = front.gate.front().bits;
    const Instruction& instruction = decode(engine.architecture, word);
    if (holds_back(front.wait, instruction)) {
        return {front.wait.of_semaphores ? Wait::semaphore : Wait::condition, never};
    }
    if (has_needs(instruction)) {
        const Needs needs = needs_of(engine.architecture, instruction, word);
        const Wait wait = missing(needs, engine.state, thread);
        if (wait != Wait::none) return {wait, never};
        const Blocked banks = wait_for_banks(engine, needs);
        if (banks.wait != Wait::none) return banks;
    }
    const std::uint64_t free = unit_free(engine, instruction, word);
    if (free > now) return {Wait::unit, free};
    if (instruction.op == Op::flushdma) {
        const auto i = operands_of<op::flushdma>(engine.architecture, word);
        const std::uint32_t conditions = i.conditions != 0 ? i.conditions : 0xf;
        const std::uint64_t from = conditions_hold_from(engine, thread, conditions);
        if (from > now) return {Wait::condition, from};
    }
    return {Wait::none, 0, &instruction};
}

void latch(Engine& engine, unsigned thread, const op::stallwait& i) {
    GateWait& wait = engine.fronts[thread].wait;
    wait = {};
    wait.active = true;
    wait.conditions = i.conditions != 0 ? static_cast<std::uint16_t>(i.conditions)
                                        : default_conditions(engine.architecture);
    wait.blocks = static_cast<std::uint16_t>(i.blocks != 0 ? i.blocks : 0x40);
}

void latch(Engine& engine, unsigned thread, const op::semwait& i) {
    if (i.conditions == 0) {
        latch(engine, thread, op::stallwait{0, i.blocks});
        return;
    }
    GateWait& wait = engine.fronts[thread].wait;
    wait = {};
    wait.active = true;
    wait.of_semaphores = true;
    wait.semaphores = static_cast<std::uint8_t>(i.semaphores);
    wait.conditions = static_cast<std::uint16_t>(i.conditions);
    wait.blocks = static_cast<std::uint16_t>(i.blocks != 0 ? i.blocks : 0x40);
}

std::uint64_t look_at_gate(Engine& engine, unsigned thread) {
    GateWait& wait = engine.fronts[thread].wait;
    if (!wait.active) return never;
    if (wait.met) {
        wait = {};
        return never;
    }
    const std::uint64_t from = wait.of_semaphores
                                   ? semaphores_hold_from(engine.state.sync, wait)
                                   : conditions_hold_from(engine, thread, wait.conditions);
    wait.met = from <= engine.now;
    return wait.met ? engine.now + 1 : from;
}

}  // namespace tilewright::tensix
