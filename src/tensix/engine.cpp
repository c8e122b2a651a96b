#include "tilewright/tensix/engine.hpp"

#include <algorithm>

#include "tensix/context.hpp"
#include "tensix/cost.hpp"
#include "tensix/gate.hpp"

namespace tilewright::tensix {
namespace {

constexpr bool is(std::uint32_t word, Op op) {
    return word >> 24 == opcode_of(op);
}

/// What the expanders take has to be possible.
void check(const Engine& engine, unsigned thread, const PushedWord& word) {
    try {
        decode(engine.architecture, word.bits);
    } catch (const TensixFault& fault) {
        throw TensixFault(
            std::string(fault.what()) + " (T" + std::to_string(thread) + ", before its gate)",
            thread, word.pc);
    }
}

/// A word goes from the core's queue through the MOP expander; whether anything happened.
bool step_macro(Engine& engine, unsigned thread) {
    ThreadFront& front = engine.fronts[thread];
    MacroExpander& macro = front.macro;
    if (front.expanded.full()) return false;
    if (macro.busy()) {
        front.expanded.push(macro.next());
        return true;
    }
    const bool leaving = std::exchange(macro.leaving, false);
    if (front.pushed.empty()) return leaving;
    const PushedWord word = front.pushed.front();
    if (is(word.bits, Op::mop)) {
        check(engine, thread, word);
        front.pushed.pop();
        macro.begin(operands_of<op::mop>(engine.architecture, word.bits), word.pc);
        if (macro.busy()) front.expanded.push(macro.next());
        return true;
    }
    if (leaving) return true;
    front.pushed.pop();
    if (is(word.bits, Op::mop_cfg)) {
        check(engine, thread, word);
        const auto i = operands_of<op::mop_cfg>(engine.architecture, word.bits);
        macro.mask_high = static_cast<std::uint16_t>(i.mask_high);
    } else {
        front.expanded.push(word);
    }
    return true;
}

/// And from there through the replay expander to the gate.
bool step_replay(Engine& engine, unsigned thread) {
    ThreadFront& front = engine.fronts[thread];
    ReplayExpander& replay = front.replay;
    if (replay.phase != ReplayExpander::Phase::storing && front.gate.full()) return false;
    if (replay.phase == ReplayExpander::Phase::replaying) {
        front.gate.push(replay.next());
        return true;
    }
    if (front.expanded.empty()) return false;
    const PushedWord word = front.expanded.pop();
    if (replay.phase == ReplayExpander::Phase::idle && is(word.bits, Op::replay)) {
        check(engine, thread, word);
        replay.begin(operands_of<op::replay>(engine.architecture, word.bits), word.pc);
        if (replay.phase == ReplayExpander::Phase::replaying) front.gate.push(replay.next());
    } else if (replay.take(word.bits)) {
        front.gate.push(word);
    }
    return true;
}

void reach(Engine& engine, Surroundings& surroundings, unsigned thread,
           const RegisterAccess& access) {
    if (access.load) {
        engine.state.threads[thread].registers[access.general_register] =
            surroundings.load_register(access.address);
    } else {
        surroundings.store_register(access.address, access.value);
    }
}

/// L1 for an instruction of a thread in a cycle.
class L1OfThread final : public L1Port {
public:
    L1OfThread(Surroundings& surroundings, std::uint64_t cycle, unsigned thread)
        : L1Port(surroundings.l1), surroundings_(surroundings), cycle_(cycle), thread_(thread) {}
    void reading(const L1Range& range) override { surroundings_.reading(cycle_, thread_, range); }
    void writing(const L1Range& range) override { surroundings_.writing(cycle_, thread_, range); }

private:
    Surroundings& surroundings_;
    std::uint64_t cycle_;
    unsigned thread_;
};

/// Begin the instruction at the thread's gate.
void issue(Engine& engine, Surroundings& surroundings, unsigned thread,
           const Instruction& instruction) {
    const std::uint32_t word = engine.fronts[thread].gate.pop().bits;
    const Turns before = turns_of(engine.state);
    L1OfThread l1(surroundings, engine.now, thread);
    InstructionWatch* const watch = surroundings.watch;
    if (watch != nullptr) {
        watch->before(engine.state, engine.architecture, l1.bytes, {engine.now, thread, word});
    }
    const Effects effects =
        execute(engine.state, engine.architecture, l1, thread, instruction, word);
    if (watch != nullptr) watch->after(engine.state, l1.bytes);
    if (effects.access) reach(engine, surroundings, thread, *effects.access);
    if (instruction.op == Op::stallwait) {
        latch(engine, thread, operands_of<op::stallwait>(engine.architecture, word));
    } else if (instruction.op == Op::semwait) {
        latch(engine, thread, operands_of<op::semwait>(engine.architecture, word));
    }
    charge(engine, thread, instruction, word, effects, before);
}

/// The thread's instruction, for the text of a fault in it.
std::string place_of(const Engine& engine, unsigned thread, std::uint32_t word) {
    return "T" + std::to_string(thread) + ": " + disassemble(engine.architecture, word);
}

/// Threads take turns at a unit: the one whose last instruction began first.
std::array<unsigned, thread_count> turns_at_units(const Engine& engine) {
    using Order = std::array<unsigned, thread_count>;
    static constexpr std::array<Order, thread_count> orders{{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}}};
    Order order = orders[engine.now % thread_count];
    const auto earlier = [&](unsigned a, unsigned b) {
        return engine.times.thread[a] < engine.times.thread[b];
    };
    if (earlier(order[1], order[0])) std::swap(order[0], order[1]);
    if (earlier(order[2], order[1])) std::swap(order[1], order[2]);
    if (earlier(order[1], order[0])) std::swap(order[0], order[1]);
    return order;
}

/// One cycle; returns the next one in which anything can happen.
std::uint64_t cycle(Engine& engine, Surroundings& surroundings,
                    std::array<Wait, thread_count>& waits) {
    bool active = false;
    std::uint64_t wake = Times::never;
    for (unsigned thread = 0; thread < thread_count; ++thread) {
        if (!engine.fronts[thread].wait.active) continue;
        wake = std::min(wake, look_at_gate(engine, thread));
    }
    for (const unsigned thread : turns_at_units(engine)) {
        waits[thread] = Wait::none;
        if (engine.fronts[thread].gate.empty()) continue;
        const auto [word, pc] = engine.fronts[thread].gate.front();
        try {
            if (surroundings.asks) surroundings.at_gate(thread, pc);
            const Blocked found = blocked(engine, thread);
            waits[thread] = found.wait;
            wake = std::min(wake, found.wait == Wait::none ? wake : found.until);
            if (found.wait != Wait::none) continue;
            if (surroundings.asks) surroundings.beginning(thread, pc);
            issue(engine, surroundings, thread, *found.instruction);
            active = true;
        } catch (const TensixFault& fault) {
            throw TensixFault(
                std::string(fault.what()) + " (" + place_of(engine, thread, word) + ")", thread,
                pc);
        }
    }
    for (unsigned thread = 0; thread < thread_count; ++thread) {
        active |= step_replay(engine, thread);
        active |= step_macro(engine, thread);
    }
    return active ? engine.now + 1 : wake;
}

}  // namespace

std::string_view name_of(Pipe pipe) {
    constexpr std::array<std::string_view, pipe_count> names{
        "unpacker 0",  "unpacker 1",         "packer 0",    "packer 1",
        "packer 2",    "packer 3",           "matrix unit", "vector unit",
        "scalar unit", "configuration unit", "sync unit",   "misc unit"};
    return names[static_cast<std::size_t>(pipe)];
}

Engine reset_engine(Architecture architecture, const EngineTiming& timing, std::uint64_t now) {
    Engine engine;
    engine.architecture = architecture;
    engine.timing = timing;
    engine.now = now;
    engine.state = reset_state();
    return engine;
}

std::uint32_t Surroundings::load_register(std::uint32_t) {
    refuse("LOADREG", "there are no device registers here");
}
void Surroundings::store_register(std::uint32_t, std::uint32_t) {
    refuse("STOREREG", "there are no device registers here");
}

bool push(Engine& engine, unsigned thread, std::uint32_t word, std::uint32_t pc) {
    ThreadFront& front = engine.fronts[thread];
    if (!has_room(front, engine.architecture, thread)) return false;
    front.pushed.push({word, pc});
    return true;
}

bool push_behind_macros(Engine& engine, unsigned thread, std::uint32_t word) {
    auto& expanded = engine.fronts[thread].expanded;
    if (expanded.full()) return false;
    expanded.push({word});
    return true;
}

std::uint64_t advance(Engine& engine, Surroundings& surroundings, std::uint64_t until) {
    std::array<Wait, thread_count> waits{};
    std::uint64_t due = engine.now;
    while (engine.now < until) {
        due = cycle(engine, surroundings, waits);
        const std::uint64_t next = std::min(due, until);
        for (unsigned thread = 0; thread < thread_count; ++thread) {
            engine.threads[thread].waits[static_cast<std::size_t>(waits[thread])] +=
                waits[thread] == Wait::none ? 0 : next - engine.now;
        }
        engine.now = next;
    }
    return due;
}

bool idle(const Engine& engine, unsigned thread) {
    return engine.fronts[thread].idle();
}

bool finished(const Engine& engine, unsigned thread) {
    const auto& in_flight = engine.times.in_flight[thread];
    return idle(engine, thread) &&
           std::ranges::all_of(in_flight, [&](std::uint64_t from) { return from <= engine.now; });
}

bool macros_finished(const Engine& engine, unsigned thread) {
    const ThreadFront& front = engine.fronts[thread];
    if (front.macro.busy()) return false;
    for (unsigned i = 0; i < front.pushed.size; ++i) {
        if (is(front.pushed.at(i).bits, Op::mop)) return false;
    }
    return true;
}

namespace {

/// The first that keeps the thread at its gate.
std::string name_of_semaphore(const Engine& engine, unsigned thread) {
    const GateWait& wait = engine.fronts[thread].wait;
    for (unsigned i = 0; i < semaphore_count; ++i) {
        if ((wait.semaphores >> i & 1) == 0) continue;
        const SyncState::Semaphore& semaphore = engine.state.sync.semaphores[i];
        const std::string name = "semaphore " + std::to_string(i) + ", which is ";
        if ((wait.conditions & 1) != 0 && semaphore.value == 0) return name + "0";
        if ((wait.conditions & 2) != 0 && semaphore.value >= semaphore.maximum) {
            return name + "full";
        }
    }
    return "a semaphore";
}

}  // namespace

std::string describe(const Engine& engine) {
    std::string text;
    for (unsigned thread = 0; thread < thread_count; ++thread) {
        const ThreadFront& front = engine.fronts[thread];
        if (front.idle()) continue;
        if (!text.empty()) text += "\n";
        if (front.gate.empty()) {
            text += "T" + std::to_string(thread) + ": nothing at its gate yet";
            continue;
        }
        text += place_of(engine, thread, front.gate.front().bits);
        try {
            const Wait wait = blocked(engine, thread).wait;
            if (wait == Wait::none) continue;
            text += " waits for ";
            text += wait == Wait::semaphore ? name_of_semaphore(engine, thread)
                                            : std::string(name_of(wait));
        } catch (const TensixFault&) {
            text += " cannot be carried out";
        }
    }
    return text;
}

}  // namespace tilewright::tensix
