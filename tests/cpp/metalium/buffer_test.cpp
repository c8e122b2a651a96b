// Buffers: where their pages lie in the chip, and that they come back.
#include "metalium/programs.hpp"
#include "tilewright/base/error.hpp"

namespace tt::tt_metal::test {
namespace {

std::uint32_t word_at(IDevice* device, const CoreCoord& core, DeviceAddr address) {
    std::vector<std::uint32_t> word;
    detail::ReadFromDeviceL1(device, core, static_cast<std::uint32_t>(address), 4, word);
    return word[0];
}
std::uint32_t word_in_bank(IDevice* device, int bank, DeviceAddr address) {
    std::vector<std::uint32_t> word;
    detail::ReadFromDeviceDRAMChannel(device, bank, static_cast<std::uint32_t>(address), 4, word);
    return word[0];
}

TEST(MetaliumBuffer, ComesBackWhateverItsPages) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto& queue = mesh->mesh_command_queue();
    for (const BufferType type : {BufferType::DRAM, BufferType::L1}) {
        for (const std::uint32_t page : {4u, 36u, 64u, 2048u, 12'000u}) {
            const auto data = counting(page / 4 * 37, page);
            auto buffer = make_buffer(*mesh, data.size() * 4, page, type);
            distributed::EnqueueWriteMeshBuffer(queue, buffer, data, false);
            std::vector<std::uint32_t> read;
            distributed::EnqueueReadMeshBuffer(queue, read, buffer, true);
            EXPECT_EQ(read, data) << page;
        }
    }
}

TEST(MetaliumBuffer, PagesGoRoundTheBanksAtTheAddress) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    IDevice* device = mesh->get_devices()[0];
    const auto data = counting(25 * 3);
    auto buffer = make_buffer(*mesh, data.size() * 4, 100);  // pages of 100 bytes, aligned to 128
    EXPECT_EQ(buffer->get_backing_buffer()->aligned_page_size(), 128u);
    distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer, data, true);
    EXPECT_EQ(word_in_bank(device, 0, buffer->address()), 0u);
    EXPECT_EQ(word_in_bank(device, 2, buffer->address()), 50u);
    const auto more = counting(25 * 20, 1000);
    auto longer = make_buffer(*mesh, more.size() * 4, 100);
    distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), longer, more, true);
    EXPECT_EQ(word_in_bank(device, 9 % 8, longer->address() + 128), 1000u + 25 * 9);
    EXPECT_EQ(longer->get_backing_buffer()->page_address(1, 9), longer->address() + 128);

    auto l1 = make_buffer(*mesh, 1600, 16, BufferType::L1);
    distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), l1, counting(400), true);
    EXPECT_EQ(word_at(device, {3, 2}, l1->address()), (2 * 14 + 3) * 4u);
}

TEST(MetaliumBuffer, AShorterSourceFillsTheFirstBytes) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto& queue = mesh->mesh_command_queue();
    auto buffer = make_buffer(*mesh, 400, 100);
    distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(100, 7));
    distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(30, 500));
    auto expected = counting(100, 7);
    std::iota(expected.begin(), expected.begin() + 30, 500u);
    std::vector<std::uint32_t> read;
    distributed::EnqueueReadMeshBuffer(queue, read, buffer);
    EXPECT_EQ(read, expected);
    EXPECT_THROW(distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(101)),
                 std::runtime_error);
}

// In the order in which they are told. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct Sharding {
    TensorMemoryLayout layout;
    ShardOrientation orientation;
    std::array<std::uint32_t, 2> shard;  // elements; a page is 1 x 4 of them
    std::uint32_t page;                  // whose first element is looked for ...
    CoreCoord core;                      // ... on this core ...
    std::uint32_t slot;                  // ... in this page of the shard
};

TEST(MetaliumBuffer, ShardsLieOnTheirCores) {
    IDevice* device = CreateDevice(1);
    // 8 x 8 pages of 1 x 4 words; cores (1, 1) to (2, 2).
    const CoreRangeSet grid(CoreRange({1, 1}, {2, 2}));
    using enum TensorMemoryLayout;
    const Sharding cases[] = {
        {HEIGHT_SHARDED, ShardOrientation::ROW_MAJOR, {2, 32}, 2 * 8 + 3, {2, 1}, 3},
        {HEIGHT_SHARDED, ShardOrientation::COL_MAJOR, {2, 32}, 2 * 8 + 3, {1, 2}, 3},
        // As many pages, in their order, whatever the shape: 8 x 2 of them here.
        {HEIGHT_SHARDED, ShardOrientation::ROW_MAJOR, {8, 8}, 2 * 8 + 3, {2, 1}, 3},
        {WIDTH_SHARDED, ShardOrientation::ROW_MAJOR, {8, 8}, 5 * 8 + 3, {2, 1}, 5 * 2 + 1},
        {WIDTH_SHARDED, ShardOrientation::ROW_MAJOR, {2, 32}, 2 * 8 + 3, {2, 1}, 3},
        {BLOCK_SHARDED, ShardOrientation::ROW_MAJOR, {4, 16}, 5 * 8 + 2, {1, 2}, 1 * 4 + 2},
        {BLOCK_SHARDED, ShardOrientation::COL_MAJOR, {4, 16}, 5 * 8 + 2, {2, 1}, 1 * 4 + 2},
    };
    for (const Sharding& c : cases) {
        const auto data = counting(64 * 4);
        auto buffer = CreateBuffer(ShardedBufferConfig{
            .device = device,
            .size = data.size() * 4,
            .page_size = 16,
            .buffer_type = BufferType::L1,
            .buffer_layout = c.layout,
            .shard_parameters = ShardSpecBuffer(grid, c.shard, c.orientation, {1, 4}, {8, 8})});
        EnqueueWriteBuffer(device->command_queue(), buffer, data, false);
        std::vector<std::uint32_t> read;
        EnqueueReadBuffer(device->command_queue(), buffer, read, true);
        EXPECT_EQ(read, data);
        EXPECT_EQ(word_at(device, c.core, buffer->address() + c.slot * 16), c.page * 4);
        std::vector<std::uint32_t> shard;
        detail::ReadShard(*buffer, shard, 1);
        EXPECT_EQ(shard.size() * 4, 16 * buffer->shard_spec().num_pages());
        detail::WriteToBuffer(buffer, counting(64 * 4, 9));
        detail::ReadFromBuffer(buffer, read);
        EXPECT_EQ(read, counting(64 * 4, 9));
    }
    CloseDevice(device);
}

TEST(MetaliumBuffer, RefusesWhatCannotBe) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    EXPECT_SAYS(message_of<std::runtime_error>([&] { make_buffer(*mesh, 100, 64); }),
                "100 bytes in pages of 64");
    EXPECT_SAYS(message_of<tilewright::OutOfMemoryError>(
                    [&] { make_buffer(*mesh, 2u << 20, 2u << 20, BufferType::L1); }),
                "no room");
    EXPECT_SAYS(message_of<tilewright::OutOfMemoryError>(
                    [&] { make_buffer(*mesh, std::uint64_t{40} << 30, 1u << 30); }),
                "a buffer of 42949672960 bytes; one buffer holds at most 4294967295");
    EXPECT_SAYS(message_of<std::runtime_error>([&] { make_buffer(*mesh, 0, 64); }),
                "0 bytes in pages of 64");
    IDevice* device = mesh->get_devices()[0];
    const auto sharded = [&](const CoreRange& grid, std::array<std::uint32_t, 2> shard) {
        return CreateBuffer(ShardedBufferConfig{
            .device = device,
            .size = 1024,
            .page_size = 16,
            .buffer_layout = TensorMemoryLayout::HEIGHT_SHARDED,
            .shard_parameters =
                ShardSpecBuffer(grid, shard, ShardOrientation::ROW_MAJOR, {1, 4}, {8, 8})});
    };
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    sharded({{0, 0}, {0, 1}}, {2, 32});
                }),
                "4 shards for 2 cores");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    sharded({{13, 9}, {14, 10}}, {2, 32});
                }),
                "shard on core");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    sharded({{0, 0}, {0, 3}}, {2, 30});
                }),
                "do not divide");
}

TEST(MetaliumBuffer, IsOfOneDevice) {
    const auto first = MeshDevice::create_unit_mesh(0);
    const auto second = MeshDevice::create_unit_mesh(1);
    auto buffer = make_buffer(*first, 64, 64);
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    distributed::EnqueueWriteMeshBuffer(second->mesh_command_queue(), buffer,
                                                        counting(16));
                }),
                "another device");
}

TEST(MetaliumBuffer, AddressesAreGivenBackAndCanBeChosen) {
    IDevice* device = CreateDevice(0);
    auto buffer = CreateBuffer(InterleavedBufferConfig{device, 4096, 1024, BufferType::DRAM});
    const DeviceAddr address = buffer->address();
    const auto again = [&] {
        return CreateBuffer(InterleavedBufferConfig{device, 4096, 1024, BufferType::DRAM}, address);
    };
    EXPECT_THROW(again(), tilewright::BusyError);
    DeallocateBuffer(*buffer);
    EXPECT_FALSE(buffer->is_allocated());
    EXPECT_THROW(buffer->address(), std::runtime_error);
    EXPECT_EQ(again()->address(), address);
    CloseDevice(device);
}

TEST(MetaliumBuffer, KnowTheRoutersOfTheirBanks) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    IDevice& device = *mesh->get_devices()[0];
    const auto in_dram = make_buffer(*mesh, 64, 64);
    const Buffer& dram = *in_dram->get_reference_buffer();
    EXPECT_EQ(dram.noc_coordinates(),
              device.virtual_core_from_logical_core({0, 0}, CoreType::DRAM));
    EXPECT_EQ(dram.noc_coordinates(2),
              device.virtual_core_from_logical_core({2, 0}, CoreType::DRAM));
    const auto l1 = make_buffer(*mesh, 64, 64, BufferType::L1);
    const std::uint32_t columns = static_cast<std::uint32_t>(device.logical_grid_size().x);
    EXPECT_EQ(l1->get_reference_buffer()->noc_coordinates(columns + 1),
              device.worker_core_from_logical_core({1, 1}));
    EXPECT_EQ(fmt::format("{} {} {}", TensorMemoryLayout::BLOCK_SHARDED, BufferType::L1,
                          ShardOrientation::COL_MAJOR),
              "TensorMemoryLayout::BLOCK_SHARDED BufferType::L1 ShardOrientation::COL_MAJOR");
}

}  // namespace
}  // namespace tt::tt_metal::test
