// Which functions are compiled, and when: never before they are worth it, never twice.
#include "runtime/translation_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace tilewright {
namespace {

constexpr std::uint32_t base = 0x1000;
constexpr std::uint32_t nop = 0x0000'0013;
using Functions = std::vector<std::uint32_t>;

/// A program of no-operations with functions of these sizes, in instructions.
struct Subject {
    explicit Subject(const std::vector<std::uint32_t>& sizes) {
        std::uint32_t words = 0;
        for (const std::uint32_t size : sizes) {
            elf.functions.push_back({base + 4 * words, 4 * size, "f" + std::to_string(words)});
            words += size;
        }
        elf.entry = base;
        const std::vector<std::uint32_t> text(words, nop);
        code = std::make_unique<riscv::Code>(std::as_bytes(std::span(text)), base,
                                             riscv::parse_isa("rv32i"), riscv::Timing{});
        program = std::make_unique<TranslatedProgram>(elf, *code);
        plan = std::make_unique<TranslationPlan>(*program);
    }
    std::uint32_t operator[](std::size_t i) const { return elf.functions[i].address; }

    riscv::ElfImage elf;
    std::unique_ptr<riscv::Code> code;
    std::unique_ptr<TranslatedProgram> program;
    std::unique_ptr<TranslationPlan> plan;
};

constexpr std::uint64_t each = TranslationPlan::for_each;

TEST(TranslationPlan, KnowsTheSizesOfFunctions) {
    const Subject subject({10, 200, 3});
    EXPECT_EQ(subject.program->instructions(subject[0]), 10u);
    EXPECT_EQ(subject.program->instructions(subject[1]), 200u);
    EXPECT_EQ(subject.program->instructions(subject[2]), 3u);
    const Functions functions = {subject[0], subject[1], subject[2]};
    EXPECT_EQ(riscv::function_at(functions, base - 4), subject[0]);
    EXPECT_EQ(riscv::function_at(functions, subject[1] - 4), subject[0]);
    EXPECT_EQ(riscv::function_at(functions, subject[1]), subject[1]);
    EXPECT_EQ(riscv::function_at(functions, subject[2] + 4000), subject[2]);
}

TEST(TranslationPlan, TakesTheBusiestThatItCanPayFor) {
    const Subject subject({300, 400, 600, 50});
    TranslationPlan& plan = *subject.plan;
    const Functions blocks = {subject[0] + 8, subject[1], subject[2]};  // the last one never ran
    plan.interpreted(subject[1] + 4, TranslationPlan::least - 1);
    EXPECT_FALSE(plan.may_be_due());
    plan.interpreted(subject[0], 1);
    ASSERT_TRUE(plan.may_be_due());
    // 512 instructions are paid for: the second one, and not the first one beside it.
    EXPECT_EQ(plan.next_part(blocks), Functions{subject[1]});
    EXPECT_FALSE(plan.may_be_due());
    plan.interpreted(subject[2], 700 * each);
    ASSERT_TRUE(plan.may_be_due());
    EXPECT_EQ(plan.next_part(blocks), Functions{subject[2]});
    plan.interpreted(subject[2], 700 * each);
    EXPECT_EQ(plan.next_part(blocks), Functions{subject[0]});
    plan.interpreted(subject[2], 10'000 * each);
    EXPECT_EQ(plan.next_part(blocks), Functions{});
}

TEST(TranslationPlan, WaitsForWhatIsLarge) {
    const Subject subject({2000, 5, TranslationPlan::largest_function + 1});
    TranslationPlan& plan = *subject.plan;
    const Functions blocks = {subject[0], subject[1], subject[2]};
    plan.interpreted(subject[0], 1999 * each);
    EXPECT_EQ(plan.next_part(blocks), Functions{});
    EXPECT_FALSE(plan.may_be_due());
    plan.interpreted(subject[0], 1999 * each);
    EXPECT_TRUE(plan.may_be_due());
    EXPECT_EQ(plan.next_part(blocks), (Functions{subject[0], subject[1]}));
    plan.interpreted(subject[2], 100'000 * each);  // too large for ever
    EXPECT_EQ(plan.next_part(blocks), Functions{});
}

TEST(TranslationPlan, CoveredIsNotAskedForAgain) {
    const Subject subject({100, 100, 100});
    const Functions covered = {subject[1]};
    subject.plan->cover(covered);
    subject.plan->interpreted(subject[1], 1000 * each);
    const Functions blocks = {subject[2], subject[1], subject[0]};
    EXPECT_EQ(subject.plan->next_part(blocks), (Functions{subject[0], subject[2]}));
}

TEST(TranslationPlan, CutsAProgramIntoParts) {
    const std::uint32_t half = most_in_part / 2;
    const Subject subject({half, half, 1, half, half, 10});
    subject.plan->cover(std::array{subject[3]});
    const auto parts = subject.plan->all_parts();
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0], (Functions{subject[0], subject[1]}));
    EXPECT_EQ(parts[1], (Functions{subject[2], subject[4], subject[5]}));
}

}  // namespace
}  // namespace tilewright
