// What cores find at the registers of the compute engine.
#include <algorithm>

#include "coprocessor/engine_device.hpp"
#include "tensix/config.hpp"
#include "tensix/dst.hpp"
#include "tensix/sync.hpp"
#include "tilewright/coprocessor/registers.hpp"

namespace tilewright {

namespace reg = abi::compute_register;
using riscv::Access;
using riscv::Cause;

namespace {

bool is_semaphore(std::uint32_t offset) {
    return offset % 4 == 0 && offset - reg::semaphores < 4 * tensix::semaphore_count;
}
std::uint32_t semaphore_of(std::uint32_t offset) {
    return (offset - reg::semaphores) / 4;
}
/// From a load to the use of its value, as documented: of what waits and of semaphores; of general
/// registers and of the configuration.
constexpr std::uint32_t sync_latency = 3, state_latency = 4;

bool is_instruction_queue(std::uint32_t offset) {
    return offset - reg::instructions < tensix::thread_count * reg::instructions_stride;
}

}  // namespace

Access EngineDevice::load(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) {
    catch_up(core, cycle);
    const Access access = load_word(core, offset);
    if (access.cause == Cause::none) tell_seen(core);
    return access;
}

Access EngineDevice::load_word(std::uint32_t core, std::uint32_t offset) {
    if (const std::uint32_t* const general = general_register(core, offset)) {
        return {*general, Cause::none, 0};
    }
    if (const auto place = config_place(core, offset)) {
        return {engine_->state.config[place->first][place->second], Cause::none, 0};
    }
    if (!thread_of(core)) return {0, Cause::load_unmapped, 0};
    if (const auto number = number_at(offset)) return {*number, Cause::none, 0};
    if (is_semaphore(offset)) return {value(core, offset), Cause::none, 0};
    if (offset == reg::done) return wait_for(core, Holds::done);
    if (offset == reg::macros_done) return wait_for(core, Holds::macros);
    return {0, Cause::load_unmapped, 0};
}

std::uint32_t EngineDevice::latency(std::uint32_t offset) const {
    const bool waits = offset == reg::done || offset == reg::macros_done;
    return waits || is_semaphore(offset) ? sync_latency : state_latency;
}

Cause EngineDevice::store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                          std::uint32_t value, std::uint64_t cycle) {
    if (bytes != 4) return Cause::store_unmapped;
    catch_up(core, cycle);
    const Cause cause = store_word(core, offset, value, cycle);
    if (cause != Cause::none) return cause;
    tell_changed(core);
    be_due(cycle);
    schedule();
    return cause;
}

Cause EngineDevice::store_word(std::uint32_t core, std::uint32_t offset, std::uint32_t value,
                               std::uint64_t cycle) {
    if (std::uint32_t* const general = general_register(core, offset)) {
        *general = value;
        return Cause::none;
    }
    if (const auto place = config_place(core, offset)) {
        tensix::write_config(engine_->state, architecture_, place->first, place->second, value);
        return Cause::none;
    }
    if (is_instruction_queue(offset)) return push_word(core, offset, value);
    if (!thread_of(core)) return Cause::store_unmapped;
    if (offset == reg::done || offset == reg::macros_done) return Cause::none;
    if (!is_semaphore(offset)) return Cause::store_unmapped;
    const auto before = engine_->state.sync.semaphores;
    tensix::step_semaphore(engine_->state.sync.semaphores[semaphore_of(offset)], (value & 1) != 0);
    tell_of_semaphores(before, cycle + 1);
    return Cause::none;
}

Cause EngineDevice::store_macro(std::uint32_t core, std::uint32_t word, std::uint32_t value,
                                std::uint64_t cycle) {
    const auto thread = thread_of(core);
    if (!thread) return Cause::store_unmapped;
    catch_up(core, cycle);
    engine_->fronts[*thread].macro.config[word] = value;
    tell_changed(core);
    return Cause::none;
}

std::optional<std::uint32_t> EngineDevice::number_at(std::uint32_t offset) const {
    if (offset % 4 != 0) return std::nullopt;
    const tensix::State& state = engine_->state;
    const std::uint32_t column = offset % reg::number_row_bytes / 4;
    const auto row_behind = [&](std::uint32_t base) {
        return (offset - base) / reg::number_row_bytes;
    };
    if (const std::uint32_t row = row_behind(reg::dst); row < reg::dst_rows) {
        return tensix::read16(state.dst, row, column);
    }
    if (const std::uint32_t row = row_behind(reg::wide_dst); row < reg::wide_dst_rows) {
        return tensix::read32(state.dst, row, column);
    }
    for (const auto& [base, source] :
         {std::pair(reg::source_a, &state.a), std::pair(reg::source_b, &state.b)}) {
        const std::uint32_t row = row_behind(base);
        if (row < reg::source_rows)
            return source->banks[source->matrix_bank ^ 1u].rows[row][column];
    }
    return std::nullopt;
}

std::uint32_t* EngineDevice::general_register(std::uint32_t core, std::uint32_t offset) {
    const std::uint32_t number = (offset - reg::general) / 4;
    if (offset % 4 != 0) return nullptr;
    auto& threads = engine_->state.threads;
    if (const auto thread = thread_of(core)) {
        if (number >= tensix::register_count) return nullptr;
        return &threads[*thread].registers[number];
    }
    if (core != 0 || number >= threads.size() * tensix::register_count) return nullptr;
    return &threads[number / tensix::register_count].registers[number % tensix::register_count];
}

std::uint32_t EngineDevice::config_words() const {
    return tensix::config::words[static_cast<std::size_t>(architecture_)];
}

std::optional<std::pair<unsigned, std::uint32_t>> EngineDevice::config_place(
    std::uint32_t core, std::uint32_t offset) const {
    const std::uint32_t word = (offset - reg::configuration) / 4;
    const bool reaches = core == 0 || thread_of(core);
    if (!reaches || offset % 4 != 0 || offset < reg::configuration || word >= 2 * config_words()) {
        return std::nullopt;
    }
    return std::pair(word / config_words(), word % config_words());
}

Cause EngineDevice::push_word(std::uint32_t core, std::uint32_t offset, std::uint32_t word) {
    const std::uint32_t place = offset - reg::instructions;
    const auto own = thread_of(core);
    if (own && place == 0) {
        const bool pushed = push(*engine_, *own, word, tile_.cores[core].hart.pc);
        make_room();
        if (pushed) return Cause::none;
    } else if (core == 0 && place % reg::instructions_stride == 0) {
        const unsigned thread = place / reg::instructions_stride;
        if (push_behind_macros(*engine_, thread, word)) return Cause::none;
    } else {
        return Cause::store_unmapped;
    }
    block(core, Holds::room);
    return Cause::retry;
}

Access EngineDevice::wait_for(std::uint32_t core, Holds what) {
    if (!holds(core, what)) return {0, Cause::none, 0};
    block(core, what);
    return {0, Cause::retry, 0};
}

bool EngineDevice::holds(std::uint32_t core, Holds what) const {
    const auto thread = thread_of(core);
    if (!thread) {  // processor 0, for room in any thread
        return std::ranges::all_of(engine_->fronts,
                                   [](const auto& front) { return front.expanded.full(); });
    }
    switch (what) {
        case Holds::room:
            return !has_room(engine_->fronts[*thread], architecture_, *thread);
        case Holds::done:
            return !finished(*engine_, *thread);
        case Holds::macros:
            return !macros_finished(*engine_, *thread);
        default:
            return false;
    }
}

void EngineDevice::block(std::uint32_t core, Holds what) {
    tile_.cores[core].status = CoreStatus::blocked;
    tile_.cores[core].event_cycle = ~0ull;  // none, until the engine has gone on
    waiting_[core] = what;
}

// --- Waiting for a word --------------------------------------------------------------------------

RegisterDevice::Word EngineDevice::word(std::uint32_t offset) const {
    return is_semaphore(offset) ? Word::counter : Word::other;
}

std::uint32_t EngineDevice::value(std::uint32_t, std::uint32_t offset) const {
    if (engine_ == nullptr) return 0;
    return engine_->state.sync.semaphores[semaphore_of(offset)].value;
}

bool EngineDevice::can_change(std::uint32_t, std::uint32_t offset) const {
    return is_semaphore(offset);
}

std::string EngineDevice::describe_word(std::uint32_t core, std::uint32_t offset) const {
    if (!is_semaphore(offset)) return "a register of the compute engine";
    return "semaphore " + std::to_string(semaphore_of(offset)) +
           " of the compute engine to change from " + std::to_string(value(core, offset));
}

}  // namespace tilewright
