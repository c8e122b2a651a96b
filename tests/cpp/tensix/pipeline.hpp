// From L1 through unpackers and matrix unit, and through packers back to L1.
#pragma once

#include "bench.hpp"

namespace tilewright::tensix::test {

struct Pipeline : Bench {
    static constexpr std::uint32_t face = 256;  ///< numbers

    using Bench::Bench;

    void set_section(unsigned section, unsigned word, unsigned low, unsigned width,
                     std::uint32_t value) {
        const ConfigField& first = section == 0 ? config::section0 : config::section1;
        const Place place = first.places[static_cast<std::size_t>(architecture)];
        set(ConfigField(Place{static_cast<std::uint16_t>(place.word + word),
                              static_cast<std::uint8_t>(low), static_cast<std::uint8_t>(width)}),
            value);
    }
    /// A packer's own registers.
    void set_packer(unsigned packer, unsigned word, unsigned low, unsigned width,
                    std::uint32_t value) {
        set_section(packer / 2, (packer % 2 == 0 ? 4 : 32) + word, low, width, value);
    }

    /// Faces of 16 by 16 that lie one after another.
    void configure_unpacker(unsigned unpacker, Format in, Format out, std::uint32_t address,
                            unsigned faces = 1) {
        set_section(unpacker, 0, 0, 4, static_cast<std::uint32_t>(in));
        set_section(unpacker, 0, 4, 1, 1);  // not compressed
        set_section(unpacker, 0, 16, 16, face);
        set_section(unpacker, 1, 0, 8, 1);
        set_section(unpacker, 1, 16, 8, faces);
        set_section(unpacker, 2, 0, 8, 1);
        set_section(unpacker, 8, 0, 4, static_cast<std::uint32_t>(out));
        set_section(unpacker, 12, 0, 32, address / 16 - 1);
        // Its rows are those of the source from 4 on.
        if (unpacker == 0) set(config::unpack0_out_base, 4 * 16 * bytes_of(out));
        const auto source = static_cast<std::uint32_t>(out);
        set(unpacker == 0 ? config::a_format : config::b_format, source);
        set_x(1u << unpacker, face);
    }
    void configure_packer(unsigned packer, Format intermediate, Format out, std::uint32_t address) {
        set(config::dst_format, static_cast<std::uint32_t>(intermediate));
        set_packer(packer, 1, 0, 32, address / 16 - 1);
        set_packer(packer, 2, 0, 1, 1);  // not compressed
        set_packer(packer, 2, 4, 4, static_cast<std::uint32_t>(out));
        set_packer(packer, 2, 8, 4, static_cast<std::uint32_t>(intermediate));
        const bool small = bits_of(out) <= 8;
        set_packer(packer, 0, 16, 16, small ? 1 : 0);
        set(config::edge_mask.at(0), 0xffff);
        set_x(4, face);
    }
    void set_x(std::uint32_t units, std::uint32_t count) {
        run(Op::setadcxx, {{"units", units}, {"end", count - 1}});
    }

    void unpack(unsigned unpacker) { run(Op::unpacr, {{"unpacker", unpacker}, {"set_valid", 1}}); }
    /// The first 16 rows of Dst become SrcB x SrcA.
    void multiply() {
        run(Op::zeroacc, {{"mode", 3}});
        for (std::uint32_t phase = 0; phase < 4; ++phase) {
            state->threads[thread].rows.fidelity = phase;
            for (std::uint32_t row = 0; row < 16; row += 8) {
                state->threads[thread].rows.b.value = row;
                run(Op::mvmul, {{"dst", row}});
            }
        }
        state->threads[thread].rows = {};
    }
    void pack(std::uint32_t packers = 1) { run(Op::pacr, {{"packers", packers}, {"last", 1}}); }

    static std::uint32_t bytes_of(Format format) { return std::max(bits_of(format) / 8, 1u); }
};

}  // namespace tilewright::tensix::test
