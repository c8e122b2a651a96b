// The state of one RISC-V core of a tile: plain data, all of it in snapshots.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/polling.hpp"

namespace tilewright {

enum class CoreStatus : std::uint8_t {
    idle,     ///< no kernel
    running,  ///< has an event in the queue, or is being run
    parked,   ///< in wrs: waits for a write to its reserved word
    blocked,  ///< a device of its tile cannot take or give a word yet: tries again when it can
    ended,    ///< the kernel has ended; its transfers, or the clock, have not come that far
    polling,  ///< in a loop of plain loads: waits for a write to one of its words
};
constexpr CoreStatus last_of(CoreStatus) {
    return CoreStatus::polling;
}

/// The polling loop that a core came by last.
struct PollingState {
    std::uint32_t pc = 0;          ///< of the block in which the loop may be parked
    std::uint64_t retired = 0;     ///< when the core was there last
    std::uint32_t visits = 0;      ///< without a break, one iteration after the other
    std::uint32_t waited_for = 0;  ///< what the core was parked for last: the pc of its loop, or
                                   ///< the address of its word, which are never the same
    riscv::Polling loop;           ///< while the core is parked in it
};

/// What a core goes back to when the image that it called has ended (Chip::allow_calls).
struct Caller {
    bool waits = false;
    std::uint32_t image = 0;  ///< index among the chip's images
    std::uint32_t pc = 0;     ///< behind its ecall
    std::array<std::uint32_t, 32> x{};
};

struct Core {
    static constexpr std::uint32_t nobody = ~0u;  ///< as last_writer: nothing has written

    riscv::HartState hart;
    CoreStatus status = CoreStatus::idle;
    std::uint32_t image = 0;           ///< index among the chip's images
    std::uint64_t event_cycle = 0;     ///< when its event is due ...
    std::uint64_t event_sequence = 0;  ///< ... and which one it is; others of this core are stale
    std::uint64_t window_end = 0;      ///< it gives way at its first block entry from here on
    std::uint64_t launch_cycle = 0;
    std::uint64_t end_cycle = 0;
    std::uint64_t retired_at_launch = 0;
    std::uint64_t parked_at = 0;
    std::uint64_t waiting_cycles = 0;        ///< of the kernel that was launched last
    std::uint64_t total_cycles = 0;          ///< from launch to end, of all kernels that have ended
    std::uint64_t total_waiting_cycles = 0;  ///< parked, of all kernels that have ended
    std::uint32_t last_writer = nobody;      ///< core that last wrote the word it waits for
    std::uint64_t last_write_cycle = 0;
    PollingState polling;
    Caller caller;
    std::string output;  ///< what the kernel printed

    /// For a word to change.
    bool waits() const { return status == CoreStatus::parked || status == CoreStatus::polling; }
};

template <class Archive>
void fields(Archive& archive, riscv::HartState& h) {
    archive(h.x, h.f, h.fcsr, h.pc, h.block, h.cycles, h.retired, h.hart_id, h.scratch,
            h.reservation, h.reserved, h.looped);
    auto branches = h.branches.bits();
    archive(branches);
    if (branches != h.branches.bits()) h.branches.set_bits(branches);  // only when it is read
}

template <class Archive>
void fields(Archive& archive, Caller& c) {
    archive(c.waits, c.image, c.pc, c.x);
}

template <class Archive>
void fields(Archive& archive, PollingState& p) {
    archive(p.pc, p.retired, p.visits, p.waited_for, p.loop.start, p.loop.period, p.loop.length,
            p.loop.count);
    for (riscv::PolledWord& word : p.loop.words) archive(word.address, word.value, word.offset);
}

template <class Archive>
void fields(Archive& archive, Core& c) {
    archive(c.hart, c.status, c.image, c.event_cycle, c.event_sequence, c.window_end,
            c.launch_cycle, c.end_cycle, c.retired_at_launch, c.parked_at, c.waiting_cycles,
            c.last_writer, c.last_write_cycle, c.polling, c.caller, c.output, c.total_cycles,
            c.total_waiting_cycles);
}

}  // namespace tilewright
