// What a core knows of the branches that it has met: how each went last.
//
// The table is what explains a card (docs/accuracy.md, riscvbench C.t1): forward branches and jumps
// cost a misprediction when they are taken for the first time and none from then on, for 64 of them
// in consecutive words. How many the cards have room for is not known, nor whether they count
// longer histories. Backward branches and jumps are taken to be predicted right from the first time
// on.
#pragma once

#include <array>
#include <cstdint>

namespace tilewright::riscv {

/// Entries by the address of the branch; two that are `places` words apart share one.
struct BranchHistory {
    static constexpr std::uint32_t places = 128;
    /// The entry of whatever goes backward, always predicted to be taken, and where it is noted
    /// that such a branch was not.
    static constexpr std::uint32_t backward = places;
    static constexpr std::uint32_t nowhere = places + 1;

    std::array<std::uint8_t, places + 2> taken = begin();  ///< 0 or 1

    static constexpr std::uint32_t place(std::uint32_t pc) { return pc / 4 % places; }

    /// Notes how a branch went; whether it had been predicted.
    bool note(std::uint32_t place, bool goes) {
        const bool predicted = (taken[place] != 0) == goes;
        if (place != backward) taken[place] = goes ? 1 : 0;
        return predicted;
    }

    /// The entries that change, one a bit.
    std::array<std::uint64_t, places / 64> bits() const {
        std::array<std::uint64_t, places / 64> words{};
        for (std::uint32_t i = 0; i < places; ++i) {
            words[i / 64] |= std::uint64_t{taken[i]} << i % 64;
        }
        return words;
    }
    void set_bits(const std::array<std::uint64_t, places / 64>& words) {
        for (std::uint32_t i = 0; i < places; ++i) taken[i] = words[i / 64] >> i % 64 & 1;
    }

    bool operator==(const BranchHistory&) const = default;

private:
    static constexpr std::array<std::uint8_t, places + 2> begin() {
        std::array<std::uint8_t, places + 2> none{};
        none[backward] = 1;
        return none;
    }
};

}  // namespace tilewright::riscv
