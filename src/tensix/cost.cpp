#include "tensix/cost.hpp"

#include <algorithm>

#include "tensix/config.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint64_t pack_port = 16;  ///< bytes of L1 a cycle that a packer writes
constexpr std::uint64_t unpack_address_cycles = 2;
/// An addition in L1 keeps its port for so long.
constexpr std::uint64_t addition_cycles = 5;

constexpr std::uint64_t quotient_up(std::uint64_t x, std::uint64_t y) {
    return (x + y - 1) / y;
}

/// An instruction that is accounted for.
class Charge {
public:
    Charge(Engine& engine, unsigned thread, const Instruction& instruction, std::uint32_t word,
           const Effects& effects)
        : engine_(engine),
          times_(engine.times),
          thread_(thread),
          word_(word),
          instruction_(instruction),
          effects_(effects),
          start_(start()),
          done_(start_ + std::max<std::uint64_t>(instruction_.latency, 1)) {}

    void account() {
        // What follows in the thread comes one cycle later, unless its unit says otherwise.
        hold_thread(start_ + 1, start_ > engine_.now ? Wait::dst : Wait::own);
        ++engine_.threads[thread_].instructions;
        switch (instruction_.unit) {
            case Unit::unpack:
                unpack();
                break;
            case Unit::matrix:
                matrix();
                break;
            case Unit::pack:
                pack();
                break;
            case Unit::vector:
                use(Pipe::vector, start_ + 1, done_, 1);
                if (instruction_.op == Op::sfpswap) times_.after_swap = start_ + 2;
                break;
            case Unit::scalar:
                use(Pipe::scalar, start_ + instruction_.busy, done_, instruction_.busy);
                hold_thread(start_ + instruction_.busy, Wait::own);
                break;
            case Unit::configuration:
                configure();
                break;
            case Unit::sync:
                use(Pipe::sync, start_ + 1, done_, 1);
                break;
            default:
                use(Pipe::misc, start_ + 1, done_, 1);
                break;
        }
    }

    /// Banks of SrcA and SrcB whose turn has changed are their next owner's.
    void hand_over(const Turns& before) {
        const Turns after = turns_of(engine_.state);
        for (std::size_t source = 0; source < 2; ++source) {
            for (std::size_t bank = 0; bank < 2; ++bank) {
                if (before[source][bank] == after[source][bank]) continue;
                times_.bank[source][bank] = done_;
                const bool given_back = before[source][bank];
                if (given_back && source == 1) times_.next_b = start_ + engine_.timing.next_bank;
            }
        }
    }

private:
    /// The cycle from which the rows of Dst that it reads are there.
    std::uint64_t start() const {
        std::uint64_t start = engine_.now;
        const auto wait_for = [&](const DstRows& rows) {
            each_block(rows,
                       [&](std::size_t block) { start = std::max(start, times_.dst[block]); });
        };
        for (const DstRows& rows : effects_.dst_read) wait_for(rows);
        // On the card sums of SrcA and SrcB wait like those that are added to Dst.
        const bool sum = instruction_.op == Op::elwadd || instruction_.op == Op::elwsub;
        if (sum && engine_.architecture == Architecture::blackhole) wait_for(effects_.dst_written);
        return start;
    }

    template <class Use>
    static void each_block(const DstRows& rows, Use&& use) {
        for (std::uint32_t row = rows.first & ~7u; row < rows.first + rows.count; row += 8) {
            use(row % dst_rows / 8);
        }
    }

    /// The pipe takes another instruction from `free` on and is empty of this one from `empty` on.
    void use(Pipe pipe, std::uint64_t free, std::uint64_t empty, std::uint64_t busy) {
        const auto which = static_cast<std::size_t>(pipe);
        times_.pipe[which] = free;
        std::uint64_t& in_flight = times_.in_flight[thread_][which];
        in_flight = std::max(in_flight, empty);
        ++engine_.pipes[which].instructions;
        engine_.pipes[which].busy_cycles += busy;
    }

    void hold_thread(std::uint64_t until, Wait wait) {
        times_.thread[thread_] = until;
        times_.thread_wait[thread_] = wait;
    }

    void matrix() {
        use(Pipe::matrix, start_ + 1, done_, 1);
        const std::uint64_t readable = start_ + engine_.timing.dst_latency;
        each_block(effects_.dst_written, [&](std::size_t block) { times_.dst[block] = readable; });
        switch (instruction_.op) {
            case Op::movd2a:
                times_.after_movd2a = start_ + 2;
                break;
            case Op::movd2b:
                times_.after_movd2b = start_ + 4;
                break;
            case Op::mova2d:
            case Op::movb2d:
                times_.after_mov2d = start_ + 4;
                break;
            default:
                break;
        }
        // SrcA and SrcB are read, and free, when it has begun.
        done_ = start_ + 1;
    }

    void configure() {
        if (instruction_.op == Op::setc16) {
            ++engine_.pipes[static_cast<std::size_t>(Pipe::configuration)].instructions;
            return;
        }
        use(Pipe::configuration, start_ + 1, done_, 1);
        const bool keeps = instruction_.op == Op::wrcfg || instruction_.op == Op::rdcfg;
        if (keeps) times_.after_wrcfg = start_ + 2;
    }

    // --- Unpackers ---

    /// What an unpacker wants of L1, in ports.
    std::uint8_t wanted_speed(const op::unpacr& i) const {
        const ConfigView config(engine_.state, engine_.architecture, thread_);
        const auto of = [&](unsigned word, unsigned low, unsigned width) {
            return config.in_section(i.unpacker, word, low, width);
        };
        const bool rows_apart = of(8, 9, 1) != 0;
        if (rows_apart) return 4;
        const auto format = static_cast<Format>(of(0, 0, 4));
        if (format == Format::bfp2 || format == Format::bfp2a) return 1;
        const bool four_bits = format == Format::bfp4 || format == Format::bfp4a;
        const bool to_dst = i.unpacker == 0 && of(8, 11, 1) != 0;
        const std::uint32_t speed = 1u << std::min(of(8, 4, 2), 2u);
        return static_cast<std::uint8_t>(four_bits && to_dst ? std::min(speed, 2u) : speed);
    }

    /// What it gets, if the other one is at work too.
    static std::uint8_t shared_speed(unsigned unpacker, std::uint8_t own, std::uint8_t other) {
        if (own == 1) return 1;
        if (unpacker == 0) return other == 1 ? own : own / 2;
        if (own == 2) return other == 1 ? 2 : 1;
        return other == 1 ? 4 : 2;
    }

    void unpack() {
        if (instruction_.op == Op::unpacr_nop) {
            const auto i = operands_of<op::unpacr_nop>(engine_.architecture, word_);
            use(unpacker_pipe(i.unpacker), start_ + 1, done_, 1);
            return;
        }
        const auto i = operands_of<op::unpacr>(engine_.architecture, word_);
        if (effects_.bytes_unpacked == 0) {  // it moves counters or flushes
            use(unpacker_pipe(i.unpacker), start_ + 1, done_, 1);
            return;
        }
        const unsigned other = i.unpacker ^ 1;
        const std::uint64_t begin =
            std::max(start_ + unpack_address_cycles, times_.unpacked[i.unpacker]);
        const std::uint8_t wanted = wanted_speed(i);
        const std::uint8_t speed =
            times_.unpacked[other] > begin
                ? shared_speed(i.unpacker, wanted, times_.unpack_speed[other])
                : wanted;
        // Exponents come by a port of their own.
        const std::uint64_t bytes = effects_.bytes_unpacked - effects_.read[1].size;
        const std::uint64_t cycles =
            quotient_up(bytes, std::uint64_t{engine_.timing.unpack_port} * speed);
        done_ = begin + cycles;
        times_.unpacked[i.unpacker] = done_;
        times_.unpack_speed[i.unpacker] = wanted;
        times_.unpack_address = start_ + unpack_address_cycles;
        hold_thread(start_ + unpack_address_cycles, Wait::own);
        // One more instruction can be taken while this one is read.
        use(unpacker_pipe(i.unpacker), begin, done_, cycles);
    }

    static Pipe unpacker_pipe(unsigned unpacker) {
        return unpacker == 0 ? Pipe::unpacker0 : Pipe::unpacker1;
    }

    // --- Packers ---

    void pack() {
        times_.pack_start = start_ + 1;
        // Blackhole's packer is as wide as the four of Wormhole.
        const std::uint64_t width = engine_.architecture == Architecture::blackhole ? 4 : 1;
        for (std::size_t packer = 0; packer < packer_count; ++packer) {
            const std::uint64_t numbers = effects_.numbers_packed[packer];
            if (numbers == 0) continue;
            const std::uint64_t writes =
                quotient_up(effects_.bytes_packed[packer], pack_port * width);
            const std::uint64_t cycles =
                std::max(quotient_up(numbers, row_size * width),
                         writes * (effects_.added_in_l1 ? addition_cycles : 1));
            const std::uint64_t begin = std::max(start_ + 1, times_.packed[packer]);
            times_.packed[packer] = begin + cycles;
            const auto pipe = static_cast<Pipe>(static_cast<std::size_t>(Pipe::packer0) + packer);
            use(pipe, begin, begin + cycles, cycles);
        }
    }

    Engine& engine_;
    Times& times_;
    unsigned thread_;
    std::uint32_t word_;
    const Instruction& instruction_;
    const Effects& effects_;
    std::uint64_t start_;
    std::uint64_t done_;  ///< others can use its result
};

}  // namespace

Turns turns_of(const State& state) {
    return {{{state.a.banks[0].valid, state.a.banks[1].valid},
             {state.b.banks[0].valid, state.b.banks[1].valid}}};
}

void charge(Engine& engine, unsigned thread, const Instruction& instruction, std::uint32_t word,
            const Effects& effects, const Turns& before) {
    Charge charge(engine, thread, instruction, word, effects);
    charge.account();
    charge.hand_over(before);
}

}  // namespace tilewright::tensix
