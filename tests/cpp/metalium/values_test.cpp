// Types without a device: coordinates, work splits, bfloat16, tiles, formats, messages.
#include <cmath>
#include <random>
#include <set>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/bfloat4.hpp>
#include <tt-metalium/bfloat8.hpp>
#include <tt-metalium/circular_buffer_config.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>
#include <tt-metalium/tilize_utils.hpp>
#include <tt-metalium/work_split.hpp>
#include <tt_stl/fmt.hpp>

#include "metalium/programs.hpp"

namespace tt::tt_metal::test {
namespace {

TEST(Formatting, EnumerationsByTheirNames) {
    EXPECT_EQ(fmt::format("{}", TensorMemoryLayout::WIDTH_SHARDED),
              "TensorMemoryLayout::WIDTH_SHARDED");
    EXPECT_EQ(fmt::format("{}", static_cast<TensorMemoryLayout>(77)), "77");
    EXPECT_EQ(fmt::format("{}", static_cast<TensorMemoryLayout>(-3)), "-3");
}

TEST(CoreCoord, RangesAndSets) {
    const CoreRange range({1, 2}, {3, 4});
    EXPECT_EQ(range.size(), 9u);
    EXPECT_EQ(std::vector<CoreCoord>(range.begin(), range.end())[1], CoreCoord(2, 2));
    EXPECT_EQ(range.intersection(CoreRange({3, 0}, {9, 2}))->str(), "[(x=3,y=2) - (x=3,y=2)]");
    EXPECT_FALSE(range.intersects(CoreRange({4, 2}, {5, 4})));
    EXPECT_THROW(CoreRange({1, 0}, {0, 0}), std::runtime_error);
    const CoreRangeSet set({CoreRange({0, 0}, {1, 0}), CoreRange({0, 1}, {0, 3})});
    EXPECT_EQ(set.num_cores(), 5u);
    EXPECT_TRUE(set.contains(CoreCoord{0, 2}));
    EXPECT_FALSE(set.contains(CoreCoord{1, 1}));
    EXPECT_EQ(set.bounding_box(), CoreRange({0, 0}, {1, 3}));
    EXPECT_EQ(set.merge(CoreRange({0, 0}, {1, 1})).num_cores(), 6u);
    EXPECT_THROW(CoreRangeSet({CoreRange({0, 0}, {1, 1}), CoreRange({1, 1}, {2, 2})}),
                 std::runtime_error);
    EXPECT_EQ(corerange_to_cores(set, 3, true)[2], CoreCoord(0, 1));
}

// Whatever is divided: all units are given, cores are distinct, and no two differ by more than one.
TEST(WorkSplit, GivesEverythingOut) {
    for (std::uint32_t units : {0u, 1u, 7u, 12u, 13u, 1000u}) {
        for (const bool row_wise : {false, true}) {
            const auto [used, all, more, less, units_more, units_less] =
                split_work_to_cores(CoreCoord{4, 3}, units, row_wise);
            EXPECT_EQ(used, std::min(units, 12u));
            EXPECT_EQ(all.num_cores(), used);
            EXPECT_EQ(more.num_cores() * units_more + less.num_cores() * units_less, units);
            EXPECT_EQ(more.num_cores() + less.num_cores(), used);
            EXPECT_FALSE(more.intersects(less));
            EXPECT_TRUE(less.empty() || units_more == units_less + 1);
        }
    }
    EXPECT_EQ(num_cores_to_corerangeset(5, {4, 3}, true).ranges(),
              (std::vector{CoreRange({0, 0}, {3, 0}), CoreRange({0, 1}, {0, 1})}));
    EXPECT_EQ(find_max_divisor(48, 10), 8);
}

// Sixteen numbers of a face's row: each is the nearest multiple of the unit that the largest one's
// exponent gives, even at ties.
TEST(BlockFloat, IsTheNearestUnderTheLargestExponent) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> numbers(2 * 1024);
    for (float& number : numbers) {
        number = bfloat16(normal(random) * std::ldexp(1.0F, static_cast<int>(random() % 8)));
    }
    numbers[0] = 0;
    numbers[1] = -0.0F;
    for (const auto& [bits, taken] :
         {std::pair(
              7, unpack_bfp8_tiles_into_float_vec(
                     pack_as_bfp8_tiles(ttsl::make_const_span(numbers), true, false), true, false)),
          std::pair(3, unpack_bfp4_tiles_into_float_vec(
                           pack_fp32_vec_as_bfp4_tiles(numbers, true, false), true, false))}) {
        for (std::size_t first = 0; first < numbers.size(); first += 16) {
            float largest = 0;
            for (std::size_t i = first; i < first + 16; ++i)
                largest = std::max(largest, std::fabs(numbers[i]));
            const double unit = std::ldexp(1.0, std::ilogb(largest) - (bits - 1));
            const double most = (1 << bits) - 1;
            for (std::size_t i = first; i < first + 16; ++i) {
                const double whole = std::nearbyint(numbers[i] / unit);
                EXPECT_EQ(taken[i], std::clamp(whole, -most, most) * unit) << i;
            }
        }
    }
    // In memory: exponents of four rows in a word, then four numbers.
    const std::vector<float> ones(1024, -1.0F);
    const std::vector<std::uint32_t> packed = pack_as_bfp8_tiles<float>(ones, false, false);
    EXPECT_EQ(packed.size(), 272u);
    EXPECT_EQ(packed[0], 0x7f7f7f7fu);
    EXPECT_EQ(packed[16], 0xc0c0c0c0u);
    EXPECT_EQ(create_constant_vector_of_bfp8(1088, -1, false), packed);
    EXPECT_EQ(create_random_vector_of_bfp8(2 * 1088, false, 3, 7).size(), 544u);
    EXPECT_THROW(pack_as_bfp8_tiles<float>(std::span(ones).first(1000), true, false),
                 std::runtime_error);
    EXPECT_THROW(pack_as_bfp8_tiles<float>(ones, true, true), std::runtime_error);
    EXPECT_THROW(create_constant_vector_of_bfp8(1000, 1, false), std::runtime_error);
}

TEST(Bfloat16, BitsOfBothElementsOfAWord) {
    EXPECT_EQ(u16_from_u32_vector({0x0002'0001, 0x0004'0003}),
              (std::vector<std::uint16_t>{1, 2, 3, 4}));
    EXPECT_EQ(u32_from_u16_vector({1, 2, 3, 4}),
              (std::vector<std::uint32_t>{0x0002'0001, 0x0004'0003}));
}

TEST(TensorAccessorArguments, OfNoBuffer) {
    const auto dram = TensorAccessorArgs::create_dram_interleaved().get_compile_time_args();
    const auto l1 = TensorAccessorArgs::create_l1_interleaved().get_compile_time_args();
    EXPECT_EQ(dram.size(), 2u);
    EXPECT_NE(dram[0], l1[0]);
    EXPECT_EQ(dram[1], 0u);
}

TEST(Bfloat16, IsTheNearestAndEvenAtTies) {
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (!std::isfinite(value)) continue;
        const bfloat16 rounded = value;
        const auto distance = [&](std::uint16_t bits) {
            return std::fabs(static_cast<double>(bfloat16::from_bits(bits)) - value);
        };
        const std::uint16_t bits = rounded.to_packed();
        if (!std::isfinite(static_cast<float>(rounded))) continue;
        for (const int step : {-1, 1}) {
            const auto next = static_cast<std::uint16_t>(bits + step);
            if (!std::isfinite(static_cast<float>(bfloat16::from_bits(next)))) continue;
            ASSERT_LE(distance(bits), distance(next)) << value;
        }
    }
    EXPECT_EQ(bfloat16(std::bit_cast<float>(0x3F80'8000)).to_packed(), 0x3F80);  // ties to even
    EXPECT_EQ(bfloat16(std::bit_cast<float>(0x3F81'8000)).to_packed(), 0x3F82);
    EXPECT_TRUE(std::isnan(static_cast<float>(bfloat16(NAN))));
    EXPECT_EQ(pack_two_bfloat16_into_uint32({bfloat16(1), bfloat16(2)}), 0x4000'3F80u);
    EXPECT_EQ(create_identity_matrix(3, 3, 2)[4], bfloat16(1));
    EXPECT_EQ(create_identity_matrix(3, 3, 2)[8], bfloat16(0));
}

TEST(Tiles, FacesComeRowByRow) {
    const auto matrix = counting(64 * 96);
    const auto tiles = tilize_nfaces(matrix, 64, 96);
    EXPECT_EQ(tiles[0], 0u);
    EXPECT_EQ(tiles[16], 96u);             // second row of the first face
    EXPECT_EQ(tiles[256], 16u);            // second face: to the right
    EXPECT_EQ(tiles[512], 16u * 96);       // third face: below
    EXPECT_EQ(tiles[1024], 32u);           // second tile: to the right
    EXPECT_EQ(tiles[3 * 1024], 32u * 96);  // first tile of the second row
    EXPECT_EQ(untilize_nfaces(tiles, 64, 96), matrix);
    EXPECT_EQ(untilize_swizzled(tilize_swizzled(matrix, 64, 96), 64, 96), matrix);
    EXPECT_THROW(tilize_nfaces(matrix, 60, 96), std::runtime_error);
}

TEST(Formats, SizesOfTiles) {
    EXPECT_EQ(tt::tile_size(DataFormat::Float16_b), 2048u);
    EXPECT_EQ(tt::tile_size(DataFormat::Float32), 4096u);
    EXPECT_EQ(tt::tile_size(DataFormat::Bfp8_b), 1088u);
    EXPECT_EQ(tt::tile_size(DataFormat::Bfp4_b), 576u);
    EXPECT_EQ(tt::datum_size(DataFormat::UInt16), 2u);
    EXPECT_THROW(tt::datum_size(DataFormat::Bfp8), std::invalid_argument);
    EXPECT_EQ(fmt::format("{}", DataFormat::Bfp8_b), "Bfp8_b");
}

TEST(CircularBufferConfig, ChecksPagesAndIndices) {
    CircularBufferConfig config(4096, {{3, DataFormat::Float16_b}});
    EXPECT_THROW(config.set_page_size(3, 1000), std::runtime_error);
    EXPECT_THROW(config.set_page_size(32, 1024), std::runtime_error);
    EXPECT_THROW(CircularBufferConfig(0), std::runtime_error);
    EXPECT_EQ(*config.set_page_size(3, 2048).page_sizes()[3], 2048u);
}

TEST(Fatal, TellsFileLineConditionAndText) {
    const std::string text =
        message_of<std::runtime_error>([] { TT_FATAL(1 + 1 == 3, "{} is not {}", 2, 3); });
    EXPECT_SAYS(text, "values_test.cpp:");
    EXPECT_SAYS(text, "1 + 1 == 3");
    EXPECT_SAYS(text, "2 is not 3");
    EXPECT_SAYS(message_of<std::runtime_error>([] { TT_THROW("no {}", "way"); }), "no way");
}

TEST(MeshCoordinates, WalkRowByRow) {
    using namespace distributed;
    const MeshShape shape(2, 4);
    const MeshCoordinateRange range(MeshCoordinate(0, 1), MeshCoordinate(1, 2));
    std::vector<std::size_t> indices;
    for (const MeshCoordinate& coord : range) indices.push_back(coord.to_linear_index(shape));
    EXPECT_EQ(indices, (std::vector<std::size_t>{1, 2, 5, 6}));
    EXPECT_EQ(range.shape(), MeshShape(2, 2));
    EXPECT_THROW(MeshCoordinate(2, 0).to_linear_index(shape), std::runtime_error);
    EXPECT_THROW(MeshCoordinateRange(MeshCoordinate(1, 0), MeshCoordinate(0, 3)),
                 std::runtime_error);
    EXPECT_EQ(MeshCoordinateRange(shape).end_coord(), MeshCoordinate(1, 3));
}

TEST(Boards, ProgramsSeeTheirGridAndArchitecture) {
    const auto opened = [](const char* chip) {
        setenv("TILEWRIGHT_CHIP", chip, 1);
        IDevice* device = CreateDevice(0);
        unsetenv("TILEWRIGHT_CHIP");
        const auto grid = device->compute_with_storage_grid_size();
        const auto last = device->worker_core_from_logical_core({grid.x - 1, grid.y - 1});
        const auto result = std::tuple(device->arch(), grid, last);
        CloseDevice(device);
        return result;
    };
    EXPECT_EQ(opened("p150"),
              std::tuple(tt::ARCH::BLACKHOLE, CoreCoord(13, 10), CoreCoord(15, 11)));
    EXPECT_EQ(opened("n150"), std::tuple(tt::ARCH::WORMHOLE_B0, CoreCoord(8, 8), CoreCoord(9, 9)));
}

TEST(Layouts, AreConvertedByNameAsByTheirFunctions) {
    std::vector<std::uint16_t> rows(2 * 3 * 32 * 64);
    std::iota(rows.begin(), rows.end(), std::uint16_t{0});
    using enum TensorLayoutType;
    const std::vector<std::uint32_t> shape{2, 3, 32, 64};
    const std::span<const std::uint16_t> in(rows);
    const auto faces = convert_layout(in, shape, LIN_ROW_MAJOR, TILED_NFACES);
    EXPECT_EQ(faces, tilize_nfaces(rows, 192, 64));
    EXPECT_EQ(faces[16], 64);   // the second row of the first face
    EXPECT_EQ(faces[256], 16);  // the second face
    const auto swizzled =
        convert_layout(std::span<const std::uint16_t>(faces), shape, TILED_NFACES, TILED_SWIZZLED);
    EXPECT_EQ(swizzled, tilize_swizzled(rows, 192, 64));
    EXPECT_EQ(convert_layout(std::span<const std::uint16_t>(swizzled), PhysicalSize{192, 64},
                             TILED_SWIZZLED, LIN_ROW_MAJOR),
              rows);
    EXPECT_THROW(convert_layout(in, PhysicalSize{16, 64}, LIN_ROW_MAJOR, TILED_NFACES),
                 std::runtime_error);
    EXPECT_THROW(convert_layout(in, PhysicalSize{192, 64}, LIN_ROW_MAJOR, TILED_NFACES,
                                PhysicalSize{16, 32}),
                 std::runtime_error);
}

TEST(Layouts, AddressesCountRowMajor) {
    const TensAddr address({2, 3, 4, 5});
    EXPECT_EQ(address.numel(), 120u);
    EXPECT_EQ(address.offs(1, 2, 3, 4), 119);
    EXPECT_EQ(address.offs(0, 1, 0, 2), 22);
    EXPECT_THROW(address.offs(0, 3, 0, 0), std::runtime_error);
    EXPECT_THROW(TensAddr({2, 3}), std::runtime_error);
    EXPECT_EQ(round_up_to_mul16(17), 32u);
    EXPECT_EQ(round_up_to_mul32(32), 32u);
    EXPECT_EQ(round_up_to_tile(33, 32), 64u);
}

}  // namespace
}  // namespace tt::tt_metal::test
