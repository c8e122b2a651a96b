#include "tilewright/riscv/polling.hpp"

#include <algorithm>

#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv {
namespace {

/// Serves the loads of an iteration without effect on anything, and notes them.
class Rehearsal final : public Bus {
public:
    Rehearsal(const Look& look, Polling& polling) : look_(look), polling_(polling) {}

    bool synchronising(std::uint32_t address) const override {
        const auto seen = look_(address & ~3u);
        return seen && seen->synchronises;
    }
    void granted(std::uint64_t cycle) override { looked_at_ = cycle; }

    Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) override {
        const auto seen = look_(address & ~3u);
        if (!seen) return refused;
        std::uint32_t value = seen->value;
        if (seen->changes) {
            const PolledWord* word = note(address & ~3u, value);
            if (word == nullptr) return refused;
            value = word->value;
        }
        value >>= 8 * (address & 3);
        return {bytes == 4 ? value : value & ((1u << 8 * bytes) - 1), Cause::none, seen->latency};
    }

    Cause store(std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t) override {
        return Cause::store_unmapped;
    }

private:
    static constexpr Access refused = {0, Cause::load_unmapped, 0};

    const PolledWord* note(std::uint32_t address, std::uint32_t value) {
        const auto offset = static_cast<std::uint32_t>(looked_at_ - polling_.start);
        const auto end = polling_.words.begin() + polling_.count;
        const auto known = std::find_if(polling_.words.begin(), end, [&](const PolledWord& w) {
            return w.address == address && w.offset == offset;
        });
        if (known != end) return &*known;
        if (polling_.count == Polling::most_words) return nullptr;
        PolledWord& word = polling_.words[polling_.count++];
        word = {address, value, offset};
        return &word;
    }

    const Look& look_;
    Polling& polling_;
    std::uint64_t looked_at_ = 0;
};

/// Near memory and the image are constant in a loop that stores nothing; all else goes to the bus.
MemoryMap constants(const MemoryMap& memory) {
    MemoryMap map;
    map.near = memory.near;
    map.image = memory.image;
    return map;
}

}  // namespace

std::optional<Polling> polling(const HartState& hart, const Code& code, const MemoryMap& memory,
                               const Look& look) {
    const PollingLoop* loop = code.polling_loop(hart.pc);
    if (loop == nullptr) return std::nullopt;
    Polling result;
    result.start = hart.cycles;
    Rehearsal bus(look, result);
    RunContext context(code, constants(memory));
    HartState now = hart;
    Fault fault;
    do {  // a block at a time, so that nothing behind the loop is carried out
        Limits limits;
        limits.edge = now.cycles + 1;
        if (context.run(now, bus, limits, fault) != Stop::edge) return std::nullopt;
        if (now.pc < loop->first || now.pc >= loop->end) return std::nullopt;
    } while (now.pc != hart.pc);
    result.period = static_cast<std::uint32_t>(now.cycles - hart.cycles);
    result.length = static_cast<std::uint32_t>(now.retired - hart.retired);
    now.cycles = hart.cycles;
    now.retired = hart.retired;
    if (now != hart) return std::nullopt;
    return result;
}

Stop run_polling(HartState& hart, const Code& code, const MemoryMap& memory, const Look& look,
                 const Polling& polling, const Limits& limits) {
    Polling words = polling;
    Rehearsal bus(look, words);
    Fault fault;
    return run(hart, code, constants(memory), bus, limits, fault);
}

}  // namespace tilewright::riscv
