// libFuzzer target: any bytes at all as an ELF file: reader, layout, line table, decoder, and the
// table of task functions. A corpus to start from: the kernels in <build>/share/tilewright/kernels.
#include <cstddef>
#include <cstdint>
#include <span>

#include "entry.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/lines.hpp"
#include "tilewright/runtime/kernel.hpp"

namespace {

using namespace tilewright;
using Bytes = std::span<const std::byte>;

void read_lines(Bytes bytes) {
    const riscv::ElfImage image = riscv::parse_elf(bytes, "fuzz");
    const riscv::LineTable table(image);
    for (const riscv::ElfSegment& segment : image.segments)
        for (std::uint32_t at = 0; at < 256; at += 2)
            riscv::to_string(table.find(segment.address + at));
}

void load(Bytes bytes) {
    const Kernel kernel = Kernel::from_elf(bytes, "fuzz");
    const CoreConfig core = preset("tiny").cores.at(0);
    for (const bool functions : {false, true}) {
        kernel.image()->code(core.isa, {}, functions, !functions);
    }
    kernel.image()->describe(kernel.image()->entry());
    task_functions(kernel);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto use : {read_lines, load}) {
        try {
            use(std::as_bytes(std::span(data, size)));
        } catch (const ElfError&) {
            // What a damaged file must end in.
        }
    }
    return 0;
}
