// The core alone: linked without the chip around it.
#include <cstdio>
#include <string>
#include <tilewright/base/error.hpp>
#include <tilewright/riscv/elf.hpp>
#include <tilewright/riscv/isa.hpp>

int main() {
    namespace riscv = tilewright::riscv;
    const riscv::Isa isa = riscv::parse_isa("rv32im_zba");
    if (riscv::parse_isa(riscv::to_string(isa)) != isa) return 1;
    try {
        riscv::parse_elf({}, "nothing");
        return 2;
    } catch (const tilewright::Error& error) {
        std::puts(error.what());
        return std::string(error.what()).empty() ? 3 : 0;
    }
}
