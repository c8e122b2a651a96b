#include "chip/images.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/run.hpp"

namespace tilewright {

void fields(ArchiveWriter& archive, const ImagesState& state) {
    archive(std::uint64_t{state.images.size()});
    for (const auto& image : state.images) {
        archive(image->name());
        archive(std::uint64_t{image->elf().size()});
        archive.raw(image->elf());
    }
    archive(state.calls_allowed);
}

void fields(ArchiveReader& archive, ImagesState& state) {
    std::uint64_t count = 0;
    archive(count);
    if (count > archive.left()) throw SnapshotError("snapshot: more images than bytes");
    for (std::uint64_t i = 0; i < count; ++i) {
        std::string name;
        std::uint64_t size = 0;
        archive(name, size);
        const auto elf = archive.raw(size);
        // An image that is at hand already keeps its decoded code.
        const auto same = std::ranges::find_if(state.known, [&](const auto& image) {
            return image->name() == name && std::ranges::equal(image->elf(), elf);
        });
        try {
            state.images.push_back(same != state.known.end() ? *same
                                                             : std::make_shared<Image>(elf, name));
        } catch (const ElfError& error) {
            throw SnapshotError(std::string("snapshot: image: ") + error.what());
        }
    }
    archive(state.calls_allowed);
}

Images::Images(const TileParameters& parameters, const Probes& probes)
    : parameters_(parameters), probes_(probes) {}

void Images::forbid_calls(std::uint32_t number) {
    auto& allowed = state_.calls_allowed;
    if (number < allowed.size() && allowed[number] != 0) --allowed[number];
}

Program Images::program(std::uint32_t number, const std::string& isa) const {
    const std::shared_ptr<const Image>& image = state_.images[number];
    const riscv::Code& code =
        image->code(isa, parameters_.timing, probes_.functions, probes_.profile != nullptr);
    if (translations_ != nullptr) translations_->entered(image, code);
    return {.code = &code,
            .window = image->window(),
            .entry = image->entry(),
            .globals_end = image->globals_end(),
            .name = image->name(),
            .elf = {image, &image->program()}};
}

void Images::interpreted(std::uint32_t number, const std::string& isa, std::uint32_t pc,
                         std::uint64_t instructions) {
    if (translations_ == nullptr || probes_.functions || probes_.profile != nullptr) return;
    const std::shared_ptr<const Image>& image = state_.images[number];
    translations_->interpreted(image, image->code(isa, parameters_.timing, false, false), pc,
                               instructions);
}

void Images::check(const State& state, const EventQueue&) const {
    if (state.calls_allowed.size() == state.images.size()) return;
    throw SnapshotError("snapshot: wrong number of images that may be called");
}

void Images::adopt(State&& state) {
    state_.images = std::move(state.images);
    state_.calls_allowed = std::move(state.calls_allowed);
}

// --- Calls ---------------------------------------------------------------------------------------

namespace {

/// Words of direct memory that an ecall of the core names; `what` is it that asks for them.
const std::byte* direct_words(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                              std::uint32_t words, const std::string& what) {
    const Surroundings& around = tile.around;
    const Core& core = tile.cores[processor];
    const std::uint32_t from = address - abi::direct_base;
    const std::uint64_t end = std::uint64_t{from} + std::uint64_t{words} * 4;
    if (from % 4 != 0 || (words != 0 && end > around.parameters.direct_bytes)) {
        throw CoreFault{tile.core_number(processor), core.hart.pc - 4,
                        what + ": its words do not lie in direct memory"};
    }
    if (words != 0 && around.probes.order != nullptr) {
        const std::uint64_t bank = around.memories.map().window(MemoryKind::dram).bytes;
        around.probes.order->on_load(
            {tile.core_number(processor), core.image, core.hart.pc - 4, core.hart.cycles},
            {MemoryKind::dram, static_cast<std::uint32_t>(from / bank), from % bank}, words * 4);
    }
    return around.memories.dram(0) + from;
}

/// What an ecall takes beyond its own cycle.
void take_time(Tile& tile, std::uint32_t processor, std::uint64_t cycles) {
    riscv::HartState& hart = tile.cores[processor].hart;
    if (tile.around.probes.profile != nullptr) {
        tile.runs[processor].counts->add_wait(hart.pc - 4, 0, cycles, 0);
    }
    hart.cycles += cycles;
}

}  // namespace

bool Images::environment_call(Tile& tile, std::uint32_t processor) {
    const std::uint32_t request = tile.cores[processor].hart.x[10];
    if (request == parameters_.conventions.call_image) {
        call(tile, processor);
    } else if (request == parameters_.conventions.begin_program) {
        begin_program(tile, processor);
    } else {
        return false;
    }
    return true;
}

// A core leaves its kernel for another one and comes back when that has ended, as firmware starts
// the program that was loaded for it. The arguments come from direct memory: one load's latency,
// and a cycle a word.
void Images::call(Tile& tile, std::uint32_t processor) {
    const Conventions& conventions = parameters_.conventions;
    Core& core = tile.cores[processor];
    Memories& memories = tile.around.memories;
    riscv::HartState& hart = core.hart;
    const std::uint32_t number = hart.x[11];
    const std::uint32_t words = hart.x[13];
    const std::string what = "call of image " + std::to_string(number);
    const auto refuse = [&](const std::string& why) {
        throw CoreFault{tile.core_number(processor), hart.pc - 4, what + ": " + why};
    };
    if (core.caller.waits) refuse("a called image calls no other");
    if (number >= state_.images.size() || state_.calls_allowed[number] == 0) {
        refuse("there is none");
    }
    if (words > conventions.max_argument_words()) {
        refuse(std::to_string(words) + " words of arguments; a launch has room for " +
               std::to_string(conventions.max_argument_words()));
    }
    const std::byte* const from = direct_words(tile, processor, hart.x[12], words, what);
    if (words != 0) {
        std::byte* const to = tile.l1 + conventions.arguments_of(processor);
        memories.will_write(to, words * 4);
        std::memcpy(to, from, words * 4);
    }

    core.caller = {.waits = true, .image = core.image, .pc = hart.pc, .x = hart.x};
    take_time(tile, processor, parameters_.timing.load_direct + words);
    enter_image(tile, processor, number);
    const Program& program = tile.runs[processor].program;
    const std::uint32_t stack = hart.x[2] & ~15u;
    const std::uint32_t thread = hart.x[4];
    hart.x = {};
    hart.f = {};
    hart.fcsr = 0;
    hart.x[2] = stack;
    hart.x[4] = thread;
    hart.pc = hart.block = program.entry;
    hart.reserved = false;
    if (probes_.observer != nullptr) {
        probes_.observer->on_zone(tile.core_id(processor), Cycle{hart.cycles}, program.name);
    }
    // A call of an image and its end are a call and a return of its own program.
    note_call(tile, processor,
              {.cycle = hart.cycles,
               .target = hart.pc,
               .link = core.caller.pc,
               .sp = stack,
               .kind = riscv::CallRecord::Kind::call});
}

// What the launch of a program does to a tile, done for one of its cores: reserved L1 has words
// that cores cannot store. They come as arguments do, at the same cost.
void Images::begin_program(Tile& tile, std::uint32_t processor) {
    const Conventions& conventions = parameters_.conventions;
    Memories& memories = tile.around.memories;
    riscv::HartState& hart = tile.cores[processor].hart;
    const std::uint32_t words = hart.x[12];
    const std::string what = "begin of a program";
    const std::byte* const from = direct_words(tile, processor, hart.x[11], words, what);
    memories.mark_undefined(tile.l1 + conventions.declared_begin,
                            conventions.declared_end - conventions.declared_begin);
    for (std::uint32_t at = 0; at < words;) {
        std::array<std::uint32_t, 2> part{};  // address and count
        if (words - at >= part.size()) std::memcpy(part.data(), from + at * 4, sizeof part);
        at += static_cast<std::uint32_t>(part.size());
        const auto [address, count] = part;
        if (at > words || count > words - at || address % 4 != 0 ||
            address + std::uint64_t{count} * 4 > conventions.l1_user_base) {
            throw CoreFault{tile.core_number(processor), hart.pc - 4,
                            what + ": its words do not lie in reserved L1"};
        }
        memories.will_write(tile.l1 + address, count * 4);
        std::memcpy(tile.l1 + address, from + at * 4, count * 4);
        at += count;
    }
    for (const auto& device : tile.devices) device->program_begins();
    if (const auto& guard = tile.around.checks.guard) {
        for (std::uint32_t p = 0; p < tile.site.cores.size(); ++p) guard->launched(tile, p);
    }
    take_time(tile, processor, parameters_.timing.load_direct + words);
}

}  // namespace tilewright
