// What the cores of a compute kernel tell one another: words by their mailboxes, and what the core
// that unpacks finds in the pages of a circular buffer.
#pragma once

#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/metalium/circular_buffers.h"
#include "tilewright/metalium/compute/common.h"

namespace ckernel {

/// The cores of a tile that have mailboxes, by their processors.
enum ThreadId : std::uint8_t {
    BriscThreadId = 0,
    UnpackThreadId = 1,
    MathThreadId = 2,
    PackThreadId = 3,
};

}  // namespace ckernel
using ckernel::ThreadId;

namespace tilewright::metalium::compute {

TILEWRIGHT_DEVICE volatile std::uint32_t* mailbox_of(std::uint8_t thread) {
    return reinterpret_cast<volatile std::uint32_t*>(abi::compute_registers +
                                                     abi::compute_register::mailbox(thread));
}

}  // namespace tilewright::metalium::compute

/// To a core of the same tile; waits while four words that this one sent it are not read.
TILEWRIGHT_DEVICE void mailbox_write(std::uint8_t thread, std::uint32_t word) {
    *tilewright::metalium::compute::mailbox_of(thread) = word;
}
/// The next word that a core of the same tile has sent to this one; waits for it.
[[nodiscard]] TILEWRIGHT_DEVICE std::uint32_t mailbox_read(std::uint8_t thread) {
    return *tilewright::metalium::compute::mailbox_of(thread);
}
TILEWRIGHT_DEVICE bool mailbox_not_empty(std::uint8_t thread) {
    return tilewright::metalium::compute::mailbox_of(thread)[1] != 0;
}

namespace tilewright::metalium::compute {

/// What the core that unpacks finds, on all three.
template <class F>
TILEWRIGHT_DEVICE std::uint32_t from_unpacker([[maybe_unused]] F find) {
    std::uint32_t word = 0;
    UNPACK(word = find(); mailbox_write(ckernel::MathThreadId, word);
           mailbox_write(ckernel::PackThreadId, word);)
    MATH(word = mailbox_read(ckernel::UnpackThreadId);)
    PACK(word = mailbox_read(ckernel::UnpackThreadId);)
    return word;
}
TILEWRIGHT_DEVICE std::uint32_t page_address(std::uint32_t cb, std::uint32_t page) {
    return get_read_ptr(cb) + page * ring_of(cb).page_bytes;
}

}  // namespace tilewright::metalium::compute

namespace tilewright::metalium::compute {

TILEWRIGHT_DEVICE std::uint32_t told_address(std::uint32_t cb, std::uint32_t page) {
    return from_unpacker([=] { return page_address(cb, page); });
}
template <class T>
TILEWRIGHT_DEVICE T told_number(std::uint32_t cb, std::uint32_t page, std::uint32_t element) {
    static_assert(sizeof(T) <= 4, "read_tile_value: a word has 32 bits");
    return static_cast<T>(from_unpacker([=] {
        const auto* const numbers = reinterpret_cast<const volatile T*>(page_address(cb, page));
        return static_cast<std::uint32_t>(numbers[element]);
    }));
}

}  // namespace tilewright::metalium::compute

/// Where a page lies, by its number from the front of a buffer, whose pages were waited for.
TILEWRIGHT_DEVICE std::uint32_t get_tile_address(std::uint32_t cb, std::uint32_t page) {
    return tilewright::metalium::compute::told_address(cb, page);
}
/// A number in a page, by its place among others of its type.
template <class T = std::uint32_t>
TILEWRIGHT_DEVICE T read_tile_value(std::uint32_t cb, std::uint32_t page, std::uint32_t element) {
    return tilewright::metalium::compute::told_number<T>(cb, page, element);
}
/// The first generation's: the pointer lies 16 bytes before the page. All three cores have to call
/// cb_release_tile() before the page is popped.
TILEWRIGHT_DEVICE void cb_get_tile(std::uint32_t cb, std::uint32_t page, volatile void* pointer) {
    constexpr std::uint32_t header = 16;
    *static_cast<volatile std::uint32_t*>(pointer) = get_tile_address(cb, page) - header;
}
TILEWRIGHT_DEVICE void cb_release_tile(std::uint32_t /*cb*/) {
    UNPACK(static_cast<void>(mailbox_read(ckernel::MathThreadId));
           static_cast<void>(mailbox_read(ckernel::PackThreadId));)
    MATH(mailbox_write(ckernel::UnpackThreadId, 0);)
    PACK(mailbox_write(ckernel::UnpackThreadId, 0);)
}

// --- Semaphores of the engine --------------------------------------------------------------------

namespace ckernel {

/// Numbers of the engine's semaphores. Calls of this API use MATH_PACK, UNPACK_TO_DEST, UNPACK_SYNC
/// and MATH_DONE themselves; the others are free.
struct semaphore {
    static constexpr std::uint32_t FPU_SFPU = 0;
    static constexpr std::uint32_t MATH_PACK = 1;
    static constexpr std::uint32_t UNPACK_TO_DEST = 2;
    static constexpr std::uint32_t UNPACK_OPERAND_SYNC = 3;
    static constexpr std::uint32_t PACK_DONE = 4;
    static constexpr std::uint32_t UNPACK_SYNC = 5;
    static constexpr std::uint32_t UNPACK_MATH_DONE = 6;
    static constexpr std::uint32_t MATH_DONE = 7;
    static constexpr std::uint16_t t6_sem(std::uint8_t index) {
        return static_cast<std::uint16_t>(1u << index);
    }
};
/// Masks: until when, and what waits.
struct p_stall {
    static constexpr std::uint32_t NONE = 0;
    static constexpr std::uint32_t THCON = tilewright::kernel::tensix::until::scalar;
    static constexpr std::uint32_t UNPACK = tilewright::kernel::tensix::until::unpack;
    static constexpr std::uint32_t UNPACK0 = UNPACK & 2;
    static constexpr std::uint32_t UNPACK1 = UNPACK & 4;
    static constexpr std::uint32_t PACK = tilewright::kernel::tensix::until::pack;
    static constexpr std::uint32_t MATH = tilewright::kernel::tensix::until::matrix;
    static constexpr std::uint32_t SRCA_VLD = tilewright::kernel::tensix::until::a_unpacked;
    static constexpr std::uint32_t SRCB_VLD = tilewright::kernel::tensix::until::b_unpacked;
    static constexpr std::uint32_t WAIT_SFPU = tilewright::kernel::tensix::until::vector;
    static constexpr std::uint32_t SFPU1 = WAIT_SFPU;
    static constexpr std::uint32_t STALL_TDMA = 0x1;
    static constexpr std::uint32_t STALL_SYNC = tilewright::kernel::tensix::block::sync;
    static constexpr std::uint32_t STALL_PACK = tilewright::kernel::tensix::block::pack;
    static constexpr std::uint32_t STALL_UNPACK = tilewright::kernel::tensix::block::unpack;
    static constexpr std::uint32_t STALL_THCON = tilewright::kernel::tensix::block::scalar;
    static constexpr std::uint32_t STALL_MATH = tilewright::kernel::tensix::block::matrix;
    static constexpr std::uint32_t STALL_CFG = tilewright::kernel::tensix::block::configuration;
    static constexpr std::uint32_t STALL_SFPU = tilewright::kernel::tensix::block::vector;
    static constexpr std::uint32_t STALL_THREAD = 0x1ff;
    static constexpr std::uint32_t STALL_ON_ZERO = 1;
    static constexpr std::uint32_t STALL_ON_MAX = 2;
};

}  // namespace ckernel
using ckernel::p_stall;
using ckernel::semaphore;

namespace tilewright::metalium::compute {

template <std::uint32_t units>
TILEWRIGHT_DEVICE void stall_sync() {
    if constexpr (units != 0) engine::stall(engine::block::sync, units);
}

}  // namespace tilewright::metalium::compute

/// Sets a semaphore of the engine; once what the thread told these units is done, if any are named.
template <std::uint32_t units = p_stall::NONE>
TILEWRIGHT_DEVICE void t6_semaphore_init(std::uint8_t index, std::uint8_t value,
                                         std::uint8_t maximum) {
    namespace engine = tilewright::kernel::tensix;
    tilewright::metalium::compute::stall_sync<units>();
    engine::issue(
        engine::op::seminit{.semaphores = 1u << index, .value = value, .maximum = maximum});
}
/// Adds 1, or takes 1 away.
template <std::uint32_t units = p_stall::NONE>
TILEWRIGHT_DEVICE void t6_semaphore_post(std::uint8_t index) {
    tilewright::metalium::compute::stall_sync<units>();
    tilewright::kernel::tensix::post(index);
}
template <std::uint32_t units = p_stall::NONE>
TILEWRIGHT_DEVICE void t6_semaphore_get(std::uint8_t index) {
    tilewright::metalium::compute::stall_sync<units>();
    tilewright::kernel::tensix::get(index);
}
/// Instructions of these kinds (p_stall::STALL_...) wait while it is 0, or while it is full.
template <std::uint32_t blocks>
TILEWRIGHT_DEVICE void t6_semaphore_wait_on_zero(std::uint8_t index) {
    tilewright::kernel::tensix::wait_while_zero(blocks, index);
}
template <std::uint32_t blocks>
TILEWRIGHT_DEVICE void t6_semaphore_wait_on_max(std::uint8_t index) {
    tilewright::kernel::tensix::wait_while_full(blocks, index);
}
/// Until the engine has done what this core told it.
TILEWRIGHT_DEVICE void tensix_sync() {
    tilewright::kernel::tensix::wait_until_done();
}

namespace ckernel {
using ::get_tile_address;
using ::mailbox_not_empty;
using ::mailbox_read;
using ::mailbox_write;
using ::read_tile_value;
using ::t6_semaphore_get;
using ::t6_semaphore_init;
using ::t6_semaphore_post;
using ::t6_semaphore_wait_on_max;
using ::t6_semaphore_wait_on_zero;
using ::tensix_sync;
}  // namespace ckernel
