// Convolutions against the six plain loops, gathered directly and through a matrix in DRAM.
#include "tilewright/ops/convolution.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

using namespace tilewright;

namespace {

ChipConfig small_kpu() {
    ChipConfig config = preset("kpu");
    config.systolic_rows = config.systolic_columns = 4;
    return config;
}

std::vector<float> random_floats(std::uint64_t count, std::mt19937& random) {
    std::vector<float> values(count);
    for (float& v : values) v = std::normal_distribution<float>()(random);
    return values;
}

Buffer put(Device& device, const std::vector<float>& values, const Placement& placement) {
    Buffer buffer = device.allocate(values.size() * 4, placement);
    buffer.write(std::as_bytes(std::span(values)));
    return buffer;
}

// Sums in the order of filter rows, filter columns, channels; zeros around the image are added,
// too.
std::vector<float> expected(const Convolution& c, const std::vector<float>& images,
                            const std::vector<float>& filters) {
    std::vector<float> out;
    const auto at = [&](std::uint64_t n, std::uint64_t y, std::uint64_t x, std::uint64_t channel) {
        const Padding& p = c.padding;
        if (y < p.top || x < p.left || y >= c.height + p.top || x >= c.width + p.left) return 0.0F;
        return images[((n * c.height + y - p.top) * c.width + x - p.left) * c.channels + channel];
    };
    for (std::uint64_t n = 0; n < c.images; ++n)
        for (std::uint64_t y = 0; y < c.output_height(); ++y)
            for (std::uint64_t x = 0; x < c.output_width(); ++x)
                for (std::uint64_t f = 0; f < c.filters; ++f) {
                    float sum = 0;
                    for (std::uint64_t i = 0; i < c.kernel_height; ++i)
                        for (std::uint64_t j = 0; j < c.kernel_width; ++j)
                            for (std::uint64_t k = 0; k < c.channels; ++k) {
                                const volatile float product =
                                    at(n, y * c.stride.down + i, x * c.stride.right + j, k) *
                                    filters[((i * c.kernel_width + j) * c.channels + k) *
                                                c.filters +
                                            f];
                                sum += product;
                            }
                    out.push_back(sum);
                }
    return out;
}

}  // namespace

TEST(Convolution, BothWaysGiveTheBitsOfThePlainLoops) {
    std::mt19937 random(1);
    for (int i = 0; i < 40; ++i) {
        const auto size = [&](std::uint64_t least, std::uint64_t most) {
            return least + random() % (most - least + 1);
        };
        Convolution c{.images = size(1, 3),
                      .height = size(3, 12),
                      .width = size(3, 12),
                      .channels = size(1, 7),
                      .filters = size(1, 9),
                      .kernel_height = size(1, 3),
                      .kernel_width = size(1, 3),
                      .stride = {size(1, 3), size(1, 3)}};
        c.padding = {random() % c.kernel_height, random() % c.kernel_height,
                     random() % c.kernel_width, random() % c.kernel_width};
        const auto images = random_floats(c.images * c.height * c.width * c.channels, random);
        const auto filters = random_floats(c.gemm().k * c.filters, random);
        const auto wanted = expected(c, images, filters);
        for (const auto method : {Convolution::Method::direct, Convolution::Method::im2col}) {
            c.method = method;
            Device device(small_kpu());
            const Placement placement =
                i % 2 == 0 ? Placement::in_bank(1) : Placement::interleaved(64);
            const Buffer x = put(device, images, placement), w = put(device, filters, placement);
            const Buffer y = device.allocate(wanted.size() * 4, placement);
            const MatmulReport report = device.conv2d(x, w, y, c, {});
            std::vector<float> result(wanted.size());
            y.read(std::as_writable_bytes(std::span(result)));
            ASSERT_EQ(result, wanted) << report.plan.describe();
            EXPECT_GE(report.dram_bytes_read + report.dram_bytes_written, report.compulsory_bytes);
            EXPECT_GE(report.cycles, report.compute_cycles);
            EXPECT_EQ(device.buffers().size(), 3U);
        }
    }
}

TEST(Convolution, WritingTheMatrixFirstMovesMoreBytes) {
    std::mt19937 random(2);
    Convolution c{.height = 16,
                  .width = 16,
                  .channels = 8,
                  .filters = 8,
                  .kernel_height = 3,
                  .kernel_width = 3,
                  .padding = 1};
    Device device(small_kpu());
    const Buffer x = put(device, random_floats(16 * 16 * 8, random), {});
    const Buffer w = put(device, random_floats(9 * 8 * 8, random), {});
    const Buffer y = device.allocate(16 * 16 * 8 * 4);
    const MatmulReport direct = device.conv2d(x, w, y, c, {});
    c.method = Convolution::Method::im2col;
    const MatmulReport written = device.conv2d(x, w, y, c, {});
    EXPECT_EQ(written.dram_bytes_written, direct.dram_bytes_written + c.gemm().m * c.gemm().k * 4);
    EXPECT_GT(written.dram_bytes_read, direct.dram_bytes_read);
}

TEST(Convolution, WhatCannotBeIsRefused) {
    Device device(small_kpu());
    const Buffer b = device.allocate(64);
    const auto refused = [&](Convolution c) {
        EXPECT_THROW(device.conv2d(b, b, b, c, {}), ArgumentError);
    };
    const Convolution good{.height = 4,
                           .width = 4,
                           .channels = 1,
                           .filters = 1,
                           .kernel_height = 2,
                           .kernel_width = 2};
    refused(good);  // the buffers do not fit
    const auto with = [&](auto edit) {
        Convolution c = good;
        edit(c);
        return c;
    };
    refused(with([](auto& c) { c.stride = 0; }));
    refused(with([](auto& c) { c.stride.right = 0; }));
    refused(with([](auto& c) { c.padding = 2; }));
    refused(with([](auto& c) { c.padding.bottom = 2; }));
    refused(with([](auto& c) { c.padding.left = 2; }));
    refused(with([](auto& c) { c.kernel_height = 5; }));
    refused(with([](auto& c) { c.channels = 0; }));
}
