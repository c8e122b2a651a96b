// Where the cycles of programs went, instruction by instruction: exact, not sampled.
//
//     tilewright::Profile profile;
//     device.start_profile(profile);
//     device.run(...);
//     device.end_profile();
//     for (const tilewright::ProgramProfile& program : profile.programs()) ...
//
// The cycles of all instructions of a core and of its waits are those from its launch to its end.
// No cycle changes. What a core waits for when a profile begins counts as a whole where it ends.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/lines.hpp"
#include "tilewright/sim/profile_observer.hpp"

namespace tilewright {

/// The clock of a core went on without instructions.
struct ProfiledWait {
    std::uint32_t address = 0;  ///< of the instruction
    std::string what;           ///< "semaphore 3"; empty: its turn, or room in a queue
    std::uint64_t times = 0;
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;  ///< of a polling loop, which counts as retired meanwhile
};

/// A program on one core.
struct ProgramProfile {
    CoreId core;
    std::string name;
    std::shared_ptr<const riscv::ElfImage> elf;
    std::vector<riscv::InstructionCost> instructions;  ///< by address
    std::vector<ProfiledWait> waits;                   ///< by address
};

/// "L1", "division", ...
TILEWRIGHT_API std::string_view lost_name(riscv::Lost reason);

/// Where instructions of the program come from, in the order of the addresses.
TILEWRIGHT_API std::vector<riscv::SourceLocation> locate(const ProgramProfile& program,
                                                         std::span<const std::uint32_t> addresses);

class TILEWRIGHT_API Profile final : public ProfileObserver {
public:
    Profile();
    ~Profile() override;
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    /// By core, then in the order in which it has first run them.
    std::vector<ProgramProfile> programs() const;

    riscv::CodeCounts* on_program(CoreId core, const ProfiledCode& program) override;

private:
    struct Counted;
    std::vector<std::unique_ptr<Counted>> counted_;  ///< in the order in which they came
    std::map<std::pair<std::uint64_t, const riscv::Code*>, Counted*> by_core_;
};

}  // namespace tilewright
