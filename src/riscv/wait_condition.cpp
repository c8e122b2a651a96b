#include "tilewright/riscv/wait_condition.hpp"

#include <initializer_list>

#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv {
namespace {

using Relation = WaitCondition::Relation;

constexpr std::uint64_t longest_iteration = 256;  // instructions
constexpr std::uint32_t far = 1u << 30;           // no count is so far from what is waited for

/// Serves loads as the words are, but for the one that is tried. Nothing is written: what stores
/// has left the loop.
class TrialBus final : public Bus {
public:
    TrialBus(const PeekWord& peek, std::uint32_t awaited) : peek_(peek), awaited_(awaited) {}
    std::uint32_t value = 0;

    Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) override {
        const std::uint32_t word = address & ~3u;
        const auto seen = word == awaited_ ? std::optional(value) : peek_(word);
        if (!seen) return {0, Cause::load_unmapped, 0};
        const std::uint32_t shifted = *seen >> 8 * (address & 3);
        return {bytes == 4 ? shifted : shifted & ((1u << 8 * bytes) - 1), Cause::none, 0};
    }
    Access load_reserved(std::uint32_t address, std::uint64_t cycle) override {
        return load(address, 4, cycle);
    }
    Cause store(std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t) override {
        return Cause::store_unmapped;
    }

private:
    const PeekWord& peek_;
    std::uint32_t awaited_;
};

MemoryMap only(const Region& image) {
    MemoryMap map;
    map.image = image;
    return map;
}

class Trials {
public:
    Trials(const HartState& hart, const Code& code, const Region& image, const PeekWord& peek,
           std::uint32_t awaited)
        : start_(hart), bus_(peek, awaited), context_(code, only(image)) {
        start_.reserved = false;
    }

    /// Whether an iteration with this value of the word leads out of the loop.
    bool leaves(std::uint32_t value) {
        bus_.value = value;
        now_ = start_;
        Fault fault;
        Limits limits;
        limits.max_retired = start_.retired + longest_iteration;
        do {
            limits.edge = now_.cycles + 1;
            const Stop stop = context_.run(now_, bus_, limits, fault);
            if (stop == Stop::wait && now_.pc == start_.pc) return false;
            if (stop != Stop::edge) return true;
        } while (now_.pc != start_.pc);
        return false;
    }
    /// The registers after the last one that did not leave.
    const HartState& last() const { return now_; }

private:
    HartState start_;
    HartState now_;
    TrialBus bus_;
    RunContext context_;
};

/// The first value from `from` on, going up or down so far, that leaves, if all behind it do so,
/// too.
std::optional<std::uint32_t> threshold(Trials& trials, std::uint32_t from, bool up,
                                       std::uint32_t farthest) {
    const auto at = [&](std::uint32_t distance) { return up ? from + distance : from - distance; };
    std::uint32_t stays = 0;
    std::uint32_t goes = farthest;
    if (goes == 0 || !trials.leaves(at(goes))) return std::nullopt;
    while (goes - stays > 1) {
        const std::uint32_t middle = stays + (goes - stays) / 2;
        (trials.leaves(at(middle)) ? goes : stays) = middle;
    }
    for (const std::uint32_t more : {1u, 2u, 5u, 1000u, 0x10'0001u}) {
        if (more <= farthest - goes && !trials.leaves(at(goes + more))) return std::nullopt;
        if (more <= stays && trials.leaves(at(stays - more))) return std::nullopt;
    }
    return at(goes);
}

/// The one value, of all bits or of some, that leaves: it is compared with what a register holds.
std::optional<WaitCondition> only_value(Trials& trials, std::uint32_t value) {
    if (trials.leaves(value)) return std::nullopt;
    const HartState stayed = trials.last();
    const auto matching = [&]() -> std::optional<std::uint32_t> {
        for (const std::uint32_t x : stayed.x) {
            for (const std::uint32_t candidate : {x, value - x, value ^ x}) {
                if (trials.leaves(candidate)) return candidate;
            }
        }
        return std::nullopt;
    }();
    if (!matching) return std::nullopt;
    std::uint32_t mask = 0;
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
        if (!trials.leaves(*matching ^ bit)) mask |= bit;
    }
    const std::uint32_t lowest = mask & (0 - mask);
    for (const std::uint32_t other :
         {*matching + 1, *matching - 1, *matching ^ mask, *matching + lowest, *matching - lowest}) {
        if (((other ^ *matching) & mask) != 0 && trials.leaves(other)) return std::nullopt;
    }
    return WaitCondition{Relation::equal, *matching & mask, mask};
}

}  // namespace

std::optional<WaitCondition> wait_condition(const HartState& hart, const Code& code,
                                            const Region& image, const PeekWord& peek,
                                            std::uint32_t awaited) {
    const auto present = peek(awaited);
    if (!present) return std::nullopt;
    const std::uint32_t value = *present;
    Trials trials(hart, code, image, peek, awaited);
    if (trials.leaves(value)) return std::nullopt;

    // Which bits alone make a difference.
    std::uint32_t bits = 0;
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
        if (trials.leaves(value ^ bit)) bits |= bit;
    }
    if (bits == ~0u && trials.leaves(value + 1) && trials.leaves(~value)) {
        // Of 0 the two are the same; counts begin there.
        return value == 0 ? WaitCondition{Relation::at_least, 1}
                          : WaitCondition{Relation::different, value};
    }
    constexpr std::uint32_t half = 0x7FFF'FFFF;
    auto least = threshold(trials, value, true, half);
    if (!least && value < half) least = threshold(trials, value, true, half - value);  // signed
    auto most = threshold(trials, value, false, value);
    for (const std::uint32_t above : {1u, 2u, 4u, 8u, 1000u}) {
        if (most && trials.leaves(value + above)) most.reset();
    }
    if (least && (!most || *least - value < far)) {
        return WaitCondition{Relation::at_least, *least};
    }
    if (most && *most == 0) return WaitCondition{Relation::equal, 0};
    if (most) return WaitCondition{Relation::below, *most + 1};
    if (const auto only = only_value(trials, value)) return only;
    if (bits != 0 && trials.leaves(value ^ bits) && !trials.leaves(value ^ ~bits)) {
        return WaitCondition{Relation::different, value & bits, bits};
    }
    return std::nullopt;
}

}  // namespace tilewright::riscv
