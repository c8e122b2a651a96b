// Random words as a program: whatever they do, the host is safe, every stop leaves a state that can
// go on, and where a run is cut changes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {
namespace {

/// Mostly words that are instructions, on registers that mostly point somewhere.
Program garbage(std::mt19937& random) {
    Program p;
    for (int i = 0; i < 200; ++i) {
        const auto word = static_cast<Word>(random());
        if (random() % 8 == 0) {
            p.raw(word);
            continue;
        }
        const Row& r = rows[random() % rows.size()];
        p.raw((word & ~r.mask) | r.match);
    }
    return p;
}

void scatter(FlatMachine& machine, std::mt19937& random) {
    static constexpr Word bases[] = {text_base, far_base, near_base, device_base, image_base};
    for (Word r = 1; r < 32; ++r) {
        machine.hart.x[r] = bases[random() % 5] + static_cast<Word>(random() % 1024) * 4;
    }
}

struct Outcome {
    std::vector<Stop> stops;
    std::vector<Cause> causes;
};

/// Up to 2000 instructions; what faults is skipped, so that the program goes on.
Outcome play(FlatMachine& machine, const Code& code, std::uint64_t chunk) {
    Outcome outcome;
    for (int stops = 0; stops < 400 && machine.hart.retired < 2000;) {
        machine.limits.max_retired = std::min<std::uint64_t>(machine.hart.retired + chunk, 2000);
        const Stop stop = machine.run(code);
        EXPECT_EQ(machine.hart.x[0], 0u);
        if (stop == Stop::limit) continue;
        ++stops;
        outcome.stops.push_back(stop);
        if (stop != Stop::fault) continue;
        outcome.causes.push_back(machine.fault.cause);
        EXPECT_EQ(machine.fault.pc, machine.hart.pc);
        const bool in_text = code.word(machine.hart.pc).has_value();
        machine.hart.pc = machine.hart.block = in_text ? machine.hart.pc + 4 : text_base;
    }
    return outcome;
}

TEST(Garbage, IsHarmlessAndRepeatable) {
    std::uint64_t executed = 0;
    for (unsigned seed = 0; seed < 300 && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const Program program = garbage(random);
        const Code code(program.bytes(), text_base, everything(), {});
        FlatMachine first;
        scatter(first, random);
        first.start();
        FlatMachine second;
        second.hart = first.hart;
        const Outcome whole = play(first, code, 2000);
        const Outcome parts = play(second, code, 7);
        EXPECT_TRUE(whole.stops == parts.stops);
        EXPECT_TRUE(whole.causes == parts.causes);
        EXPECT_TRUE(first.hart == second.hart);
        EXPECT_TRUE(first.near == second.near);
        EXPECT_TRUE(first.far == second.far);
        EXPECT_TRUE(first.log == second.log);
        executed += first.hart.retired;
    }
    EXPECT_GT(executed, 100'000u);
}

}  // namespace
}  // namespace tilewright::riscv::test
