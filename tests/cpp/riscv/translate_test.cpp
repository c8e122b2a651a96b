// Translated code does what the interpreter does: the same state wherever a run is cut.
//
// TILEWRIGHT_RANDOM_PROGRAMS sets how many random programs are tried (default 2: each takes the
// compiler a while).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mixed_machine.hpp"
#include "riscv/translate/emit.hpp"
#include "runtime/compile_cache.hpp"
#include "runtime/translation_files.hpp"
#include "tilewright/base/dirty_chunks.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv::test {
namespace {

/// Entered where a run is at least so long. Compiled with the build's zig, without a cache.
std::shared_ptr<const Translation> compiled(const Code& code, const ProgramEntries& entries,
                                            const WindowPlaces& places,
                                            const std::vector<std::uint32_t>& functions,
                                            double least = least_run) {
    const ScratchFolder scratch(std::filesystem::temp_directory_path());
    const auto object =
        compile_shared_object(emit(code, entries, places, "a key", functions, least),
                              find_toolchain(TILEWRIGHT_TEST_ZIG));
    const std::filesystem::path path = scratch.path() / "translation.so";
    write_file_atomically(path, object.value());
    auto translation = Translation::load(path);
    EXPECT_EQ(translation->key(), "a key");
    EXPECT_TRUE(std::ranges::equal(translation->functions(), functions));
    return translation;
}

std::unique_ptr<Code> translated(const Code& code) {
    auto copy = std::make_unique<Code>(code.text(), code.base(), code.isa(), code.timing());
    copy->adopt(compiled(code, {{code.base()}, {}}, {far_base, far_base + 1024}, {code.base()}, 0));
    return copy;
}

/// With a part of direct memory, of which stores to a part that is not dirty go to the bus.
class DirectMachine : public MixedMachine {
public:
    DirectMachine() {
        memory.direct = {far_base + 2048, 2048, far.data() + 2048};
        memory.direct_stored = &dirty;
    }
    DirtyChunks dirty{2048};
};

int programs() {
    const char* const wanted = std::getenv("TILEWRIGHT_RANDOM_PROGRAMS");
    return wanted != nullptr ? std::atoi(wanted) : 2;
}

template <class Machine>
void expect_same_at_stops(const Code& plain, const Code& fast, std::uint64_t step,
                          std::uint64_t window) {
    Machine a;
    Machine b;
    for (Stop stop = Stop::limit; stop != Stop::environment && !::testing::Test::HasFailure();) {
        for (Machine* machine : {&a, &b}) {
            machine->limits.max_retired = a.hart.retired + step;
            machine->limits.edge = a.hart.cycles + window;
        }
        stop = b.run(fast);
        ASSERT_EQ(stop, a.run(plain));
        expect_same(a, b);
    }
}

TEST(Translate, RandomProgramsAgreeAtEveryStop) {
    std::uint64_t carried_out = 0;
    for (int seed = 0; seed < programs(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Subject subject(1000 + static_cast<std::uint64_t>(seed), 800);
        const auto fast = translated(*subject.code);
        constexpr std::uint64_t never = 1'000'000;
        for (const std::uint64_t step : {1, 2, 7, 40, 1000}) {
            expect_same_at_stops<MixedMachine>(*subject.code, *fast, step, never);
        }
        for (const std::uint64_t window : {1, 5, 30, 300}) {
            expect_same_at_stops<MixedMachine>(*subject.code, *fast, never, window);
            expect_same_at_stops<DirectMachine>(*subject.code, *fast, never, window);
        }
        MixedMachine machine;
        ASSERT_EQ(machine.run(*fast), Stop::environment);
        carried_out += machine.context.translated();
    }
    EXPECT_GT(carried_out, 100u);
}

/// A program with all that translated code writes in a way of its own: loops, calls and returns, a
/// table of jumps, forward branches that go one way and the other, divisions.
struct Everyday {
    Everyday() {
        constexpr Word table = image_base;
        Program p;
        p.li(2, near_base + 1024).li(8, 0).li(9, 200).li(18, far_base).li(19, table);
        const Word loop = p.size();
        p.add(Op::andi, {.rd = 10, .rs1 = 8, .imm = 3});
        p.add(Op::sh2add, {.rd = 10, .rs1 = 10, .rs2 = 19});
        p.add(Op::lw, {.rd = 10, .rs1 = 10});
        p.add(Op::jalr, {.rd = 0, .rs1 = 10});
        for (Word arm = 0; arm < 4; ++arm) {
            targets.push_back(text_base + p.size());
            p.li(11, arm * 77 + 1);
            p.add(Op::mul, {.rd = 11, .rs1 = 11, .rs2 = 8});
            // Over the next three arms, each of four instructions, to the call.
            p.add(Op::jal, {.rd = 0, .imm = static_cast<std::int32_t>(4 + 16 * (3 - arm))});
            while (p.size() % 16 != (targets.front() - text_base) % 16) p.addi(0, 0, 0);
        }
        p.add(Op::jal, {.rd = 1, .imm = 12});
        p.add(Op::bltu, {.rs1 = 8, .rs2 = 9, .imm = static_cast<std::int32_t>(loop - p.size())});
        p.ecall();
        called = text_base + p.size();
        p.addi(2, 2, -16);
        p.add(Op::sw, {.rs1 = 2, .rs2 = 1, .imm = 12});
        p.addi(8, 8, 1);
        p.add(Op::andi, {.rd = 12, .rs1 = 8, .imm = 6});
        p.add(Op::bne, {.rs1 = 12, .rs2 = 0, .imm = 12});
        p.add(Op::divu, {.rd = 13, .rs1 = 11, .rs2 = 12});
        p.add(Op::rem, {.rd = 14, .rs1 = 11, .rs2 = 8});
        p.add(Op::sb, {.rs1 = 18, .rs2 = 11, .imm = 5});
        p.add(Op::lh, {.rd = 15, .rs1 = 18, .imm = 4});
        p.add(Op::lw, {.rd = 1, .rs1 = 2, .imm = 12});
        p.addi(2, 2, 16);
        p.add(Op::jalr, {.rd = 0, .rs1 = 1});
        code = std::make_unique<Code>(p.bytes(), text_base, everything(), Timing{});
        functions = {text_base};
    }
    void put_table(FlatMachine& machine) const {
        std::memcpy(machine.image.data(), targets.data(), 4 * targets.size());
    }
    std::unique_ptr<Code> code;
    std::vector<std::uint32_t> functions;
    std::vector<std::uint32_t> targets;
    std::uint32_t called = 0;  ///< where another one begins, if it is told of
};

class EverydayTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        program = new Everyday;
        translation = compiled(*program->code, {program->functions, program->targets},
                               {near_base, far_base}, program->functions);
    }
    static void TearDownTestSuite() {
        delete program;
        translation.reset();
    }
    static std::unique_ptr<Code> fresh() {
        const Code& code = *program->code;
        return std::make_unique<Code>(code.text(), code.base(), code.isa(), code.timing());
    }
    static void prepare(FlatMachine& machine) {
        program->put_table(machine);
        machine.start();
    }
    inline static Everyday* program = nullptr;
    inline static std::shared_ptr<const Translation> translation;
};

TEST_F(EverydayTest, IsCarriedOutByTranslatedCode) {
    FlatMachine interpreted;
    prepare(interpreted);
    ASSERT_EQ(interpreted.run(*program->code), Stop::environment);
    EXPECT_EQ(interpreted.context.translated(), 0u);
    EXPECT_EQ(interpreted.hart.x[8], 200u);

    const auto code = fresh();
    code->adopt(translation);
    FlatMachine machine;
    prepare(machine);
    ASSERT_EQ(machine.run(*code), Stop::environment);
    EXPECT_TRUE(machine.hart == interpreted.hart);
    EXPECT_TRUE(machine.near == interpreted.near && machine.far == interpreted.far);
    EXPECT_EQ(machine.context.translated(), machine.hart.retired - 1);  // but for the ecall
}

TEST_F(EverydayTest, PartsMakeUpTheWhole) {
    FlatMachine interpreted;
    prepare(interpreted);
    ASSERT_EQ(interpreted.run(*program->code), Stop::environment);

    const std::vector<std::uint32_t> both = {text_base, program->called};
    const auto part = [&](std::uint32_t function) {
        return compiled(*program->code, {both, program->targets}, {near_base, far_base},
                        {function});
    };
    const auto caller = part(both[0]);
    const auto called = part(both[1]);
    using Parts = std::vector<std::shared_ptr<const Translation>>;
    std::vector<std::uint64_t> carried_out;
    for (const Parts& parts : {Parts{caller}, Parts{called}, Parts{caller, called}}) {
        const auto code = fresh();
        FlatMachine machine;
        prepare(machine);
        machine.limits.max_retired = 500;  // some blocks are made before
        ASSERT_EQ(machine.run(*code), Stop::limit);
        for (const auto& translation : parts) code->adopt(translation);
        machine.limits = {};
        ASSERT_EQ(machine.run(*code), Stop::environment);
        EXPECT_TRUE(machine.hart == interpreted.hart);
        EXPECT_TRUE(machine.near == interpreted.near && machine.far == interpreted.far);
        carried_out.push_back(machine.context.translated());
    }
    EXPECT_GT(carried_out[0], 1000u);
    EXPECT_GT(carried_out[1], 1000u);
    EXPECT_EQ(carried_out[0] + carried_out[1], carried_out[2]);
}

TEST_F(EverydayTest, IsTakenWhileItRuns) {
    FlatMachine interpreted;
    prepare(interpreted);
    ASSERT_EQ(interpreted.run(*program->code), Stop::environment);

    const auto code = fresh();
    FlatMachine machine;
    prepare(machine);
    machine.limits.max_retired = 1003;
    ASSERT_EQ(machine.run(*code), Stop::limit);
    EXPECT_EQ(machine.context.translated(), 0u);
    code->adopt(translation);
    machine.limits.max_retired = 2001;
    ASSERT_EQ(machine.run(*code), Stop::limit);
    EXPECT_GT(machine.context.translated(), 900u);
    // ... and the interpreter goes on with what translated code has left.
    machine.limits = {};
    ASSERT_EQ(machine.run(*fresh()), Stop::environment);
    EXPECT_TRUE(machine.hart == interpreted.hart);
}

TEST_F(EverydayTest, ThreadsTakeItWhileTheyRun) {
    FlatMachine interpreted;
    prepare(interpreted);
    ASSERT_EQ(interpreted.run(*program->code), Stop::environment);

    const auto code = fresh();
    std::array<FlatMachine, 3> machines;
    std::vector<std::thread> threads;
    for (FlatMachine& machine : machines) {
        prepare(machine);
        threads.emplace_back([&] { machine.run(*code); });
    }
    code->adopt(translation);
    for (std::thread& thread : threads) thread.join();
    for (const FlatMachine& machine : machines) {
        EXPECT_TRUE(machine.hart == interpreted.hart);
        EXPECT_TRUE(machine.far == interpreted.far);
    }
}

TEST_F(EverydayTest, StepsAsideWhereAllGoesToTheBus) {
    const auto code = fresh();
    code->adopt(translation);
    FlatMachine machine;
    machine.memory.near = machine.memory.far = machine.memory.far_store = {};
    prepare(machine);
    machine.run(*code);
    EXPECT_EQ(machine.context.translated(), 0u);
}

TEST_F(EverydayTest, IsNotTakenWhereCallsAreTold) {
    const Code& plain = *program->code;
    const Code code(plain.text(), plain.base(), plain.isa(), plain.timing(),
                    std::vector<std::uint32_t>{text_base});
    code.adopt(translation);
    EXPECT_TRUE(code.translations().empty());
}

TEST_F(EverydayTest, EndsWhenTheTextChanges) {
    const auto code = fresh();
    code->adopt(translation);
    std::vector<std::byte> text = code->text();
    ASSERT_FALSE(code->update(text));
    EXPECT_FALSE(code->translations().empty());
    Program p;
    p.ecall();
    std::ranges::copy(p.bytes(), text.begin());
    ASSERT_TRUE(code->update(text));
    EXPECT_TRUE(code->translations().empty());
    FlatMachine machine;
    prepare(machine);
    EXPECT_EQ(machine.run(*code), Stop::environment);
    EXPECT_EQ(machine.hart.retired, 1u);
}

TEST_F(EverydayTest, IsFaultedAsByTheInterpreter) {
    for (const Word target : {0u, text_base + 2, text_base + 0x10'0000, far_base}) {
        const auto code = fresh();
        std::array<FlatMachine, 2> machines;
        code->adopt(translation);
        for (FlatMachine& machine : machines) {
            prepare(machine);
            std::memcpy(machine.image.data() + 8, &target, 4);  // the third jump of the table
        }
        ASSERT_EQ(machines[0].run(*program->code), Stop::fault);
        ASSERT_EQ(machines[1].run(*code), Stop::fault);
        EXPECT_TRUE(machines[0].hart == machines[1].hart);
        EXPECT_EQ(machines[0].fault.cause, machines[1].fault.cause);
        EXPECT_EQ(machines[0].fault.pc, machines[1].fault.pc);
        EXPECT_EQ(machines[0].fault.address, machines[1].fault.address);
    }
}

TEST(Translate, WhatIsNoTranslationIsRefused) {
    const ScratchFolder scratch(std::filesystem::temp_directory_path());
    const std::filesystem::path path = scratch.path() / "no.so";
    EXPECT_THROW(Translation::load(path), FileError);
    write_file_atomically(path, "no shared object");
    EXPECT_THROW(Translation::load(path), FileError);
}

}  // namespace
}  // namespace tilewright::riscv::test
