// Addresses that TT-Metalium kernels compute for pages: every generator against its rule, worked
// out here page by page.
#include <functional>
#include <numeric>
#include <random>

#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"
#include "tilewright/noc/registers.hpp"

namespace tilewright {
namespace {

std::uint64_t noc_address(abi::NodeSpace space, std::uint32_t x, std::uint64_t offset) {
    return std::uint64_t{abi::node(space, x, x >> 8)} << 32 | offset;
}

/// A kernel that stores 64-bit values from `out` on.
Launch computing(const ChipConfig& chip, const std::string& source,
                 const MetaliumKernelOptions& options = {},
                 const std::vector<std::uint32_t>& common = {}) {
    return metalium_launch(
        chip,
        "void kernel_main() {\n    volatile uint64_t* out = (volatile uint64_t*)0x20000;\n" +
            source + "\n}\n",
        {{0, 0}, 0}, {0x40000}, options, common);
}

/// What it stores.
std::vector<std::uint64_t> computed(Device& device, const Launch& launch, std::size_t count) {
    device.run(std::span(&launch, 1));
    std::vector<std::uint64_t> values(count);
    device.read_l1({0, 0}, 0x20000, std::as_writable_bytes(std::span(values)));
    return values;
}

TEST(MetaliumAddresses, InterleavedPagesGoRoundTheBanks) {
    const Launch launch = precompiled([] {
        MetaliumKernelOptions options;
        options.compile_args = {metalium_dram, 100, 0, 100};
        return computing(preset("blackhole"), R"(
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
                         options);
    });
    Device device("blackhole");
    constexpr std::uint32_t pages = 300;
    const auto values = computed(device, launch, 5 * pages);
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

/// A sharded tensor, and what its accessor must say.
struct Sharded {
    std::vector<std::uint32_t> tensor;  // pages, outermost dimension first
    std::vector<std::uint32_t> shard;
    std::uint32_t banks;

    static constexpr std::uint32_t address = 0x40000;
    static constexpr std::uint32_t stride = 64;

    static std::uint32_t volume(const std::vector<std::uint32_t>& shape) {
        return std::accumulate(shape.begin(), shape.end(), 1u, std::multiplies<>());
    }
    std::uint64_t node(std::uint32_t bank) const {
        return abi::node(abi::NodeSpace::tile, bank % 2, bank / 2);
    }
    std::uint64_t place_in(std::uint32_t number, std::uint32_t place) const {
        return node(number % banks) << 32 |
               (address + (number / banks * volume(shard) + place) * stride);
    }
    /// Number of a page's shard, and its place there.
    std::pair<std::uint32_t, std::uint32_t> shard_of(std::uint32_t page) const {
        std::uint32_t of_shards = 1, in_pages = 1, number = 0, place = 0;
        for (std::size_t d = tensor.size(); d-- != 0;) {
            const std::uint32_t at = page % tensor[d];
            page /= tensor[d];
            number += at / shard[d] * of_shards;
            place += at % shard[d] * in_pages;
            of_shards *= (tensor[d] + shard[d] - 1) / shard[d];
            in_pages *= shard[d];
        }
        return {number, place};
    }
    /// The words that describe it: those that `flags` moves go to the second vector.
    std::array<std::vector<std::uint32_t>, 2> words(std::uint32_t flags) const {
        std::array<std::vector<std::uint32_t>, 2> result;
        result[0] = {flags | metalium_sharded, stride};
        const auto add = [&](std::uint32_t flag, const std::vector<std::uint32_t>& more) {
            auto& to = result[(flags & flag) != 0];
            to.insert(to.end(), more.begin(), more.end());
        };
        add(4, {static_cast<std::uint32_t>(tensor.size())});
        add(8, {banks});
        add(16, tensor);
        add(32, shard);
        for (std::uint32_t b = 0; b < banks; ++b) add(64, {static_cast<std::uint32_t>(node(b))});
        return result;
    }
};

// Which of the words come at run time, and of which tensor.
constexpr std::uint32_t flags_of_rounds[] = {0, 16, 32 | 64, 4 | 16 | 32, 8 | 64, 124};

std::vector<Sharded> random_tensors() {
    std::mt19937 random(11);
    std::vector<Sharded> all;
    for (std::size_t round = 0; round < std::size(flags_of_rounds); ++round) {
        Sharded& t =
            all.emplace_back(Sharded{{}, {}, 1 + static_cast<std::uint32_t>(random() % 4)});
        for (std::size_t d = 0; d < 1 + round % 3; ++d) {
            t.tensor.push_back(1 + random() % 7);
            t.shard.push_back(1 + random() % t.tensor.back());
        }
    }
    return all;
}

Launch looking_at_pages(const Sharded& t, std::uint32_t flags) {
    const std::uint32_t pages = Sharded::volume(t.tensor);
    const std::uint32_t number = t.shard_of(pages - 1).first;
    auto [compile_args, common] = t.words(flags);
    MetaliumKernelOptions options;
    compile_args.insert(compile_args.begin(), 99);
    compile_args.push_back(77);  // what follows the accessor
    options.compile_args = compile_args;
    common.insert(common.begin(), 55);
    common.push_back(66);
    return computing(
        preset("tiny"),
        "constexpr auto args = TensorAccessorArgs<1, 1>();\n"
        "const auto t = TensorAccessor(args, 0x40000, 64);\n"
        "const auto later = TensorAccessorArgs<1>(1);\n"
        "*out++ = get_compile_time_arg_val(args.next_compile_time_args_offset());\n"
        "*out++ = get_common_arg_val<uint32_t>(args.next_common_runtime_args_offset());\n"
        "*out++ = t.dspec().tensor_volume() << 16 | t.dspec().shard_volume();\n"
        "*out++ = t.get_shard_noc_addr(" +
            std::to_string(number) +
            ", 4);\n"
            "for (uint32_t p = 0; p < " +
            std::to_string(pages) +
            "; ++p) {\n"
            "    *out++ = get_noc_addr(p, t);\n"
            "    *out++ = TensorAccessor(later, 0x40000).get_noc_addr(p);\n"
            "}\n"
            "for (const auto& page : t.pages()) *out++ = page.noc_addr();\n"
            "for (const auto& page : t.shard_pages(" +
            std::to_string(number) +
            ")) {\n"
            "    *out++ = page.noc_addr();\n    *out++ = page.page_id();\n}\n*out = 88;\n",
        options, common);
}

TEST(MetaliumAddresses, ShardedPagesLieInTheirShards) {
    const auto launches = precompiled([] {
        std::vector<Launch> all;
        for (const Sharded& t : random_tensors())
            all.push_back(looking_at_pages(t, flags_of_rounds[all.size()]));
        return all;
    });
    const std::vector<Sharded> tensors = random_tensors();
    Device device("tiny");
    for (std::size_t round = 0; round < tensors.size(); ++round) {
        const Sharded& t = tensors[round];
        const std::uint32_t pages = Sharded::volume(t.tensor);
        const auto [number, place] = t.shard_of(pages - 1);  // the last shard, which may be cut
        const auto values = computed(device, launches[round], 4 + 5 * pages + 1);
        EXPECT_EQ(values[0], 77u);
        EXPECT_EQ(values[1], 66u);
        EXPECT_EQ(values[2], pages << 16 | Sharded::volume(t.shard));
        EXPECT_EQ(values[3], t.place_in(number, 0) + 4);
        std::size_t next = 4;
        for (std::uint32_t page = 0; page < pages; ++page) {
            const auto [shard, at] = t.shard_of(page);
            EXPECT_EQ(values[next++], t.place_in(shard, at)) << "page " << page;
            EXPECT_EQ(values[next++], t.place_in(shard, at)) << "page " << page;
        }
        for (std::uint32_t page = 0; page < pages; ++page) {
            const auto [shard, at] = t.shard_of(page);
            EXPECT_EQ(values[next++], t.place_in(shard, at)) << "page " << page;
        }
        for (std::uint32_t in_shard = 0; in_shard < Sharded::volume(t.shard); ++in_shard) {
            for (std::uint32_t page = 0; page < pages; ++page) {
                if (t.shard_of(page) != std::pair(number, in_shard)) continue;
                EXPECT_EQ(values[next++], t.place_in(number, in_shard));
                EXPECT_EQ(values[next++], page);
            }
        }
        EXPECT_EQ(values[next], 88u);
    }
}

TEST(MetaliumAddresses, ShardsAndPagesCanBeNamedByCoordinates) {
    const auto tensor = [] { return Sharded{{4, 6}, {2, 3}, 3}; };
    const Launch launch = precompiled([] {
        MetaliumKernelOptions options;
        options.compile_args = decltype(tensor){}().words(0)[0];
        return computing(preset("tiny"), R"(
        const auto t = TensorAccessor(TensorAccessorArgs<0>(), 0x40000);
        const uint32_t page[2] = {3, 4}, shard[2] = {1, 1};
        *out++ = t.get_noc_addr(page);
        *out++ = t.get_shard_noc_addr(shard);
        *out++ = t.is_local_shard(0) << 1 | t.is_local_shard(1);
        *out++ = t.is_local_page(0) << 1 | t.is_local_page(3);
        const auto accessors = make_tensor_accessor_tuple(make_tensor_accessor_args_tuple<1, 0>(), 0);
        *out++ = make_abstract_tensor_accessor_wrappers(accessors)[0].get_noc_addr(5, 8);)",
                         options);
    });
    Device device("tiny");
    const auto values = computed(device, launch, 5);
    const Sharded t = tensor();
    const auto [shard, place] = t.shard_of(3 * 6 + 4);
    EXPECT_EQ(values[0], t.place_in(shard, place));
    EXPECT_EQ(values[1], t.place_in(3, 0));
    EXPECT_EQ(values[2], 2u) << "the kernel runs on the tile of bank 0";
    EXPECT_EQ(values[3], 2u);
    const auto [other, at] = t.shard_of(5);
    EXPECT_EQ(values[4], t.place_in(other, at) + 8);
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
                     computing(device.config(),
                               "noc_async_read(get_noc_addr(1, 0, " + address +
                                   "), 0x20000, 4);\nnoc_async_read(get_noc_addr(0, 0, " + address +
                                   "), 0x20040, 4);\nnoc_async_read_barrier();\n"
                                   "(void)out;"),
                     9);
        EXPECT_EQ(values[0], 0x600Du);
        EXPECT_EQ(values[8], 0x600Du);
    }
}

}  // namespace
}  // namespace tilewright
