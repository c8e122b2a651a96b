// Tensors: elements into pages and back, on the host and on devices.
#include <numeric>
#include <ttnn/tensor/tensor_ops.hpp>

#include "programs.hpp"

namespace tt::tt_metal {
namespace {

using namespace test;

TensorSpec spec(const ttnn::Shape& shape, DataType type, Layout layout,
                BufferType memory = BufferType::DRAM) {
    return {shape, TensorLayout(type, PageConfig(layout), MemoryConfig(memory))};
}

template <class T>
std::vector<T> counted(std::size_t count) {
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(i % 251);
    return values;
}

TEST(Tensor, ShapesArePaddedToTiles) {
    const auto tiled = spec({2, 3, 33, 1}, DataType::BFLOAT16, Layout::TILE);
    EXPECT_EQ(tiled.padded_shape(), Shape({2, 3, 64, 32}));
    EXPECT_EQ(tiled.compute_page_size_bytes(), 2048u);
    EXPECT_EQ(tiled.compute_packed_buffer_size_bytes(), 2u * 3 * 64 * 32 * 2);
    EXPECT_EQ(spec({40}, DataType::FLOAT32, Layout::TILE).padded_shape(), Shape({32, 64}));
    const auto rows = spec({5, 7}, DataType::UINT32, Layout::ROW_MAJOR);
    EXPECT_EQ(rows.padded_shape(), Shape({5, 7}));
    EXPECT_EQ(rows.compute_page_size_bytes(), 28u);
    EXPECT_EQ(Shape({2, 3})[-1], 3u);
    EXPECT_SAYS(message_of<std::runtime_error>([] {
                    static_cast<void>(Shape({2, 3})[2]);
                }),
                "extent 2 of a shape of rank 2");
}

// Where the elements of a tile lie is published: four faces of 16 x 16, row by row.
TEST(Tensor, ADevicesBufferHasTilesOfFourFaces) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    std::vector<std::uint32_t> values(32 * 64);
    std::iota(values.begin(), values.end(), 0u);
    const Tensor tensor =
        Tensor::from_vector(values, spec({32, 64}, DataType::UINT32, Layout::TILE), mesh.get());
    std::vector<std::uint32_t> pages;
    distributed::EnqueueReadMeshBuffer(mesh->mesh_command_queue(), pages, tensor.mesh_buffer(),
                                       true);
    ASSERT_EQ(pages.size(), values.size());
    EXPECT_EQ(pages[0], 0u);
    EXPECT_EQ(pages[16], 64u);                   // second row of the first face
    EXPECT_EQ(pages[256], 16u);                  // second face
    EXPECT_EQ(pages[512], 16u * 64);             // third face
    EXPECT_EQ(pages[768 + 255], 31u * 64 + 31);  // last of the fourth
    EXPECT_EQ(pages[1024], 32u);                 // second tile
    EXPECT_EQ(tensor.mesh_buffer()->page_size(), 4096u);
    EXPECT_EQ(tensor.to_vector<std::uint32_t>(), values);
}

template <class T>
void round_trip(DataType type, Layout layout, const Shape& shape, MeshDevice* mesh,
                BufferType memory = BufferType::DRAM) {
    const auto values = counted<T>(shape.volume());
    const auto wanted = spec(shape, type, layout, memory);
    EXPECT_EQ(Tensor::from_vector(values, wanted).template to_vector<T>(), values);
    const Tensor there = Tensor::from_vector(values, wanted, mesh);
    EXPECT_EQ(there.template to_vector<T>(), values);
    EXPECT_EQ(there.cpu().template to_vector<T>(), values);
    EXPECT_EQ(there.cpu().to_device(mesh).template to_vector<T>(), values);
    EXPECT_EQ(there.buffer()->buffer_type(), memory);
}

TEST(Tensor, ComesBackAsItWent) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    for (const Layout layout : {Layout::TILE, Layout::ROW_MAJOR}) {
        round_trip<bfloat16>(DataType::BFLOAT16, layout, {3, 40, 50}, mesh.get());
        round_trip<float>(DataType::FLOAT32, layout, {33}, mesh.get());
        round_trip<std::int32_t>(DataType::INT32, layout, {2, 2, 5, 70}, mesh.get());
        round_trip<std::uint16_t>(DataType::UINT16, layout, {64, 64}, mesh.get(), BufferType::L1);
        round_trip<std::uint8_t>(DataType::UINT8, layout, {31, 65}, mesh.get());
    }
}

TEST(Tensor, PaddingHasTheValueAskedFor) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    const std::vector<float> values(33, 2.0f);
    const Tensor tensor = Tensor::from_vector(values, spec({33}, DataType::FLOAT32, Layout::TILE),
                                              mesh.get(), std::nullopt, -7.0f);
    std::vector<float> pages;
    distributed::EnqueueReadMeshBuffer(mesh->mesh_command_queue(), pages, tensor.mesh_buffer(),
                                       true);
    EXPECT_EQ(std::ranges::count(pages, 2.0f), 33);
    EXPECT_EQ(std::ranges::count(pages, -7.0f), 2 * 1024 - 33);
}

TEST(Tensor, IsOnEveryDeviceOfAMesh) {
    auto mesh = MeshDevice::create(distributed::MeshDeviceConfig(distributed::MeshShape(1, 2)));
    const auto values = counted<std::uint32_t>(1024);
    const Tensor tensor = Tensor::from_vector(
        values, spec({32, 32}, DataType::UINT32, Layout::ROW_MAJOR), mesh.get());
    std::vector<std::uint32_t> shard;
    distributed::ReadShard(mesh->mesh_command_queue(), shard, tensor.mesh_buffer(),
                           distributed::MeshCoordinate(0, 1));
    EXPECT_EQ(shard, values);
}

TEST(Tensor, SaysWhatDoesNotFit) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    const auto square = spec({32, 32}, DataType::BFLOAT16, Layout::TILE);
    EXPECT_SAYS(message_of<std::runtime_error>(
                    [&] { Tensor::from_vector(std::vector<bfloat16>(1023), square); }),
                "1023 elements for a tensor of 1024");
    EXPECT_SAYS(message_of<std::runtime_error>(
                    [&] { Tensor::from_vector(std::vector<float>(1024), square); }),
                "elements of data type 1 for a tensor of data type 0");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    spec({32, 32}, DataType::BFLOAT8_B, Layout::TILE);
                }),
                "block formats");
    EXPECT_SAYS(message_of<std::runtime_error>(
                    [] { static_cast<void>(MemoryConfig{TensorMemoryLayout::HEIGHT_SHARDED}); }),
                "sharded");
    EXPECT_SAYS(message_of<std::runtime_error>([&] { create_device_tensor(square, nullptr); }),
                "no device");
    EXPECT_SAYS(message_of<std::runtime_error>([] { Shape(std::vector<std::uint32_t>{}); }),
                "without extents");
    const Tensor host = Tensor::from_vector(std::vector<bfloat16>(1024), square);
    EXPECT_SAYS(message_of<std::runtime_error>([&] { static_cast<void>(host.mesh_buffer()); }),
                "at the host");
    Tensor gone = host.to_device(mesh.get());
    gone.deallocate();
    EXPECT_SAYS(message_of<std::runtime_error>([&] { gone.to_vector<bfloat16>(); }), "deallocated");
}

}  // namespace
}  // namespace tt::tt_metal
