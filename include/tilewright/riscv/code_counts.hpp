// What the interpreter counts of a program for a profile, and what its instructions cost by that.
//
// Blocks are counted where they are left, whole: the static schedule (code.hpp) then says what each
// of their instructions took. Beside that only what depends on data is noted, at its instruction.
// Counting changes nothing that is simulated.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tilewright/riscv/code.hpp"

namespace tilewright::riscv {

/// Of one place in the text, a multiple of 2 bytes. Cycles are those beyond the schedule.
struct PlaceCounts {
    /// How often the block that begins here: as its last instruction was predicted, and against it.
    std::array<std::uint64_t, 2> left{};
    std::uint64_t beyond = 0;  ///< of a load or store in far memory or the image, a division by its
                               ///< digits, a jump by what has to be fetched again
    std::uint64_t direct = 0;  ///< of a load or atomic in direct memory
    std::uint64_t device = 0;  ///< of a load or atomic elsewhere: registers
    std::array<std::uint64_t, 3> unused{};  ///< so that a place is found by a shift
};

/// Of one program on one core. All zero at first; pages that nothing counts in cost no memory.
class CodeCounts {
public:
    explicit CodeCounts(const Code& code);

    PlaceCounts* places() { return places_.get(); }
    std::span<const PlaceCounts> all() const { return {places_.get(), size_}; }

    /// The hart stands at `pc` in the block that begins at `block`: what lies before it there was
    /// not counted and never will be (`times` 1), or will be when the block is left, though it did
    /// not happen while counting (-1).
    void add_part(std::uint32_t block, std::uint32_t pc, std::int64_t times);
    /// The hart's clock went on without instructions, at the one before which it stands or which it
    /// has just done: `address` is the word that it waited for, 0 if it was for something else.
    /// `instructions` are those of a polling loop that it would have gone round meanwhile.
    void add_wait(std::uint32_t pc, std::uint32_t address, std::uint64_t cycles,
                  std::uint64_t instructions);

    using Parts = std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t>;
    const Parts& parts() const { return parts_; }  ///< by (block, pc)
    struct Wait {
        std::uint64_t times = 0;
        std::uint64_t cycles = 0;
        std::uint64_t instructions = 0;
    };
    using Waits = std::map<std::pair<std::uint32_t, std::uint32_t>, Wait>;
    const Waits& waits() const { return waits_; }  ///< by (pc, address)

private:
    struct Free {
        void operator()(PlaceCounts* counts) const;
    };
    std::unique_ptr<PlaceCounts[], Free> places_;
    std::size_t size_ = 0;
    Parts parts_;
    Waits waits_;
};

/// Why an instruction took more than its one cycle. What a result is waited for is lost by the
/// instruction that makes it.
enum class Lost : std::uint8_t {
    near_load,      ///< a load from local memory
    far_memory,     ///< a load from or a store to L1, a load of constants in the image
    direct_memory,  ///< a load or an atomic
    device,         ///< a load of a register or an atomic there
    multiply,       ///< integer multiplication
    divide,         ///< integer division
    floating,       ///< float operation
    atomic,         ///< atomic operation
    prediction,     ///< branch or jump against its prediction
    fetch,          ///< a loop longer than the instruction cache
};
inline constexpr std::size_t lost_reasons = 10;
std::string_view name_of(Lost reason);

struct InstructionCost {
    std::uint32_t address = 0;
    std::uint32_t word = 0;
    std::uint64_t executed = 0;
    std::uint64_t cycles = 0;  ///< one each time, and all that is lost
    std::array<std::uint64_t, lost_reasons> lost{};
};

/// Of all instructions that were executed, by address. Their cycles are those of the hart, but for
/// those in which it did not run.
std::vector<InstructionCost> instruction_costs(const Code& code, const CodeCounts& counts);

}  // namespace tilewright::riscv
