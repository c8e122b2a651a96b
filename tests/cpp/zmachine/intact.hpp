// What no story may change, whatever it does: asked by the tests of damaged stories and by the
// fuzzer.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "zmachine/protocol.hpp"

namespace tilewright::zmachine::test {

/// What of the machine is not as it was when it was `fresh`, or beyond its bounds; empty if all is.
inline std::string damage(const Machine& m, const Machine& fresh) {
    const Control& c = m.control;
    const auto same = [](const auto& a, const auto& b) { return std::memcmp(a, b, sizeof a) == 0; };
    if (!same(m.pristine, fresh.pristine)) return "the story as it was given";
    if (!same(m.alphabet, fresh.alphabet)) return "the alphabet";
    const std::uint32_t writable = std::max(c.dynamic_bytes, c.globals + 480);
    if (std::memcmp(m.memory + writable, fresh.memory + writable, sizeof m.memory - writable) != 0)
        return "static memory";
    if (m.output.length > output_bytes) return "the length of the output";
    if (m.events.count > max_events) return "the number of events";
    if (c.sp > stack_words || c.locals + c.local_count > stack_words) return "the stack";
    return c.frames <= max_frames ? "" : "the calls";
}

}  // namespace tilewright::zmachine::test
