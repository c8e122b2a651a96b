// A chip that keeps to our conventions, without a runtime, and kernels of assembled words on it.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "riscv/assembled_elf.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/conventions.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

inline std::shared_ptr<const Image> assembled_image(const riscv::test::Program& program,
                                                    const std::string& name,
                                                    const riscv::test::Sections& sections = {}) {
    const std::string elf = riscv::test::assembled_elf(program, abi::image_base, sections);
    return std::make_shared<Image>(std::as_bytes(std::span(elf)), name);
}

struct ChipOfKernels {
    explicit ChipOfKernels(const Conventions& conventions = firmware::conventions)
        : chip(preset("tiny"), conventions) {}

    void launch(CoreId core, const std::shared_ptr<const Image>& image) {
        chip.launch(chip.core_index(core), image, {});
    }
    void launch(CoreId core, const riscv::test::Program& program, const std::string& name) {
        launch(core, assembled_image(program, name));
    }
    /// Until there is more to tell than the end of a kernel.
    Chip::Outcome run(std::uint64_t stop = 100'000) {
        Chip::Outcome outcome{};
        do {
            outcome = chip.run(stop, {});
        } while (outcome == Chip::Outcome::core_ended);
        return outcome;
    }

    Chip chip;
};

}  // namespace tilewright
