// The loop that lets time pass, and what a core does when it is its turn.
#include <algorithm>

#include "chip/tile_bus.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

constexpr std::uint32_t fabric_component = 0;  // arrivals of a cycle come before the cores' turn
constexpr std::uint32_t component_of(std::uint32_t core) {
    return core + 1;
}

// Asking the host whether to stop costs more than an event; once in so many is often enough.
constexpr std::uint32_t events_per_poll = 1000;

}  // namespace

void Chip::schedule(std::uint32_t index, std::uint64_t cycle) {
    Core& core = cores_[index];
    core.event_cycle = cycle;
    core.event_sequence = queue_.push(cycle, component_of(index), 0);
}

bool Chip::stop_wanted() {
    if (until_poll_-- != 0) return false;
    until_poll_ = events_per_poll;
    stopped_ = stopped_ || (*stop_requested_ && (*stop_requested_)());
    return stopped_;
}

Chip::Outcome Chip::run(std::uint64_t stop, const std::function<bool()>& stop_requested) {
    stop_ = stop;
    stop_requested_ = &stop_requested;
    until_poll_ = events_per_poll;
    stopped_ = false;
    try {
        while (busy_ != 0) {
            if (queue_.empty()) {
                for (const Core& core : cores_) {
                    if (core.status == CoreStatus::parked) now_ = std::max(now_, core.parked_at);
                }
                throw DeadlockError(describe_deadlock());
            }
            if (queue_.top().cycle >= stop) {
                now_ = std::max(now_, stop);
                return Outcome::reached;
            }
            if (stop_wanted() || stopped_) return Outcome::stopped;
            const Event event = queue_.pop();
            now_ = std::max(now_, event.cycle);
            ++events_handled_;
            if (event.component == fabric_component) {
                noc_.handle(queue_, event, *this, stop);
            } else {
                handle_core(event);
            }
        }
    } catch (...) {
        abort();
        throw;
    }
    return Outcome::ended;
}

// Operations of this core that others can see are allowed before this cycle.
std::uint64_t Chip::horizon(std::uint32_t core) const {
    if (queue_.empty()) return stop_;
    const Event& next = queue_.top();
    return std::min(stop_, next.cycle + (next.component > component_of(core) ? 1 : 0));
}

void Chip::handle_core(const Event& event) {
    const std::uint32_t index = event.component - 1;
    Core& core = cores_[index];
    const bool awaited = core.status == CoreStatus::running || core.status == CoreStatus::parked ||
                         core.status == CoreStatus::blocked;
    if (!awaited || core.event_sequence != event.sequence) return;
    if (core.status == CoreStatus::parked) {
        core.waiting_cycles += event.cycle - core.parked_at;
        core.hart.reserved = false;
        if (observer_ != nullptr) {
            observer_->on_core(core_id(index), CoreEvent::woken, Cycle{event.cycle},
                               CoreAddress{core.hart.reservation});
        }
    }
    core.status = CoreStatus::running;
    core.hart.cycles = std::max(core.hart.cycles, event.cycle);
    run_core(index);
}

void Chip::run_core(std::uint32_t index) {
    Core& core = cores_[index];
    riscv::HartState& hart = core.hart;
    const std::uint64_t quantum = config_.quantum_cycles;
    TileBus bus(*this, index);
    riscv::Fault fault;

    limits_ = {};
    limits_.edge = (hart.cycles / quantum + 1) * quantum;
    for (;;) {
        limits_.horizon = horizon(index);
        riscv::Stop reason;
        try {
            reason = riscv::run(hart, *code_[index], maps_[index], bus, limits_, fault);
        } catch (const BusRefusal& refusal) {
            throw KernelFault(describe_core(index, hart.pc) + ": " + refusal.message);
        }
        switch (reason) {
            case riscv::Stop::edge:
                // A window's end is a fixed point in time; with nothing else due the core goes on.
                limits_.edge = (hart.cycles / quantum + 1) * quantum;
                if (hart.cycles < horizon(index) && !stop_wanted()) continue;
                schedule(index, hart.cycles);
                return;
            case riscv::Stop::limit:
            case riscv::Stop::synchronise:
                if (core.status == CoreStatus::running) schedule(index, hart.cycles);
                return;
            case riscv::Stop::wait:
                park(index, false);
                return;
            case riscv::Stop::wait_short:
                park(index, true);
                return;
            case riscv::Stop::environment:
                end_kernel(index);
                return;
            case riscv::Stop::fault:
                now_ = std::max(now_, hart.cycles);
                if (observer_ != nullptr) {
                    observer_->on_core(core_id(index), CoreEvent::faulted, Cycle{hart.cycles},
                                       CoreAddress{fault.pc});
                }
                throw KernelFault(describe_fault(index, fault));
        }
    }
}

void Chip::park(std::uint32_t index, bool bounded) {
    Core& core = cores_[index];
    core.status = CoreStatus::parked;
    core.parked_at = core.hart.cycles;
    if (bounded) {
        schedule(index, core.hart.cycles + config_.core_timing.wait_short);
    } else {
        core.event_cycle = ~0ull;  // none
    }
    if (observer_ != nullptr) {
        observer_->on_core(core_id(index), CoreEvent::parked, Cycle{core.hart.cycles},
                           CoreAddress{core.hart.reservation});
    }
}

void Chip::end_kernel(std::uint32_t index) {
    Core& core = cores_[index];
    core.status = CoreStatus::ended;
    core.hart.reserved = false;
    update_watches(tile_of(index));
    settle(index, core.hart.cycles);
}

// The core is done once its kernel has ended and its transfers have landed.
void Chip::settle(std::uint32_t index, std::uint64_t cycle) {
    Core& core = cores_[index];
    if (core.status != CoreStatus::ended || core.transfers_pending()) return;
    core.status = CoreStatus::idle;
    core.end_cycle = std::max(core.hart.cycles, cycle);
    now_ = std::max(now_, core.end_cycle);
    --busy_;
    if (observer_ != nullptr) {
        observer_->on_core(core_id(index), CoreEvent::ended, Cycle{core.end_cycle},
                           CoreAddress{core.hart.pc});
    }
}

}  // namespace tilewright
