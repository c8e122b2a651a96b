// Single instructions, in stories of a few bytes: arithmetic, branches, calls, variables, errors.
#include <gtest/gtest.h>

#include "player.hpp"
#include "tiny_story.hpp"
#include "zmachine/memory.hpp"

namespace tilewright::zmachine::test {
namespace {

std::uint32_t global(const Machine& m, std::uint32_t number) {
    return load_word(m, tiny_globals + 2 * (number - 16));
}

/// Runs code that ends with quit, and gives the machine.
std::unique_ptr<Machine> finish(std::vector<std::uint8_t> code) {
    code.push_back(op_quit);
    auto m = open(tiny_story(code));
    run(*m, 100'000);
    return m;
}

/// A two-operand opcode in variable form, both operands large constants, result in global 16.
std::vector<std::uint8_t> binary(std::uint32_t opcode, int a, int b) {
    std::vector<std::uint8_t> code;
    const auto x = static_cast<std::uint32_t>(a);
    const auto y = static_cast<std::uint32_t>(b);
    emit(code, {0xC0 | opcode, 0x0F, x >> 8 & 0xFF, x & 0xFF, y >> 8 & 0xFF, y & 0xFF, 16});
    return code;
}

struct Arithmetic {
    std::uint32_t opcode;
    int (*expected)(int, int);
};

class ArithmeticTest : public testing::TestWithParam<Arithmetic> {};

TEST_P(ArithmeticTest, IsThatOfSixteenBits) {
    const std::vector<int> values = {0, 1, -1, 2, -2, 7, -7, 255, 256, 1000, -1000, 32767, -32768};
    for (const int a : values) {
        for (const int b : values) {
            const bool divides = GetParam().opcode == 0x17 || GetParam().opcode == 0x18;
            if (divides && b == 0) continue;
            const auto m = finish(binary(GetParam().opcode, a, b));
            ASSERT_EQ(m->control.status, Status::finished);
            EXPECT_EQ(static_cast<std::int16_t>(global(*m, 16)),
                      static_cast<std::int16_t>(GetParam().expected(a, b)))
                << "opcode " << GetParam().opcode << " of " << a << " and " << b;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ArithmeticTest,
                         testing::Values(Arithmetic{0x08, [](int a, int b) { return a | b; }},
                                         Arithmetic{0x09, [](int a, int b) { return a & b; }},
                                         Arithmetic{0x14, [](int a, int b) { return a + b; }},
                                         Arithmetic{0x15, [](int a, int b) { return a - b; }},
                                         Arithmetic{0x16, [](int a, int b) { return a * b; }},
                                         Arithmetic{0x17, [](int a, int b) { return a / b; }},
                                         Arithmetic{0x18, [](int a, int b) { return a % b; }}));

TEST(Arithmetic, DivisionByZeroIsAnErrorThatNamesItsPlace) {
    for (const std::uint32_t opcode : {0x17u, 0x18u}) {
        auto code = binary(opcode, 5, 0);
        code.insert(code.begin(), 0xB4);  // nop
        const auto m = finish(code);
        EXPECT_EQ(m->control.status, Status::error);
        EXPECT_EQ(m->control.error, Error::division_by_zero);
        EXPECT_EQ(m->control.error_pc, tiny_code + 1);
        EXPECT_EQ(m->control.error_opcode, 0xC0 | opcode);
    }
}

/// Whether `jg`, `jl` or `je` of two large constants reaches what it branches to. The branch is
/// `bytes`; at its target global 16 becomes 1, behind it 2.
std::uint32_t branch_result(std::uint32_t opcode, int a, int b, bool on_true, bool is_long) {
    const auto x = static_cast<std::uint32_t>(a);
    const auto y = static_cast<std::uint32_t>(b);
    std::vector<std::uint8_t> code;
    emit(code, {0xC0 | opcode, 0x0F, x >> 8 & 0xFF, x & 0xFF, y >> 8 & 0xFF, y & 0xFF});
    const std::uint32_t sense = on_true ? 0x80 : 0;
    // Over `store 16 2; quit`, which is 4 bytes.
    if (is_long) {
        emit(code, {sense, 4 + 2});
    } else {
        emit(code, {sense | 0x40 | (4 + 2)});
    }
    emit(code, {0x0D, 16, 2, op_quit, 0x0D, 16, 1});
    return global(*finish(code), 16);
}

TEST(Branch, GoesByConditionAndSense) {
    for (const bool is_long : {false, true}) {
        for (const bool sense : {false, true}) {
            for (const auto& [a, b] : {std::pair{1, 2}, {2, 1}, {5, 5}, {-1, 1}, {-32768, 32767}}) {
                EXPECT_EQ(branch_result(0x01, a, b, sense, is_long), (a == b) == sense ? 1 : 2);
                EXPECT_EQ(branch_result(0x02, a, b, sense, is_long), (a < b) == sense ? 1 : 2);
                EXPECT_EQ(branch_result(0x03, a, b, sense, is_long), (a > b) == sense ? 1 : 2);
            }
        }
    }
}

TEST(Branch, LongOffsetsGoBack) {
    // Counts global 16 up to 9: inc_chk 16 8, branch back to itself if false.
    const auto m = finish({0x05, 16, 8, 0x3F, 0xFD});
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(global(*m, 16), 9);
    EXPECT_EQ(m->control.instructions, 10);  // 9 times inc_chk, and quit
}

TEST(Branch, OffsetsZeroAndOneReturn) {
    for (const std::uint32_t value : {0u, 1u}) {
        // call routine -> 16; quit. The routine, 8 bytes on, says: jz 0, return `value`.
        const std::uint32_t packed = (tiny_code + 8) / 2;
        std::vector<std::uint8_t> code;
        emit(code, {0xE0, 0x3F, packed >> 8, packed & 0xFF, 16, op_quit, 0, 0});
        emit(code, {0, 0x90, 0, 0xC0 | value, op_quit});
        const auto m = finish(code);
        EXPECT_EQ(m->control.status, Status::finished);
        EXPECT_EQ(m->control.frames, 0);
        EXPECT_EQ(global(*m, 16), value);
        EXPECT_EQ(m->control.instructions, 3);
    }
}

TEST(Jump, IsRelativeAndSigned) {
    // jump over quit; then back to it.
    const auto m = finish({0x8C, 0, 3, op_quit, 0x0D, 16, 7, 0x8C, 0xFF, 0xFB});
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(global(*m, 16), 7);
}

TEST(Jump, OutOfTheStoryIsAnError) {
    const auto m = finish({0x8C, 0x7F, 0xFF});
    EXPECT_EQ(m->control.error, Error::jump_outside_story);
}

TEST(Call, ArgumentsReplaceInitialValues) {
    // call routine 11 22 -> 16. Its three locals start as 1, 2, 3; it gives L1 + L2 + L3.
    const std::uint32_t packed = (tiny_code + 8) / 2;
    std::vector<std::uint8_t> code;
    emit(code, {0xE0, 0x17, packed >> 8, packed & 0xFF, 11, 22, 16, op_quit});
    emit(code, {3, 0, 1, 0, 2, 0, 3, 0x74, 1, 2, 0, 0x74, 0, 3, 0, 0xAB, 0});
    EXPECT_EQ(global(*finish(code), 16), 11 + 22 + 3);
}

TEST(Call, OfAddressZeroGivesZero) {
    const auto m = finish({0x0D, 16, 9, 0xE0, 0x3F, 0, 0, 16});
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(global(*m, 16), 0);
}

TEST(Call, WithoutEndIsAStackOverflow) {
    const std::uint32_t packed = tiny_code / 2;
    // The code's first byte, 0, also makes it a routine without locals.
    std::vector<std::uint8_t> code;
    emit(code, {0, 0xE0, 0x3F, packed >> 8, packed & 0xFF, 0});
    auto story = tiny_story(code);
    set_word(story, 0x06, tiny_code + 1);
    const auto m = open(story);
    run(*m, 1'000'000);
    EXPECT_EQ(m->control.error, Error::stack_overflow);
    EXPECT_EQ(m->control.frames, max_frames);
}

TEST(Stack, OverflowAndUnderflowAreErrors) {
    EXPECT_EQ(finish({0xE8, 0x7F, 1, 0x8C, 0xFF, 0xFC})->control.error, Error::stack_overflow);
    EXPECT_EQ(finish({0xE9, 0x7F, 16})->control.error, Error::stack_underflow);
    EXPECT_EQ(finish({0xB8})->control.error, Error::stack_underflow);
}

TEST(Variables, NamedByAnOperandAreReadInPlace) {
    // push 5; load sp -> 16; inc sp; pull 17
    const auto m = finish({0xE8, 0x7F, 5, 0x9E, 0, 16, 0x95, 0, 0xE9, 0x7F, 17});
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(global(*m, 16), 5);
    EXPECT_EQ(global(*m, 17), 6);
    EXPECT_EQ(m->control.sp, 0);
}

TEST(Memory, OnlyDynamicMemoryIsWritten) {
    const auto store_byte_at = [](std::uint32_t address) {
        std::vector<std::uint8_t> code;
        emit(code, {0xE2, 0x17, address >> 8, address & 0xFF, 0, 0x55});
        return finish(code);
    };
    const auto last = store_byte_at(tiny_static - 1);
    EXPECT_EQ(last->control.status, Status::finished);
    EXPECT_EQ(last->memory[tiny_static - 1], 0x55);
    const auto beyond = store_byte_at(tiny_static);
    EXPECT_EQ(beyond->control.error, Error::store_outside_dynamic);
    EXPECT_EQ(beyond->memory[tiny_static], 0);
}

TEST(Memory, AddressesOfTablesWrapAtSixteenBits) {
    // loadb 0xFFFF + (tiny_globals + 1 + 1) is the second byte of global 16.
    const auto m = finish({0x0D, 16, 0x5A, 0xD0, 0x0F, 0xFF, 0xFF, 0, tiny_globals + 2, 17});
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(global(*m, 17), 0x5A);
}

TEST(Opcode, ThatDoesNotExistIsAnError) {
    for (const std::uint8_t opcode : {0x00, 0x1F, 0x88, 0xBF, 0xFF}) {
        const auto m = finish({opcode, 0x0F, 0, 0, 0, 0});
        EXPECT_EQ(m->control.status, Status::error);
        EXPECT_EQ(m->control.error, Error::illegal_opcode) << int{opcode};
        EXPECT_EQ(m->control.error_pc, tiny_code);
    }
}

TEST(Code, ThatRunsOffTheStoryIsAnError) {
    std::vector<std::uint8_t> code(tiny_bytes - tiny_code - 1, 0xB4);
    const auto m = finish(code);
    EXPECT_EQ(m->control.status, Status::finished);
    auto story = tiny_story(code);
    story.back() = 0xB4;
    const auto off = open(story);
    run(*off, 100'000);
    EXPECT_EQ(off->control.error, Error::illegal_opcode);
    EXPECT_EQ(off->control.error_pc, tiny_bytes);
}

TEST(ObjectZero, IsToleratedAndMentionedOnce) {
    // get_parent 0 -> 16, twice; set_attr 0 1
    const auto code = std::vector<std::uint8_t>{0x93, 0, 16, 0x93, 0, 16, 0x0B, 0, 1, op_quit};
    const auto m = open(tiny_story(code));
    EXPECT_EQ(run(*m, 100),
              "Warning: @get_parent called with object 0 (PC = e02) (will ignore further "
              "occurrences)\n"
              "Warning: @set_attr called with object 0 (PC = e09) (will ignore further "
              "occurrences)\n");
    EXPECT_EQ(m->control.status, Status::finished);
}

}  // namespace
}  // namespace tilewright::zmachine::test
