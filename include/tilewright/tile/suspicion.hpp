// Notices, for a few instructions a window, that a core is where it was before with the same
// registers: it may be repeating itself for ever.
//
// One state of one core is kept, and replaced by another at intervals that grow (Brent's way to
// find a cycle), so that a repetition of any length up to the longest interval shows. What it
// notices is a function of simulated state and of when looking began, and nothing that is saved.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "tilewright/riscv/hart.hpp"

namespace tilewright {

class Suspicion {
public:
    /// Look on from this cycle on: something new has begun.
    void begin(std::uint64_t cycle, std::uint32_t quantum) {
        quantum_ = quantum;
        interval_ = first_interval;
        renew_at_ = cycle;
        not_before_ = cycle + patience;
        pause_ = first_pause;
        sample_at_ = cycle;
        core_ = nobody;
        raised_ = false;
    }
    /// Whether anybody wants to know.
    void want(bool wanted) { wanted_ = wanted; }

    /// The core stands between two blocks.
    void look(std::uint32_t core, const riscv::HartState& hart) {
        if (hart.cycles >= renew_at_) return renew(core, hart);
        if (hart.pc != pc_ || core != core_ || hart.x != x_) return;
        raised_ = wanted_ && hart.cycles >= not_before_;
    }
    /// Whether look() at a core that stands there at that cycle is of any use.
    bool would_look(std::uint32_t core, std::uint32_t pc, std::uint64_t cycle) const {
        return cycle >= renew_at_ || (pc == pc_ && core == core_);
    }
    /// Of cores that never come to the end of a window: at the first event after it.
    bool sample_due(std::uint64_t cycle) {
        if (cycle < sample_at_) return false;
        sample_at_ = cycle + quantum_;
        return true;
    }
    bool raised() const { return raised_; }
    /// It was looked into and is none, or cannot be proved: the next time after a while, which
    /// grows.
    void dismiss(std::uint64_t cycle) {
        raised_ = false;
        not_before_ = cycle + pause_;
        pause_ = std::min(2 * pause_, longest_pause);
    }
    /// Cycles that went by before the last dismissal but one at least: what looking into it costs
    /// should be little beside them.
    std::uint64_t pause() const { return pause_; }

private:
    static constexpr std::uint32_t nobody = ~0u;
    static constexpr std::uint64_t first_interval = 16;  // windows
    static constexpr std::uint64_t longest_interval = 4096;
    static constexpr std::uint64_t patience = 1 << 18;     // cycles
    static constexpr std::uint64_t first_pause = 1 << 16;  // cycles
    static constexpr std::uint64_t longest_pause = 1 << 22;

    void renew(std::uint32_t core, const riscv::HartState& hart) {
        core_ = core;
        pc_ = hart.pc;
        x_ = hart.x;
        renew_at_ = hart.cycles + interval_ * quantum_;
        interval_ = std::min(2 * interval_, longest_interval);
    }

    std::array<std::uint32_t, 32> x_{};
    std::uint32_t pc_ = 0;
    std::uint32_t core_ = nobody;
    std::uint32_t quantum_ = 1;
    bool wanted_ = false;
    bool raised_ = false;
    std::uint64_t interval_ = first_interval;
    std::uint64_t renew_at_ = 0;
    std::uint64_t not_before_ = 0;
    std::uint64_t sample_at_ = 0;
    std::uint64_t pause_ = first_pause;
};

}  // namespace tilewright
