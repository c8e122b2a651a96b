#include "tensix/move.hpp"

#include "tensix/dst.hpp"
#include "tensix/number.hpp"
#include "tensix/row_counters.hpp"
#include "tensix/sources.hpp"

namespace tilewright::tensix {
namespace {

/// Blocks of rows begin at multiples of their size.
constexpr unsigned block_of(unsigned row, unsigned rows) {
    return row & ~(rows - 1);
}

/// How many rows the mode of a move means: `many` or one.
unsigned rows_of(std::string_view mnemonic, std::uint32_t mode, unsigned many) {
    if (mode == 2) return many;
    if (mode == 0) return 1;
    refuse(mnemonic, "mode " + std::to_string(mode) + "; it has 0 (a row) and 2 (" +
                         std::to_string(many) + " rows)");
}

// --- Into Dst ---

/// How numbers of SrcA or SrcB are put into Dst.
struct IntoDst {
    Format format;
    bool keep_denormals;
    bool low_half;  ///< of 32 bits
};

IntoDst into_dst(const Context& context, std::string_view mnemonic, Format format,
                 std::uint32_t low_half) {
    if (format == Format::tf32 && low_half != 0) {
        refuse(mnemonic, "the lower half of Dst from tf32 is undefined");
    }
    return {format, context.config.is(config::keep_source_denormals), low_half != 0};
}

void put_row(Dst& dst, const IntoDst& how, unsigned row, SourceRow numbers) {
    if (!how.keep_denormals) {
        for (SourceNumber& x : numbers) x = is_zero(x) ? 0 : x;
    }
    const bool wide = how.format == Format::tf32 || how.low_half;
    const unsigned upper = wide ? wide_row(row) : row;
    if (how.format == Format::tf32) {
        for (unsigned column = 0; column < row_size; ++column) {
            put32(dst, row, column, dst_from_fp32(numbers[column] << 13));
        }
    } else {
        std::array<std::uint16_t, row_size> bits;
        if (style_of(how.format) == SourceStyle::fp16) {
            for (unsigned i = 0; i < row_size; ++i) {
                const SourceNumber x = numbers[i];
                bits[i] =
                    dst_from_fp16(static_cast<std::uint16_t>((x >> 3 & 0x8000) | (x & 0x7fff)));
            }
        } else {
            for (unsigned i = 0; i < row_size; ++i) {
                bits[i] = dst_from_bf16(static_cast<std::uint16_t>(numbers[i] >> 3));
            }
        }
        if (how.low_half && !dst.defined[upper]) dst.rows[upper].fill(0);
        dst.rows[how.low_half ? upper + low_half_distance : upper] = bits;
    }
    dst.defined[upper] = true;
}

// --- Out of Dst ---

struct OutOfDst {
    SourceStyle style;
    bool wide;
    bool low_half;
};

OutOfDst out_of_dst(const Context& context, std::string_view mnemonic, Format format,
                    std::uint32_t low_half) {
    const ConfigView& config = context.config;
    const bool forced = config.own(thread_config::force_fp16) != 0;
    OutOfDst how;
    how.style = style_of(format);
    how.wide = !forced && (config.is(config::fp32_dst) || config.is(config::int8_math));
    how.low_half = low_half != 0;
    if (how.low_half && !how.wide) {
        refuse(mnemonic, "the lower half of Dst, which has 16 bits, is undefined");
    }
    if (how.style == SourceStyle::tf32 && (!how.wide || how.low_half)) {
        refuse(mnemonic, "tf32 from 16 bits of Dst is undefined");
    }
    return how;
}

SourceNumber take(const Dst& dst, const OutOfDst& how, unsigned row, unsigned column) {
    std::uint16_t upper = 0;
    if (how.wide) {
        const std::uint32_t bits = read32(dst, row, column);
        if (how.style == SourceStyle::tf32) return source_from_tf32(fp32_from_dst(bits));
        upper = static_cast<std::uint16_t>(how.low_half ? bits : bits >> 16);
    } else {
        upper = read16(dst, row, column);
    }
    return how.style == SourceStyle::fp16 ? source_from_fp16(fp16_from_dst(upper))
                                          : source_from_bf16(bf16_from_dst(upper));
}

template <class Operands>
void move_out(const Context& context, std::string_view mnemonic, const Operands& i,
              SourceBank& bank, std::uint32_t counter, Format format) {
    const unsigned count = rows_of(mnemonic, i.mode, 4);
    const OutOfDst how = out_of_dst(context, mnemonic, format, i.low_half);
    const unsigned from = block_of(dst_row(context, i.dst), count);
    const unsigned to = block_of((i.src + counter) & (source_rows - 1), count);
    context.effects.dst_read[0] = {from, count};
    for (unsigned row = 0; row < count; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            bank.rows[to + row][column] = take(context.state.dst, how, from + row, column);
        }
    }
    apply_address_mode(context, i.addr_mod, true);
}

}  // namespace

void execute(const Context& context, const op::mova2d& i) {
    constexpr std::string_view mnemonic = "MOVA2D";
    const unsigned count = rows_of(mnemonic, i.mode, 8);
    const IntoDst how = into_dst(context, mnemonic, source_formats(context).a, i.low_half);
    const unsigned to = block_of(dst_row(context, i.dst), count);
    const unsigned from = block_of((i.src + context.own().rows.a.value) & (source_rows - 1), count);
    context.effects.dst_written = {to, count};
    for (unsigned row = 0; row < count; ++row) {
        put_row(context.state.dst, how, to + row, context.state.a.of_matrix().rows[from + row]);
    }
    apply_address_mode(context, i.addr_mod, true);
}

void execute(const Context& context, const op::movb2d& i) {
    constexpr std::string_view mnemonic = "MOVB2D";
    const bool one_column = (i.mode & 1) != 0;
    const bool one_row = (i.mode & 2) != 0;
    const unsigned count = one_row ? 8 : (i.mode & 4) != 0 ? 4 : 1;
    const SourceFormats formats = source_formats(context);
    const IntoDst how = into_dst(context, mnemonic, formats.b_as_a, i.low_half);
    const unsigned to = block_of(dst_row(context, i.dst), count);
    const unsigned from =
        block_of((i.src + context.own().rows.b.value) & (source_rows - 1), one_row ? 1 : count);
    context.effects.dst_written = {to, count};
    for (unsigned row = 0; row < count; ++row) {
        SourceRow numbers = context.state.b.of_matrix().rows[from + (one_row ? 0 : row)];
        if (one_column) numbers.fill(numbers[0]);
        for (SourceNumber& x : numbers) x &= bits_in(formats.b);
        put_row(context.state.dst, how, to + row, numbers);
    }
    apply_address_mode(context, i.addr_mod, true);
}

void execute(const Context& context, const op::movd2a& i) {
    move_out(context, "MOVD2A", i, context.state.a.of_matrix(), context.own().rows.a.value,
             source_formats(context).a);
}

void execute(const Context& context, const op::movd2b& i) {
    move_out(context, "MOVD2B", i, context.state.b.of_matrix(), context.own().rows.b.value,
             source_formats(context).b_as_a);
}

void execute(const Context& context, const op::movb2a& i) {
    const unsigned count = rows_of("MOVB2A", i.mode, 4);
    const RowCounters& counters = context.own().rows;
    const unsigned from = block_of((i.src_b + counters.b.value) & (source_rows - 1), count);
    const unsigned to = block_of((i.src_a + counters.a.value) & (source_rows - 1), count);
    const bool keep = context.config.is(config::keep_source_denormals);
    for (unsigned row = 0; row < count; ++row) {
        SourceRow& numbers = context.state.a.of_matrix().rows[to + row];
        numbers = context.state.b.of_matrix().rows[from + row];
        for (SourceNumber& x : numbers) x = !keep && is_zero(x) ? 0 : x;
    }
    apply_address_mode(context, i.addr_mod, true);
}

// It makes rows undefined: one, 16, half or all of Dst.
void execute(const Context& context, const op::zeroacc& i) {
    const ConfigView& config = context.config;
    auto& defined = context.state.dst.defined;
    if (i.revert != 0 && !(context.blackhole() && i.mode == 1 && i.wide != 0)) {
        refuse("ZEROACC",
               "to make rows defined again is undefined, but for 16 rows of 32 bits on "
               "Blackhole");
    }
    switch (i.mode) {
        case 0: {
            const unsigned row = dst_row(context, i.where);
            const bool wide = config.is(config::fp32_dst) || config.is(config::int8_math);
            defined[wide ? wide_row(row) : row] = false;
            break;
        }
        case 1: {
            // Blackhole counts from the half of Dst that the thread works on, unless told not to.
            const std::uint32_t offset =
                config.own(thread_config::math_offset) + context.own().rows.dst.value;
            const bool relative = context.blackhole() && !config.is(config::zeroacc_absolute);
            const bool wide = i.wide != 0;
            const unsigned tiles = wide ? 32 : 64;
            unsigned tile = i.where & 0xff;
            if (relative && (offset & (wide ? 768 : 512)) != 0) tile += tiles / 2;
            if (tile >= tiles) break;
            for (unsigned row = 16 * tile; row < 16 * (tile + 1); ++row) {
                defined[wide ? wide_row(row) : row] = i.revert != 0;
            }
            break;
        }
        case 2:
            std::fill_n(defined.begin() + (i.where & 1) * (dst_rows / 2), dst_rows / 2, false);
            break;
        default:
            defined.fill(false);
            break;
    }
    if (i.mode <= 1) apply_address_mode(context, i.addr_mod, true);
}

}  // namespace tilewright::tensix
