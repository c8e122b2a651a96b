// The decoder: rows are sorted at compile time into buckets by the low seven bits of a word.
#include "opcodes.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::uint32_t bucket_bits = 0x7F;

constexpr bool belongs(const Row& r, std::uint32_t bucket) {
    return ((bucket ^ r.match) & r.mask & bucket_bits) == 0;
}

constexpr std::size_t entries() {
    std::size_t n = 0;
    for (std::uint32_t b = 0; b <= bucket_bits; ++b) {
        for (const Row& r : rows) n += belongs(r, b) ? 1 : 0;
    }
    return n;
}

struct Index {
    std::array<std::uint16_t, bucket_bits + 2> first{};  ///< bucket b is [first[b], first[b + 1])
    std::array<Op, entries()> ops{};
};

constexpr Index make_index() {
    Index index;
    std::uint16_t n = 0;
    for (std::uint32_t b = 0; b <= bucket_bits; ++b) {
        index.first[b] = n;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (belongs(rows[i], b)) index.ops[n++] = static_cast<Op>(i);
        }
    }
    index.first[bucket_bits + 1] = n;
    return index;
}

constexpr Index decode_index = make_index();

constexpr std::uint32_t bits(std::uint32_t word, unsigned high, unsigned low) {
    return word >> low & ((2u << (high - low)) - 1);
}
constexpr std::int32_t sign_extend(std::uint32_t value, unsigned width) {
    return static_cast<std::int32_t>(value << (32 - width)) >> (32 - width);
}

std::int32_t immediate(Format format, std::uint32_t w) {
    switch (format) {
        case Format::immediate:
        case Format::indexed:
            return sign_extend(bits(w, 31, 20), 12);
        case Format::shift:
            return static_cast<std::int32_t>(bits(w, 24, 20));
        case Format::store:
            return sign_extend(bits(w, 31, 25) << 5 | bits(w, 11, 7), 12);
        case Format::branch:
            return sign_extend(bits(w, 31, 31) << 12 | bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5 |
                                   bits(w, 11, 8) << 1,
                               13);
        case Format::upper:
            return static_cast<std::int32_t>(w & 0xFFFF'F000);
        case Format::jump:
            return sign_extend(bits(w, 31, 31) << 20 | bits(w, 19, 12) << 12 |
                                   bits(w, 20, 20) << 11 | bits(w, 30, 21) << 1,
                               21);
        case Format::csr:
        case Format::csr_immediate:
            return static_cast<std::int32_t>(bits(w, 31, 20));
        case Format::none:
        case Format::binary:
        case Format::unary:
        case Format::atomic:
        case Format::reserve:
        case Format::fence:
            break;
    }
    return 0;
}

}  // namespace

Op identify(std::uint32_t word, const Isa& isa) {
    const std::uint32_t bucket = word & bucket_bits;
    for (std::size_t i = decode_index.first[bucket]; i < decode_index.first[bucket + 1]; ++i) {
        const Op op = decode_index.ops[i];
        const Row& r = row(op);
        if ((word & r.mask) == r.match && isa.has(r.extension)) return op;
    }
    return Op::illegal;
}

Operands operands(Format format, std::uint32_t word) {
    Operands o;
    if (writes_rd(format)) o.rd = static_cast<std::uint8_t>(bits(word, 11, 7));
    if (reads_rs1(format) || format == Format::csr_immediate) {
        o.rs1 = static_cast<std::uint8_t>(bits(word, 19, 15));
    }
    if (reads_rs2(format)) o.rs2 = static_cast<std::uint8_t>(bits(word, 24, 20));
    o.imm = immediate(format, word);
    return o;
}

Decoded decode(std::uint32_t word, const Isa& isa) {
    Decoded d;
    d.op = identify(word, isa);
    if (d.op != Op::illegal) d.operands = operands(row(d.op).format, word);
    return d;
}

}  // namespace tilewright::riscv
