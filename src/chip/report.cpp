#include "chip/report.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tilewright/firmware/abi.hpp"
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

bool is_device_semaphore(std::uint32_t address) {
    return address - abi::semaphore_base < abi::semaphore_count * 4;
}
bool is_semaphore(std::uint32_t address) {
    return is_device_semaphore(address) ||
           address - abi::program_semaphore_base <
               abi::program_semaphore_count * abi::program_semaphore_stride;
}

std::string word_name(std::uint32_t address) {
    const std::string at = " (" + hex(address) + ")";
    if (is_device_semaphore(address)) {
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

namespace {

const Image& image_of(const Parts& chip, std::uint32_t core) {
    return *chip.images[chip.tiles.core(core).image];
}

const CoreTraits& traits_of(const Parts& chip, std::uint32_t core) {
    return chip.sites[chip.tiles.tile_of(core)].cores[chip.tiles.processor_of(core)];
}

}  // namespace

std::string describe_core(const Parts& chip, std::uint32_t index, std::uint32_t pc) {
    std::string text = core_name(chip.tiles.core_id(index));
    if (chip.tiles.program(index).code != nullptr &&
        chip.tiles.core(index).status != CoreStatus::idle) {
        text += " at " + image_of(chip, index).describe(pc);
    }
    return text;
}

namespace {

std::string describe_fault(const Parts& chip, std::uint32_t index, const riscv::Fault& fault) {
    using riscv::Cause;
    const CoreTraits& kind = traits_of(chip, index);
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
    const std::uint32_t stack = chip.tiles.core(index).hart.x[2];
    const bool unmapped =
        fault.cause == Cause::load_unmapped || fault.cause == Cause::store_unmapped;
    if (unmapped && stack - abi::local_base > kind.local_bytes) {
        what += "; the stack pointer " + hex(stack) + " has left local memory: stack overflow";
    }
    if (lost) {  // the return address is the best hint of where the jump came from
        const std::uint32_t caller = chip.tiles.core(index).hart.x[1];
        what += "; the last call was made at " + image_of(chip, index).describe(caller - 4);
    }
    return what;
}

}  // namespace

KernelFault make_fault(const Parts& chip, const CoreFault& fault) {
    const std::uint32_t index = fault.core;
    const std::string what =
        fault.fault ? describe_fault(chip, index, *fault.fault) : fault.message;
    const std::string& printed = chip.tiles.core(index).output;
    std::string text = describe_core(chip, index, fault.pc) + ": " + what;
    if (!printed.empty()) text += "\nit had printed: " + printed;
    return {text, FaultSite{.core = chip.tiles.core_id(index),
                            .pc = CoreAddress{fault.pc},
                            .place = image_of(chip, index).describe(fault.pc),
                            .printed = printed}};
}

namespace {

// The device that a core sees at an address, and the word in it.
struct RegisterSeen {
    const RegisterDevice* device = nullptr;
    std::uint32_t offset = 0;
};
RegisterSeen register_at(const Parts& chip, std::uint32_t core, std::uint32_t address) {
    RegisterSeen seen;
    if (const Tile* const tile = chip.tiles.find(chip.tiles.tile_of(core))) {
        seen.device = tile->device_at(address, seen.offset);
    }
    return seen;
}

// Whether a core has, or had, a kernel that was launched with that of the other, or later, whose
// image is still known.
bool launched_with(const Parts& chip, std::uint32_t index, std::uint32_t other) {
    if (chip.tiles.program(index).code == nullptr) return false;
    const Core& core = chip.tiles.core(index);
    if (core.status != CoreStatus::idle) return true;
    if (core.launch_cycle < chip.tiles.core(other).launch_cycle) return false;
    // Images that no core runs give their place to others.
    bool known = true;
    chip.tiles.for_each_core([&](const Tile&, std::uint32_t, const Core& c) {
        known &= c.image != core.image || c.launch_cycle <= core.launch_cycle;
    });
    return known;
}

// Who has code for what a core waits for, among the cores from `first` to `end`: where, and what
// became of it.
std::string describe_makers(const Parts& chip, std::uint32_t index, abi::Effect effect,
                            std::uint32_t object, std::uint32_t first, std::uint32_t end) {
    constexpr std::uint32_t most = 4;
    std::string text;
    std::uint32_t count = 0;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == index || !launched_with(chip, c, index)) continue;
        const Image& image = image_of(chip, c);
        const Image::Effect* found = nullptr;
        const auto effects = image.effects();
        for (const Image::Effect& e : effects) {
            const bool named = e.object == object;
            if (e.kind != effect || (!named && e.object != abi::any_object)) continue;
            if (found == nullptr || (named && found->object != object)) found = &e;
        }
        if (found == nullptr || ++count > most) continue;
        text += (text.empty() ? "" : ", ") + core_name(chip.tiles.core_id(c)) + " at " +
                image.describe(found->pc);
        if (found->object != object) text += " (if that is the one it means)";
        switch (chip.tiles.core(c).status) {
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

std::string describe_word(const Parts& chip, std::uint32_t index, std::uint32_t address) {
    const RegisterSeen seen = register_at(chip, index, address);
    if (seen.device != nullptr) {
        return seen.device->describe_word(chip.tiles.processor_of(index), seen.offset);
    }
    std::uint32_t value = 0;
    const TileSite& site = chip.sites[chip.tiles.tile_of(index)];
    std::memcpy(&value, chip.memories.l1(chip.tiles.tile_of(index)) + address, sizeof value);
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
    const std::uint32_t first = site.first_core;
    const auto end = first + static_cast<std::uint32_t>(site.cores.size());
    const bool pushed = counter % abi::circular_buffer_counters_stride == 0;
    const std::string makers =
        describe_makers(chip, index, pushed ? abi::Effect::pushes_pages : abi::Effect::pops_pages,
                        counter / abi::circular_buffer_counters_stride, first, end);
    if (!makers.empty()) return text + (pushed ? "pushed by " : "popped by ") + makers;
    std::string others;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == index || chip.tiles.core(c).status == CoreStatus::idle) continue;
        others +=
            (others.empty() ? "" : ", ") + describe_core(chip, c, chip.tiles.core(c).hart.pc - 4);
    }
    if (others.empty()) return text + "no other core of its tile runs a kernel";
    return text + "no kernel of its tile " + (pushed ? "pushes to" : "pops from") +
           " it; beside it in its tile: " + others;
}

}  // namespace

std::string describe_wait(const Parts& chip, std::uint32_t index) {
    const Core& core = chip.tiles.core(index);
    const riscv::Polling& loop = core.polling.loop;
    const bool polls = core.status == CoreStatus::polling;
    const std::uint32_t address = polls ? loop.words[0].address : core.hart.reservation;
    if (polls && loop.count == 0) {
        return "is in a loop that reads only its own memory and registers, which nobody else can "
               "write";
    }
    const bool of_device = register_at(chip, index, address).device != nullptr;
    if (!polls && address >= chip.config.l1_bytes && !of_device) {
        return "waits for a word of its own local memory, " + hex(address) +
               ", which nobody else can write";
    }
    std::string text = "waits for " + describe_word(chip, index, address);
    for (std::uint32_t i = 1; polls && i < loop.count; ++i) {
        text += " or " + describe_word(chip, index, loop.words[i].address);
    }
    if (of_device) return text;
    if (core.last_write_cycle == 0) {
        text += "; nothing has written it since it began to wait";
    } else {
        text += "; last written ";
        if (core.last_writer != Core::nobody)
            text += "by " + core_name(chip.tiles.core_id(core.last_writer)) + " ";
        text += "at cycle " + std::to_string(core.last_write_cycle);
    }
    if (!is_semaphore(address)) return text;
    const std::string makers = describe_makers(chip, index, abi::Effect::sets_word, address, 0,
                                               static_cast<std::uint32_t>(chip.tiles.core_count()));
    return text + (makers.empty() ? "; no other kernel has a call that sets a semaphore like it"
                                  : "; set by " + makers);
}

namespace {

// The pc of a core parked in wrs is behind it; the wait itself is the line to show.
std::uint32_t waiting_pc(const Parts& chip, std::uint32_t index) {
    const Core& core = chip.tiles.core(index);
    return core.status == CoreStatus::parked ? core.hart.pc - 4 : core.hart.pc;
}

}  // namespace

std::string describe_place(const Parts& chip, std::uint32_t index) {
    return image_of(chip, index).describe(waiting_pc(chip, index));
}

namespace {

std::string describe_waiter(const Parts& chip, std::uint32_t index) {
    return "\n  " + describe_core(chip, index, waiting_pc(chip, index)) + " " +
           describe_wait(chip, index) + "; waiting since cycle " +
           std::to_string(chip.tiles.core(index).parked_at);
}

}  // namespace

std::vector<std::uint32_t> waiting_cores(const Parts& chip) {
    std::vector<std::uint32_t> waiting;
    chip.tiles.for_each_core([&](const Tile& tile, std::uint32_t processor, const Core& core) {
        if (core.status == CoreStatus::parked || core.status == CoreStatus::polling) {
            waiting.push_back(tile.core_number(processor));
        }
    });
    std::ranges::stable_sort(waiting, {},
                             [&](std::uint32_t c) { return chip.tiles.core(c).parked_at; });
    return waiting;
}

std::string describe_waiting(const Parts& chip) {
    Lines lines;
    for (const std::uint32_t c : waiting_cores(chip))
        lines.add([&] { return describe_waiter(chip, c); });
    return lines.text() + chip.engines.engines().describe();
}

std::string describe_busy(const Parts& chip) {
    Lines running;
    chip.tiles.for_each_core([&](const Tile& tile, std::uint32_t processor, const Core& core) {
        const std::uint32_t c = tile.core_number(processor);
        if (core.status == CoreStatus::running) {
            running.add(
                [&] { return "\n  " + describe_core(chip, c, chip.tiles.core(c).hart.pc); });
        } else if (core.status == CoreStatus::blocked) {
            running.add([&] {
                return "\n  " + describe_core(chip, c, chip.tiles.core(c).hart.pc) +
                       ", held up until one of its transfers has ended";
            });
        } else if (core.status == CoreStatus::ended) {
            running.add([&] {
                return "\n  " + core_name(chip.tiles.core_id(c)) + ", whose kernel has ended";
            });
        }
    });
    std::string busy = running.text();
    chip.for_each([&](const auto& part) { busy += part.describe(); });
    const std::string waiting = describe_waiting(chip);
    return (busy.empty() ? "" : "\nstill running:" + busy) +
           (waiting.empty() ? "" : "\nstill waiting, the longest first:" + waiting);
}

std::string describe_deadlock(const Parts& chip) {
    std::string lines;
    std::uint32_t waiting = 0;
    for (std::uint32_t c = 0; c < chip.tiles.core_count(); ++c) {
        const CoreStatus status = chip.tiles.core(c).status;
        if (status != CoreStatus::parked && status != CoreStatus::polling) continue;
        ++waiting;
        lines += describe_waiter(chip, c);
    }
    std::string who;
    if (waiting != 0) who = std::to_string(waiting) + (waiting == 1 ? " core" : " cores");
    const std::uint32_t engines = chip.engines.engines().busy();
    if (engines != 0) {
        who += (who.empty() ? "" : " and ") + std::to_string(engines) +
               (engines == 1 ? " engine" : " engines");
        lines += chip.engines.engines().describe();
    }
    const bool one = waiting + engines == 1;
    return "deadlock at cycle " + std::to_string(chip.clock.now) + ": " + who +
           (one ? " waits" : " wait") + " and nothing is left that could wake " +
           (one ? "it" : "them") + lines;
}

std::string describe_endless_wait(const Parts& chip, std::uint32_t index) {
    return "deadlock at cycle " + std::to_string(chip.tiles.core(index).hart.cycles) +
           ": one core waits for what cannot happen, whatever the others do" +
           describe_waiter(chip, index);
}

}  // namespace tilewright
