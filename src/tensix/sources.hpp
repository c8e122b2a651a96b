// SrcA and SrcB: whose turn it is with each of their banks, and what instructions do with whole
// banks.
#pragma once

#include <optional>

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// Hand the matrix unit's banks back to the unpackers and go on to the others; bits: SrcA, SrcB.
void flip_sources(const Context& context, std::uint32_t which);

/// Give an unpacker's bank to the matrix unit, with the format of what is in it, and go on to the
/// other bank.
void hand_over(const Context& context, unsigned unpacker, Format format);

/// What the matrix unit takes SrcA and SrcB for: on Blackhole what was unpacked, if the thread is
/// not told otherwise, else what is configured. `b_as_a` is what it moves SrcB as, by SrcA's
/// format.
struct SourceFormats {
    Format a;
    Format b;
    Format b_as_a;
};
SourceFormats source_formats(const Context& context);

/// The bits of a source number that exist in that format.
constexpr std::uint32_t bits_in(Format format) {
    switch (style_of(format)) {
        case SourceStyle::fp16:
            return 0x4'7fff;  // not the upper 3 bits of the exponent
        case SourceStyle::bf16:
            return 0x7'fff8;  // not the lower 3 bits of the mantissa
        default:
            return 0x7'ffff;
    }
}

void execute(const Context& context, const op::cleardvalid& i);
void execute(const Context& context, const op::setdvalid& i);
void execute(const Context& context, const op::gatesrcrst& i);
void execute(const Context& context, const op::zerosrc& i);
void execute(const Context& context, const op::trnspsrcb& i);

}  // namespace tilewright::tensix
