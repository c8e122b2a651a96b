// Who counts what cores do, instruction by instruction, for a profile.
#pragma once

#include <memory>
#include <string_view>

#include "tilewright/base/units.hpp"

namespace tilewright {

namespace riscv {
class Code;
class CodeCounts;
struct ElfImage;
}  // namespace riscv

/// A program as a core runs it.
struct ProfiledCode {
    const riscv::Code* code = nullptr;
    std::shared_ptr<const riscv::ElfImage> elf;  ///< the code lives as long
    std::string_view name;
};

class ProfileObserver {
public:
    virtual ~ProfileObserver() = default;
    /// The core runs this program from now on: where it counts until it runs another one.
    virtual riscv::CodeCounts* on_program(CoreId core, const ProfiledCode& program) = 0;
};

}  // namespace tilewright
