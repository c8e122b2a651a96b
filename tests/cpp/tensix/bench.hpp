// An engine's state with an L1, and short ways to set both up and to look at them.
#pragma once

#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "tensix/config.hpp"
#include "tensix/dst.hpp"
#include "tensix/needs.hpp"
#include "tensix/number.hpp"
#include "tilewright/tensix/engine.hpp"

namespace tilewright::tensix::test {

inline std::uint32_t bits_of(float x) {
    return std::bit_cast<std::uint32_t>(x);
}
inline float float_of(std::uint32_t bits) {
    return std::bit_cast<float>(bits);
}
/// As the chips of that architecture have it.
inline EngineTiming timing_of(Architecture architecture) {
    if (architecture == Architecture::wormhole) return {};
    return {.dst_latency = 6, .next_bank = 20, .unpack_port = 32};
}

/// Truncated.
inline std::uint16_t bf16_of(float x) {
    return static_cast<std::uint16_t>(bits_of(x) >> 16);
}
inline float float_of_bf16(std::uint16_t x) {
    return float_of(std::uint32_t{x} << 16);
}

struct Bench {
    explicit Bench(Architecture architecture)
        : architecture(architecture), state(std::make_unique<State>(reset_state())), l1(1 << 18) {
        // As it is used: rows of SrcA are addressed, not sets of them.
        for (unsigned t = 0; t < thread_count; ++t) {
            thread = t;
            set_own(thread_config::a_row_from_address, 1);
        }
        thread = 1;
        state->vector.use_flags = state->vector.flags = ~0u;
    }

    Effects run(Op op, std::initializer_list<FieldValue> values) {
        return run(encode(architecture, op, values));
    }
    Effects run(std::uint32_t word) {
        Watched port(*this);
        read.clear();
        written.clear();
        return execute(*state, architecture, port, thread, word);
    }
    Wait waits(Op op, std::initializer_list<FieldValue> values) {
        const std::uint32_t word = encode(architecture, op, values);
        return missing(needs_of(architecture, instruction(op), word), *state, thread);
    }

    void set(const ConfigField& field, std::uint32_t value) {
        const Place place = field.places[static_cast<std::size_t>(architecture)];
        for (auto& bank : state->config) put(bank[place.word], place, value);
    }
    void set_word(std::uint32_t word, std::uint32_t value) {
        for (auto& bank : state->config) bank[word] = value;
    }
    /// Of a thread's own.
    void set_own(const ThreadField& field, std::uint32_t value) {
        const Place place = field.places[static_cast<std::size_t>(architecture)];
        put(state->threads[thread].config[place.word], place, value);
    }

    void set_formats(Format a, Format b) {
        set(config::a_format, static_cast<std::uint32_t>(a));
        set(config::b_format, static_cast<std::uint32_t>(b));
        for (unsigned bank = 0; bank < 2; ++bank) {
            state->a.banks[bank].format = a;
            state->b.banks[bank].format = b;
        }
    }
    void make_sources_valid() {
        state->a.of_matrix().valid = true;
        state->b.of_matrix().valid = true;
    }

    float dst_bf16(unsigned row, unsigned column) const {
        return float_of_bf16(bf16_from_dst(read16(state->dst, row, column)));
    }
    std::uint32_t dst32(unsigned row, unsigned column) const {
        return fp32_from_dst(read32(state->dst, row, column));
    }
    float dst_fp32(unsigned row, unsigned column) const { return float_of(dst32(row, column)); }

    template <class T>
    T load(std::uint32_t address) const {
        T value;
        std::memcpy(&value, l1.data() + address, sizeof value);
        return value;
    }
    template <class T>
    void store(std::uint32_t address, T value) {
        std::memcpy(l1.data() + address, &value, sizeof value);
    }

    Architecture architecture;
    std::unique_ptr<State> state;
    std::vector<std::byte> l1;
    unsigned thread = 0;
    /// What the last instruction read and wrote in L1.
    std::vector<L1Range> read, written;

private:
    class Watched final : public L1Port {
    public:
        explicit Watched(Bench& bench) : L1Port(bench.l1), bench_(bench) {}
        void reading(const L1Range& range) override { bench_.read.push_back(range); }
        void writing(const L1Range& range) override { bench_.written.push_back(range); }

    private:
        Bench& bench_;
    };

    template <class Word>
    static void put(Word& word, const Place& place, std::uint32_t value) {
        const std::uint32_t mask = extract(~0u, 0, place.width) << place.low;
        word = static_cast<Word>((word & ~mask) | (value << place.low & mask));
    }
};

inline constexpr std::array both_chips{Architecture::wormhole, Architecture::blackhole};

}  // namespace tilewright::tensix::test
