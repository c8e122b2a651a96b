// The headers that programs of 2024 include, and what they called things.
#include <gtest/gtest.h>

#include <magic_enum.hpp>
#include <magic_enum/magic_enum.hpp>
#include <tt-logger/tt-logger.hpp>

#include "common/bfloat16.hpp"
#include "common/core_coord.hpp"
#include "impl/device/device.hpp"
#include "tt_metal/common/constants.hpp"
#include "tt_metal/common/test_tiles.hpp"
#include "tt_metal/common/tilize_untilize.hpp"
#include "tt_metal/common/work_split.hpp"
#include "tt_metal/detail/tt_metal.hpp"
#include "tt_metal/detail/util.hpp"
#include "tt_metal/host_api.hpp"
#include "tt_metal/impl/device/device.hpp"
#include "tt_metal/impl/dispatch/command_queue.hpp"
#include "umd/device/tt_xy_pair.h"

using CoreCoord = tt_xy_pair;  // as programs declare it once more

namespace {

using namespace tt;
using namespace tt::tt_metal;

TEST(OlderNames, AProgramOf2024FindsWhatItCalls) {
    Device* device = CreateDevice(0);
    CommandQueue& queue = device->command_queue();
    const std::uint32_t page = device->get_allocator_alignment();
    EXPECT_EQ(page, device->native().config().noc_dram_alignment);
    const InterleavedBufferConfig config{
        .device = device, .size = 4 * page, .page_size = page, .buffer_type = BufferType::DRAM};
    const std::shared_ptr<Buffer> buffer = CreateBuffer(config);
    const std::vector<std::uint32_t> written(page, 7);
    std::vector<std::uint32_t> read;
    EnqueueWriteBuffer(queue, buffer, written, false);
    EnqueueReadBuffer(queue, buffer, read, true);
    EXPECT_EQ(read, written);
    tt::log_debug(tt::LogTest, "read {} words", read.size());
    log_debug("of pages of {} bytes", page);
    EXPECT_EQ(detail::TileSize(tt::DataFormat::Float16_b), 2048u);
    const std::map<string, string> defines{
        {"OPERATION", "add_tiles"}};  // theirs has std::string so
    EXPECT_EQ(defines.size(), 1u);
    EXPECT_TRUE(CloseDevice(device));
}

TEST(OlderNames, MatricesBecomeTilesInPlace) {
    std::vector<bfloat16> matrix(64 * 32);
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        const std::size_t row = i / 32;
        matrix[i] = static_cast<float>(row);
    }
    std::vector<bfloat16> tiles = matrix;
    tilize(tiles, 64, 32);
    EXPECT_EQ(tiles, tilize_nfaces(matrix, 64, 32));
    EXPECT_EQ(tiles[256], bfloat16(0.0f));  // the second face begins with row 0
    untilize(tiles, 64, 32);
    EXPECT_EQ(tiles, matrix);
    log_debug(tt::LogVerif, "{} rows", 64);
}

TEST(OlderNames, WordsAreUnpackedThroughAFunction) {
    const auto twice = [](const bfloat16& value) { return bfloat16(2 * value.to_float()); };
    const std::vector<std::uint32_t> words{
        pack_two_bfloat16_into_uint32({bfloat16(1.5f), bfloat16(-4.0f)})};
    EXPECT_EQ(unpack_uint32_vec_into_bfloat16_vec(words, twice),
              (std::vector<bfloat16>{3.0f, -8.0f}));
}

struct Operation {
    enum Enum { ADD = 0, SUB = 1, MUL = 4 };
};
TEST(OlderNames, EnumerationsKnowTheirValues) {
    using Values = std::vector<Operation::Enum>;
    const auto values = magic_enum::enum_values<Operation::Enum>();
    EXPECT_EQ(Values(values.begin(), values.end()),
              (Values{Operation::ADD, Operation::SUB, Operation::MUL}));
    EXPECT_EQ(magic_enum::enum_name(Operation::MUL), "MUL");
    EXPECT_EQ(magic_enum::enum_name(BufferType::L1), "L1");
}

}  // namespace
