// Products on the systolic arrays of a chip: values and cycles of whole commands, what a pass sees
// of memory and when, flags, snapshots in mid-pass, and what is refused.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/systolic/multiply.hpp"

using namespace tilewright;

namespace {

constexpr EngineId array0{EngineKind::systolic_array, 0};
constexpr MemoryRef scratchpad{MemoryKind::scratchpad, 0, 0};
const std::function<bool()> never = [] { return false; };

ChipConfig small_kpu() {
    ChipConfig config = preset("kpu");
    config.systolic_rows = 4;
    config.systolic_columns = 4;
    config.dram_bank_bytes = 1 << 20;
    config.host_memory_region_bytes = 1 << 20;
    return config;
}

MemoryRef at(std::uint64_t offset) {
    MemoryRef place = scratchpad;
    place.offset = offset;
    return place;
}
template <class T>
void put(Chip& chip, std::uint64_t offset, const std::vector<T>& values) {
    chip.write(at(offset), std::as_bytes(std::span(values)));
}
template <class T>
std::vector<T> get(const Chip& chip, std::uint64_t offset, std::size_t count) {
    std::vector<T> values(count);
    chip.read(at(offset), std::as_writable_bytes(std::span(values)));
    return values;
}

std::vector<float> random_floats(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& v : values) v = std::normal_distribution<float>()(random);
    return values;
}

// In ascending k, products and sums rounded separately.
std::vector<float> expected_product(const std::vector<float>& a, const std::vector<float>& b,
                                    GemmShape s, std::vector<float> sums = {}) {
    sums.resize(s.m * s.n);
    for (std::uint64_t i = 0; i < s.m; ++i) {
        for (std::uint64_t j = 0; j < s.n; ++j) {
            for (std::uint64_t k = 0; k < s.k; ++k) {
                const volatile float product = a[i * s.k + k] * b[k * s.n + j];
                sums[i * s.n + j] += product;
            }
        }
    }
    return sums;
}

constexpr std::uint64_t a_at = 0, b_at = 0x4000, c_at = 0x8000, bias_at = 0xc000;

ArrayMatmul product(const Chip& chip, GemmShape s) {
    ArrayMatmul work;
    const auto address = [&](std::uint64_t offset) {
        return chip.map().address(MemoryKind::scratchpad, 0, offset);
    };
    work.a = address(a_at);
    work.b = address(b_at);
    work.result = work.sums = address(c_at);
    work.bias = address(bias_at);
    work.m = static_cast<std::uint32_t>(s.m);
    work.n = static_cast<std::uint32_t>(s.n);
    work.k = static_cast<std::uint32_t>(s.k);
    return work;
}

std::vector<std::byte> saved(const Chip& chip) {
    ArchiveWriter archive;
    chip.save(archive);
    return archive.take();
}

}  // namespace

TEST(Array, ACommandTakesTheClosedFormAndGivesTheBitsOfTheRegisters) {
    for (const auto dataflow :
         {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary}) {
        const GemmShape s{10, 7, 9};
        Chip chip(small_kpu());
        const auto a = random_floats(s.m * s.k, 1), b = random_floats(s.k * s.n, 2);
        put(chip, a_at, a);
        put(chip, b_at, b);
        ArrayMatmul work = product(chip, s);
        work.dataflow = dataflow;
        chip.submit(array0, {.work = work});
        EXPECT_EQ(chip.run(~0ull, never), Chip::Outcome::ended);
        EXPECT_EQ(chip.now(), array_cycles({4, 4}, s, dataflow));
        EXPECT_EQ(get<float>(chip, c_at, s.m * s.n), expected_product(a, b, s));
        const ArrayCounters& done = chip.engines().array(array0.index).counters;
        EXPECT_EQ(done.macs, s.macs());
        EXPECT_EQ(done.passes, pass_count({4, 4}, s, dataflow));
        EXPECT_EQ(done.pass_cycles, chip.now());
    }
}

TEST(Array, ItAccumulatesAddsABiasAndActivatesWithTheVectorUnitsCycles) {
    const GemmShape s{6, 8, 5};
    Chip chip(small_kpu());
    const auto a = random_floats(s.m * s.k, 1), b = random_floats(s.k * s.n, 2);
    const auto c = random_floats(s.m * s.n, 3), bias = random_floats(s.n, 4);
    put(chip, a_at, a);
    put(chip, b_at, b);
    put(chip, c_at, c);
    put(chip, bias_at, bias);
    ArrayMatmul work = product(chip, s);
    work.accumulate = work.has_bias = true;
    work.activation = Activation::gelu;
    chip.submit(array0, {.work = work});
    EXPECT_EQ(chip.run(~0ull, never), Chip::Outcome::ended);

    std::vector<float> expected = expected_product(a, b, s, c);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = activate(Activation::gelu, expected[i] + bias[i % s.n]);
    }
    EXPECT_EQ(get<float>(chip, c_at, s.m * s.n), expected);
    // Four passes of 5 + 4 + 4 - 2 cycles, results of 4 x 4 and 2 x 4; 9 steps for each row of a
    // result. The unit works behind the array, and is the slower one here.
    const std::uint64_t vector = 9 * 4, last = 9 * 2;
    EXPECT_EQ(chip.now(), 11 + 2 * vector + 2 * last);
    EXPECT_EQ(chip.engines().array(array0.index).counters.vector_cycles, 2 * vector + 2 * last);
}

TEST(Array, AByteChangedInMidRunChangesExactlyTheResultsStillToCome) {
    const GemmShape s{4, 12, 6};  // three passes, each of 4 columns
    const auto a = random_floats(s.m * s.k, 1), b = random_floats(s.k * s.n, 2);
    auto changed = a;
    changed[0] += 1;
    const auto before = expected_product(a, b, s), after = expected_product(changed, b, s);
    const std::uint64_t pass = 6 + 4 + 4 - 2;
    for (std::uint64_t cycle = 0; cycle <= 3 * pass; ++cycle) {
        Chip chip(small_kpu());
        put(chip, a_at, a);
        put(chip, b_at, b);
        chip.submit(array0, {.work = product(chip, s)});
        // The change comes after everything that happens in this cycle.
        chip.run(cycle + 1, never);
        put(chip, a_at, changed);
        chip.run(~0ull, never);
        const auto result = get<float>(chip, c_at, s.m * s.n);
        for (std::uint64_t j = 0; j < s.n; ++j) {
            const bool begun = (j / 4) * pass <= cycle;
            ASSERT_EQ(result[j], begun ? before[j] : after[j]) << "column " << j << " at " << cycle;
        }
    }
}

TEST(Array, ResultsAreThereWhenTheirPassEndsAndNotBefore) {
    const GemmShape s{4, 8, 6};
    const auto a = random_floats(s.m * s.k, 1), b = random_floats(s.k * s.n, 2);
    const auto expected = expected_product(a, b, s);
    Chip chip(small_kpu());
    put(chip, a_at, a);
    put(chip, b_at, b);
    chip.submit(array0, {.work = product(chip, s)});
    const std::uint64_t pass = 12;
    for (std::uint64_t cycle = 0; cycle < 2 * pass; ++cycle) {
        chip.run(cycle + 1, never);  // all of `cycle` has happened
        const auto result = get<float>(chip, c_at, s.m * s.n);
        EXPECT_EQ(result[0], cycle >= pass ? expected[0] : 0.0F) << cycle;
        EXPECT_EQ(result[4], 0.0F) << cycle;
    }
    chip.run(2 * pass + 1, never);
    EXPECT_EQ(get<float>(chip, c_at, s.m * s.n), expected);
}

TEST(Array, ASnapshotInMidPassContinuesEqual) {
    for (const auto dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary}) {
        const GemmShape s{9, 10, 11};
        const auto make = [&](Chip& chip) {
            put(chip, a_at, random_floats(s.m * s.k, 1));
            put(chip, b_at, random_floats(s.k * s.n, 2));
            ArrayMatmul work = product(chip, s);
            work.dataflow = dataflow;
            work.activation = Activation::silu;
            chip.submit(array0, {.work = work});
            chip.submit(array0, {.work = work});
        };
        Chip whole(small_kpu());
        make(whole);
        whole.run(~0ull, never);
        for (std::uint64_t cycle = 1; cycle < whole.now(); cycle += 13) {
            Chip first(small_kpu()), second(small_kpu());
            make(first);
            first.run(cycle, never);
            const auto bytes = saved(first);
            ArchiveReader archive(bytes);
            second.load(archive, [](std::span<const std::uint32_t>, const EngineState&) {});
            ASSERT_EQ(saved(second), bytes);
            second.run(~0ull, never);
            ASSERT_EQ(second.now(), whole.now());
            ASSERT_EQ(saved(second), saved(whole)) << cycle;
        }
    }
}

TEST(Array, ACommandWaitsForAllItsFlags) {
    Chip chip(small_kpu());
    const GemmShape s{1, 1, 1};
    put(chip, a_at, std::vector<float>{2});
    put(chip, b_at, std::vector<float>{3});
    for (const std::uint32_t flag : {1, 2, 3}) chip.make_host_flag(flag);
    chip.submit(array0, {.work = product(chip, s),
                         .wait_flag = 1,
                         .wait_value = 1,
                         .more_waits = {{{2, 2}, {3, 1}}},
                         .done_flag = 4,
                         .done_increment = 5});
    for (const std::uint32_t flag : {3, 1, 2}) {
        EXPECT_EQ(chip.run(~0ull, never), Chip::Outcome::idle);
        EXPECT_EQ(chip.engines().flag(4), 0U);
        chip.add_to_flag(flag, flag);
    }
    EXPECT_EQ(chip.run(~0ull, never), Chip::Outcome::ended);
    EXPECT_EQ(chip.engines().flag(4), 5U);
    EXPECT_EQ(get<float>(chip, c_at, 1), std::vector<float>{6});
}

TEST(Array, NarrowTypesAreWidenedAndNarrowed) {
    Chip chip(small_kpu());
    const GemmShape s{2, 2, 3};
    put(chip, a_at, std::vector<std::int8_t>{1, -2, 3, 127, 127, 127});
    put(chip, b_at, std::vector<std::int8_t>{1, -128, 1, -128, 1, -128});
    ArrayMatmul work = product(chip, s);
    work.type = DataType::int8;
    work.out = DataType::int32;
    chip.submit(array0, {.work = work});
    chip.run(~0ull, never);
    EXPECT_EQ(get<std::int32_t>(chip, c_at, 4), (std::vector<std::int32_t>{2, -256, 381, -48768}));

    std::vector<std::uint16_t> halves;
    for (const float v : {1.5F, -2.0F, 0.25F, 3.0F, 1.0F, 1.0F})
        halves.push_back(float_to_float16(v));
    put(chip, a_at, halves);
    put(chip, b_at, halves);
    work.type = work.out = DataType::float16;
    chip.submit(array0, {.work = work});
    chip.run(~0ull, never);
    std::vector<float> result;
    for (const auto bits : get<std::uint16_t>(chip, c_at, 4))
        result.push_back(float16_to_float(bits));
    EXPECT_EQ(result, (std::vector<float>{2, -8.75F, 5.75F, -2}));
}

TEST(Array, WhatCannotBeIsRefusedByNameAndNothingHappens) {
    Chip chip(small_kpu());
    const GemmShape s{4, 4, 4};
    const auto refused = [&](ArrayMatmul work, const char* expected) {
        try {
            chip.submit(array0, {.work = work});
            ADD_FAILURE() << "not refused: " << expected;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
        }
        EXPECT_EQ(chip.engines().busy(), 0U);
    };
    const auto change = [&](auto edit) {
        ArrayMatmul work = product(chip, s);
        edit(work);
        return work;
    };
    refused(change([](auto& w) { w.k = 0; }), "at least 1");
    refused(change([](auto& w) { w.a = GlobalAddress{value(w.a) + 2}; }), "not aligned");
    refused(change([](auto& w) { w.result = w.a; }), "a overlaps the result");
    refused(change([](auto& w) { w.b_stride = 8; }), "the rows of b overlap");
    refused(change([](auto& w) { w.m = 1 << 20; }), "");
    refused(change([](auto& w) { w.a = GlobalAddress{0x100000000}; }), "DRAM bank 0");
    refused(change([](auto& w) { w.out = DataType::int32; }), "cannot be written as int32");
    refused(change([](auto& w) {
                w.accumulate = true;
                w.sums = GlobalAddress{value(w.sums) + 4};
            }),
            "sums overlap the result");
    const EngineId missing{EngineKind::systolic_array, 2};
    EXPECT_THROW(chip.submit(missing, {.work = product(chip, s)}), AddressError);
    const EngineId dma{EngineKind::dma, 0};
    EXPECT_THROW(chip.submit(dma, {.work = product(chip, s)}), ArgumentError);
}
