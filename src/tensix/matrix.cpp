#include "tensix/matrix.hpp"

#include <algorithm>

#include "tensix/dst.hpp"
#include "tensix/number.hpp"
#include "tensix/row_counters.hpp"
#include "tensix/rows/kernels.hpp"
#include "tensix/source_parts.hpp"
#include "tensix/sources.hpp"

namespace tilewright::tensix {
namespace {

/// How an instruction reads its operands and writes Dst.
struct Mode {
    bool integers;
    bool wide_exponent;  ///< 8 bits
    DstStyle dst;
    std::uint32_t bits_of_a, bits_of_b;
    bool keep_denormals_of_b;
};

inline __attribute__((always_inline)) Mode mode_in(const Context& context,
                                                   const SourceFormats& formats,
                                                   std::string_view mnemonic) {
    const ConfigView& config = context.config;
    const SourceStyle style = style_of(formats.a);
    const bool forced = config.own(thread_config::force_fp16) != 0;
    Mode mode;
    mode.integers = !forced && config.is(config::int8_math);
    mode.wide_exponent = style != SourceStyle::fp16;
    mode.bits_of_a = bits_in(formats.a);
    mode.bits_of_b = bits_in(formats.b);
    mode.keep_denormals_of_b = config.is(config::keep_source_denormals);
    if (config(config::stochastic_rounding) != 0) {
        refuse(mnemonic, "stochastic rounding is not modelled");
    }
    const bool same_exponents = (style_of(formats.b) == SourceStyle::fp16) == !mode.wide_exponent;
    if (!mode.integers && !same_exponents) {
        refuse(mnemonic, "SrcA has " + std::string(name_of(formats.a)) + " and SrcB " +
                             std::string(name_of(formats.b)) +
                             ", whose exponents are of different sizes");
    }
    mode.dst = !forced && (config.is(config::fp32_dst) || mode.integers) ? DstStyle::fp32
               : mode.wide_exponent                                      ? DstStyle::bf16
                                                                         : DstStyle::fp16;
    return mode;
}

Mode mode_of(const Context& context, std::string_view mnemonic) {
    const SourceFormats formats = source_formats(context);
    return with_known_architecture(
        context, [&](const Context& known)
                     __attribute__((always_inline)) { return mode_in(known, formats, mnemonic); });
}

// --- Rows of Dst ---

/// Rows that the kernels add to: up to 8 whose number is a multiple of how many they are, so that
/// they lie one behind the other.
class DstRows8 {
public:
    DstRows8(Dst& dst, DstStyle style, unsigned first, unsigned rows)
        : dst_(dst), first_(style == DstStyle::fp32 ? wide_row(first) : first), count_(rows) {}
    /// Without those that are not `added_to`.
    DstRows16 places(bool added_to) const {
        static constexpr std::array<bool, most_rows> nothing{};
        std::uint16_t* const upper = dst_.rows[first_].data();
        return {upper, upper + columns * low_half_distance,
                added_to ? &dst_.defined[first_] : nothing.data()};
    }
    void now_defined() { std::fill_n(&dst_.defined[first_], count_, true); }

private:
    Dst& dst_;
    unsigned first_, count_;
};

const RowKernels& kernels() {
    static const RowKernels& fastest = *row_kernels().back();
    return fastest;
}

Addition addition_of(const Context& context, const Mode& mode) {
    return {mode.dst, !context.blackhole()};
}

// --- Integers ---

std::int32_t saturating_sum(std::int32_t x, std::int32_t y) {
    constexpr std::int64_t most = 0x7fff'ffff;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(std::int64_t{x} + y, -most, most));
}

using IntegerRow = std::array<std::int32_t, row_size>;

void add_integers(Dst& dst, unsigned row, const IntegerRow& values, bool accumulate) {
    IntegerRow sums = values;
    for (unsigned column = 0; accumulate && column < row_size; ++column) {
        sums[column] = saturating_sum(twos_complement(fp32_from_dst(read32(dst, row, column))),
                                      values[column]);
    }
    for (unsigned column = 0; column < row_size; ++column) {
        write32(dst, row, column, dst_from_fp32(sign_magnitude(sums[column])));
    }
}

void multiply_integers(const Context& context, const Mode& mode, unsigned phase, const SourceRow* a,
                       const SourceRow* b, unsigned rows, unsigned first) {
    for (unsigned row = 0; row < rows; ++row) {
        IntegerRow sums{};
        for (unsigned k = 0; k < row_size; ++k) {
            const std::int32_t x = integer_part_of_b(b[row][k], phase, mode.keep_denormals_of_b);
            for (unsigned column = 0; column < row_size; ++column) {
                sums[column] += x * integer_part_of_a(a[k][column], phase);
            }
        }
        add_integers(context.state.dst, first + row, sums, true);
    }
}

// --- Dst += SrcB * SrcA ---

void multiply_matrices(const Context& context, std::string_view mnemonic, unsigned rows,
                       std::uint32_t dst, std::uint32_t addr_mod, std::uint32_t flip) {
    const Mode mode = mode_of(context, mnemonic);
    const auto [first, count, row_of_a, row_of_b] = rows_of_matmul(context, mnemonic, rows, dst);
    if (mode.keep_denormals_of_b && !mode.integers) {
        refuse(mnemonic, "denormal numbers that are kept are not modelled");
    }
    context.effects.dst_read[0] = context.effects.dst_written = {first, count};
    const SourceRow* a = &context.state.a.of_matrix().rows[row_of_a];
    const SourceRow* b = &context.state.b.of_matrix().rows[row_of_b];
    const unsigned phase = fidelity_phase(context);
    if (mode.integers) {
        multiply_integers(context, mode, phase, a, b, rows, first);
    } else {
        DstRows8 to(context.state.dst, mode.dst, first, rows);
        kernels().add_products({addition_of(context, mode), a->data(), b->data(), to.places(true),
                                rows, mode.bits_of_a, mode.bits_of_b, mode.wide_exponent, phase});
        to.now_defined();
    }
    apply_address_mode(context, addr_mod, true);
    flip_sources(context, flip);
}

// --- Element by element ---

using Operation = Elements::Operation;

void add_integer_elements(const Context& context, const Elements& elements, unsigned phase,
                          const SourceRow* rows_of_a, const SourceRow* rows_of_b, unsigned first,
                          bool accumulates) {
    const bool keep = elements.keep_denormals_of_b;
    for (unsigned row = 0; row < 8; ++row) {
        const SourceRow& row_of_b = rows_of_b[elements.one_row ? 0 : row];
        IntegerRow integers;
        for (unsigned column = 0; column < row_size; ++column) {
            const SourceNumber a = rows_of_a[row][column];
            SourceNumber b = row_of_b[elements.one_column ? 0 : column];
            if (elements.operation == Operation::subtract) b ^= 0x4'0000;
            if (elements.operation == Operation::multiply) {
                integers[column] = integer_part_of_a(a, phase) * integer_part_of_b(b, phase, keep);
            } else {
                integers[column] = (is_zero(a) ? 0 : integer_of(a, 0x3ff)) +
                                   (!keep && is_zero(b) ? 0 : integer_of(b, 0x3ff));
            }
        }
        add_integers(context.state.dst, first + row, integers, accumulates);
    }
}

template <class Fields>
void elementwise(const Context& context, std::string_view mnemonic, Operation operation,
                 const Fields& i) {
    const Mode mode = mode_of(context, mnemonic);
    const unsigned phase = fidelity_phase(context);
    const bool multiplies = operation == Operation::multiply;
    if (!multiplies && phase != 0) {
        refuse(mnemonic,
               "in fidelity phase " + std::to_string(phase) + "; only products have phases");
    }
    // Products are always added to what is there.
    const bool accumulates = multiplies || i.accumulate != 0;
    const Elements elements{operation, (i.broadcast & 2) != 0, (i.broadcast & 1) != 0,
                            mode.keep_denormals_of_b};
    const auto [first, count, first_a, first_b] =
        rows_of_elements(context, i.dst, elements.one_row);
    context.effects.dst_written = {first, count};
    if (accumulates) context.effects.dst_read[0] = {first, count};
    const SourceRow* a = &context.state.a.of_matrix().rows[first_a];
    const SourceRow* b = &context.state.b.of_matrix().rows[first_b];
    if (mode.integers) {
        add_integer_elements(context, elements, phase, a, b, first, accumulates);
    } else {
        DstRows8 to(context.state.dst, mode.dst, first, count);
        kernels().add_elements(
            {addition_of(context, mode), a->data(), b->data(), to.places(accumulates), count,
             mode.bits_of_a, mode.bits_of_b, mode.wide_exponent, phase},
            elements);
        to.now_defined();
    }
    apply_address_mode(context, i.addr_mod, true);
    flip_sources(context, i.flip);
}

}  // namespace

MatrixRows rows_of_matmul(const Context& context, std::string_view mnemonic, unsigned rows,
                          std::uint32_t dst) {
    const RowCounters& counters = context.own().rows;
    const unsigned row_of_a = counters.a.value & 0x38;
    if (row_of_a + row_size > source_rows) {
        refuse(mnemonic, "16 rows of SrcA from row " + std::to_string(row_of_a) + ": it has 64");
    }
    const unsigned first = dst_row(context, dst) & (unsigned{dst_rows} - rows);
    return {first, rows, row_of_a, counters.b.value & 0x38};
}

MatrixRows rows_of_elements(const Context& context, std::uint32_t dst, bool one_row_of_b) {
    const RowCounters& counters = context.own().rows;
    return {dst_row(context, dst) & 0x3f8, 8, counters.a.value & 0x38,
            counters.b.value & (one_row_of_b ? 0x3f : 0x38)};
}

void execute(const Context& context, const op::mvmul& i) {
    if (i.broadcast_row != 0) refuse("MVMUL", "the broadcast of a row of SrcB is not modelled");
    multiply_matrices(context, "MVMUL", 8, i.dst, i.addr_mod, i.flip);
}

void execute(const Context& context, const op::gapool& i) {
    if (i.index != 0) refuse("GAPOOL", "an index is not modelled");
    multiply_matrices(context, "GAPOOL", 4, i.dst, i.addr_mod, i.flip);
}

void execute(const Context& context, const op::elwmul& i) {
    elementwise(context, "ELWMUL", Operation::multiply, i);
}
void execute(const Context& context, const op::elwadd& i) {
    elementwise(context, "ELWADD", Operation::add, i);
}
void execute(const Context& context, const op::elwsub& i) {
    elementwise(context, "ELWSUB", Operation::subtract, i);
}

// The largest number of each column of 16 rows of SrcA and of a row of Dst. Numbers of SrcA are
// scaled by SrcB's exponents; the vendor's kernels scale by 1, and nothing else is modelled.
void execute(const Context& context, const op::gmpool& i) {
    constexpr std::string_view mnemonic = "GMPOOL";
    if (i.index != 0) refuse(mnemonic, "an index is not modelled");
    if (i.mode != 1) refuse(mnemonic, "mode 0; it has 1 (of 16 rows)");
    const Mode mode = mode_of(context, mnemonic);
    if (mode.integers || !mode.wide_exponent) {
        refuse(mnemonic, "numbers without 8 bits of exponent are not modelled");
    }
    const RowCounters& counters = context.own().rows;
    const unsigned first_a = counters.a.value & 0x30;
    const SourceRow& scale = context.state.b.of_matrix().rows[counters.b.value & 0x38];
    for (const SourceNumber factor : scale) {
        if (exponent_of(factor) != 127) {
            refuse(mnemonic, "a scale other than 1 in SrcB is not modelled");
        }
    }
    const auto& rows = context.state.a.of_matrix().rows;
    const unsigned row = dst_row(context, i.dst) & 0x3fc;
    context.effects.dst_read[0] = context.effects.dst_written = {row, 4};
    Dst& dst = context.state.dst;
    const bool wide = mode.dst == DstStyle::fp32;
    std::array<std::uint32_t, row_size> largest;
    for (unsigned column = 0; column < row_size; ++column) {
        // In 19 bits, as SrcA has them; Dst's other bits take no part.
        std::uint32_t most = wide ? fp32_from_dst(read32(dst, row, column, ~0u)) & 0xffff'e000
                                  : std::uint32_t{bf16_from_dst(read16(dst, row, column, 0xffff))}
                                        << 16;
        for (unsigned k = 0; k < row_size; ++k) {
            const SourceNumber x = rows[first_a + k][column] & mode.bits_of_a;
            const std::uint32_t own = is_zero(x) ? 0 : x << 13;
            if (total_order(own) > total_order(most)) most = own;
        }
        largest[column] = most;
    }
    const auto write = [&](unsigned to, unsigned column, std::uint32_t number) {
        if (wide) {
            write32(dst, to, column, dst_from_fp32(number));
        } else {
            write16(dst, to, column, dst_from_bf16(static_cast<std::uint16_t>(number >> 16)));
        }
    };
    for (unsigned column = 0; column < row_size; ++column) {
        write(row, column, largest[column]);
        for (unsigned other = 1; other < 4; ++other) write(row + other, column, 0);
    }
    apply_address_mode(context, i.addr_mod, true);
    flip_sources(context, i.flip);
}

}  // namespace tilewright::tensix
