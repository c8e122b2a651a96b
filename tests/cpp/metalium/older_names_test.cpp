// The headers that programs of 2024 include, and what they called things.
#include <gtest/gtest.h>

#include <tt-logger/tt-logger.hpp>

#include "common/bfloat16.hpp"
#include "common/core_coord.hpp"
#include "impl/device/device.hpp"
#include "tt_metal/common/constants.hpp"
#include "tt_metal/common/tilize_untilize.hpp"
#include "tt_metal/common/work_split.hpp"
#include "tt_metal/detail/tt_metal.hpp"
#include "tt_metal/detail/util.hpp"
#include "tt_metal/host_api.hpp"
#include "tt_metal/impl/device/device.hpp"
#include "tt_metal/impl/dispatch/command_queue.hpp"

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
    EXPECT_TRUE(CloseDevice(device));
}

}  // namespace
