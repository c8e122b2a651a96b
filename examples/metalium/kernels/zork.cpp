// One batch of a Z-machine story. Between batches all of the game lies in a DRAM buffer: nothing in
// L1 is taken to be still there. STORY_FAMILY is 3, 4 or 5: which interpreter is compiled (5 plays
// later versions, too).
#include <tilewright/zmachine/interpreter.hpp>

#include "dataflow_api.h"
#include "zork_buffer.hpp"

namespace {

namespace zm = tilewright::zmachine;

struct Game {
    zm::Machine* machine;
    InterleavedAddrGen<true> buffer;

    /// Calls transfer(address in DRAM, address in L1, bytes) for each page's share of a range of
    /// the machine.
    template <class Transfer>
    void for_each_part(std::uint32_t offset, std::uint32_t bytes, Transfer&& transfer) const {
        std::uint32_t place = zork::place_of(offset);
        auto here = reinterpret_cast<std::uint32_t>(machine) + offset;
        while (bytes != 0) {
            const std::uint32_t in_page = place % zork::page_bytes;
            const std::uint32_t room = zork::page_bytes - in_page;
            const std::uint32_t part = bytes < room ? bytes : room;
            transfer(get_noc_addr(place / zork::page_bytes, buffer, in_page), here, part);
            place += part;
            here += part;
            bytes -= part;
        }
    }
    void fetch(std::uint32_t offset, std::uint32_t bytes) const {
        for_each_part(offset, bytes, [](std::uint64_t there, std::uint32_t here, std::uint32_t n) {
            noc_async_read(there, here, n);
        });
    }
    void keep(std::uint32_t offset, std::uint32_t bytes) const {
        for_each_part(offset, bytes, [](std::uint64_t there, std::uint32_t here, std::uint32_t n) {
            noc_async_write(here, there, n);
        });
    }
};

/// What changes while a story is played.
template <class Move>
void for_each_changing_part(const zm::Machine& m, Move&& move) {
    const zm::Control& c = m.control;
    move(offsetof(zm::Machine, stack), c.sp * sizeof m.stack[0]);
    move(offsetof(zm::Machine, frames), c.frames * sizeof m.frames[0]);
    move(offsetof(zm::Machine, undo), c.undo_used);
}

}  // namespace

void kernel_main() {
    const std::uint32_t address = get_arg_val<std::uint32_t>(0);
    const std::uint32_t story_bytes = get_arg_val<std::uint32_t>(1);
    const std::uint32_t instructions = get_arg_val<std::uint32_t>(2);
    const std::uint32_t seed = get_arg_val<std::uint32_t>(3);
    auto& m = *reinterpret_cast<zm::Machine*>(get_write_ptr(0));
    const Game game{&m, {.bank_base_address = address, .page_size = zork::page_bytes}};

    game.fetch(0, zork::text_at);
    noc_async_read_barrier();
    const bool fresh = m.control.status == zm::Status::fresh;
    if (fresh) {
        game.fetch(offsetof(zm::Machine, memory), story_bytes);
        noc_async_read_barrier();
        zm::open_story(m, story_bytes, seed);
    } else {
        // Every 16-bit address and a little more can be read: zeros behind a short story.
        const std::uint32_t readable = story_bytes < 0x1'0000 ? 0x1'0000 : story_bytes;
        game.fetch(offsetof(zm::Machine, memory), readable + zm::guard_bytes);
        game.fetch(offsetof(zm::Machine, pristine), m.control.dynamic_bytes);
        for_each_changing_part(
            m, [&](std::uint32_t offset, std::uint32_t bytes) { game.fetch(offset, bytes); });
        noc_async_read_barrier();
    }

    // As zm::run_batch() does for a story of any version.
    m.output.length = 0;
    m.events.count = 0;
    if (m.control.status != zm::Status::finished && m.control.status != zm::Status::error) {
        m.control.status = zm::Status::ready;
        zm::run_family<STORY_FAMILY>(m, instructions);
    }

    if (fresh) game.keep(offsetof(zm::Machine, pristine), m.control.dynamic_bytes);
    game.keep(0, zork::text_at);
    game.keep(offsetof(zm::Machine, output), sizeof m.output.length + m.output.length);
    game.keep(offsetof(zm::Machine, memory), m.control.dynamic_bytes);
    for_each_changing_part(
        m, [&](std::uint32_t offset, std::uint32_t bytes) { game.keep(offset, bytes); });
    noc_async_write_barrier();
}
