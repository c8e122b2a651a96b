// What software's conventions let cores do with the L1 of their tile, beyond what the hardware
// refuses: asked while such a check is on (firmware/circular_buffer_checks.hpp), after everything
// else has been checked and before it is done.
//
// What is not allowed is thrown as BusRefusal, or as CoreFault where no instruction is to blame.
#pragma once

#include <cstdint>
#include <string>

namespace tilewright {

struct Tile;

class AccessGuard {
public:
    /// Plain accesses are the core's own loads and stores; the others are the near ends of its
    /// transfers.
    enum class By : std::uint8_t { core, transfer };

    virtual ~AccessGuard() = default;
    /// What cores have done so far is not known any more: they were aborted or restored.
    virtual void restart() = 0;
    virtual void launched(const Tile& tile, std::uint32_t processor) = 0;
    virtual void ended(const Tile& tile, std::uint32_t processor) = 0;
    virtual void reads(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                       std::uint32_t bytes, By by) = 0;
    virtual void writes(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                        std::uint32_t bytes, By by) = 0;
    /// An instruction of the tile's compute engine, which the core pushed at `pc`, is next in its
    /// thread and may have to wait, or begins. Why it must not; empty if it may.
    enum class Stage : std::uint8_t { at_gate, begins };
    virtual std::string instructs(const Tile& tile, std::uint32_t processor, std::uint32_t pc,
                                  Stage stage) = 0;
    /// An `lr.w`; an atomic with its operand.
    virtual void reserves(const Tile& tile, std::uint32_t processor, std::uint32_t address) = 0;
    virtual void changes(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                         std::uint32_t operand) = 0;
};

}  // namespace tilewright
