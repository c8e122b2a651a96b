#include "coprocessor/engine_device.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/run.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {

using tensix::Times;

EngineDevice::EngineDevice(Tile& tile, tensix::Architecture architecture,
                           const tensix::EngineTiming& timing)
    : tile_(tile),
      row_(static_cast<std::uint32_t>(tile.devices.size())),
      architecture_(architecture),
      timing_(timing),
      side_(tile) {
    for (unsigned t = 0; t < tensix::thread_count && first_feeder + t < tile.runs.size(); ++t) {
        ahead_[t].address = abi::compute_registers + abi::compute_register::instructions;
        tile.runs[first_feeder + t].context.set_push_port(&ahead_[t]);
    }
}

// --- As a part of the chip -----------------------------------------------------------------------

void EngineDevice::save(ArchiveWriter& archive) const {
    archive(engine_ != nullptr);
    if (engine_ != nullptr) archive(*engine_, event_, due_, waiting_, ahead_, mail_);
}

void EngineDevice::load_state(ArchiveReader& archive) {
    bool present = false;
    archive(present);
    engine_.reset();
    if (!present) return;
    create();
    archive(*engine_, event_, due_, waiting_, ahead_, mail_);
    held_ = 0;
    for (std::uint32_t core = 0; core < waiting_.size(); ++core) {
        held_ |= (waiting_[core] != Holds::nothing ? 1u : 0u) << core;
    }
}

void EngineDevice::check() const {
    if (engine_ == nullptr) return;
    bool waits = true;  // for what each may
    for (std::uint32_t core = 0; core < waiting_.size(); ++core) {
        const Holds what = waiting_[core];
        if (what == Holds::nothing || thread_of(core)) continue;
        waits &= core == 0 && (what == Holds::room || what >= Holds::mail);
    }
    bool fits = std::ranges::all_of(mail_, [](const Mailbox& box) {
        return box.first < box.words.size() && box.count <= box.words.size();
    });
    for (unsigned t = 0; t < tensix::thread_count; ++t) {
        const riscv::PushPort& ahead = ahead_[t];
        fits &= ahead.first < riscv::PushPort::capacity &&
                ahead.count <= certain_room(engine_->fronts[t], architecture_, t);
    }
    if (engine_->architecture != architecture_ || !is_possible(*engine_) || !waits || !fits ||
        due_ < engine_->now) {
        throw SnapshotError("snapshot: a compute engine that cannot be");
    }
}

void EngineDevice::handle(const ScheduledEvent& event) {
    if (engine_ == nullptr || event.cycle != event_) return;  // there was an earlier one
    event_ = Times::never;
    constexpr int most = 1000;  // so that the host can stop it
    for (int turns = 0; turns < most && go_on(next_turn()); ++turns) {
    }
    schedule();
}

void EngineDevice::count(const CountSink& sink) const {
    if (engine_ == nullptr) return;
    const std::string prefix = "compute_engine." + std::to_string(tile_.index) + ".";
    for (std::size_t i = 0; i < tensix::pipe_count; ++i) {
        std::string name(name_of(static_cast<tensix::Pipe>(i)));
        std::ranges::replace(name, ' ', '_');
        const tensix::PipeCounters& pipe = engine_->pipes[i];
        sink(prefix + name + ".instructions", "instructions", "that have begun", pipe.instructions);
        sink(prefix + name + ".busy_cycles", "cycles", "at work", pipe.busy_cycles);
    }
    for (std::size_t t = 0; t < tensix::thread_count; ++t) {
        const std::string thread = prefix + "t" + std::to_string(t);
        std::uint64_t waits = 0;
        for (std::size_t i = 1; i < tensix::wait_count; ++i) {
            const std::uint64_t cycles = engine_->threads[t].waits[i];
            const auto wait = static_cast<tensix::Wait>(i);
            sink(thread + ".waits." + std::string(key_of(wait)), "cycles", "for that", cycles);
            waits += cycles;
        }
        sink(thread + ".instructions", "instructions", "that have begun",
             engine_->threads[t].instructions);
        sink(thread + ".waiting_cycles", "cycles", "an instruction was held at the wait gate",
             waits);
    }
}

std::string EngineDevice::describe() const {
    const std::string mail = describe_mail();
    if (busy() == 0) return mail;
    const std::string indent = "\n  compute engine of " + tile_name(tile_.site) + ", ";
    std::string text = indent;
    for (const char letter : tensix::describe(*engine_)) {
        text += letter == '\n' ? indent : std::string(1, letter);
    }
    return text + mail;
}

std::uint32_t EngineDevice::busy() const {
    std::uint32_t threads = 0;
    for (unsigned t = 0; engine_ != nullptr && t < tensix::thread_count; ++t) {
        threads += !idle(*engine_, t);
    }
    return threads;
}

bool EngineDevice::pending(std::uint32_t core) const {
    const auto thread = thread_of(core);
    if (engine_ == nullptr || !thread) return false;
    return ahead_[*thread].count != 0 || !finished(*engine_, *thread);
}

void EngineDevice::pushed(std::uint32_t core) {
    const auto thread = thread_of(core);
    if (!thread) return;
    create();
    ahead_[*thread].told = ahead_[*thread].count;
    schedule();
}

void EngineDevice::remapped(std::uint32_t) {
    side_.asks = tile_.around.checks.guard != nullptr;
    make_room();
}

void EngineDevice::launched(std::uint32_t core) {
    const auto thread = thread_of(core);
    if (!thread || engine_ == nullptr) return;
    bool alone = true;
    for (unsigned t = 0; t < tensix::thread_count; ++t) {
        const Core* const other = tile_.cores.find(first_feeder + t);
        const bool runs = other != nullptr && other->status != CoreStatus::idle;
        alone &= t == *thread || !runs;
    }
    if (alone) {
        reset();
    } else {
        engine_->fronts[*thread] = {};
    }
    ahead_[*thread].clear();
    let_go_on(tile_.around.clock.now + 1);
}

void EngineDevice::program_begins() {
    for (riscv::PushPort& ahead : ahead_) ahead.clear();
    if (engine_ != nullptr) reset();
}

void EngineDevice::retired(std::uint32_t core) {
    if (engine_ != nullptr && thread_of(core)) tell_seen(core);
}

void EngineDevice::tell_seen(std::uint32_t core) const {
    OrderObserver* const order = tile_.around.probes.order;
    if (order != nullptr) order->on_coprocessor_seen(tile_.core_number(core), tile_.index);
}

void EngineDevice::tell_changed(std::uint32_t core) const {
    OrderObserver* const order = tile_.around.probes.order;
    if (order != nullptr) order->on_coprocessor_changed(tile_.core_number(core), tile_.index);
}

void EngineDevice::abort() {
    program_begins();
    waiting_ = {};
    held_ = 0;
}

// --- Time ----------------------------------------------------------------------------------------

void EngineDevice::create() {
    if (engine_ != nullptr) return;
    engine_ = std::make_unique<tensix::Engine>();
    reset();
}

// What was counted stays.
void EngineDevice::reset() {
    const auto pipes = engine_->pipes;
    const auto threads = engine_->threads;
    *engine_ = tensix::reset_engine(architecture_, timing_, tile_.around.clock.now);
    engine_->pipes = pipes;
    engine_->threads = threads;
    due_ = event_ = Times::never;
    mail_ = {};
    make_room();
}

void EngineDevice::catch_up(std::uint32_t core, std::uint64_t cycle) {
    create();
    while (go_on({cycle, component_of(tile_.core_number(core))})) {
    }
    advance_to(cycle);
    schedule();
}

// In a cycle the engine comes before the cores. A word that comes then can wait for the engine's
// next cycle, as nobody sees what becomes of it until then.
bool EngineDevice::go_on(const Turn& end) {
    const auto thread = first_ahead();
    const std::uint64_t pushed_at = thread ? ahead_[*thread].front().cycle : Times::never;
    if (due_ <= pushed_at) {
        if (due_ == Times::never || end < Turn{due_, device_component}) return false;
        const std::uint64_t cycle = std::exchange(due_, Times::never);
        tile_.around.clock.reach(cycle);
        advance_to(cycle + 1);
    } else {
        const std::uint32_t core = tile_.core_number(first_feeder + *thread);
        if (end < Turn{pushed_at, component_of(core)}) return false;
        take(*thread);
    }
    return true;
}

EngineDevice::Turn EngineDevice::next_turn() const {
    const SimClock& clock = tile_.around.clock;
    const Turn stop{clock.stop, 0};
    if (clock.queue.empty()) return stop;
    return std::min(stop, Turn{clock.queue.top().cycle, clock.queue.top().component});
}

std::optional<unsigned> EngineDevice::first_ahead() const {
    std::optional<unsigned> first;
    if ((ahead_[0].count | ahead_[1].count | ahead_[2].count) == 0) return first;
    for (unsigned t = 0; t < tensix::thread_count; ++t) {
        if (ahead_[t].count == 0) continue;
        if (!first || ahead_[t].front().cycle < ahead_[*first].front().cycle) first = t;
    }
    return first;
}

void EngineDevice::take(unsigned thread) {
    riscv::PushPort& ahead = ahead_[thread];
    const riscv::PushPort::Word word = ahead.front();
    advance_to(word.cycle);
    ahead.pop();
    ahead.told = ahead.count;
    push(*engine_, thread, word.bits, word.pc);
    make_room();
    be_due(word.cycle);
}

// What is pushed there later finds no less room in its cycle.
void EngineDevice::make_room() {
    const Surroundings& around = tile_.around;
    const bool told_of_each = around.probes.order != nullptr || around.checks.guard != nullptr;
    for (unsigned t = 0; t < tensix::thread_count; ++t) {
        static constexpr tensix::ThreadFront empty{};
        const tensix::ThreadFront& front = engine_ != nullptr ? engine_->fronts[t] : empty;
        ahead_[t].room = told_of_each ? 0 : certain_room(front, architecture_, t);
        queued_[t] = front.pushed.size;
    }
}

void EngineDevice::make_room_if_queues_changed() {
    bool changed = false;
    for (unsigned t = 0; t < tensix::thread_count; ++t) {
        changed |= queued_[t] != engine_->fronts[t].pushed.size;
    }
    if (changed) make_room();
}

void EngineDevice::advance_to(std::uint64_t cycle) {
    if (engine_->now >= cycle) return;
    const auto before = engine_->state.sync.semaphores;
    std::array<bool, tensix::thread_count> lingered{};
    for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
        lingered[t] = lingers(first_feeder + t);
    }
    const Probes& probes = tile_.around.probes;
    side_.watch = probes.watched_tile == tile_.index ? probes.instructions : nullptr;
    std::uint64_t next = Times::never;
    try {
        next = tensix::advance(*engine_, side_, cycle);
    } catch (const tensix::TensixFault& fault) {
        throw_fault(fault);
    }
    if (next != Times::never) be_due(std::max(next, cycle));
    be_due_when_a_pipe_is_empty();
    tell_of_semaphores(before, cycle);
    let_go_on(cycle);
    make_room_if_queues_changed();
    for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
        if (lingered[t]) try_retire(tile_, first_feeder + t, cycle);
    }
}

// The fault is that of the core which pushed the instruction, where it did so.
void EngineDevice::throw_fault(const tensix::TensixFault& fault) const {
    const std::uint32_t core = first_feeder + fault.thread.value();
    const Core* const state = tile_.cores.find(core);
    const std::uint32_t stands_at = state != nullptr ? state->hart.pc : 0;
    throw CoreFault{.core = tile_.core_number(core),
                    .pc = fault.pc != 0 ? fault.pc : stands_at,
                    .message = std::string("compute engine: ") + fault.what()};
}

void EngineDevice::be_due(std::uint64_t cycle) {
    // A core's turn may come when the engine has done its cycle: then in the next one.
    cycle = std::max(cycle, engine_->now);
    due_ = std::min(due_, cycle);
}

void EngineDevice::schedule() {
    const auto thread = first_ahead();
    const std::uint64_t after_push = thread ? ahead_[*thread].front().cycle + 1 : Times::never;
    const std::uint64_t cycle = std::min(due_, after_push);
    if (event_ <= cycle) return;
    event_ = cycle;
    schedule_device(tile_, row_, cycle);
}

// A core may wait for that, or come to.
void EngineDevice::be_due_when_a_pipe_is_empty() {
    if (due_ <= engine_->now) return;  // it looks again before any can be
    // By how much the next one is later than the next cycle: those that are empty count as never,
    // without a branch, of which each cycle would have 36.
    const std::uint64_t next_cycle = engine_->now + 1;
    std::uint64_t later = Times::never;
    for (const auto& pipes : engine_->times.in_flight) {
        for (const std::uint64_t empty : pipes) later = std::min(later, empty - next_cycle);
    }
    // The event lets its own cycle pass, too. Nothing is under way for half of all time.
    if (later < Times::never / 2) be_due(engine_->now + later);
}

void EngineDevice::tell_of_semaphores(const Semaphores& before, std::uint64_t cycle) {
    const Semaphores& semaphores = engine_->state.sync.semaphores;
    static_assert(std::has_unique_object_representations_v<Semaphores>);
    if (std::memcmp(&semaphores, &before, sizeof before) == 0) return;
    for (std::uint32_t i = 0; i < tensix::semaphore_count; ++i) {
        if (semaphores[i].value == before[i].value) continue;
        const std::uint32_t address =
            abi::compute_registers + abi::compute_register::semaphores + 4 * i;
        for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
            register_changed(tile_, first_feeder + t, address, cycle - 1, Core::nobody);
        }
    }
}

void EngineDevice::let_go_on(std::uint64_t cycle) {
    for (std::uint32_t held = held_; held != 0; held &= held - 1) {
        const auto core = static_cast<std::uint32_t>(std::countr_zero(held));
        if (holds(core, waiting_[core])) continue;
        waiting_[core] = Holds::nothing;
        held_ &= ~(1u << core);
        unblock(tile_, core, cycle - 1);
    }
}

bool EngineDevice::lingers(std::uint32_t core) const {
    const Core* const state = tile_.cores.find(core);
    return state != nullptr && state->status == CoreStatus::ended && pending(core);
}

}  // namespace tilewright
