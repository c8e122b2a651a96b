// Multiplies the tiles of A and B on the tile's compute engine: compiled for the three cores that
// feed it. Sums lie in L1 as numbers of 32 bits; the packer adds each step's to them.
#include "tilewright/metalium/compute.h"

#include "blocks.hpp"
#include "tilewright/kernel/arguments.hpp"

// What a core has no part in, it does not use.
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

using namespace tilewright;
namespace engine = kernel::tensix;
using engine::Format;

/// Tiles of Dst at a time: a row in equal parts, as the packer has one while another is computed.
static std::uint32_t width_of_parts(std::uint32_t columns) {
    constexpr std::uint32_t most = metalium::compute::dst_use.tiles();
    return matmul::divided_up(columns, matmul::divided_up(columns, most));
}
static constexpr std::uint32_t sums_bytes = engine::tile_bytes(Format::fp32);

/// What the engine reads, multiplies in so many phases, and makes.
struct Types {
    Format in, source, out;
    std::uint32_t phases;
};

static void start_block(const Types& types) {
    const engine::UnpackFormat format{.in = types.in, .out = types.source};
    UNPACK((engine::start_unpacker(0, format)));
    UNPACK((engine::start_unpacker(1, format)));
    UNPACK((engine::start_unpacking()));
    MATH((engine::start_math(metalium::compute::dst_use, types.source, types.source, false)));
    MATH((engine::start_matmul(false)));
    PACK((engine::start_packers({.intermediate = Format::fp32, .out = Format::fp32},
                                metalium::compute::dst_use)));
}

/// Adds what a step gives to the sums at an address. Of the last step each row is handed on.
static void add_step(const matmul::Blocks& all, const matmul::Block& block, const Types& types,
                     std::uint32_t steps, std::uint32_t sums, bool last) {
    const std::uint32_t bytes = engine::tile_bytes(types.in);
    std::uint32_t a = 0, b = 0;
    UNPACK((a = metalium::compute::front_address(matmul::left_ring, 0)));
    UNPACK((b = metalium::compute::front_address(matmul::right_ring, 0)));
    const std::uint32_t width = width_of_parts(block.columns);
    for (std::uint32_t row = 0; row < block.rows; ++row) {
        for (std::uint32_t first = 0; first < block.columns; first += width) {
            const std::uint32_t tiles = matmul::left_of(block.columns, first, width);
            tile_regs_acquire();
            for (std::uint32_t i = 0; i < steps; ++i) {
                // A tile of A stays in SrcB for all tiles of the row.
                UNPACK((engine::unpack_tile({}, 1, a + (row * all.depth + i) * bytes)));
                for (std::uint32_t tile = 0; tile < tiles; ++tile) {
                    UNPACK(
                        (engine::unpack_tile({}, 0, b + (i * all.columns + first + tile) * bytes)));
                    MATH((engine::multiply_tiles(
                        tile, types.phases,
                        tile + 1 == tiles ? engine::matrix::flip_both : engine::matrix::flip_a)));
                }
            }
            tile_regs_commit();
            tile_regs_wait();
            for (std::uint32_t tile = 0; tile < tiles; ++tile) {
                PACK((
                    engine::pack_to(tile, sums + (row * all.columns + first + tile) * sums_bytes)));
            }
            tile_regs_release();
        }
        if (last) cb_push_back(matmul::sums_ring, all.columns);
    }
}

/// The sums as numbers of the output's type.
static void convert_sums(const matmul::Blocks& all, const matmul::Block& block,
                         const Types& types) {
    PACK((engine::change_packers(
        {.intermediate = engine::intermediate_format(types.out, true, false), .out = types.out},
        metalium::compute::dst_use)));
    copy_init(matmul::sums_ring);
    const std::uint32_t width = width_of_parts(block.columns);
    for (std::uint32_t row = 0; row < all.rows; ++row) {
        cb_wait_front(matmul::sums_ring, all.columns);
        cb_reserve_back(matmul::out_ring, all.columns);
        for (std::uint32_t first = 0; row < block.rows && first < block.columns; first += width) {
            const std::uint32_t tiles = matmul::left_of(block.columns, first, width);
            tile_regs_acquire();
            for (std::uint32_t tile = 0; tile < tiles; ++tile) {
                copy_tile(matmul::sums_ring, first + tile, tile);
            }
            tile_regs_commit();
            tile_regs_wait();
            for (std::uint32_t tile = 0; tile < tiles; ++tile) {
                PACK((engine::pack_to(
                    tile, metalium::compute::back_address(matmul::out_ring, first + tile))));
            }
            tile_regs_release();
        }
        cb_pop_front(matmul::sums_ring, all.columns);
        cb_push_back(matmul::out_ring, all.columns);
    }
}

static void compute(std::uint32_t in, std::uint32_t source, std::uint32_t out, std::uint32_t phases,
                    std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t rows,
                    std::uint32_t columns, std::uint32_t depth, std::uint32_t grid_rows,
                    std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, grid_rows, grid_columns};
    const Types types{static_cast<Format>(in), static_cast<Format>(source),
                      static_cast<Format>(out), phases};
    matmul::for_each_round(all, [&](const matmul::Block& block) {
        start_block(types);
        cb_reserve_back(matmul::sums_ring, rows * columns);
        PACK((engine::accumulate_in_l1(false)));
        std::uint32_t sums = 0;
        PACK((sums = get_write_ptr(matmul::sums_ring)));
        for (std::uint32_t step = 0; step < k; step += depth) {
            cb_wait_front(matmul::left_ring, rows * depth);
            cb_wait_front(matmul::right_ring, depth * columns);
            add_step(all, block, types, matmul::left_of(k, step, depth), sums, step + depth >= k);
            cb_pop_front(matmul::left_ring, rows * depth);
            cb_pop_front(matmul::right_ring, depth * columns);
            if (step == 0) PACK((engine::accumulate_in_l1(true)));
        }
        PACK((engine::accumulate_in_l1(false)));
        // Whole blocks go through the ring, whatever there is of them.
        for (std::uint32_t row = block.rows; row < rows; ++row) {
            cb_push_back(matmul::sums_ring, columns);
        }
        if (types.out != Format::fp32) convert_sums(all, block, types);
    });
}
TILEWRIGHT_KERNEL(compute)
