#include "tilewright/tensix/front.hpp"

namespace tilewright::tensix {
namespace {

// What the expander's registers hold in a loop.
constexpr std::size_t loop_start = 2, loop_end0 = 3, loop_end1 = 4, loop_first = 5, loop_second = 6,
                      loop_last = 7, loop_last_of_inner = 8;
enum LoopStep : std::uint8_t { at_start, at_inner, at_end0, at_end1, loop_steps };

// And where each bit of a mask chooses.
constexpr std::size_t masked_flags = 1;
constexpr std::array<std::size_t, 5> of_clear_bit{3, 4, 5, 6, 2};
constexpr std::array<std::size_t, 2> of_set_bit{7, 8};

constexpr bool is_nop(std::uint32_t word) {
    return word >> 24 == 0x02;
}

}  // namespace

void MacroExpander::begin(const op::mop& macro, std::uint32_t pushed_at) {
    pc = pushed_at;
    step = 0;
    second = false;
    if (macro.looped == 0) {
        phase = Phase::masked;
        mask = std::uint32_t{mask_high} << 16 | macro.mask_low;
        outer = macro.count + 1;
    } else {
        phase = Phase::looped;
        outer = config[0] & 127;
        inner_count = config[1] & 127;
        if (!is_nop(config[loop_second])) inner_count *= 2;
        // The hardware miscounts a loop of an end alone.
        if (outer == 1 && is_nop(config[loop_start]) && inner_count == 0 &&
            !is_nop(config[loop_end0])) {
            outer += 128;
        }
        inner = inner_count;
    }
    go_to_word();
}

PushedWord MacroExpander::next() {
    const PushedWord word{current(), pc};
    advance();
    go_to_word();
    return word;
}

std::uint32_t MacroExpander::current() const {
    if (phase == Phase::masked) {
        return config[(mask & 1) == 0 ? of_clear_bit[step] : of_set_bit[step]];
    }
    switch (step) {
        case at_start:
            return config[loop_start];
        case at_inner:
            if (inner == 1) return config[outer == 1 ? loop_last : loop_last_of_inner];
            return config[second ? loop_second : loop_first];
        case at_end0:
            return config[loop_end0];
        default:
            return config[loop_end1];
    }
}

/// Whether this step gives a word.
bool MacroExpander::present() const {
    if (phase == Phase::masked) {
        const bool has_b = (config[masked_flags] & 1) != 0;
        const bool has_more = (config[masked_flags] & 2) != 0;
        if ((mask & 1) != 0) return step == 0 || has_b;
        return step == 0 || (step == of_clear_bit.size() - 1 ? has_b : has_more);
    }
    switch (step) {
        case at_start:
            return !is_nop(config[loop_start]);
        case at_inner:
            return inner != 0;
        case at_end0:
            return !is_nop(config[loop_end0]);
        default:
            return !is_nop(config[loop_end0]) && !is_nop(config[loop_end1]);
    }
}

void MacroExpander::advance() {
    if (phase == Phase::looped && step == at_inner && inner != 0) {
        if (!is_nop(config[loop_second])) second = !second;
        if (--inner != 0) return;
    }
    ++step;
    const std::size_t steps = phase == Phase::looped ? std::size_t{loop_steps}
                              : (mask & 1) == 0      ? of_clear_bit.size()
                                                     : of_set_bit.size();
    if (step < steps) return;
    step = 0;
    --outer;
    mask >>= 1;
    inner = inner_count;
}

/// Go on to a step that gives a word, or to the end.
void MacroExpander::go_to_word() {
    while (outer != 0) {
        if (present()) return;
        advance();
    }
    phase = Phase::idle;
    leaving = true;
}

void ReplayExpander::begin(const op::replay& replay, std::uint32_t pushed_at) {
    pc = pushed_at;
    phase = replay.load == 0      ? Phase::replaying
            : replay.execute == 0 ? Phase::storing
                                  : Phase::storing_and_passing;
    index = static_cast<std::uint8_t>(replay.index % length);
    const std::uint32_t count = replay.count & 63;
    left = static_cast<std::uint8_t>(count == 0 ? 64 : count);
}

PushedWord ReplayExpander::next() {
    const PushedWord word{words[index], pc};
    step();
    return word;
}

bool ReplayExpander::take(std::uint32_t word) {
    if (phase == Phase::idle) return true;
    const bool passes = phase == Phase::storing_and_passing;
    words[index] = word;
    step();
    return passes;
}

void ReplayExpander::step() {
    index = static_cast<std::uint8_t>((index + 1) % length);
    if (--left == 0) phase = Phase::idle;
}

}  // namespace tilewright::tensix
