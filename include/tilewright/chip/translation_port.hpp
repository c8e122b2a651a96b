// Where a chip tells what its cores run, to whoever translates programs (riscv/translation.hpp).
#pragma once

#include <cstdint>
#include <memory>

#include "tilewright/chip/image.hpp"

namespace tilewright {

class TranslationPort {
public:
    virtual ~TranslationPort() = default;
    /// A core begins with this program of the image.
    virtual void entered(const std::shared_ptr<const Image>& image, const riscv::Code& code) = 0;
    /// The interpreter has carried out so many instructions of it, and a core has come to pc: told
    /// now and then, in any thread.
    virtual void interpreted(const std::shared_ptr<const Image>& image, const riscv::Code& code,
                             std::uint32_t pc, std::uint64_t instructions) = 0;
};

}  // namespace tilewright
