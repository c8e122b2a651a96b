// The compute engine in time: instruction words are pushed, go through each thread's front in order
// and begin in their units, at most one of each thread a cycle.
//
// An instruction has its whole effect in the cycle in which it begins; its time is that which it
// keeps its unit, its thread, and what it made, from others. docs/timing-model.md says how long.
#pragma once

#include <span>
#include <string>

#include "tilewright/tensix/execute.hpp"
#include "tilewright/tensix/front.hpp"
#include "tilewright/tensix/watch.hpp"

namespace tilewright::tensix {

/// What works on its own: its time is counted, and STALLWAIT can wait for a thread's last use.
enum class Pipe : std::uint8_t {
    unpacker0,
    unpacker1,
    packer0,  ///< Wormhole has four
    packer1,
    packer2,
    packer3,
    matrix,
    vector,
    scalar,  ///< STALLWAIT: its requests of memory
    configuration,
    sync,
    misc,
};
inline constexpr std::size_t pipe_count = static_cast<std::size_t>(Pipe::misc) + 1;
std::string_view name_of(Pipe pipe);

struct PipeCounters {
    std::uint64_t instructions = 0;
    std::uint64_t busy_cycles = 0;
};

struct ThreadCounters {
    std::uint64_t instructions = 0;
    /// For each reason, how many cycles the next instruction waited at the gate.
    std::array<std::uint64_t, wait_count> waits{};
};

/// From which cycle on what is taken can be had again. Each is the first such cycle.
struct Times {
    static constexpr std::size_t dst_blocks = dst_rows / 8;
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    std::array<std::uint64_t, pipe_count> pipe{};    ///< takes another instruction
    std::array<std::uint64_t, 2> unpacked{};         ///< each unpacker has read all it was told to
    std::array<std::uint8_t, 2> unpack_speed{1, 1};  ///< what it wanted of L1, in 16 bytes a cycle
    std::array<std::uint64_t, packer_count> packed{};
    std::uint64_t unpack_address = 0;                    ///< of both unpackers
    std::uint64_t pack_start = 0;                        ///< of all packers
    std::array<std::array<std::uint64_t, 2>, 2> bank{};  ///< of SrcA, SrcB: its next owner has it
    std::uint64_t next_b = 0;                     ///< the matrix unit reads the next bank of SrcB
    std::array<std::uint64_t, dst_blocks> dst{};  ///< 8 rows can be read
    std::uint64_t after_movd2a = 0;  ///< the matrix unit takes more than MOVD2A and MOVB2A
    std::uint64_t after_movd2b = 0;  ///< more than MOVD2B
    std::uint64_t after_mov2d = 0;   ///< and what reads Dst
    std::uint64_t after_swap = 0;    ///< the vector unit takes more than SFPNOP
    std::uint64_t after_wrcfg = 0;   ///< RMWCIB
    std::array<std::uint64_t, thread_count> thread{};  ///< its next instruction can begin
    std::array<Wait, thread_count> thread_wait{};      ///< what for until then
    /// Nothing of the thread is in the pipe any more.
    std::array<std::array<std::uint64_t, pipe_count>, thread_count> in_flight{};
};

/// What is not the same in all generations.
struct EngineTiming {
    std::uint32_t dst_latency = 5;   ///< from a write to rows of Dst until they can be read
    std::uint32_t next_bank = 0;     ///< from a bank of SrcB given back to reading the next
    std::uint32_t unpack_port = 16;  ///< bytes a cycle that a port of L1 gives an unpacker
};

struct Engine {
    Architecture architecture = Architecture::blackhole;
    EngineTiming timing;    ///< of the chip, not of its state
    std::uint64_t now = 0;  ///< all cycles before it have passed
    State state;
    std::array<ThreadFront, thread_count> fronts;
    Times times;
    std::array<PipeCounters, pipe_count> pipes;
    std::array<ThreadCounters, thread_count> threads;
};

/// After reset, at that cycle.
Engine reset_engine(Architecture architecture, const EngineTiming& timing, std::uint64_t now = 0);

/// What instructions reach beside the engine itself.
class Surroundings {
public:
    explicit Surroundings(std::span<std::byte> l1) : l1(l1) {}
    virtual ~Surroundings() = default;
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

    /// Device registers of the tile, for LOADREG, STOREREG and STOREIND. Refused unless overridden.
    virtual std::uint32_t load_register(std::uint32_t address);
    virtual void store_register(std::uint32_t address, std::uint32_t value);

    /// An instruction of the thread that has begun in this cycle reads these bytes of L1, or is
    /// about to change them: as of L1Port.
    virtual void reading(std::uint64_t /*cycle*/, unsigned /*thread*/, const L1Range& /*bytes*/) {}
    virtual void writing(std::uint64_t /*cycle*/, unsigned /*thread*/, const L1Range& /*bytes*/) {}

    /// The thread's instruction, pushed at `pc`, waits at its gate, in each cycle, and is about to
    /// begin: asked while `asks` is set. A TensixFault keeps it from that.
    virtual void at_gate(unsigned /*thread*/, std::uint32_t /*pc*/) {}
    virtual void beginning(unsigned /*thread*/, std::uint32_t /*pc*/) {}
    bool asks = false;
    InstructionWatch* watch = nullptr;  ///< who follows the instructions, if anybody does

    std::span<std::byte> l1;
};

/// A thread's core, whose code stands at `pc`, pushes a word in the cycle `now`; false if there is
/// no room for it.
bool push(Engine& engine, unsigned thread, std::uint32_t word, std::uint32_t pc = 0);
/// Another core does, behind the MOP expander.
bool push_behind_macros(Engine& engine, unsigned thread, std::uint32_t word);

/// Let cycles pass until `now` is `until`. Returns the next cycle in which anything can happen,
/// unless more is pushed or changed; Times::never: none. TensixFault, with the thread and its
/// instruction, for one that is refused.
std::uint64_t advance(Engine& engine, Surroundings& surroundings, std::uint64_t until);

/// Whether nothing that was pushed is left in a thread's front.
bool idle(const Engine& engine, unsigned thread);
/// Whether, besides, nothing is under way in a pipe.
bool finished(const Engine& engine, unsigned thread);

/// Whether no MOP of the thread is left to expand.
bool macros_finished(const Engine& engine, unsigned thread);

/// Whether an engine that was read from an archive can be.
bool is_possible(const Engine& engine);

/// What each thread that is not idle is at: "T1: MVMUL dst=8 waits for SrcA", one to a line.
std::string describe(const Engine& engine);

void fields(auto& archive, PipeCounters& c) {
    archive(c.instructions, c.busy_cycles);
}
void fields(auto& archive, ThreadCounters& c) {
    archive(c.instructions, c.waits);
}
void fields(auto& archive, Times& t) {
    archive(t.pipe, t.unpacked, t.unpack_speed, t.packed, t.unpack_address, t.pack_start, t.bank,
            t.next_b, t.dst, t.after_movd2a, t.after_movd2b, t.after_mov2d, t.after_swap,
            t.after_wrcfg, t.thread, t.thread_wait, t.in_flight);
}
void fields(auto& archive, Engine& e) {
    archive(e.architecture, e.now, e.state, e.fronts, e.times, e.pipes, e.threads);
}

}  // namespace tilewright::tensix
