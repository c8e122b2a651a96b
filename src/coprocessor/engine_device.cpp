#include "coprocessor/engine_device.hpp"

#include <algorithm>

#include "tilewright/base/error.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/run.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {

using tensix::Times;

// --- As a part of the chip -----------------------------------------------------------------------

void EngineDevice::save(ArchiveWriter& archive) const {
    archive(engine_ != nullptr);
    if (engine_ != nullptr) archive(*engine_, due_, waiting_);
}

void EngineDevice::load_state(ArchiveReader& archive) {
    bool present = false;
    archive(present);
    engine_.reset();
    if (!present) return;
    create();
    archive(*engine_, due_, waiting_);
}

void EngineDevice::check() const {
    if (engine_ == nullptr) return;
    bool waits = true;  // for what each may
    for (std::uint32_t core = 0; core < waiting_.size(); ++core) {
        const Holds what = waiting_[core];
        if (what == Holds::nothing || thread_of(core)) continue;
        waits &= core == 0 && what == Holds::room;
    }
    if (engine_->architecture != architecture_ || !is_possible(*engine_) || !waits ||
        due_ < engine_->now) {
        throw SnapshotError("snapshot: a compute engine that cannot be");
    }
}

void EngineDevice::handle(const ScheduledEvent& event) {
    if (engine_ == nullptr || event.cycle != due_) return;  // there was an earlier one
    due_ = Times::never;
    advance_to(event.cycle + 1);
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
        for (const std::uint64_t cycles : engine_->threads[t].waits) waits += cycles;
        sink(thread + ".instructions", "instructions", "that have begun",
             engine_->threads[t].instructions);
        sink(thread + ".waiting_cycles", "cycles", "an instruction was held at the wait gate",
             waits);
    }
}

std::string EngineDevice::describe() const {
    if (busy() == 0) return {};
    const std::string indent = "\n  compute engine of " + tile_name(tile_.site) + ", ";
    std::string text = indent;
    for (const char letter : tensix::describe(*engine_)) {
        text += letter == '\n' ? indent : std::string(1, letter);
    }
    return text;
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
    return engine_ != nullptr && thread && !finished(*engine_, *thread);
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
    let_go_on(tile_.around.clock.now + 1);
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
    if (engine_ == nullptr) return;
    reset();
    waiting_ = {};
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
    due_ = Times::never;
}

void EngineDevice::catch_up(std::uint64_t cycle) {
    create();
    advance_to(cycle);
}

void EngineDevice::advance_to(std::uint64_t cycle) {
    if (engine_->now >= cycle) return;
    const tensix::SyncState before = engine_->state.sync;
    std::array<bool, tensix::thread_count> lingered{};
    for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
        lingered[t] = lingers(first_feeder + t);
    }
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
    for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
        if (lingered[t]) try_retire(tile_, first_feeder + t, cycle);
    }
}

// The fault is that of the core which pushed the instruction.
void EngineDevice::throw_fault(const tensix::TensixFault& fault) const {
    const std::uint32_t core = first_feeder + fault.thread.value();
    const Core* const state = tile_.cores.find(core);
    throw CoreFault{.core = tile_.core_number(core),
                    .pc = state != nullptr ? state->hart.pc : 0,
                    .message = std::string("compute engine: ") + fault.what()};
}

void EngineDevice::be_due(std::uint64_t cycle) {
    // A core's turn may come when the engine has done its cycle: then in the next one.
    cycle = std::max(cycle, engine_->now);
    if (due_ <= cycle) return;
    due_ = cycle;
    schedule_device(tile_, *this, cycle);
}

// A core may wait for that, or come to.
void EngineDevice::be_due_when_a_pipe_is_empty() {
    std::uint64_t next = Times::never;
    for (const auto& pipes : engine_->times.in_flight) {
        for (const std::uint64_t empty : pipes) {
            if (empty > engine_->now) next = std::min(next, empty);
        }
    }
    // The event lets its own cycle pass, too.
    if (next != Times::never) be_due(next - 1);
}

void EngineDevice::tell_of_semaphores(const tensix::SyncState& before, std::uint64_t cycle) {
    for (std::uint32_t i = 0; i < tensix::semaphore_count; ++i) {
        if (engine_->state.sync.semaphores[i].value == before.semaphores[i].value) continue;
        const std::uint32_t address =
            abi::compute_registers + abi::compute_register::semaphores + 4 * i;
        for (std::uint32_t t = 0; t < tensix::thread_count; ++t) {
            register_changed(tile_, first_feeder + t, address, cycle - 1, Core::nobody);
        }
    }
}

void EngineDevice::let_go_on(std::uint64_t cycle) {
    for (std::uint32_t core = 0; core < waiting_.size(); ++core) {
        if (waiting_[core] == Holds::nothing || holds(core, waiting_[core])) continue;
        waiting_[core] = Holds::nothing;
        unblock(tile_, core, cycle - 1);
    }
}

bool EngineDevice::lingers(std::uint32_t core) const {
    const Core* const state = tile_.cores.find(core);
    return state != nullptr && state->status == CoreStatus::ended && pending(core);
}

}  // namespace tilewright
