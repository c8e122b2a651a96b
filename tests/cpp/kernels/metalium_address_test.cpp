// Addresses that TT-Metalium kernels compute for pages: every generator against its rule, worked
// out here page by page.
#include <random>

#include "kernels/metalium_test.hpp"
#include "tilewright/chip/abi.hpp"

namespace tilewright {
namespace {

std::uint64_t noc_address(abi::NodeSpace space, std::uint32_t x, std::uint64_t offset) {
    return std::uint64_t{abi::node(space, x, x >> 8)} << 32 | offset;
}

/// The 64-bit values that the kernel stores from 0x20000 on.
std::vector<std::uint64_t> computed(Device& device, const std::string& source, std::size_t count,
                                    const MetaliumKernelOptions& options = {}) {
    const Launch launch = metalium_launch(
        device.config(),
        "void kernel_main() {\n    volatile uint64_t* out = (volatile uint64_t*)0x20000;\n" +
            source + "\n}\n",
        {{0, 0}, 0}, {}, options);
    device.run(std::span(&launch, 1));
    std::vector<std::uint64_t> values(count);
    device.read_l1({0, 0}, 0x20000, std::as_writable_bytes(std::span(values)));
    return values;
}

TEST(MetaliumAddresses, InterleavedPagesGoRoundTheBanks) {
    Device device("blackhole");
    MetaliumKernelOptions options;
    options.compile_args = {metalium_dram, 100, 0, 100};
    constexpr std::uint32_t pages = 300;
    const auto values = computed(device, R"(
        const InterleavedAddrGen<true> a = {.bank_base_address = 0x1000, .page_size = 100};
        const InterleavedAddrGenFast<true> b = {.bank_base_address = 0x1000, .page_size = 2048,
                                                .data_format = DataFormat::Float16_b};
        const InterleavedPow2AddrGen<false> c = {.bank_base_address = 0x30000,
                                                 .log_base_2_of_page_size = 5};
        constexpr auto d_args = TensorAccessorArgs<0>();
        const auto d = TensorAccessor(d_args, 0x1000, 100);
        constexpr auto e_args = TensorAccessorArgs<d_args.next_compile_time_args_offset()>();
        const auto e = TensorAccessor(e_args, 0x30000);
        for (uint32_t page = 0; page < 300; ++page) {
            *out++ = get_noc_addr(page, a, 4);
            *out++ = get_noc_addr(page, b);
            *out++ = get_noc_addr(page, c);
            *out++ = get_noc_addr(page, d, 8);
            *out++ = e.get_noc_addr(page);
        })",
                                 5 * pages, options);
    for (std::uint32_t page = 0; page < pages; ++page) {
        const auto dram = [&](std::uint32_t stride, std::uint32_t offset) {
            return noc_address(abi::NodeSpace::dram, page % 8, 0x1000 + page / 8 * stride + offset);
        };
        const auto l1 = [&](std::uint32_t stride) {
            return noc_address(abi::NodeSpace::tile_number, page % 140,
                               0x30000 + page / 140 * stride);
        };
        EXPECT_EQ(values[5 * page], dram(128, 4));  // 100 bytes, aligned to 64
        EXPECT_EQ(values[5 * page + 1], dram(2048, 0));
        EXPECT_EQ(values[5 * page + 2], l1(32));
        EXPECT_EQ(values[5 * page + 3], dram(128, 8));
        EXPECT_EQ(values[5 * page + 4], l1(112));  // aligned to 16
    }
}

TEST(MetaliumAddresses, ShardedPagesLieInTheirShards) {
    std::mt19937 random(11);
    Device device("tiny");
    for (int round = 0; round < 3; ++round) {
        const std::uint32_t rank = 1 + round;
        const std::uint32_t banks = 1 + random() % 4;
        std::vector<std::uint32_t> tensor, shard;
        std::uint32_t pages = 1;
        std::uint32_t shard_pages = 1;
        for (std::uint32_t d = 0; d < rank; ++d) {
            tensor.push_back(1 + random() % 7);
            shard.push_back(1 + random() % tensor.back());
            pages *= tensor.back();
            shard_pages *= shard.back();
        }
        MetaliumKernelOptions options;
        options.compile_args = {99, metalium_sharded, 64, rank, banks};
        for (const auto n : tensor) options.compile_args.push_back(n);
        for (const auto n : shard) options.compile_args.push_back(n);
        for (std::uint32_t b = 0; b < banks; ++b) {
            options.compile_args.push_back(abi::node(abi::NodeSpace::tile, b % 2, b / 2));
        }
        options.compile_args.push_back(77);  // what follows the accessor
        const auto values =
            computed(device,
                     "constexpr auto args = TensorAccessorArgs<1>();\n"
                     "const auto t = TensorAccessor(args, 0x40000, 64);\n"
                     "*out++ = get_compile_time_arg_val("
                     "args.next_compile_time_args_offset());\n"
                     "for (uint32_t p = 0; p < " +
                         std::to_string(pages) + "; ++p) *out++ = get_noc_addr(p, t);\n",
                     1 + pages, options);
        EXPECT_EQ(values[0], 77u);
        for (std::uint32_t page = 0; page < pages; ++page) {
            // Coordinates of the page, row-major; then of its shard, and in it.
            std::uint32_t rest = page, of_shards = 1, in_pages = 1, number = 0, place = 0;
            for (std::uint32_t d = rank; d-- != 0;) {
                const std::uint32_t at = rest % tensor[d];
                rest /= tensor[d];
                number += at / shard[d] * of_shards;
                place += at % shard[d] * in_pages;
                of_shards *= (tensor[d] + shard[d] - 1) / shard[d];
                in_pages *= shard[d];
            }
            const std::uint32_t bank = number % banks;
            const std::uint64_t node = abi::node(abi::NodeSpace::tile, bank % 2, bank / 2);
            const std::uint64_t offset = 0x40000 + (number / banks * shard_pages + place) * 64;
            EXPECT_EQ(values[1 + page], node << 32 | offset) << "page " << page;
        }
    }
}

TEST(MetaliumAddresses, TheFirstDramBankAnswersWhereItStoodOnTheFirstChips) {
    for (const char* chip : {"blackhole", "wormhole"}) {
        Device device(chip);
        const std::uint32_t magic = 0x600D;
        const Buffer buffer = device.allocate(64, Placement::in_bank(0));
        buffer.write(std::as_bytes(std::span(&magic, 1)));
        const auto address = std::to_string(buffer.address());
        const auto values =
            computed(device,
                     "noc_async_read(get_noc_addr(1, 0, " + address +
                         "), 0x20000, 4);\nnoc_async_read(get_noc_addr(0, 0, " + address +
                         "), 0x20040, 4);\nnoc_async_read_barrier();\n"
                         "(void)out;",
                     9);
        EXPECT_EQ(values[0], 0x600Du);
        EXPECT_EQ(values[8], 0x600Du);
    }
}

}  // namespace
}  // namespace tilewright
