// libFuzzer target: any bytes at all as words for the threads of a compute engine, with any
// configuration. Each is carried out or refused by a TensixFault; what is left is a state that a
// snapshot may hold, and the same whether cycles pass one by one or many at once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "draws.hpp"
#include "entry.hpp"
#include "tensix/bench.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/tensix/engine.hpp"

namespace {

using namespace tilewright;
using namespace tilewright::tensix;

constexpr std::size_t l1_bytes = 1 << 16;

// Registers of a tile that read as their address.
class Tile final : public Surroundings {
public:
    using Surroundings::Surroundings;
    std::uint32_t load_register(std::uint32_t address) override { return address; }
    void store_register(std::uint32_t, std::uint32_t) override {}
    void reading(std::uint64_t, unsigned, const L1Range& range) override { check(range); }
    void writing(std::uint64_t, unsigned, const L1Range& range) override { check(range); }

private:
    static void check(const L1Range& range) {
        if (range.address > l1_bytes || range.size > l1_bytes - range.address) std::abort();
    }
};

struct Side {
    explicit Side(Architecture architecture)
        : engine(
              std::make_unique<Engine>(reset_engine(architecture, test::timing_of(architecture)))) {
        for (std::size_t i = 0; i < l1.size(); ++i) l1[i] = static_cast<std::byte>(i * 37 >> 3);
    }
    std::unique_ptr<Engine> engine;
    std::vector<std::byte> l1 = std::vector<std::byte>(l1_bytes);
    Tile tile{l1};
};

// Mostly an instruction that there is.
std::uint32_t word(Draws& draws, Architecture architecture) {
    const auto choice = draws.number<std::uint8_t>();
    const auto any = draws.number<std::uint32_t>();
    const Instruction& one = instructions()[choice % instructions().size()];
    if (choice == 255 || !has(one.chips, architecture)) return any;
    std::uint32_t word = std::uint32_t{one.opcode} << 24;
    for (const Field& field : one.fields) {
        const Bits bits = field.on(architecture);
        word |= bits.place(bits.of(any));
    }
    return word;
}

// What the tile's cores write to the engine's registers.
void configure(Draws& draws, Engine& a, Engine& b) {
    const auto thread = draws.between<unsigned>(0, thread_count - 1);
    const auto place = draws.number<std::uint8_t>();
    const auto value = draws.number<std::uint32_t>();
    const auto what = draws.between(0, 2);
    for (Engine* const engine : {&a, &b}) {
        State& state = engine->state;
        if (what == 0) state.config[thread % 2][place % config_words] = value;
        if (what == 1) state.threads[thread].registers[place % register_count] = value;
        if (what == 2) {
            auto& config = engine->fronts[thread].macro.config;
            config[place % config.size()] = value;
        }
    }
}

// How it ended.
std::optional<std::string> pass(Side& side, std::uint64_t cycles, std::uint64_t most) {
    Engine& engine = *side.engine;
    const std::uint64_t until = engine.now + cycles;
    try {
        while (engine.now < until) advance(engine, side.tile, std::min(until, engine.now + most));
    } catch (const TensixFault& fault) {
        if (!fault.thread) std::abort();
        return fault.what();
    }
    return std::nullopt;
}

std::vector<std::byte> bytes_of(Side& side) {
    ArchiveWriter archive;
    archive(*side.engine);
    archive.raw(side.l1);
    return archive.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Draws draws(data, size);
    const auto architecture = draws.flag() ? Architecture::blackhole : Architecture::wormhole;
    Side one(architecture), other(architecture);
    std::optional<std::string> fault;
    for (int steps = 0; steps < 400 && draws.left() != 0 && !fault; ++steps) {
        const auto choice = draws.number<std::uint8_t>();
        if (choice % 8 == 7) {
            configure(draws, *one.engine, *other.engine);
            continue;
        }
        const std::uint32_t next = word(draws, architecture);
        const unsigned thread = choice % 8 % thread_count;
        push(*one.engine, thread, next);
        push(*other.engine, thread, next);
        const std::uint64_t cycles = choice / 8;
        fault = pass(one, cycles, 1);
        if (pass(other, cycles, cycles) != fault) std::abort();
    }
    if (!fault) {
        fault = pass(one, 2000, 1);
        if (pass(other, 2000, 2000) != fault) std::abort();
    }
    describe(*one.engine);
    if (!is_possible(*one.engine)) std::abort();
    if (bytes_of(one) != bytes_of(other)) std::abort();
    return 0;
}
