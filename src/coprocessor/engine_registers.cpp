// What cores find at the registers of the compute engine.
#include <algorithm>

#include "coprocessor/engine_device.hpp"
#include "tensix/config.hpp"
#include "tensix/dst.hpp"
#include "tensix/sync.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/tile/waiting.hpp"

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

/// A word of a mailbox: of which processor, and whether it is the count.
struct MailWord {
    std::uint32_t processor;
    bool is_count;
};
std::optional<MailWord> mail_word(std::uint32_t core, std::uint32_t offset) {
    const std::uint32_t processor = (offset - reg::mailboxes) / reg::mailbox_stride;
    const std::uint32_t rest = (offset - reg::mailboxes) % reg::mailbox_stride;
    if (core >= reg::mailbox_users || processor >= reg::mailbox_users || (rest & ~4u) != 0)
        return std::nullopt;
    return MailWord{processor, rest != 0};
}

std::string user_name(std::uint32_t processor) {
    constexpr std::array<const char*, reg::mailbox_users> names{"processor 0", "T0 (unpack)",
                                                                "T1 (math)", "T2 (pack)"};
    return names[processor];
}

bool is_instruction_queue(std::uint32_t offset) {
    return offset - reg::instructions < tensix::thread_count * reg::instructions_stride;
}

}  // namespace

Access EngineDevice::load(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) {
    catch_up(core, cycle);
    const Access access = load_word(core, offset, cycle);
    if (access.cause == Cause::none) tell_seen(core);
    return access;
}

Access EngineDevice::load_word(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) {
    if (const auto mail = mail_word(core, offset)) {
        if (mail->is_count) return {mailbox(mail->processor, core).count, Cause::none, 0};
        return take_mail(core, mail->processor, cycle);
    }
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
    const bool waits = offset == reg::done || offset == reg::macros_done || mail_word(0, offset);
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
    if (const auto mail = mail_word(core, offset)) {
        if (mail->is_count) return Cause::store_unmapped;
        return send_mail(core, mail->processor, value, cycle);
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
    if (what >= Holds::mail_taken) {
        return mailbox(core, static_cast<unsigned>(what) - static_cast<unsigned>(Holds::mail_taken))
            .full();
    }
    if (what >= Holds::mail) {
        return mailbox(static_cast<unsigned>(what) - static_cast<unsigned>(Holds::mail), core)
                   .count == 0;
    }
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
    held_ |= 1u << core;
}

// --- Mailboxes -----------------------------------------------------------------------------------

Access EngineDevice::take_mail(std::uint32_t core, std::uint32_t from, std::uint64_t cycle) {
    const Access nothing = wait_for(core, of_processor(Holds::mail, from));
    if (nothing.cause != Cause::none) return nothing;
    const std::uint32_t word = mailbox(from, core).take();
    tell_changed(core);
    mail_changed(from, core, cycle);
    return {word, Cause::none, 0};
}

Cause EngineDevice::send_mail(std::uint32_t core, std::uint32_t to, std::uint32_t word,
                              std::uint64_t cycle) {
    const Access full = wait_for(core, of_processor(Holds::mail_taken, to));
    if (full.cause != Cause::none) return full.cause;
    mailbox(core, to).put(word);
    tell_seen(core);
    mail_changed(core, to, cycle);
    return Cause::none;
}

void EngineDevice::mail_changed(std::uint32_t from, std::uint32_t to, std::uint64_t cycle) {
    constexpr std::uint32_t count_word = 4;
    register_changed(tile_, to, abi::compute_registers + reg::mailbox(from) + count_word, cycle,
                     Core::nobody);
    let_go_on(cycle + 1);
}

std::string EngineDevice::describe_mail() const {
    std::string text;
    for (std::uint32_t core = 0; core < reg::mailbox_users; ++core) {
        const Holds what = waiting_[core];
        if (what < Holds::mail) continue;
        const bool sends = what >= Holds::mail_taken;
        const Holds first = sends ? Holds::mail_taken : Holds::mail;
        const std::uint32_t peer = static_cast<unsigned>(what) - static_cast<unsigned>(first);
        text += "\n  mailboxes of " + tile_name(tile_.site) + ", " + user_name(core);
        text += sends
                    ? " waits for room in the mailbox of " + user_name(peer) + ", to be read there"
                    : " waits for a word from " + user_name(peer) + ", to be sent there";
    }
    return text;
}

// --- Waiting for a word --------------------------------------------------------------------------

RegisterDevice::Word EngineDevice::word(std::uint32_t offset) const {
    const auto mail = mail_word(0, offset);
    return is_semaphore(offset) || (mail && mail->is_count) ? Word::counter : Word::other;
}

std::uint32_t EngineDevice::value(std::uint32_t core, std::uint32_t offset) const {
    if (const auto mail = mail_word(core, offset)) return mailbox(mail->processor, core).count;
    if (engine_ == nullptr) return 0;
    return engine_->state.sync.semaphores[semaphore_of(offset)].value;
}

bool EngineDevice::can_change(std::uint32_t core, std::uint32_t offset) const {
    return is_semaphore(offset) || mail_word(core, offset);
}

std::string EngineDevice::describe_word(std::uint32_t core, std::uint32_t offset) const {
    if (const auto mail = mail_word(core, offset)) {
        return "a word in its mailbox from " + user_name(mail->processor);
    }
    if (!is_semaphore(offset)) return "a register of the compute engine";
    return "semaphore " + std::to_string(semaphore_of(offset)) +
           " of the compute engine to change from " + std::to_string(value(core, offset));
}

}  // namespace tilewright
