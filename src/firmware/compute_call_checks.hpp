// Of calls of the compute API (kernels/metalium/.../compute): whether the engine was set up for
// them, for operands of these formats, and whether Dst is held. Part of the check
// `circular_buffers`.
//
// The kernels' files say which instruction each call begins with (abi::CallNote), and instructions
// carry the place at which they were pushed: so this follows the engine, in its order, and changes
// no code and no cycle. What files do not say, as calls of other headers, is left alone.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "tilewright/firmware/abi.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright::firmware {

class ComputeCallChecks {
public:
    void restart() {
        threads_.clear();
        committed_.clear();
    }
    void launched(const Tile& tile, std::uint32_t processor);
    /// As AccessGuard::instructs().
    std::string look(const Tile& tile, std::uint32_t processor, std::uint32_t pc,
                     AccessGuard::Stage stage);

private:
    struct Note {
        abi::CallNote call;
        std::string text;  ///< of uses_vector
    };
    using Notes = std::unordered_multimap<std::uint32_t, Note>;
    /// A core of the three: what its part of the engine is set up for.
    struct Thread {
        bool known = false;  ///< since its launch
        std::uint8_t setup = 0;
        std::array<std::uint8_t, 2> formats{abi::no_format, abi::no_format};
        std::array<std::uint8_t, 2> buffers{abi::no_format, abi::no_format};
        bool reduces = false;  ///< packers leave out what reductions do not give
        bool holds_dst = false;
        bool reduced = false;   ///< of the half of Dst that it holds: something is a reduction's,
        bool computed = false;  ///< or another call's
        bool unseen = false;    ///< it is the packers', who have not looked yet what it has
        bool packs_masked = false;  ///< of it, leaving out what reductions do not give
    };

    const Notes& notes_of(const std::shared_ptr<const riscv::ElfImage>& elf);
    std::string look(std::uint32_t core, const Note& of);
    void see_half(std::uint32_t core);

    std::map<std::weak_ptr<const riscv::ElfImage>, Notes, std::owner_less<>> notes_;
    std::map<std::uint32_t, Thread> threads_;  ///< by number of the core
    /// By number of the core that packs: halves that were committed, of which it has not waited
    /// for yet. Whether it gets something of a call that is no reduction, and nothing of one.
    std::map<std::uint32_t, std::deque<bool>> committed_;
};

}  // namespace tilewright::firmware
