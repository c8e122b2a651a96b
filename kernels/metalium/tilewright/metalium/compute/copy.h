// Tiles from a circular buffer into Dst.
#pragma once

#include "tilewright/kernel/tensix/elementwise.hpp"
#include "tilewright/metalium/compute/reconfig.h"
#include "tilewright/metalium/compute/registers.h"
#include "tilewright/metalium/compute/startup.h"

namespace tilewright::metalium::compute {

/// How a copy comes into Dst: straight from the unpacker; as a sum with zeros, which widens numbers
/// to 32 bits; or moved as it is.
enum class CopyBy : std::uint8_t { unpacker, sum, move };
TILEWRIGHT_DEVICE CopyBy copy_by(std::uint32_t cb) {
    if (goes_to_dst(cb)) return CopyBy::unpacker;
    return dst_use.wide && source_format(cb) != Format::tf32 ? CopyBy::sum : CopyBy::move;
}

namespace semaphore {
// Between the cores that unpack and that compute, where tiles go straight to Dst.
inline constexpr std::uint32_t dst_is_free = engine::semaphore::unpack_to_dst, unpacked = 7;
}  // namespace semaphore

/// A tile that lies whole in L1.
struct WholeTile {
    static constexpr bool is_one_instruction = true;
    TILEWRIGHT_DEVICE void operator()(bool to_dst) const {
        if (to_dst) {
            engine::issue(
                engine::op::unpacr{.contexts = 1, .context = engine::unpacker::first_to_dst});
        } else {
            engine::unpack(0);
        }
    }
};

/// Unpack has instructions for the tile at the address.
template <class Unpack>
TILEWRIGHT_DEVICE void unpack_to_dst(std::uint32_t address, std::uint32_t tile, Unpack unpack) {
    const engine::UnpackCall call;
    call.wait();
    const std::uint32_t context =
        call.set_to_dst(address, unpack_first_row + tile * engine::tile_rows);
    call.open();
    // Rows of Dst are addressed, not those of a set of SrcA.
    engine::configure_thread(engine::thread_config::a_row_from_address, 0);
    engine::use_context(context);
    engine::wait_while_zero(engine::block::unpack | engine::block::sync, semaphore::dst_is_free);
    unpack(true);
    engine::stall(engine::block::sync, engine::until::unpack);
    engine::get(semaphore::dst_is_free);
    engine::post(semaphore::unpacked);
    engine::use_context(0);
    engine::configure_thread(engine::thread_config::a_row_from_address, 4);
    call.close();
}
template <class Unpack>
TILEWRIGHT_DEVICE void unpack_to_a(std::uint32_t address, Unpack unpack) {
    const engine::UnpackCall call;
    if constexpr (Unpack::is_one_instruction) {
        engine::unpack_tile(call, 0, address);
        return;
    }
    call.wait();
    call.set(0, address);
    call.open();
    engine::use_context(call.context());
    unpack(false);
    engine::use_context(0);
    engine::step_contexts();
    call.close();
    call.step();
}
TILEWRIGHT_DEVICE void wait_for_unpacked() {
    engine::stall(engine::block::sync, engine::until::matrix | engine::until::vector);
    engine::post(semaphore::dst_is_free);
    engine::wait_while_zero(engine::block::matrix | engine::block::vector | engine::block::sync,
                            semaphore::unpacked);
    engine::get(semaphore::unpacked);
}

/// A tile from an address in L1 to a tile of Dst.
template <class Unpack>
TILEWRIGHT_DEVICE void copy_into_dst(CopyBy by, std::uint32_t address, std::uint32_t dst,
                                     Unpack unpack) {
    if (by == CopyBy::unpacker) {
        UNPACK((unpack_to_dst(address, dst, unpack)));
        MATH((wait_for_unpacked()));
        return;
    }
    UNPACK((unpack_to_a(address, unpack)));
    UNPACK((by == CopyBy::sum ? engine::unpack_zeros(1) : void()));
    MATH((by == CopyBy::sum
              ? engine::combine_tiles(dst_use, dst, 1, false, engine::matrix::flip_both)
              : engine::copy_to_dst(dst)));
}

}  // namespace tilewright::metalium::compute

TILEWRIGHT_DEVICE void copy_init(std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    UNPACK((note(What::configures, 0, noted(cb))));
    UNPACK((engine::change_unpacker(0, unpack_format(cb, true))));
    UNPACK((engine::transpose_faces(false)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((note(What::sets_up, call_setup::copy)));
    MATH((copy_by(cb) == CopyBy::sum
              ? engine::start_elementwise(engine::Elementwise::add, engine::Broadcast::none, false)
              : engine::start_copies()));
}
/// A tile, by its number from the front of the buffer, to a tile of Dst.
TILEWRIGHT_DEVICE void copy_tile(std::uint32_t cb, std::uint32_t tile, std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    const std::uint32_t address = front_address(cb, tile);
    UNPACK((note(What::reads, 0, noted(cb))));
    MATH((note(What::uses, call_setup::copy)));
    copy_into_dst(copy_by(cb), address, dst, WholeTile{});
}
TILEWRIGHT_DEVICE void copy_block_matmul_partials(std::uint32_t cb, std::uint32_t first,
                                                  std::uint32_t first_dst, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) copy_tile(cb, first + i, first_dst + i);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void copy_block(std::uint32_t cb, std::uint32_t first, std::uint32_t first_dst,
                                  std::uint32_t count) {
    copy_block_matmul_partials(cb, first, first_dst, count);
}

/// For chips whose unpacker has to do something before pages are popped: nothing here.
TILEWRIGHT_DEVICE void dummy_unpack(std::uint32_t cb) {}

// The first generation's names.
TILEWRIGHT_DEVICE void copy_tile_to_dst_init_short(std::uint32_t cb, std::uint32_t = 0) {
    copy_init(cb);
}
TILEWRIGHT_DEVICE void copy_tile_init(std::uint32_t cb) {
    copy_init(cb);
}
TILEWRIGHT_DEVICE void copy_tile_to_dst_init_short_with_dt(std::uint32_t, std::uint32_t cb,
                                                           std::uint32_t = 0) {
    copy_init(cb);
    MATH((tilewright::metalium::compute::change_source_a(cb)));
}
TILEWRIGHT_DEVICE void unary_op_init_common(std::uint32_t icb, std::uint32_t ocb) {
    compute_kernel_hw_startup(icb, icb, ocb);
    copy_init(icb);
}
TILEWRIGHT_DEVICE void init_sfpu(std::uint32_t icb, std::uint32_t ocb) {
    unary_op_init_common(icb, ocb);
}
