// Multiplies the tiles of A and B on the tile's compute engine: compiled for the three cores that
// feed it. Between steps sums lie in L1 as numbers of 32 bits. The packer adds each step's to them;
// integers, which it does not add, come back to Dst first, as all sums do for the last step, which
// hands on what is finished row by row.
#include "finish.hpp"
#include "tilewright/kernel/arguments.hpp"

// What a core has no part in, it does not use.
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

using namespace tilewright;
namespace engine = kernel::tensix;
namespace compute_api = metalium::compute;
using engine::Format;

static constexpr std::uint32_t sums_bytes = engine::tile_bytes(Format::fp32);

/// What the engine reads, multiplies in so many phases, and makes.
struct Types {
    Format in, source, out;
    std::uint32_t phases;
    matmul::Finish finish;

    Format sums() const { return finish.integers ? Format::int32 : Format::fp32; }
};

/// Some tiles of a row of a block, which are in Dst together.
struct Part {
    std::uint32_t row, first, tiles;
};
/// Calls body(part) for a row in equal parts, as the packer has one while another is computed.
template <class Body>
TILEWRIGHT_DEVICE void for_each_part(std::uint32_t row, std::uint32_t columns, std::uint32_t most,
                                     Body body) {
    const std::uint32_t width =
        columns == 0 ? 0 : matmul::divided_up(columns, matmul::divided_up(columns, most));
    for (std::uint32_t first = 0; first < columns; first += width) {
        body(Part{row, first, matmul::left_of(columns, first, width)});
    }
}

static void start_block(const Types& types) {
    const engine::UnpackFormat format{.in = types.in, .out = types.source};
    UNPACK((engine::start_unpacker(0, format)));
    UNPACK((engine::start_unpacker(1, format)));
    UNPACK((engine::start_unpacking()));
    MATH((engine::start_math(compute_api::dst_use, types.source, types.source,
                             types.finish.integers)));
    MATH((engine::start_matmul(false)));
    PACK((engine::start_packers({.intermediate = types.sums(), .out = types.sums()},
                                compute_api::dst_use)));
}

/// Numbers of 32 bits, as many as `numbers` a tile, come to Dst as they are; then tiles of A and B
/// come to the sources again.
TILEWRIGHT_DEVICE void unpack_to_dst(std::uint32_t numbers) {
    UNPACK((engine::change_unpacker(0, {.in = Format::fp32, .out = Format::fp32, .to_dst = true})));
    UNPACK((engine::unpack_numbers(1, numbers)));
}
TILEWRIGHT_DEVICE void unpack_to_sources(const Types& types) {
    UNPACK((engine::change_unpacker(0, {.in = types.in, .out = types.source})));
    UNPACK((engine::unpack_numbers(1, engine::tile_numbers)));
}

/// As compute_api::unpack_to_dst() does, but the core that computes is asked and told once for all
/// tiles.
TILEWRIGHT_DEVICE void unpack_sums(const Part& part) {
    engine::configure_thread(engine::thread_config::a_row_from_address, 0);
    for (std::uint32_t tile = 0; tile < part.tiles; ++tile) {
        const engine::UnpackCall call;
        call.wait();
        const std::uint32_t context =
            call.set_to_dst(compute_api::front_address(matmul::sums_ring, tile),
                            compute_api::unpack_first_row + tile * engine::tile_rows);
        call.open();
        engine::use_context(context);
        if (tile == 0) {
            engine::wait_while_zero(engine::block::unpack | engine::block::sync,
                                    compute_api::semaphore::dst_is_free);
        }
        compute_api::WholeTile{}(true);
        call.close();
    }
    engine::stall(engine::block::sync, engine::until::unpack);
    engine::get(compute_api::semaphore::dst_is_free);
    engine::post(compute_api::semaphore::unpacked);
    engine::use_context(0);
    engine::configure_thread(engine::thread_config::a_row_from_address, 4);
}

/// The sums of the steps before, to Dst.
static void bring_sums(const Types& types, const Part& part) {
    cb_wait_front(matmul::sums_ring, part.tiles);
    unpack_to_dst(engine::tile_numbers);
    UNPACK((unpack_sums(part)));
    MATH((compute_api::wait_for_unpacked()));
    unpack_to_sources(types);
    cb_pop_front(matmul::sums_ring, part.tiles);
}

/// A tile of A comes once for all tiles of the part.
TILEWRIGHT_DEVICE void unpack_products(const matmul::Block& block, const Types& types,
                                       std::uint32_t steps, const Part& part) {
    const std::uint32_t bytes = engine::tile_bytes(types.in);
    std::uint32_t a = compute_api::front_address(matmul::left_ring, 0) + part.row * steps * bytes;
    std::uint32_t b = compute_api::front_address(matmul::right_ring, 0) + part.first * bytes;
    for (std::uint32_t i = 0; i < steps; ++i) {
        engine::unpack_tiles({}, b, a);
        for (std::uint32_t tile = 1; tile < part.tiles; ++tile) {
            engine::unpack_tile({}, 0, b + tile * bytes);
        }
        a += bytes;
        b += block.columns * bytes;
    }
}
static void add_products(const matmul::Block& block, const Types& types, std::uint32_t steps,
                         const Part& part) {
    UNPACK((unpack_products(block, types, steps, part)));
    for (std::uint32_t i = 0; i < steps; ++i) {
        MATH((engine::multiply_row(0, part.tiles, types.phases)));
    }
}

/// Bias and activation. The last tile of Dst is for the bias.
static void finish_part(const Types& types, const Part& part) {
    const matmul::Finish& finish = types.finish;
    constexpr std::uint32_t bias_tile = compute_api::dst_use.tiles() - 1;
    if (finish.bias) unpack_to_dst(matmul::bias_numbers);
    for (std::uint32_t tile = 0; tile < part.tiles; ++tile) {
        if (finish.bias) {
            std::uint32_t address = 0;
            UNPACK((address = compute_api::front_address(matmul::bias_ring, part.first + tile)));
            compute_api::copy_into_dst(compute_api::CopyBy::unpacker, address, bias_tile,
                                       compute_api::WholeTile{});
            MATH((matmul::load_bias(finish, bias_tile)));
        }
        if (finish.bias || finish.integers) MATH((matmul::finish_sums(finish, tile)));
        MATH((matmul::activate(finish, tile)));
    }
    if (finish.bias) unpack_to_sources(types);
}

/// A step that is not the last one.
static void add_step(const matmul::Blocks& all, const matmul::Block& block, const Types& types,
                     const matmul::Step& step) {
    const bool added_by_packer = !types.finish.integers;
    const bool comes_back = step.first != 0 && !added_by_packer;
    const bool goes_on = step.next_is_last || !added_by_packer;
    if (step.first == 0) cb_reserve_back(matmul::sums_ring, all.rows * all.columns);
    PACK((engine::accumulate_in_l1(step.first != 0 && added_by_packer)));
    std::uint32_t sums = 0;
    PACK((sums = get_write_ptr(matmul::sums_ring)));
    for (std::uint32_t row = 0; row < all.rows; ++row) {
        const std::uint32_t columns = row < block.rows ? block.columns : 0;
        for_each_part(row, columns, compute_api::dst_use.tiles(), [&](const Part& part) {
            tile_regs_acquire();
            if (comes_back) bring_sums(types, part);
            add_products(block, types, step.length, part);
            tile_regs_commit();
            if (comes_back) cb_reserve_back(matmul::sums_ring, part.tiles);
            tile_regs_wait();
            for (std::uint32_t tile = 0; tile < part.tiles; ++tile) {
                PACK((engine::pack_to(
                    tile, sums + (row * all.columns + part.first + tile) * sums_bytes)));
            }
            tile_regs_release();
            if (goes_on) cb_push_back(matmul::sums_ring, part.tiles);
        });
        // Whole blocks go through the ring, whatever there is of them.
        const std::uint32_t none = all.columns - columns;
        if (none == 0) continue;
        if (comes_back) {
            cb_wait_front(matmul::sums_ring, none);
            cb_pop_front(matmul::sums_ring, none);
            cb_reserve_back(matmul::sums_ring, none);
        }
        if (goes_on) cb_push_back(matmul::sums_ring, none);
    }
}

static void last_step(const matmul::Blocks& all, const matmul::Block& block, const Types& types,
                      const matmul::Step& step) {
    const matmul::Finish& finish = types.finish;
    PACK((engine::accumulate_in_l1(false)));
    PACK((engine::change_packers(
        {.intermediate = engine::intermediate_format(types.out, true, false), .out = types.out},
        compute_api::dst_use)));
    if (finish.bias) cb_wait_front(matmul::bias_ring, all.columns);
    const std::uint32_t most = compute_api::dst_use.tiles() - (finish.bias ? 1 : 0);
    for (std::uint32_t row = 0; row < all.rows; ++row) {
        const std::uint32_t columns = row < block.rows ? block.columns : 0;
        cb_reserve_back(matmul::out_ring, all.columns);
        for_each_part(row, columns, most, [&](const Part& part) {
            tile_regs_acquire();
            if (step.first != 0) bring_sums(types, part);
            add_products(block, types, step.length, part);
            finish_part(types, part);
            tile_regs_commit();
            tile_regs_wait();
            for (std::uint32_t tile = 0; tile < part.tiles; ++tile) {
                PACK((engine::pack_to(
                    tile, compute_api::back_address(matmul::out_ring, part.first + tile))));
            }
            tile_regs_release();
        });
        cb_push_back(matmul::out_ring, all.columns);
        const std::uint32_t none = all.columns - columns;
        if (step.first != 0 && none != 0) {
            cb_wait_front(matmul::sums_ring, none);
            cb_pop_front(matmul::sums_ring, none);
        }
    }
    if (finish.bias) cb_pop_front(matmul::bias_ring, all.columns);
}

static void compute(std::uint32_t in, std::uint32_t source, std::uint32_t out, std::uint32_t phases,
                    std::uint32_t finish, std::uint32_t m, std::uint32_t n, std::uint32_t k,
                    std::uint32_t rows, std::uint32_t columns, std::uint32_t depth,
                    std::uint32_t first_depth, std::uint32_t grid_rows,
                    std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, first_depth, grid_rows, grid_columns};
    const Types types{static_cast<Format>(in), static_cast<Format>(source),
                      static_cast<Format>(out), phases, matmul::Finish::of(finish)};
    for (matmul::Pieces piece(all); piece.valid(); piece.next()) {
        const matmul::Step& step = piece.step();
        if (step.first == 0) start_block(types);
        cb_wait_front(matmul::left_ring, rows * depth);
        cb_wait_front(matmul::right_ring, depth * columns);
        step.last ? last_step(all, piece.block(), types, step)
                  : add_step(all, piece.block(), types, step);
        cb_pop_front(matmul::left_ring, rows * depth);
        cb_pop_front(matmul::right_ring, depth * columns);
    }
}
TILEWRIGHT_KERNEL(compute)
