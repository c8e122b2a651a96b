// libFuzzer target: any bytes at all, through the ELF reader, the image layout and the line table.
//
//     clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude fuzz/elf_fuzz.cpp \
//         src/riscv/elf.cpp src/riscv/lines.cpp -o elf_fuzz && ./elf_fuzz CORPUS
// A corpus to start from: the shipped kernels in <build>/share/tilewright/kernels.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tilewright;
    try {
        const riscv::ElfImage image =
            riscv::parse_elf(std::as_bytes(std::span(data, size)), "fuzz");
        const riscv::LineTable table(image);
        for (const riscv::ElfSegment& segment : image.segments)
            for (std::uint32_t at = 0; at < 256; at += 2)
                riscv::to_string(table.find(segment.address + at));
        constexpr std::uint32_t window = 0x00400000;
        riscv::image_bytes(image, 0xFFC00000, window);
    } catch (const ElfError&) {
        // What a damaged file must end in.
    }
    return 0;
}
