// The inner loop of the interpreter: runs decoded instructions until something is not plain.
//
// It calls nothing, so that the compiler can keep its few variables in registers; whatever needs
// the bus, the limits or a block that is not there yet goes back to the caller (hart.cpp).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "block.hpp"
#include "schedule.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/push_port.hpp"

namespace tilewright::riscv {

/// A Region made ready for the test: rotate the offset right by log2(size), compare with
/// limit[log2(size)]. A misaligned offset rotates its low bits to the top and fails too.
struct Window {
    std::uint32_t base = 0;
    std::array<std::uint32_t, 3> limit{};
    std::uintptr_t shift = 0;  ///< from addresses of the guest to those of the host
    std::uintptr_t host = 0;   ///< of the base

    Window() = default;
    explicit Window(const Region& r)
        : base(r.base),
          limit{r.bytes, r.bytes / 2, r.bytes / 4},
          shift(reinterpret_cast<std::uintptr_t>(r.host) - r.base),
          host(reinterpret_cast<std::uintptr_t>(r.host)) {}
};

/// True, and the place, if `size = 1 << shift` bytes at `address` lie in the window and are
/// aligned.
template <unsigned shift>
[[gnu::always_inline]] inline bool hits(const Window& w, std::uint32_t address, std::byte*& place) {
    const std::uint32_t offset = address - w.base;
    if (std::rotr(offset, shift) >= w.limit[shift]) return false;
    place = reinterpret_cast<std::byte*>(w.shift + address);  // NOLINT(performance-no-int-to-ptr)
    return true;
}

/// So many changes of function, and the loop is left at the next block.
inline constexpr std::uint32_t most_calls = 64;

/// What the inner loop works on. The first part is set when a program or memories are, the second
/// by the caller of execute() or by execute() itself.
struct Context {
    Window near, far, far_store, image, direct;
    const std::uint8_t* direct_marks = nullptr;  ///< of the DirtyChunks of direct memory
    std::uint32_t load_direct = 0;
    DivideCost divide;
    const std::atomic<const Block*>* table = nullptr;  ///< Code::table()
    std::uint32_t text_base = 0;
    std::uint32_t text_halves = 0;
    PushPort* port = nullptr;       ///< of the coprocessor
    bool counted = false;           ///< the Code is decoded for counting
    PlaceCounts* counts = nullptr;  ///< what is counted, if anybody wants to know

    HartState* hart = nullptr;
    CallRecord* calls = nullptr;  ///< room for most_calls of them
    std::uint32_t call_count = 0;
    const Block* block = nullptr;
    const Instruction* at = nullptr;  ///< the next one, in `block`
    std::uint64_t cycles = 0;         ///< at the entry of the block, plus penalties since
    std::uint64_t retired = 0;        ///< at the entry of the block
    std::uint64_t check = 0;          ///< Exit::boundary at a block entry with cycles >= check
    /// Where to begin instead of the handler of `at`, if not nullptr: once.
    const void* begin = nullptr;

    // Translated code (translation.hpp):
    std::uint32_t left_entry = 0;  ///< of the block that it has left off at
    std::uint32_t left_index = 0;  ///< of the instruction there; `resumes` if at one of its own
    std::uint32_t penalty = 0;     ///< of its last access off its own paths
    std::uint64_t translated = 0;  ///< instructions that it has carried out

    // Written with Exit::transfer:
    std::uint32_t target = 0;
    std::uint32_t cost = 0;                     ///< of the block when left this way
    std::atomic<const Block*>* link = nullptr;  ///< where the target's block is to be noted, if any
};

/// For a profile; nothing if nobody wants one.
inline void count_left(Context& c, const Block& block, bool against_prediction) {
    if (c.counts != nullptr) ++c.counts[block.counted_at].left[against_prediction ? 1 : 0];
}
inline void count_beyond(Context& c, const Block& block, const Instruction& at,
                         std::uint64_t PlaceCounts::*field, std::uint64_t cycles) {
    if (c.counts == nullptr || cycles == 0) return;
    const std::uint32_t offset = block.slots[&at - block.instructions()].offset;
    c.counts[block.counted_at + offset / 2].*field += cycles;
}

/// The registers of a hart as the array that Operands count in: x, f and the sink lie one behind
/// the other.
inline std::uint32_t* registers(HartState& hart) {
    static_assert(std::is_standard_layout_v<HartState> && offsetof(HartState, x) == 0);
    static_assert(offsetof(HartState, f) == 4 * first_float);
    static_assert(offsetof(HartState, sink) == 4 * sink);
    return reinterpret_cast<std::uint32_t*>(&hart);
}

enum class Exit : std::uint8_t {
    boundary,    ///< at a block entry
    transfer,    ///< `at` is about to leave the block for a target that has no block yet
    slow,        ///< `at` has to be carried out by the caller
    stop,        ///< `at` is Op::stop
    translated,  ///< `block` is to be carried out by translated code; only within execute()
    unmade,  ///< translated code has left off in a block that is not made yet: Context::left_entry
};

Exit execute(Context& context);
/// After Exit::unmade, with the block at Context::left_entry made; nullptr: there is none.
Exit execute_unmade(Context& context, const Block* block);

/// The address that execute() jumps to for an Op; in code that is decoded for counting, another.
const void* handler(Op op, bool counted);

/// Which operand of the second instruction of a superinstruction is the result of the first one.
enum class Forwarded : std::uint8_t { none, rs1, rs2 };
/// Of the superinstruction that does `first` and then `second`; nullptr if there is none.
const void* superinstruction_handler(Op first, Op second, Forwarded forwarded, bool counted);

}  // namespace tilewright::riscv
