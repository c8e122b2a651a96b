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
    /// Cores have carried out so many instructions of it; told now and then, not for each.
    virtual void ran(const std::shared_ptr<const Image>& image, const riscv::Code& code,
                     std::uint64_t instructions) = 0;
};

}  // namespace tilewright
