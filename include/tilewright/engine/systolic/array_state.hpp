// What a systolic array is in the middle of, and has done since the device was opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tilewright {

struct ArrayCounters {
    std::uint64_t passes = 0;
    std::uint64_t macs = 0;
    std::uint64_t pass_cycles = 0;
    std::uint64_t vector_cycles = 0;
};

/// sink(name, unit, what it counts, value) for each.
template <class Sink>
void count(const ArrayCounters& c, Sink&& sink) {
    sink("passes", "passes", "begun", c.passes);
    sink("macs", "operations", "multiply-accumulates of the passes", c.macs);
    sink("pass_cycles", "cycles", "of the passes", c.pass_cycles);
    sink("vector_cycles", "cycles", "of its vector unit: bias and activations", c.vector_cycles);
}

struct ArrayState {
    std::uint64_t passes_begun = 0;  ///< of the command under way
    std::vector<std::byte> sums;     ///< of a pass whose sums another pass completes
    std::uint64_t vector_free = 0;   ///< cycle from which its vector unit is free
    ArrayCounters counters;
};

template <class Archive>
void fields(Archive& archive, ArrayCounters& c) {
    archive(c.passes, c.macs, c.pass_cycles, c.vector_cycles);
}
template <class Archive>
void fields(Archive& archive, ArrayState& s) {
    archive(s.passes_begun, s.sums, s.vector_free, s.counters);
}

}  // namespace tilewright
