// What went wrong, in words: which core, where in the source, what it did or waits for.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/riscv/disassemble.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

std::string hex(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", value);
    return text;
}

std::string core_name(CoreId id) {
    return "core (" + std::to_string(id.tile.x) + ", " + std::to_string(id.tile.y) + ", " +
           std::to_string(id.processor) + ")";
}

const char* counter_meaning(std::uint32_t offset) {
    switch (offset) {
        case abi::noc_register::reads_pending:
            return "its reads over NoC ";
        case abi::noc_register::writes_pending:
            return "the acknowledgements of its writes over NoC ";
        case abi::noc_register::writes_unsent:
            return "its writes to leave over NoC ";
        case abi::noc_register::atomics_pending:
            return "its atomics over NoC ";
        default:
            return "a register of NoC ";
    }
}

bool of_device(std::uint32_t address) {
    return address - abi::semaphore_base < abi::semaphore_count * 4;
}
bool is_semaphore(std::uint32_t address) {
    return of_device(address) || address - abi::program_semaphore_base <
                                     abi::program_semaphore_count * abi::program_semaphore_stride;
}

std::string word_name(std::uint32_t address) {
    const std::string at = " (" + hex(address) + ")";
    if (of_device(address)) {
        return "semaphore " + std::to_string((address - abi::semaphore_base) / 4) + at;
    }
    if (is_semaphore(address)) {
        const std::uint32_t of_program = address - abi::program_semaphore_base;
        return "semaphore " + std::to_string(of_program / abi::program_semaphore_stride) +
               " of its program" + at;
    }
    return "the word at " + hex(address) + " of its L1";
}

// So many lines, and how many more there are.
class Lines {
public:
    template <class Describe>
    void add(Describe&& describe) {
        if (count_++ < most) text_ += describe();
    }
    std::string text() const {
        return count_ <= most ? text_
                              : text_ + "\n  and " + std::to_string(count_ - most) + " more";
    }

private:
    static constexpr std::size_t most = 8;
    std::size_t count_ = 0;
    std::string text_;
};

}  // namespace

std::string Chip::describe_core(std::uint32_t index, std::uint32_t pc) const {
    std::string text = core_name(core_id(index));
    if (has_run(index) && cores_[index].status != CoreStatus::idle) {
        text += " at " + images_[cores_[index].image]->describe(pc);
    }
    return text;
}

std::string Chip::describe_fault(std::uint32_t index, const riscv::Fault& fault) const {
    using riscv::Cause;
    const CoreConfig& kind = core_config(index);
    const std::string address = hex(fault.address);
    std::string what;
    switch (fault.cause) {
        case Cause::illegal_instruction:
            what = "illegal instruction " + hex(fault.instruction) + " (" +
                   riscv::disassemble(fault.instruction, fault.pc, riscv::parse_isa(kind.isa)) +
                   ") for " + kind.isa;
            break;
        case Cause::fetch_misaligned:
            what = "jump to the misaligned address " + address;
            break;
        case Cause::fetch_unmapped:
            what = "no code at " + hex(fault.pc);
            break;
        case Cause::load_misaligned:
            what = "misaligned load from " + address;
            break;
        case Cause::load_unmapped:
            what = "load from " + address + ", where nothing is mapped";
            break;
        case Cause::store_misaligned:
            what = "misaligned store to " + address;
            break;
        case Cause::store_unmapped:
            what = "store to " + address + ", where nothing is mapped";
            break;
        case Cause::store_read_only:
            what = "store to " + address +
                   (fault.address < abi::l1_user_base
                        ? " in reserved L1 (below " + hex(abi::l1_user_base) + ")"
                        : " in the kernel's read-only image");
            break;
        case Cause::breakpoint:
            what = "ebreak (a check failed, or a breakpoint)";
            break;
        case Cause::none:
        case Cause::retry:
            what = "no fault";
            break;
    }
    const bool lost =
        fault.cause == Cause::fetch_unmapped || fault.cause == Cause::fetch_misaligned;
    const std::uint32_t stack = cores_[index].hart.x[2];
    const bool unmapped =
        fault.cause == Cause::load_unmapped || fault.cause == Cause::store_unmapped;
    if (unmapped && stack - abi::local_base > kind.local_bytes) {
        what += "; the stack pointer " + hex(stack) + " has left local memory: stack overflow";
    }
    if (lost) {  // the return address is the best hint of where the jump came from
        const std::uint32_t caller = cores_[index].hart.x[1];
        what += "; the last call was made at " + images_[cores_[index].image]->describe(caller - 4);
    }
    return what;
}

KernelFault Chip::make_fault(std::uint32_t index, std::uint32_t pc, const std::string& what) const {
    const std::string& printed = cores_[index].output;
    std::string text = describe_core(index, pc) + ": " + what;
    if (!printed.empty()) text += "\nit had printed: " + printed;
    return {text, FaultSite{.core = core_id(index),
                            .pc = CoreAddress{pc},
                            .place = images_[cores_[index].image]->describe(pc),
                            .printed = printed}};
}

std::string Chip::describe_word(std::uint32_t index, std::uint32_t address) const {
    if (abi::is_engine_flag(address)) {
        const std::uint32_t flag = abi::engine_flag(address);
        return "flag " + std::to_string(flag) + " to change from " +
               std::to_string(engines_.flag(flag));
    }
    if (address >= abi::noc_registers) {
        const std::uint32_t noc = (address - abi::noc_registers) / abi::noc_stride;
        return counter_meaning((address - abi::noc_registers) % abi::noc_stride) +
               std::to_string(noc);
    }
    std::uint32_t value = 0;
    std::memcpy(&value, l1(tile_of(index)) + address, sizeof value);
    const std::uint32_t counter = address - abi::circular_buffer_counters;
    if (counter >= abi::circular_buffer_count * abi::circular_buffer_counters_stride) {
        return word_name(address) + " to change from " + std::to_string(value);
    }
    std::string text = "circular buffer " +
                       std::to_string(counter / abi::circular_buffer_counters_stride) +
                       ": for pages that another core " +
                       (counter % abi::circular_buffer_counters_stride == 0 ? "pushes" : "pops") +
                       " (" + std::to_string(value) + " so far); ";
    // Only cores of the tile can do that.
    const std::uint32_t tile = tile_of(index);
    const bool pushed = counter % abi::circular_buffer_counters_stride == 0;
    const std::string makers = describe_makers(
        index, pushed ? abi::Effect::pushes_pages : abi::Effect::pops_pages,
        counter / abi::circular_buffer_counters_stride, first_core(tile), end_core(tile));
    if (!makers.empty()) return text + (pushed ? "pushed by " : "popped by ") + makers;
    std::string others;
    for (std::uint32_t c = first_core(tile); c < end_core(tile); ++c) {
        if (c == index || cores_[c].status == CoreStatus::idle) continue;
        others += (others.empty() ? "" : ", ") + describe_core(c, cores_[c].hart.pc - 4);
    }
    if (others.empty()) return text + "no other core of its tile runs a kernel";
    return text + "no kernel of its tile " + (pushed ? "pushes to" : "pops from") +
           " it; beside it in its tile: " + others;
}

// Whether a core has, or had, a kernel that was launched with that of the other, or later, whose
// image is still known.
bool Chip::launched_with(std::uint32_t index, std::uint32_t other) const {
    if (!has_run(index)) return false;
    const Core& core = cores_[index];
    if (core.status != CoreStatus::idle) return true;
    if (core.launch_cycle < cores_[other].launch_cycle) return false;
    // Images that no core runs give their place to others.
    bool known = true;
    cores_.for_each([&](std::size_t, const Core& c) {
        known &= c.image != core.image || c.launch_cycle <= core.launch_cycle;
    });
    return known;
}

// Who has code for what a core waits for, among the cores from `first` to `end`: where, and what
// became of it.
std::string Chip::describe_makers(std::uint32_t index, abi::Effect effect, std::uint32_t object,
                                  std::uint32_t first, std::uint32_t end) const {
    constexpr std::uint32_t most = 4;
    std::string text;
    std::uint32_t count = 0;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == index || !launched_with(c, index)) continue;
        const Image& image = *images_[cores_[c].image];
        const Image::Effect* found = nullptr;
        const auto effects = image.effects();
        for (const Image::Effect& e : effects) {
            const bool named = e.object == object;
            if (e.kind != effect || (!named && e.object != abi::any_object)) continue;
            if (found == nullptr || (named && found->object != object)) found = &e;
        }
        if (found == nullptr || ++count > most) continue;
        text +=
            (text.empty() ? "" : ", ") + core_name(core_id(c)) + " at " + image.describe(found->pc);
        if (found->object != object) text += " (if that is the one it means)";
        switch (cores_[c].status) {
            case CoreStatus::idle:
            case CoreStatus::ended:
                text += ", whose kernel has ended";
                break;
            case CoreStatus::parked:
            case CoreStatus::polling:
                text += ", which waits";
                break;
            case CoreStatus::running:
            case CoreStatus::blocked:
                text += ", which runs";
                break;
        }
    }
    if (count > most) text += " and " + std::to_string(count - most) + " more";
    return text;
}

std::string Chip::describe_wait(std::uint32_t index) const {
    const Core& core = cores_[index];
    const riscv::Polling& loop = core.polling.loop;
    const bool polls = core.status == CoreStatus::polling;
    const std::uint32_t address = polls ? loop.words[0].address : core.hart.reservation;
    if (polls && loop.count == 0) {
        return "is in a loop that reads only its own memory and registers, which nobody else can "
               "write";
    }
    if (!polls && address >= config_.l1_bytes && !abi::is_engine_flag(address) &&
        address < abi::noc_registers) {
        return "waits for a word of its own local memory, " + hex(address) +
               ", which nobody else can write";
    }
    std::string text = "waits for " + describe_word(index, address);
    for (std::uint32_t i = 1; polls && i < loop.count; ++i) {
        text += " or " + describe_word(index, loop.words[i].address);
    }
    if (address >= config_.l1_bytes) return text;
    if (core.last_write_cycle == 0) {
        text += "; nothing has written it since it began to wait";
    } else {
        text += "; last written ";
        if (core.last_writer != Core::nobody)
            text += "by " + core_name(core_id(core.last_writer)) + " ";
        text += "at cycle " + std::to_string(core.last_write_cycle);
    }
    if (!is_semaphore(address)) return text;
    const std::string makers = describe_makers(index, abi::Effect::sets_word, address, 0,
                                               static_cast<std::uint32_t>(cores_.size()));
    return text + (makers.empty() ? "; no other kernel has a call that sets a semaphore like it"
                                  : "; set by " + makers);
}

// The pc of a core parked in wrs is behind it; the wait itself is the line to show.
std::uint32_t Chip::waiting_pc(std::uint32_t index) const {
    const Core& core = cores_[index];
    return core.status == CoreStatus::parked ? core.hart.pc - 4 : core.hart.pc;
}

std::string Chip::describe_place(std::uint32_t index) const {
    return images_[cores_[index].image]->describe(waiting_pc(index));
}

std::string Chip::describe_waiter(std::uint32_t index) const {
    return "\n  " + describe_core(index, waiting_pc(index)) + " " + describe_wait(index) +
           "; waiting since cycle " + std::to_string(cores_[index].parked_at);
}

std::vector<std::uint32_t> Chip::waiting_cores() const {
    std::vector<std::uint32_t> waiting;
    cores_.for_each([&](std::size_t index, const Core& core) {
        if (core.status == CoreStatus::parked || core.status == CoreStatus::polling) {
            waiting.push_back(static_cast<std::uint32_t>(index));
        }
    });
    std::ranges::stable_sort(waiting, {}, [&](std::uint32_t c) { return cores_[c].parked_at; });
    return waiting;
}

std::string Chip::describe_waiting() const {
    Lines lines;
    for (const std::uint32_t c : waiting_cores()) lines.add([&] { return describe_waiter(c); });
    return lines.text() + engines_.describe_waiting();
}

std::string Chip::describe_busy() const {
    Lines running;
    cores_.for_each([&](std::size_t index, const Core& core) {
        const auto c = static_cast<std::uint32_t>(index);
        if (core.status == CoreStatus::running) {
            running.add([&] { return "\n  " + describe(c); });
        } else if (core.status == CoreStatus::blocked) {
            running.add([&] {
                return "\n  " + describe(c) + ", held up until one of its transfers has ended";
            });
        } else if (core.status == CoreStatus::ended) {
            running.add(
                [&] { return "\n  " + core_name(core_id(c)) + ", whose kernel has ended"; });
        }
    });
    const std::string busy = running.text() + engines_.describe_busy();
    const std::string waiting = describe_waiting();
    return (busy.empty() ? "" : "\nstill running:" + busy) +
           (waiting.empty() ? "" : "\nstill waiting, the longest first:" + waiting);
}

std::string Chip::describe_deadlock() const {
    std::string lines;
    std::uint32_t waiting = 0;
    for (std::uint32_t c = 0; c < cores_.size(); ++c) {
        const CoreStatus status = cores_[c].status;
        if (status != CoreStatus::parked && status != CoreStatus::polling) continue;
        ++waiting;
        lines += describe_waiter(c);
    }
    std::string who;
    if (waiting != 0) who = std::to_string(waiting) + (waiting == 1 ? " core" : " cores");
    const std::uint32_t engines = engines_.busy();
    if (engines != 0) {
        who += (who.empty() ? "" : " and ") + std::to_string(engines) +
               (engines == 1 ? " engine" : " engines");
        lines += engines_.describe_waiting();
    }
    const bool one = waiting + engines == 1;
    return "deadlock at cycle " + std::to_string(now_) + ": " + who + (one ? " waits" : " wait") +
           " and nothing is left that could wake " + (one ? "it" : "them") + lines;
}

std::string Chip::describe_endless_wait(std::uint32_t index) const {
    return "deadlock at cycle " + std::to_string(cores_[index].hart.cycles) +
           ": one core waits for what cannot happen, whatever the others do" +
           describe_waiter(index);
}

}  // namespace tilewright
