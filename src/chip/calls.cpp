// Images that a running program calls: a core leaves its kernel for another one and comes back when
// that has ended, as firmware starts the program that was loaded for it.
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

std::uint32_t Chip::allow_calls(const std::shared_ptr<const Image>& image) {
    const std::uint32_t number = image_index(image);
    ++calls_allowed_[number];
    return number;
}

void Chip::forbid_calls(std::uint32_t number) {
    if (number < calls_allowed_.size() && calls_allowed_[number] != 0) --calls_allowed_[number];
}

void Chip::enter_image(std::uint32_t index, std::uint32_t image) {
    cores_[index].image = image;
    contexts_[index].set_code(code_of(*images_[image], index));
    contexts_[index].set_image(images_[image]->window());
}

// The arguments come from direct memory: one load's latency, and a cycle a word.
void Chip::call_image(std::uint32_t index) {
    Core& core = cores_[index];
    riscv::HartState& hart = core.hart;
    const std::uint32_t number = hart.x[11];
    const std::uint32_t from = hart.x[12] - abi::direct_base;
    const std::uint32_t words = hart.x[13];
    const auto refuse = [&](const std::string& why) {
        throw make_fault(index, hart.pc - 4,
                         "call of image " + std::to_string(number) + ": " + why);
    };
    if (core.caller.waits) refuse("a called image calls no other");
    if (number >= images_.size() || calls_allowed_[number] == 0) refuse("there is none");
    if (words > abi::max_argument_words) {
        refuse(std::to_string(words) + " words of arguments; a launch has room for " +
               std::to_string(abi::max_argument_words));
    }
    const std::uint64_t end = std::uint64_t{from} + words * 4;
    if (from % 4 != 0 || (words != 0 && end > config_.direct_memory_bytes)) {
        refuse("its arguments do not lie in direct memory");
    }
    if (words != 0) {
        std::byte* const to = l1(tile_of(index)) + abi::arguments_base +
                              sites_[index].processor * abi::arguments_stride;
        touch(to, words * 4);
        std::memcpy(to, dram(0) + from, words * 4);
    }

    core.caller = {.waits = true, .image = core.image, .pc = hart.pc, .x = hart.x};
    enter_image(index, number);
    const std::uint32_t stack = hart.x[2] & ~15u;
    const std::uint32_t thread = hart.x[4];
    hart.x = {};
    hart.f = {};
    hart.fcsr = 0;
    hart.x[2] = stack;
    hart.x[4] = thread;
    hart.pc = hart.block = images_[number]->entry();
    hart.cycles += config_.core_timing.load_direct + words;
    hart.reserved = false;
    if (observer_ != nullptr) {
        observer_->on_zone(core_id(index), Cycle{hart.cycles}, images_[number]->name());
    }
    note_call(index, {.cycle = hart.cycles,
                      .target = hart.pc,
                      .link = core.caller.pc,
                      .sp = stack,
                      .kind = riscv::CallRecord::Kind::call});
}

// A call of an image and its end are a call and a return of its own program.
void Chip::note_call(std::uint32_t index, const riscv::CallRecord& record) {
    if (!functions_observed_) return;
    observer_->on_functions(core_id(index), program_of(index), std::span(&record, 1));
}

// When the called image has ended and its transfers have landed.
void Chip::return_to_caller(std::uint32_t index) {
    Core& core = cores_[index];
    note_call(index, {.cycle = core.end_cycle,
                      .target = core.caller.pc,
                      .link = 0,
                      .sp = core.caller.x[2],
                      .kind = riscv::CallRecord::Kind::come_back});
    if (observer_ != nullptr) observer_->on_zone(core_id(index), Cycle{core.end_cycle}, {});
    enter_image(index, core.caller.image);
    core.hart.x = core.caller.x;
    core.hart.pc = core.hart.block = core.caller.pc;
    core.caller = {};
    core.status = CoreStatus::running;
}

}  // namespace tilewright
