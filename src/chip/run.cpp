// The loop that lets time pass, and what a core does when it is its turn.
#include <algorithm>

#include "chip/components.hpp"
#include "chip/tile_bus.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

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
        const Outcome outcome = run_events(stop);
        note_direct_stores();
        return outcome;
    } catch (...) {
        note_direct_stores();
        abort();
        throw;
    }
}

Chip::Outcome Chip::run_events(std::uint64_t stop) {
    while (busy_ != 0 || notices_due_ != 0 || engines_.busy() != 0) {
        if (queue_.empty()) {
            cores_.for_each([&](std::size_t, const Core& core) {
                const bool waits =
                    core.status == CoreStatus::parked || core.status == CoreStatus::polling;
                if (waits) now_ = std::max(now_, core.parked_at);
            });
            moment_ = {now_, fabric_component};
            if (waits_for_host()) return Outcome::idle;
            throw DeadlockError(describe_deadlock());
        }
        if (queue_.top().cycle >= stop) {
            now_ = std::max(now_, stop);
            moment_ = {now_, fabric_component};
            return Outcome::reached;
        }
        if (stop_wanted() || stopped_) return Outcome::stopped;
        if (busy_ == 0 && queue_.top().component == engine_component) {
            const Engines::Stretch done = engines_.run(queue_, stop, until_poll_ + 1);
            now_ = std::max(now_, done.last_cycle);
            moment_ = {done.last_cycle, engine_component};
            until_poll_ -= std::min(until_poll_, done.events);
            events_handled_ += done.events;
            if (!done.notice) continue;
            ended_command_ = *done.notice;
            return Outcome::command_ended;
        }
        const ScheduledEvent event = queue_.pop();
        now_ = std::max(now_, event.cycle);
        moment_ = {event.cycle, event.component};
        ++events_handled_;
        if (event.component == fabric_component) {
            noc_.handle(queue_, event, *this, stop);
        } else if (event.component == engine_component) {
            if (const auto ended = engines_.handle(queue_, event)) {
                ended_command_ = *ended;
                return Outcome::command_ended;
            }
        } else if (event.component == host_component) {
            --notices_due_;
            notice_ = event.data;
            return Outcome::notified;
        } else if (handle_core(event)) {
            notice_ = core_of(event.component);
            return Outcome::core_ended;
        }
    }
    return Outcome::ended;
}

// Someone waits on a doorbell or a flag of the host; whoever waits for something else may be
// waiting for that one.
bool Chip::waits_for_host() const {
    if (engines_.waits_for([&](std::uint32_t flag) { return host_flags_[flag] != 0; })) return true;
    const auto is_doorbell = [&](std::uint32_t address) {
        if (abi::is_engine_flag(address)) return host_flags_[abi::engine_flag(address)] != 0;
        const std::uint32_t number = (address - abi::semaphore_base) / 4;
        return number < doorbells_.size() && doorbells_[number] != 0;
    };
    bool waits = false;
    cores_.for_each([&](std::size_t, const Core& core) {
        const riscv::Polling& loop = core.polling.loop;
        waits |= (core.status == CoreStatus::parked && is_doorbell(core.hart.reservation)) ||
                 (core.status == CoreStatus::polling &&
                  std::any_of(loop.words.begin(), loop.words.begin() + loop.count,
                              [&](const auto& word) { return is_doorbell(word.address); }));
    });
    return waits;
}

void Chip::make_doorbell(std::uint32_t address) {
    doorbells_.at((address - abi::semaphore_base) / 4) = 1;
}

void Chip::notify_at(std::uint64_t cycle, std::uint32_t number) {
    queue_.push(cycle, host_component, number);
    ++notices_due_;
}

// Operations of this core that others can see are allowed before this cycle.
std::uint64_t Chip::horizon(std::uint32_t core) const {
    if (queue_.empty()) return stop_;
    const ScheduledEvent& next = queue_.top();
    return std::min(stop_, next.cycle + (next.component > component_of(core) ? 1 : 0));
}

// True if this was the end of the core's kernel.
bool Chip::handle_core(const ScheduledEvent& event) {
    const std::uint32_t index = core_of(event.component);
    Core& core = cores_[index];
    if (core.status == CoreStatus::idle || core.event_sequence != event.sequence) return false;
    if (core.status == CoreStatus::ended) {
        if (!core.caller.waits) {
            core_done(index);
            return true;
        }
        return_to_caller(index);
    }
    if (core.status == CoreStatus::polling) {
        resume_polling(index, event.cycle);
    } else if (core.status == CoreStatus::parked) {
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
    return false;
}

void Chip::run_core(std::uint32_t index) {
    Core& core = cores_[index];
    riscv::HartState& hart = core.hart;
    riscv::RunContext& context = contexts_[index];
    const std::uint32_t quantum = config_.quantum_cycles;
    TileBus bus(*this, index);
    riscv::Fault fault;

    limits_ = {};
    if (hart.pc == hart.block && hart.cycles >= core.window_end) {
        core.window_end = end_of_window(hart.cycles, quantum);
    }
    moment_ = {hart.cycles, component_of(index)};
    for (;;) {
        limits_.edge = core.window_end;
        limits_.horizon = horizon(index);
        riscv::Stop reason;
        try {
            reason = context.run(hart, bus, limits_, fault);
        } catch (const BusRefusal& refusal) {
            throw make_fault(index, hart.pc, refusal.message);
        }
        switch (reason) {
            case riscv::Stop::edge:
                // A window's end is a fixed point in time; with nothing else due the core goes on.
                core.window_end = end_of_window(hart.cycles, quantum);
                if (hart.cycles < horizon(index) && !stop_wanted()) {
                    moment_ = {hart.cycles, component_of(index)};
                    continue;
                }
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
            case riscv::Stop::poll:
                if (park_polling(index)) return;
                continue;
            case riscv::Stop::environment:
                if (hart.x[10] == abi::environment_call_image) {
                    call_image(index);
                    moment_ = {hart.cycles, component_of(index)};
                    continue;
                }
                check_flushed(index);
                end_kernel(index);
                return;
            case riscv::Stop::fault:
                now_ = std::max(now_, hart.cycles);
                if (observer_ != nullptr) {
                    observer_->on_core(core_id(index), CoreEvent::faulted, Cycle{hart.cycles},
                                       CoreAddress{fault.pc});
                }
                throw make_fault(index, fault.pc, describe_fault(index, fault));
        }
    }
}

void Chip::park(std::uint32_t index, bool bounded) {
    Core& core = cores_[index];
    core.status = CoreStatus::parked;
    core.parked_at = core.hart.cycles;
    if (core.polling.waited_for != core.hart.reservation) core.last_write_cycle = 0;
    core.polling.waited_for = core.hart.reservation;
    if (bounded) {
        schedule(index, core.hart.cycles + config_.core_timing.wait_short);
    } else {
        core.event_cycle = ~0ull;  // none
        if (!can_wake(index)) throw DeadlockError(describe_endless_wait(index));
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

// The core is done once its kernel has ended and its transfers have landed. A kernel that ran ahead
// of the others has not ended for them before its cycle has come.
void Chip::settle(std::uint32_t index, std::uint64_t cycle) {
    Core& core = cores_[index];
    if (core.status != CoreStatus::ended || core.transfers_pending()) return;
    core.end_cycle = std::max(core.hart.cycles, cycle);
    schedule(index, core.end_cycle);
    if (observer_ != nullptr && !core.caller.waits) {
        observer_->on_core(core_id(index), CoreEvent::ended, Cycle{core.end_cycle},
                           CoreAddress{core.hart.pc});
    }
}

// Only observers hear of zones. The name is the guest's: it is read within bounds, or is a number.
void Chip::enter_zone(std::uint32_t index, std::uint32_t name, std::uint64_t cycle) {
    if (observer_ == nullptr) return;
    constexpr std::size_t longest = 64;
    const riscv::Region window = images_[cores_[index].image]->window();
    std::string text;
    for (std::size_t at = name - abi::image_base;
         name >= abi::image_base && at < window.bytes && text.size() < longest; ++at) {
        const auto letter = static_cast<unsigned char>(window.host[at]);
        if (letter == 0) break;
        text.push_back(letter >= 0x20 && letter < 0x7F ? static_cast<char>(letter) : '?');
    }
    if (text.empty()) text = "zone " + std::to_string(name);
    observer_->on_zone(core_id(index), Cycle{cycle}, text);
}

void Chip::core_done(std::uint32_t index) {
    Core& core = cores_[index];
    core.status = CoreStatus::idle;
    core.total_cycles += core.end_cycle - core.launch_cycle;
    core.total_waiting_cycles += core.waiting_cycles;
    --busy_;
}

}  // namespace tilewright
