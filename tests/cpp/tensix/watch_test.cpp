// One number of Dst, followed: which instructions are in its story, and with which numbers.
#include "tilewright/tensix/watch.hpp"

#include <gtest/gtest.h>

#include "message_of.hpp"
#include "pipeline.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

struct WatchedBench : Pipeline {
    using Pipeline::Pipeline;

    void run_watched(ElementWatch& watch, Op op, std::initializer_list<FieldValue> values) {
        const std::uint32_t word = encode(architecture, op, values);
        watch.before(*state, architecture, l1, {.cycle = 7, .thread = thread, .word = word});
        run(word);
        watch.after(*state, l1);
    }
    void set_sources(float of_a, float of_b) {
        for (auto& row : state->a.of_matrix().rows) row.fill(source_from_bf16(bf16_of(of_a)));
        for (auto& row : state->b.of_matrix().rows) row.fill(source_from_bf16(bf16_of(of_b)));
        set_formats(Format::bf16, Format::bf16);
        make_sources_valid();
    }
};

class Watch : public testing::TestWithParam<Architecture> {
protected:
    WatchedBench bench{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Chips, Watch, testing::ValuesIn(both_chips),
                         [](const testing::TestParamInfo<Architecture>& info) {
                             return info.param == Architecture::wormhole ? "Wormhole" : "Blackhole";
                         });

TEST_P(Watch, TakesTheInstructionsOfItsRows) {
    bench.set_sources(2, 3);
    bench.run(Op::zeroacc, {{"mode", 3}});
    ElementWatch watch({.tile = 1, .row = 2, .column = 20});  // in the face from row 80 on
    bench.run_watched(watch, Op::elwadd, {{"dst", 72}});
    EXPECT_TRUE(watch.steps().empty());
    bench.run_watched(watch, Op::elwsub, {{"dst", 80}});
    ASSERT_EQ(watch.steps().size(), 1u);
    const WatchedStep& step = watch.steps().front();
    EXPECT_EQ(step.kind, WatchedStep::Kind::matrix);
    EXPECT_EQ(step.dst_row, 82u);
    EXPECT_EQ(step.cycle, 7u);
    ASSERT_TRUE(step.operands);
    EXPECT_FALSE(step.operands->multiplies);
    EXPECT_EQ(step.operands->a.at(0).value, 2);
    EXPECT_EQ(step.operands->b.at(0).value, 3);
    EXPECT_FALSE(step.before.defined);
    EXPECT_EQ(float_of_bf16(static_cast<std::uint16_t>(step.after.bits)), -1);
}

TEST_P(Watch, FindsTheNumberInEitherHalfUnlessDstIsWhole) {
    bench.set_sources(1, 1);
    for (const bool full : {false, true}) {
        ElementWatch watch({.tile = 0, .row = 0, .column = 0, .full = full});
        bench.run_watched(watch, Op::elwadd, {{"dst", 0}});
        bench.run_watched(watch, Op::elwadd, {{"dst", 512}});
        EXPECT_EQ(watch.steps().size(), full ? 1u : 2u);
    }
    bench.set(config::fp32_dst, 1);  // whose second half begins at row 256
    ElementWatch watch({.tile = 0, .row = 0, .column = 0});
    bench.run_watched(watch, Op::elwadd, {{"dst", 256}});
    ASSERT_EQ(watch.steps().size(), 1u);
    EXPECT_EQ(watch.steps()[0].after, (DstNumber{true, Format::fp32, bits_of(2.0f)}));
}

TEST_P(Watch, PartsOfAllPhasesMakeTheNumbersWhole) {
    bench.set_sources(1.9921875f, -1.3359375f);
    double products = 0;
    for (std::uint32_t phase = 0; phase < 4; ++phase) {
        bench.state->threads[bench.thread].rows.fidelity = phase;
        ElementWatch watch({.tile = 0, .row = 3, .column = 3});
        bench.run_watched(watch, Op::elwmul, {{"dst", 0}});
        const MatrixOperands& operands = watch.steps().at(0).operands.value();
        EXPECT_EQ(operands.phase, phase);
        products += operands.a.at(0).part * operands.b.at(0).part;
    }
    EXPECT_EQ(products, 1.9921875 * -1.3359375);
}

TEST_P(Watch, IsOfANumberThatDstHas) {
    const auto refused = [](const DstElement& element) {
        return message_of<ArgumentError>([&] { ElementWatch{element}; });
    };
    // Sixteen tiles, eight in each half: the last row of the last one can be looked at.
    for (const bool full : {false, true}) {
        const std::uint32_t last = full ? 15 : 7;
        ElementWatch watch({.tile = last, .row = 31, .column = 31, .full = full});
        bench.run_watched(watch, Op::nop, {});
        EXPECT_NE(refused({.tile = last + 1, .full = full}).find("tiles 0 to"), std::string::npos);
    }
    EXPECT_NE(refused({.row = 32}).find("row 32"), std::string::npos);
    EXPECT_NE(refused({.column = 32}).find("column 32"), std::string::npos);
}

TEST_P(Watch, KeepsTheFirstStepsOfMany) {
    bench.set_sources(1, 1);
    ElementWatch watch({.tile = 0, .row = 0, .column = 0}, 3);
    for (int i = 0; i < 3; ++i) bench.run_watched(watch, Op::elwadd, {{"dst", 0}});
    EXPECT_TRUE(watch.complete());
    bench.run_watched(watch, Op::elwadd, {{"dst", 0}});
    EXPECT_FALSE(watch.complete());
    EXPECT_EQ(watch.steps().size(), 3u);
}

TEST_P(Watch, SeesWhereAPackerPutsTheNumber) {
    bench.set_sources(4, 5);
    ElementWatch watch({.tile = 0, .row = 6, .column = 9});
    bench.run_watched(watch, Op::elwmul, {{"dst", 0}});
    for (const Format out : {Format::bf16, Format::fp32, Format::bfp8}) {
        bench.state->packers[0] = {};
        bench.configure_packer(0, Format::bf16, out, 0x3000);
        bench.run_watched(watch, Op::pacr, {{"packers", 1}, {"last", 1}});
        const PackedNumber packed = watch.steps().back().packed.value();
        constexpr std::uint32_t index = 6 * 16 + 9;
        EXPECT_EQ(packed.format, out);
        if (out == Format::bf16) {
            EXPECT_EQ(packed.address, 0x3000 + index * 2);
            EXPECT_EQ(packed.bits, bf16_of(20));
        } else if (out == Format::fp32) {
            EXPECT_EQ(packed.address, 0x3000 + index * 4);
            EXPECT_EQ(packed.bits, bits_of(20.0f));
        } else {
            EXPECT_EQ(packed.exponent_address, 0x3000u + 6);
            EXPECT_EQ(packed.shared_exponent, 127 + 4);
            EXPECT_EQ(packed.bits, 0b1010000u);  // 20 = 1.25 * 2^4, in 7 bits
        }
    }
}

TEST_P(Watch, HasTheVectorInstructionsThatLeadToAStore) {
    bench.set(config::b_format, static_cast<std::uint32_t>(Format::bf16));
    bench.set_sources(1, 1);
    ElementWatch watch({.tile = 0, .row = 1, .column = 5, .full = true});
    bench.run_watched(watch, Op::elwadd, {{"dst", 0}});
    bench.run_watched(watch, Op::sfpload, {{"vd", 0}, {"dst", 2}});  // odd columns
    bench.run_watched(watch, Op::sfpload, {{"vd", 1}, {"dst", 2}});
    bench.run_watched(watch, Op::sfpstore, {{"vd", 1}, {"dst", 4}});  // other rows
    EXPECT_EQ(watch.steps().size(), 1u);
    bench.run_watched(watch, Op::sfpload, {{"vd", 3}, {"dst", 2}});
    bench.run_watched(watch, Op::sfpstore, {{"vd", 3}, {"dst", 2}});
    ASSERT_EQ(watch.steps().size(), 3u);
    EXPECT_EQ(watch.steps()[1].registers[3], bits_of(2.0f));
    EXPECT_EQ(watch.steps()[2].kind, WatchedStep::Kind::vector);
    EXPECT_EQ(watch.steps()[1].dst_row, watch.steps()[2].dst_row);
}

}  // namespace
}  // namespace tilewright::tensix
