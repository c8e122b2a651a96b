// The schedule of the array against its closed forms, against what others have published, and
// against the same array register by register.
#include "tilewright/engine/systolic/systolic.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/engine/systolic/array_model.hpp"

using namespace tilewright;

namespace {

constexpr Dataflow all_dataflows[] = {Dataflow::output_stationary, Dataflow::weight_stationary,
                                      Dataflow::input_stationary};

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

std::uint64_t closed_form(ArrayShape a, GemmShape g, Dataflow d) {
    const std::uint64_t r = a.rows, c = a.columns;
    switch (d) {
        case Dataflow::output_stationary:
            return ceil_div(g.m, r) * ceil_div(g.n, c) * (g.k + r + c - 2);
        case Dataflow::weight_stationary:
            return ceil_div(g.k, r) * ceil_div(g.n, c) * (g.m + 2 * r + c - 2);
        case Dataflow::input_stationary:
            break;
    }
    return ceil_div(g.k, r) * ceil_div(g.m, c) * (g.n + 2 * r + c - 2);
}

struct Layer {
    std::uint64_t height, width, kernel, channels, filters, stride, padding;
};
// ResNet-18 on one image of 224 x 224: 20 convolutions and the fully connected layer.
std::vector<Layer> resnet18() {
    std::vector<Layer> layers = {{224, 224, 7, 3, 64, 2, 3}};
    for (int i = 0; i < 4; ++i) layers.push_back({56, 56, 3, 64, 64, 1, 1});
    for (std::uint64_t stage = 0; stage < 3; ++stage) {
        const std::uint64_t side = 56 >> stage, in = 64 << stage, out = in * 2;
        layers.push_back({side, side, 3, in, out, 2, 1});
        layers.push_back({side / 2, side / 2, 3, out, out, 1, 1});
        layers.push_back({side, side, 1, in, out, 2, 0});
        layers.push_back({side / 2, side / 2, 3, out, out, 1, 1});
        layers.push_back({side / 2, side / 2, 3, out, out, 1, 1});
    }
    layers.push_back({1, 1, 1, 512, 1000, 1, 0});
    return layers;
}
std::uint64_t cycles_of(const std::vector<Layer>& layers) {
    std::uint64_t cycles = 0;
    for (const Layer& l : layers) {
        const std::uint64_t padding = 2 * l.padding;
        const std::uint64_t rows = (l.height + padding - l.kernel) / l.stride + 1;
        const std::uint64_t columns = (l.width + padding - l.kernel) / l.stride + 1;
        cycles +=
            array_cycles({128, 128}, {rows * columns, l.filters, l.kernel * l.kernel * l.channels},
                         Dataflow::weight_stationary);
    }
    return cycles;
}

}  // namespace

TEST(Systolic, CyclesAreTheClosedForms) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 20000; ++i) {
        const ArrayShape array{static_cast<std::uint32_t>(1 + random() % 256),
                               static_cast<std::uint32_t>(1 + random() % 256)};
        const GemmShape gemm{1 + random() % 10000, 1 + random() % 10000, 1 + random() % 10000};
        for (const Dataflow dataflow : all_dataflows) {
            const std::uint64_t cycles = array_cycles(array, gemm, dataflow);
            ASSERT_EQ(cycles, closed_form(array, gemm, dataflow));
            ASSERT_LE(gemm.macs(), cycles * array.rows * array.columns);
        }
    }
}

TEST(Systolic, PassesCoverTheProductOnceAndInAscendingK) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 200; ++i) {
        const ArrayShape array{static_cast<std::uint32_t>(1 + random() % 8),
                               static_cast<std::uint32_t>(1 + random() % 8)};
        const GemmShape gemm{1 + random() % 20, 1 + random() % 20, 1 + random() % 20};
        for (const Dataflow dataflow : all_dataflows) {
            std::vector<std::uint64_t> next_k(gemm.m * gemm.n);
            std::uint64_t cycles = 0;
            for (std::uint64_t p = 0; p < pass_count(array, gemm, dataflow); ++p) {
                const Pass pass = pass_at(array, gemm, dataflow, p);
                cycles += pass.cycles;
                ASSERT_EQ(pass.starts, pass.first_k == 0);
                ASSERT_EQ(pass.ends, pass.first_k + pass.k == gemm.k);
                for (std::uint64_t m = pass.first_m; m < pass.first_m + pass.m; ++m) {
                    for (std::uint64_t n = pass.first_n; n < pass.first_n + pass.n; ++n) {
                        ASSERT_EQ(next_k.at(m * gemm.n + n), pass.first_k);
                        next_k[m * gemm.n + n] += pass.k;
                    }
                }
            }
            ASSERT_EQ(cycles, array_cycles(array, gemm, dataflow));
            for (const std::uint64_t k : next_k) ASSERT_EQ(k, gemm.k);
        }
    }
}

TEST(Systolic, AnEmptyProductTakesNoPass) {
    for (const Dataflow dataflow : all_dataflows) {
        EXPECT_EQ(pass_count({16, 16}, {0, 4, 4}, dataflow), 0U);
        EXPECT_EQ(array_cycles({16, 16}, {4, 4, 0}, dataflow), 0U);
    }
}

TEST(Systolic, ResNet18TakesThePublishedCycles) {
    EXPECT_EQ(cycles_of(resnet18()), 441602U);
    EXPECT_EQ(resnet18().size(), 21U);
}

TEST(Systolic, EveryPassTakesWhatItsRegistersTake) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 60; ++i) {
        const auto size = [&](std::uint32_t most) {
            return static_cast<std::uint32_t>(1 + random() % most);
        };
        const ArrayShape array{size(i < 6 ? 64 : 12), size(i < 6 ? 64 : 12)};
        const GemmShape gemm{size(30), size(30), size(30)};
        for (const Dataflow dataflow : all_dataflows) {
            std::uint64_t cycles = 0;
            std::uint64_t macs = 0;
            for (std::uint64_t p = 0; p < pass_count(array, gemm, dataflow); ++p) {
                const Pass pass = pass_at(array, gemm, dataflow, p);
                const std::vector<float> a(pass.m * pass.k), b(pass.k * pass.n);
                std::vector<float> sums(pass.m * pass.n);
                ArrayModel<float> model(array, dataflow);
                model.begin(a, b, sums, static_cast<std::uint32_t>(pass.m),
                            static_cast<std::uint32_t>(pass.n), static_cast<std::uint32_t>(pass.k));
                ASSERT_EQ(model.run(), pass.cycles);
                ASSERT_EQ(model.macs(), pass.macs());
                cycles += model.cycle();
                macs += model.macs();
            }
            ASSERT_EQ(cycles, array_cycles(array, gemm, dataflow));
            ASSERT_EQ(macs, gemm.macs());
        }
    }
}

TEST(Systolic, NamesAreReadBackAndUnknownOnesAreListed) {
    for (const Dataflow d : all_dataflows) EXPECT_EQ(dataflow(name_of(d)), d);
    EXPECT_EQ(dataflow("ws"), Dataflow::weight_stationary);
    try {
        dataflow("row_stationary");
        FAIL();
    } catch (const ArgumentError& error) {
        EXPECT_NE(std::string(error.what()).find("row_stationary"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("output_stationary"), std::string::npos);
    }
}
