// Which functions a core is in, from the calls and returns that it makes (riscv::CallRecord).
//
// A return takes the innermost call away if it goes to where that came from. If it goes elsewhere
// (longjmp, a return from what was called before anybody looked), the calls that end are those made
// with the stack pointer where it is now or below. A tail call takes the place of its caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright {

class CallStack {
public:
    /// Calls that are nested deeper are left out.
    static constexpr std::size_t deepest = 512;

    struct Frame {
        std::uint64_t begin = 0;     ///< cycle
        std::uint32_t function = 0;  ///< address
        std::uint32_t link = 0;      ///< where it will return to
        std::uint32_t sp = 0;        ///< of the caller, at the call
        bool written = false;        ///< for whoever uses the stack
        const riscv::ElfImage* program = nullptr;
    };

    /// Outermost first. The program of a frame lives as long as the frame.
    std::vector<Frame>& frames() { return frames_; }
    bool empty() const { return frames_.empty(); }

    /// What comes now is of this program.
    void run(const std::shared_ptr<const riscv::ElfImage>& program);
    /// How many frames stay when the record's jump is made. The others have ended.
    std::size_t staying(const riscv::CallRecord& record);
    /// Makes the jump: frames end, and a new one begins if it is a call.
    void apply(const riscv::CallRecord& record, std::size_t staying);
    void clear();

private:
    std::vector<Frame> frames_;
    std::vector<std::shared_ptr<const riscv::ElfImage>> programs_;  // of frames; the last one runs
    std::uint32_t left_out_ = 0;                                    // calls beyond the deepest
};

}  // namespace tilewright
