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
        case Format::float_indexed:
            return sign_extend(bits(w, 31, 20), 12);
        case Format::shift:
            return static_cast<std::int32_t>(bits(w, 24, 20));
        case Format::store:
        case Format::float_store:
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
        case Format::word:
            return static_cast<std::int32_t>(w >> 2 | w << 30);
        case Format::float_fused:
        case Format::float_arithmetic:
        case Format::float_root:
        case Format::float_to_integer:
        case Format::integer_to_float:
            return static_cast<std::int32_t>(bits(w, 14, 12));
        case Format::float_binary:
        case Format::float_compare:
        case Format::float_inspect:
        case Format::float_move:
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

/// Turns the numbers of f registers into places of the register file.
void mark_floats(Format format, Operands& o) {
    if (rd_is_float(format)) o.rd = static_cast<std::uint8_t>(o.rd + first_float);
    if (rs1_is_float(format)) o.rs1 = static_cast<std::uint8_t>(o.rs1 + first_float);
    if (rs2_is_float(format)) o.rs2 = static_cast<std::uint8_t>(o.rs2 + first_float);
}

/// Immediates of 16-bit instructions, by the bits that the manual lists from high to low.
struct ShortImmediates {
    std::uint32_t w;

    std::uint32_t bit(unsigned from, unsigned to) const { return bits(w, from, from) << to; }
    std::int32_t plain() const { return sign_extend(bit(12, 5) | bits(w, 6, 2), 6); }
    std::int32_t shift() const { return static_cast<std::int32_t>(bits(w, 6, 2)); }
    std::int32_t add_to_sp_wide() const {
        return static_cast<std::int32_t>(bits(w, 12, 11) << 4 | bits(w, 10, 7) << 6 | bit(6, 2) |
                                         bit(5, 3));
    }
    std::int32_t add_to_sp() const {
        return sign_extend(bit(12, 9) | bits(w, 4, 3) << 7 | bit(5, 6) | bit(2, 5) | bit(6, 4), 10);
    }
    std::int32_t word() const {
        return static_cast<std::int32_t>(bit(5, 6) | bits(w, 12, 10) << 3 | bit(6, 2));
    }
    std::int32_t from_sp() const {
        return static_cast<std::int32_t>(bits(w, 3, 2) << 6 | bit(12, 5) | bits(w, 6, 4) << 2);
    }
    std::int32_t to_sp() const {
        return static_cast<std::int32_t>(bits(w, 8, 7) << 6 | bits(w, 12, 9) << 2);
    }
    std::int32_t jump() const {
        return sign_extend(bit(12, 11) | bit(8, 10) | bits(w, 10, 9) << 8 | bit(6, 7) | bit(7, 6) |
                               bit(2, 5) | bit(11, 4) | bits(w, 5, 3) << 1,
                           12);
    }
    std::int32_t branch() const {
        return sign_extend(
            bit(12, 8) | bits(w, 6, 5) << 6 | bit(2, 5) | bits(w, 11, 10) << 3 | bits(w, 4, 3) << 1,
            9);
    }
};

Operands short_operands(ShortFormat format, std::uint32_t w) {
    const auto full = static_cast<std::uint8_t>(bits(w, 11, 7));
    const auto second = static_cast<std::uint8_t>(bits(w, 6, 2));
    const auto low = static_cast<std::uint8_t>(8 + bits(w, 9, 7));
    const auto low_second = static_cast<std::uint8_t>(8 + bits(w, 4, 2));
    const ShortImmediates imm{w};
    constexpr std::uint8_t ra = 1;
    constexpr std::uint8_t sp = 2;
    switch (format) {
        case ShortFormat::none:
            break;
        case ShortFormat::add_to_sp_wide:
            return {.rd = low_second, .rs1 = sp, .imm = imm.add_to_sp_wide()};
        case ShortFormat::add_to_sp:
            return {.rd = sp, .rs1 = sp, .imm = imm.add_to_sp()};
        case ShortFormat::word_indexed:
            return {.rd = low_second, .rs1 = low, .imm = imm.word()};
        case ShortFormat::word_store:
            return {.rs1 = low, .rs2 = low_second, .imm = imm.word()};
        case ShortFormat::immediate:
            return {.rd = full, .rs1 = full, .imm = imm.plain()};
        case ShortFormat::immediate_low:
            return {.rd = low, .rs1 = low, .imm = imm.plain()};
        case ShortFormat::load_immediate:
            return {.rd = full, .imm = imm.plain()};
        case ShortFormat::upper:
            return {.rd = full, .imm = imm.plain() * 4096};
        case ShortFormat::shift:
            return {.rd = full, .rs1 = full, .imm = imm.shift()};
        case ShortFormat::shift_low:
            return {.rd = low, .rs1 = low, .imm = imm.shift()};
        case ShortFormat::binary:
            return {.rd = full, .rs1 = full, .rs2 = second};
        case ShortFormat::binary_low:
            return {.rd = low, .rs1 = low, .rs2 = low_second};
        case ShortFormat::move:
            return {.rd = full, .rs2 = second};
        case ShortFormat::jump:
            return {.imm = imm.jump()};
        case ShortFormat::call:
            return {.rd = ra, .imm = imm.jump()};
        case ShortFormat::jump_register:
            return {.rs1 = full};
        case ShortFormat::call_register:
            return {.rd = ra, .rs1 = full};
        case ShortFormat::branch:
            return {.rs1 = low, .imm = imm.branch()};
        case ShortFormat::from_sp:
            return {.rd = full, .rs1 = sp, .imm = imm.from_sp()};
        case ShortFormat::to_sp:
            return {.rs1 = sp, .rs2 = second, .imm = imm.to_sp()};
    }
    return {};
}

Decoded decode_short(std::uint32_t half, const Isa& isa) {
    Decoded d;
    d.bytes = 2;
    for (const ShortRow& r : short_rows) {
        if ((half & r.mask) != r.match || !isa.has(r.extension)) continue;
        d.op = r.op;
        if (d.op == Op::illegal) break;
        d.operands = short_operands(r.format, half);
        mark_floats(row(d.op).format, d.operands);
        break;
    }
    return d;
}

}  // namespace

Op identify(std::uint32_t word, const Isa& isa) {
    const std::uint32_t bucket = word & bucket_bits;
    for (std::size_t i = decode_index.first[bucket]; i < decode_index.first[bucket + 1]; ++i) {
        const Op op = decode_index.ops[i];
        const Row& r = row(op);
        if ((word & r.mask) != r.match || !isa.has(r.extension)) continue;
        const std::uint32_t rounding = bits(word, 14, 12);
        const bool reserved = rounds(r.format) && (rounding == 5 || rounding == 6);
        return reserved ? Op::illegal : op;
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
    if (format == Format::float_fused) {
        o.rs3 = static_cast<std::uint8_t>(first_float + bits(word, 31, 27));
    }
    mark_floats(format, o);
    o.imm = immediate(format, word);
    return o;
}

Decoded decode(std::uint32_t word, const Isa& isa) {
    if (instruction_bytes(word, isa) == 2) return decode_short(word & 0xFFFF, isa);
    Decoded d;
    d.op = identify(word, isa);
    if (d.op != Op::illegal) d.operands = operands(row(d.op).format, word);
    return d;
}

}  // namespace tilewright::riscv
