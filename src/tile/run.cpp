#include "tilewright/tile/run.hpp"

#include <algorithm>
#include <utility>

#include "tile/bus.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/polling.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {
namespace {

/// A twentieth of a millisecond of the host's, in which telling costs little.
constexpr std::uint64_t instructions_told_at_once = std::uint64_t{1} << 14;

void tell(const Tile& tile, std::uint32_t processor, CoreEvent event, std::uint64_t cycle,
          std::uint32_t address) {
    Observer* const observer = tile.around.probes.observer;
    if (observer == nullptr) return;
    observer->on_core(tile.core_id(processor), event, Cycle{cycle}, CoreAddress{address});
}

void park(Tile& tile, std::uint32_t processor, bool bounded) {
    Core& core = tile.cores[processor];
    core.status = CoreStatus::parked;
    core.parked_at = core.hart.cycles;
    if (core.polling.waited_for != core.hart.reservation) core.last_write_cycle = 0;
    core.polling.waited_for = core.hart.reservation;
    if (bounded) {
        schedule(tile, processor, core.hart.cycles + tile.around.parameters.timing.wait_short);
    } else {
        core.event_cycle = ~0ull;  // none
        if (!can_wake(tile, processor)) throw EndlessWait{tile.core_number(processor)};
    }
    tell(tile, processor, CoreEvent::parked, core.hart.cycles, core.hart.reservation);
}

std::uint64_t interpreted(const Tile& tile, std::uint32_t processor) {
    return tile.cores[processor].hart.retired - tile.runs[processor].context.translated();
}

void tell_interpreted(Tile& tile, std::uint32_t processor, std::uint64_t least) {
    const Core& core = tile.cores[processor];
    CoreRun& run = tile.runs[processor];
    const std::uint64_t instructions = interpreted(tile, processor) - run.told;
    if (instructions < least) return;
    run.told += instructions;
    tile.around.programs.interpreted(core.image, tile.site.cores[processor].isa, core.hart.pc,
                                     instructions);
}

void end_kernel(Tile& tile, std::uint32_t processor) {
    Core& core = tile.cores[processor];
    core.status = CoreStatus::ended;
    tell_interpreted(tile, processor, 1);
    core.hart.reserved = false;
    update_watches(tile);
    try_retire(tile, processor, core.hart.cycles);
}

// When the called image has ended and its transfers have landed.
void return_to_caller(Tile& tile, std::uint32_t processor) {
    Core& core = tile.cores[processor];
    note_call(tile, processor,
              {.cycle = core.end_cycle,
               .target = core.caller.pc,
               .link = 0,
               .sp = core.caller.x[2],
               .kind = riscv::CallRecord::Kind::come_back});
    if (Observer* const observer = tile.around.probes.observer) {
        observer->on_zone(tile.core_id(processor), Cycle{core.end_cycle}, {});
    }
    for (const auto& device : tile.devices) device->retired(processor);
    if (OrderObserver* const order = tile.around.probes.order) {
        order->on_returned(tile.core_number(processor));
    }
    enter_image(tile, processor, core.caller.image);
    core.hart.x = core.caller.x;
    core.hart.pc = core.hart.block = core.caller.pc;
    core.caller = {};
    core.status = CoreStatus::running;
}

// A core that did not run until this cycle.
void go_on(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    Core& core = tile.cores[processor];
    if (tile.around.probes.profile != nullptr && cycle > core.hart.cycles) {
        const bool parked = core.status == CoreStatus::parked;  // the pc is behind wrs then
        const std::uint32_t pc = core.hart.pc - (parked ? 4 : 0);
        const std::uint32_t address = parked ? core.polling.waited_for : 0;
        tile.runs[processor].counts->add_wait(pc, address, cycle - core.hart.cycles, 0);
    }
    core.status = CoreStatus::running;
    core.hart.cycles = std::max(core.hart.cycles, cycle);
}

void run_core(Tile& tile, std::uint32_t processor) {
    Core& core = tile.cores[processor];
    CoreRun& run = tile.runs[processor];
    riscv::HartState& hart = core.hart;
    SimClock& clock = tile.around.clock;
    Suspicion& suspicion = tile.around.suspicion;
    const std::uint32_t component = component_of(tile.core_number(processor));
    const std::uint32_t quantum = tile.around.parameters.quantum_cycles;
    TileBus bus(tile, processor);
    riscv::Fault fault;

    run.limits = {};
    bool at_edge = false;
    if (run.begun()) {
        run.turn = run.head_start->begin;
        run.head_start->begun = false;
        at_edge = run.head_start->at_edge;
    } else {
        open_window(tile, processor);
        run.turn = hart.cycles;
    }
    for (;;) {
        run.limits.edge = core.window_end;
        run.limits.horizon = clock.horizon(component);
        riscv::Stop reason;
        try {
            reason = std::exchange(at_edge, false) ? riscv::Stop::edge
                                                   : run.context.run(hart, bus, run.limits, fault);
        } catch (const BusRefusal& refusal) {
            throw CoreFault{.core = tile.core_number(processor),
                            .pc = hart.pc,
                            .message = refusal.message,
                            .undeclared = refusal.undeclared};
        }
        switch (reason) {
            case riscv::Stop::edge:
                // A window's end is a fixed point in time; with nothing else due the core goes on.
                core.window_end = end_of_window(hart.cycles, quantum);
                tell_interpreted(tile, processor, instructions_told_at_once);
                suspicion.look(tile.core_number(processor), hart);
                if (hart.cycles < clock.horizon(component) && !suspicion.raised() &&
                    !clock.stop_request.wanted()) {
                    run.turn = hart.cycles;
                    continue;
                }
                schedule(tile, processor, hart.cycles);
                return;
            case riscv::Stop::limit:
            case riscv::Stop::synchronise:
                if (core.status == CoreStatus::running) schedule(tile, processor, hart.cycles);
                return;
            case riscv::Stop::wait:
                park(tile, processor, false);
                return;
            case riscv::Stop::wait_short:
                park(tile, processor, true);
                return;
            case riscv::Stop::poll:
                if (park_polling(tile, processor)) return;
                continue;
            case riscv::Stop::environment:
                if (tile.around.programs.environment_call(tile, processor)) {
                    run.turn = hart.cycles;
                    continue;
                }
                check_flushed(tile, processor);
                if (const auto& guard = tile.around.checks.guard) guard->ended(tile, processor);
                end_kernel(tile, processor);
                return;
            case riscv::Stop::fault:
                clock.reach(hart.cycles);
                tell(tile, processor, CoreEvent::faulted, hart.cycles, fault.pc);
                throw CoreFault{tile.core_number(processor), fault.pc, {}, fault};
        }
    }
}

// A turn that was begun early and is over, as run_core() would go on with it: of the core as little
// as can be is looked at, as most of it is in another processor's cache. False: it goes on.
bool finish_turn(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    CoreRun& run = tile.runs[processor];
    HeadStart& start = *run.head_start;
    const std::uint32_t number = tile.core_number(processor);
    Suspicion& suspicion = tile.around.suspicion;
    if (suspicion.sample_due(cycle)) suspicion.look(number, start.before);
    if (start.end < tile.around.clock.horizon(component_of(number))) return false;
    start.begun = false;
    if (start.interpreted - run.told >= instructions_told_at_once) {
        tell_interpreted(tile, processor, 1);
    }
    if (suspicion.would_look(number, start.pc, start.end)) {
        suspicion.look(number, tile.cores[processor].hart);
    }
    schedule(tile, processor, start.end);
    return true;
}

}  // namespace

void open_window(Tile& tile, std::uint32_t processor) {
    Core& core = tile.cores[processor];
    const riscv::HartState& hart = core.hart;
    if (hart.pc == hart.block && hart.cycles >= core.window_end) {
        core.window_end = end_of_window(hart.cycles, tile.around.parameters.quantum_cycles);
    }
}

void schedule(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    Core& core = tile.cores[processor];
    core.event_cycle = cycle;
    core.event_sequence =
        tile.around.clock.queue.push(cycle, component_of(tile.core_number(processor)), 0);
}

void enter_image(Tile& tile, std::uint32_t processor, std::uint32_t image) {
    CoreRun& run = tile.runs[processor];
    tile.cores[processor].image = image;
    run.told = interpreted(tile, processor);
    run.program = tile.around.programs.program(image, tile.site.cores[processor].isa);
    run.context.set_code(*run.program.code);
    run.context.set_image(run.program.window);
    if (ProfileObserver* const profile = tile.around.probes.profile) {
        run.counts = profile->on_program(
            tile.core_id(processor),
            {.code = run.program.code, .elf = run.program.elf, .name = run.program.name});
        run.context.set_counts(run.counts);
    }
}

void open_memory(Tile& tile, std::uint32_t processor) {
    map_memory(tile, processor);
    tile.around.memories.open_to_stores(tile.l1, tile.around.parameters.l1_bytes);
    tile.around.memories.open_to_stores(tile.local(processor),
                                        tile.site.cores[processor].local_bytes);
}

void schedule_device(Tile& tile, const RegisterDevice& device, std::uint64_t cycle) {
    const auto at =
        std::ranges::find(tile.devices, &device, [](const auto& owned) { return owned.get(); });
    schedule_device(tile, static_cast<std::uint32_t>(at - tile.devices.begin()), cycle);
}
void schedule_device(Tile& tile, std::uint32_t row, std::uint64_t cycle) {
    const auto rows = static_cast<std::uint32_t>(tile.devices.size());
    tile.around.clock.queue.push(cycle, device_component, tile.index * rows + row);
}

void start(Tile& tile, std::uint32_t processor, std::uint32_t image) {
    const Surroundings& around = tile.around;
    const CoreTraits& traits = tile.site.cores[processor];
    const std::uint64_t now = around.clock.now;
    Core& core = tile.cores[processor];
    core.caller = {};
    enter_image(tile, processor, image);
    open_memory(tile, processor);
    around.memories.mark_undefined(tile.local(processor), traits.local_bytes);

    const Program& program = tile.runs[processor].program;
    riscv::HartState hart;
    hart.pc = hart.block = program.entry;
    hart.x[2] = abi::local_base + traits.local_bytes;  // sp
    hart.cycles = now;
    hart.retired = hart.looped = core.hart.retired;
    hart.hart_id = tile.core_number(processor);
    core.hart = hart;
    core.status = CoreStatus::running;
    core.window_end = end_of_window(now, around.parameters.quantum_cycles);
    core.launch_cycle = now;
    core.end_cycle = now;
    core.retired_at_launch = hart.retired;
    tile.runs[processor].translated_at_launch = tile.runs[processor].context.translated();
    core.waiting_cycles = 0;
    core.last_writer = Core::nobody;
    core.last_write_cycle = 0;
    core.polling = {};
    core.output.clear();
    for (const auto& device : tile.devices) device->launched(processor);
    if (const auto& guard = around.checks.guard) guard->launched(tile, processor);
    update_watches(tile);
    schedule(tile, processor, now);
    if (around.probes.order != nullptr) around.probes.order->on_launched(hart.hart_id, now);
    if (around.probes.observer == nullptr) return;
    around.probes.observer->on_kernel(tile.core_id(processor), program.name);
    tell(tile, processor, CoreEvent::launched, now, hart.pc);
    // The outermost function: no stack pointer is as high as what none can return beyond.
    note_call(tile, processor,
              {.cycle = now,
               .target = hart.pc,
               .link = 0,
               .sp = ~0u,
               .kind = riscv::CallRecord::Kind::call});
}

bool handle_core(Tile& tile, std::uint32_t processor, const ScheduledEvent& event) {
    Core& core = tile.cores[processor];
    if (core.status == CoreStatus::idle || core.event_sequence != event.sequence) return false;
    const HeadStart* const start = tile.runs[processor].head_start.get();
    if (start != nullptr && start->begun && start->at_edge &&
        finish_turn(tile, processor, event.cycle)) {
        return false;
    }
    if (core.status == CoreStatus::ended) {
        if (!core.caller.waits) {
            core.status = CoreStatus::idle;
            core.total_cycles += core.end_cycle - core.launch_cycle;
            core.total_waiting_cycles += core.waiting_cycles;
            for (const auto& device : tile.devices) device->retired(processor);
            return true;
        }
        return_to_caller(tile, processor);
    }
    if (core.status == CoreStatus::polling) {
        resume_polling(tile, processor, event.cycle);
    } else if (core.status == CoreStatus::parked) {
        core.waiting_cycles += event.cycle - core.parked_at;
        core.hart.reserved = false;
        tell(tile, processor, CoreEvent::woken, event.cycle, core.hart.reservation);
    }
    go_on(tile, processor, event.cycle);
    Suspicion& suspicion = tile.around.suspicion;
    if (suspicion.sample_due(event.cycle)) {
        const CoreRun& run = tile.runs[processor];
        suspicion.look(tile.core_number(processor),
                       run.begun() ? run.head_start->before : core.hart);
    }
    run_core(tile, processor);
    return false;
}

// A kernel that ran ahead of the others retires for them when its cycle has come.
void try_retire(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    Core& core = tile.cores[processor];
    if (core.status != CoreStatus::ended || tile.work_pending(processor)) return;
    core.end_cycle = std::max(core.hart.cycles, cycle);
    schedule(tile, processor, core.end_cycle);
    if (!core.caller.waits) tell(tile, processor, CoreEvent::ended, core.end_cycle, core.hart.pc);
}

void note_call(Tile& tile, std::uint32_t processor, const riscv::CallRecord& record) {
    const Probes& probes = tile.around.probes;
    if (!probes.functions) return;
    probes.observer->on_functions(tile.core_id(processor), tile.runs[processor].program.elf,
                                  std::span(&record, 1));
}

}  // namespace tilewright
