// Programs with compute kernels, as users write them: a reader, a kernel for the compute engine and
// a writer on each core. All numbers are small integers, whose sums and products are exact.
#include <tt-metalium/tilize_utils.hpp>

#include "metalium/compute_programs.hpp"

namespace tt::tt_metal::test {
namespace {

// --- Number by number -------------------------------------------------------------------------

constexpr const char* write_results = R"(
    constexpr auto args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const uint32_t first = get_arg_val<uint32_t>(1);
    for (uint32_t i = first; i < first + get_arg_val<uint32_t>(2); ++i) {
        cb_wait_front(16, 1);
        noc_async_write_page(i, c, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    })";

// As kernels of 2024 write it: a namespace, MAIN, and circular buffers left out.
constexpr const char* combine_pairs = R"(
#include "compute_kernel_api/eltwise_binary.h"
namespace NAMESPACE {
void MAIN {
    binary_op_init_common(0, 1);
    OPERATION_INIT();
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        OPERATION(0, 1, 0, 0, 0);
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
})";

void expect_combined(const std::string& operation, bfloat16 (*expected)(bfloat16, bfloat16),
                     const std::string& init) {
    SCOPED_TRACE(operation);
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const CoreRange cores({0, 0}, {1, 1});
    constexpr std::uint32_t tiles_per_core = 3;
    const std::size_t count = 4 * tiles_per_core * constants::TILE_HW;
    const auto a = small_integers(count, -15, 15, 1);
    const auto b = small_integers(count, -15, 15, 2);
    const auto a_buffer = to_dram(*mesh, a);
    const auto b_buffer = to_dram(*mesh, b);
    const auto c_buffer = to_dram(*mesh, std::vector<bfloat16>(count));

    Program program = CreateProgram();
    for (const std::uint8_t index : {0, 1, 16}) add_ring(program, cores, index, 2);
    const KernelHandle reader =
        add_mover(program, read_pairs, cores, DataMovementProcessor::RISCV_1, {a_buffer});
    const KernelHandle writer =
        add_mover(program, write_results, cores, DataMovementProcessor::RISCV_0, {c_buffer});
    const KernelHandle compute = CreateKernelFromString(
        program, combine_pairs, cores,
        ComputeConfig{.defines = {{"OPERATION", operation}, {"OPERATION_INIT", init}}});
    SetRuntimeArgs(program, compute, cores, {tiles_per_core});
    std::uint32_t first = 0;
    for (const CoreCoord& core : cores) {
        SetRuntimeArgs(program, reader, core,
                       {address_of(a_buffer), address_of(b_buffer), first, tiles_per_core});
        SetRuntimeArgs(program, writer, core, {address_of(c_buffer), first, tiles_per_core});
        first += tiles_per_core;
    }
    run(*mesh, std::move(program));
    const auto c = from_dram(*mesh, c_buffer);
    ASSERT_EQ(c.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(c[i], expected(a[i], b[i])) << i << ": " << a[i] << ", " << b[i];
    }
}

TEST(MetaliumCompute, SumsAndProductsOnSeveralCores) {
    expect_combined(
        "add_tiles", [](bfloat16 x, bfloat16 y) { return x + y; },
        "binary_op_specific_init<true, ELWADD>");
    expect_combined(
        "mul_tiles", [](bfloat16 x, bfloat16 y) { return x * y; }, "mul_tiles_init");
}

// Buffers in L1 that circular buffers lie over: nobody pushes what is there already.
TEST(MetaliumCompute, TakesWhatLiesInAShardedBuffer) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const CoreRange cores({0, 0}, {0, 1});
    constexpr std::uint32_t tiles = 4;  // on each core
    const std::size_t count = 2 * tiles * constants::TILE_HW;
    const ShardSpecBuffer shards(cores, {constants::TILE_HEIGHT * tiles, constants::TILE_WIDTH},
                                 ShardOrientation::ROW_MAJOR,
                                 {constants::TILE_HEIGHT, constants::TILE_WIDTH}, {2, tiles});
    std::vector<std::shared_ptr<MeshBuffer>> buffers;
    Program program = CreateProgram();
    for (std::uint8_t index = 0; index < 3; ++index) {
        buffers.push_back(MeshBuffer::create(
            distributed::ReplicatedBufferConfig{.size = count * sizeof(bfloat16)},
            distributed::DeviceLocalBufferConfig{
                .page_size = tile_bytes,
                .buffer_type = BufferType::L1,
                .sharding_args = BufferShardingArgs(shards, TensorMemoryLayout::HEIGHT_SHARDED)},
            mesh.get()));
        CreateCircularBuffer(
            program, cores,
            CircularBufferConfig(tiles * tile_bytes, {{index, DataFormat::Float16_b}})
                .set_page_size(index, tile_bytes)
                .set_globally_allocated_address(*buffers.back()->get_backing_buffer()));
    }
    const auto a = small_integers(count, -15, 15, 1);
    const auto b = small_integers(count, -15, 15, 2);
    auto& queue = mesh->mesh_command_queue();
    distributed::EnqueueWriteMeshBuffer(queue, buffers[0], a);
    distributed::EnqueueWriteMeshBuffer(queue, buffers[1], b);
    CreateKernelFromString(program, R"(
#include "api/compute/eltwise_binary.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 1, 2);
    add_init(0, 1);
    for (uint32_t i = 0; i < 4; ++i) {
        tile_regs_acquire();
        add_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
        tile_regs_wait();
        pack_tile(0, 2);
        tile_regs_release();
        cb_push_back(2, 1);
    }
})",
                           cores, ComputeConfig{});
    run(*mesh, std::move(program));
    std::vector<bfloat16> sums;
    distributed::EnqueueReadMeshBuffer(queue, sums, buffers[2], true);
    ASSERT_EQ(sums.size(), count);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(sums[i], a[i] + b[i]) << i;
}

// --- Products of matrices -----------------------------------------------------------------------

// A block of rows x columns tiles of C, from blocks of A and B that are `inner` tiles deep; what
// they sum up to goes through circular buffer 24 from one block to the next.
constexpr const char* multiply_blocks = R"(
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    const uint32_t rows = get_arg_val<uint32_t>(0), columns = get_arg_val<uint32_t>(1);
    const uint32_t inner = get_arg_val<uint32_t>(2), blocks = get_arg_val<uint32_t>(3);
    const uint32_t tiles = rows * columns;
    mm_init(0, 1, 16);
    for (uint32_t block = 0; block < blocks; ++block) {
        cb_wait_front(0, rows * inner);
        cb_wait_front(1, inner * columns);
        tile_regs_acquire();
        if (block != 0) {
            copy_tile_to_dst_init_short(24);
            cb_wait_front(24, tiles);
            for (uint32_t i = 0; i < tiles; ++i) copy_tile(24, i, i);
            cb_pop_front(24, tiles);
            mm_init_short(0, 1);
        }
        for (uint32_t row = 0; row < rows; ++row) {
            for (uint32_t column = 0; column < columns; ++column) {
                for (uint32_t k = 0; k < inner; ++k) {
                    matmul_tiles(0, 1, row * inner + k, k * columns + column,
                                 row * columns + column);
                }
            }
        }
        tile_regs_commit();
        const uint32_t out = block + 1 == blocks ? 16 : 24;
        cb_reserve_back(out, tiles);
        tile_regs_wait();
        for (uint32_t i = 0; i < tiles; ++i) pack_tile(i, out);
        tile_regs_release();
        cb_push_back(out, tiles);
        cb_pop_front(0, rows * inner);
        cb_pop_front(1, inner * columns);
    }
})";

// Every core of a row of cores wants the same blocks of A. Those of the first column read them and
// send them on, once all others have room; the others say so and wait.
constexpr const char* read_blocks = R"(
    constexpr auto a_args = TensorAccessorArgs<0>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const auto a = TensorAccessor(a_args, get_arg_val<uint32_t>(0));
    const auto b = TensorAccessor(b_args, get_arg_val<uint32_t>(1));
    const uint32_t first_row = get_arg_val<uint32_t>(2), first_column = get_arg_val<uint32_t>(3);
    const uint32_t rows = get_arg_val<uint32_t>(4), columns = get_arg_val<uint32_t>(5);
    const uint32_t inner = get_arg_val<uint32_t>(6), blocks = get_arg_val<uint32_t>(7);
    const uint32_t a_width = get_arg_val<uint32_t>(8), b_width = get_arg_val<uint32_t>(9);
    // 0: reads for itself; above: sends to as many; else from the sender at these coordinates.
    const uint32_t receivers = get_arg_val<uint32_t>(10);
    const uint32_t ready = get_semaphore(0), valid = get_semaphore(1);
    auto* ready_word = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready);
    auto* valid_word = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(valid);
    constexpr uint32_t receives = 0xffffffff;
    for (uint32_t block = 0; block < blocks; ++block) {
        cb_reserve_back(0, rows * inner);
        const uint32_t base = get_write_ptr(0);
        if (receivers != receives) {
            uint32_t to = base;
            for (uint32_t row = 0; row < rows; ++row) {
                for (uint32_t k = 0; k < inner; ++k, to += get_tile_size(0)) {
                    noc_async_read_page((first_row + row) * a_width + block * inner + k, a, to);
                }
            }
            noc_async_read_barrier();
        }
        if (receivers == receives) {
            noc_semaphore_set(valid_word, 0);
            noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(11), get_arg_val<uint32_t>(12),
                                           ready), 1);
            noc_semaphore_wait(valid_word, 1);
        } else if (receivers != 0) {
            noc_semaphore_wait(ready_word, receivers);
            noc_semaphore_set(ready_word, 0);
            const uint32_t x0 = get_arg_val<uint32_t>(11), y0 = get_arg_val<uint32_t>(12);
            const uint32_t x1 = get_arg_val<uint32_t>(13), y1 = get_arg_val<uint32_t>(14);
            noc_async_write_multicast(base, get_noc_multicast_addr(x0, y0, x1, y1, base),
                                      rows * inner * get_tile_size(0), receivers);
            noc_semaphore_set(valid_word, 1);
            noc_semaphore_set_multicast(valid, get_noc_multicast_addr(x0, y0, x1, y1, valid),
                                        receivers);
            noc_async_write_barrier();
        }
        cb_push_back(0, rows * inner);

        cb_reserve_back(1, inner * columns);
        uint32_t to = get_write_ptr(1);
        for (uint32_t k = 0; k < inner; ++k) {
            for (uint32_t column = 0; column < columns; ++column, to += get_tile_size(1)) {
                noc_async_read_page((block * inner + k) * b_width + first_column + column, b, to);
            }
        }
        noc_async_read_barrier();
        cb_push_back(1, inner * columns);
    })";
constexpr const char* write_block = R"(
    constexpr auto args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const uint32_t first_row = get_arg_val<uint32_t>(1), first_column = get_arg_val<uint32_t>(2);
    const uint32_t rows = get_arg_val<uint32_t>(3), columns = get_arg_val<uint32_t>(4);
    const uint32_t width = get_arg_val<uint32_t>(5);
    cb_wait_front(16, rows * columns);
    uint32_t from = get_read_ptr(16);
    for (uint32_t row = 0; row < rows; ++row) {
        for (uint32_t column = 0; column < columns; ++column, from += get_tile_size(16)) {
            noc_async_write_page((first_row + row) * width + first_column + column, c, from);
        }
    }
    noc_async_write_barrier();
    cb_pop_front(16, rows * columns);)";

struct Blocks {
    CoreCoord grid;               ///< cores
    std::uint32_t rows, columns;  ///< tiles of C on each core
    std::uint32_t inner, blocks;  ///< depth of a block in tiles, and how many there are
    bool multicast;               ///< the first core of each row sends A to the others
};

void expect_product(const Blocks& p) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const auto cores_down = static_cast<std::uint32_t>(p.grid.y);
    const auto cores_across = static_cast<std::uint32_t>(p.grid.x);
    const std::uint32_t m = p.rows * cores_down;
    const std::uint32_t n = p.columns * cores_across;
    const std::uint32_t k = p.inner * p.blocks;
    const auto a = small_integers(std::size_t{m} * k * constants::TILE_HW, -2, 2, 1);
    const auto b = small_integers(std::size_t{k} * n * constants::TILE_HW, -2, 2, 2);
    const auto a_buffer = to_dram(*mesh, tilize_nfaces(a, m * 32, k * 32));
    const auto b_buffer = to_dram(*mesh, tilize_nfaces(b, k * 32, n * 32));
    const auto c_buffer =
        to_dram(*mesh, std::vector<bfloat16>(std::size_t{m} * n * constants::TILE_HW));

    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {p.grid.x - 1, p.grid.y - 1});
    add_ring(program, cores, 0, 2 * p.rows * p.inner);
    add_ring(program, cores, 1, 2 * p.inner * p.columns);
    // The result and what is summed up on the way to it share their memory.
    CreateCircularBuffer(
        program, cores,
        CircularBufferConfig(p.rows * p.columns * tile_bytes,
                             {{16, DataFormat::Float16_b}, {24, DataFormat::Float16_b}})
            .set_page_size(16, tile_bytes)
            .set_page_size(24, tile_bytes));
    CreateSemaphore(program, cores, 0);
    CreateSemaphore(program, cores, 0);
    const KernelHandle reader = add_mover(program, read_blocks, cores,
                                          DataMovementProcessor::RISCV_0, {a_buffer, b_buffer});
    const KernelHandle writer =
        add_mover(program, write_block, cores, DataMovementProcessor::RISCV_1, {c_buffer});
    const KernelHandle compute =
        CreateKernelFromString(program, multiply_blocks, cores, ComputeConfig{});
    SetRuntimeArgs(program, compute, cores, {p.rows, p.columns, p.inner, p.blocks});
    const auto router = [&](std::size_t x, std::size_t y) {
        return mesh->worker_core_from_logical_core(CoreCoord{x, y});
    };
    for (const CoreCoord& core : cores) {
        const auto row = static_cast<std::uint32_t>(core.y) * p.rows;
        const auto column = static_cast<std::uint32_t>(core.x) * p.columns;
        const bool sends = p.multicast && core.x == 0;
        const CoreCoord first = router(sends ? 1 : 0, core.y);
        const CoreCoord last = router(p.grid.x - 1, core.y);
        SetRuntimeArgs(program, reader, core,
                       {address_of(a_buffer), address_of(b_buffer), row, column, p.rows, p.columns,
                        p.inner, p.blocks, k, n,
                        sends         ? cores_across - 1
                        : p.multicast ? 0xffffffffu
                                      : 0u,
                        static_cast<std::uint32_t>(first.x), static_cast<std::uint32_t>(first.y),
                        static_cast<std::uint32_t>(last.x), static_cast<std::uint32_t>(last.y)});
        SetRuntimeArgs(program, writer, core,
                       {address_of(c_buffer), row, column, p.rows, p.columns, n});
    }
    run(*mesh, std::move(program));

    const auto c = untilize_nfaces(from_dram(*mesh, c_buffer), m * 32, n * 32);
    for (std::size_t i = 0; i < m * 32; ++i) {
        for (std::size_t j = 0; j < n * 32; ++j) {
            float sum = 0;
            for (std::size_t l = 0; l < k * 32; ++l) {
                sum += a[i * k * 32 + l].to_float() * b[l * n * 32 + j].to_float();
            }
            ASSERT_LE(std::abs(sum), 256) << "not exact in bfloat16";
            ASSERT_EQ(c[i * n * 32 + j], bfloat16(sum)) << "row " << i << ", column " << j;
        }
    }
}

TEST(MetaliumCompute, MultipliesMatricesOnOneCore) {
    expect_product({.grid = {1, 1}, .rows = 2, .columns = 2, .inner = 3, .blocks = 1});
}
TEST(MetaliumCompute, SumsUpBlocksOnSeveralCores) {
    expect_product({.grid = {2, 2}, .rows = 2, .columns = 1, .inner = 2, .blocks = 3});
}
TEST(MetaliumCompute, MulticastsBlocksAlongARow) {
    expect_product(
        {.grid = {3, 2}, .rows = 1, .columns = 2, .inner = 1, .blocks = 4, .multicast = true});
}

// The three cores of a compute kernel, by what they print.
TEST(MetaliumCompute, EachCoreDoesItsPart) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    CreateKernelFromString(
        program, R"(
#include "api/compute/common.h"
void kernel_main() {
    auto* words = reinterpret_cast<volatile uint32_t*>(0x20000);
    UNPACK((words[0] = 1));
    MATH((words[1] = 2 + static_cast<uint32_t>(MATH_FIDELITY)));
    PACK((words[2] = 10 + DST_ACCUM_MODE));
})",
        CoreCoord{1, 1},
        ComputeConfig{.math_fidelity = MathFidelity::HiFi2, .fp32_dest_acc_en = true});
    run(*mesh, std::move(program));
    std::vector<std::uint32_t> words;
    detail::ReadFromDeviceL1(mesh->get_devices()[0], CoreCoord{1, 1}, 0x20000, 12, words);
    EXPECT_EQ(words, (std::vector<std::uint32_t>{1, 4, 11}));
}

}  // namespace
}  // namespace tt::tt_metal::test
