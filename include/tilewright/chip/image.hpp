// A kernel's code as the cores see it: what lies in the image window, decoded once for each kind of
// core, and what debuggers know of it. Immutable and shared between cores, chips and threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/lines.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

class Image {
public:
    /// ElfError if the bytes are not an executable that is linked for the image window.
    Image(std::span<const std::byte> elf, std::string name);

    const std::string& name() const { return name_; }
    std::uint32_t entry() const { return elf_.entry; }
    std::span<const std::byte> elf() const;

    /// The image window: what loads from abi::image_base on see.
    riscv::Region window() const;
    /// The program decoded for such a core; decoded at the first call, then shared. With
    /// `functions` it tells its bus of calls and returns, `counted` it counts for a profile.
    const riscv::Code& code(const std::string& isa, const riscv::Timing& timing, bool functions,
                            bool counted) const;
    const riscv::ElfImage& program() const { return elf_; }

    /// Where the kernel's globals end in local memory; abi::local_base if it has none.
    std::uint32_t globals_end() const { return globals_end_; }

    riscv::SourceLocation location(std::uint32_t pc) const { return lines_.find(pc); }
    /// "file:line in function, pc 0x..." as far as it is known.
    std::string describe(std::uint32_t pc) const;

private:
    std::string name_;
    riscv::ElfImage elf_;
    std::vector<std::byte> window_;
    riscv::LineTable lines_;
    std::uint32_t text_base_ = 0;
    std::uint32_t globals_end_ = abi::local_base;
    std::span<const std::byte> text_;
    mutable std::mutex mutex_;  // guards decoded_
    struct Decoded {
        std::string isa;
        riscv::Timing timing;
        bool functions = false;
        bool counted = false;
        std::unique_ptr<riscv::Code> code;
    };
    mutable std::vector<Decoded> decoded_;
};

}  // namespace tilewright
