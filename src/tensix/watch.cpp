#include "tilewright/tensix/watch.hpp"

#include <cstring>
#include <string>
#include <utility>

#include "tensix/dst.hpp"
#include "tensix/matrix.hpp"
#include "tensix/pack.hpp"
#include "tensix/row_counters.hpp"
#include "tensix/source_parts.hpp"
#include "tensix/sources.hpp"
#include "tensix/vector_dst.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::tensix {
namespace {

/// Instructions of the vector unit are forgotten beyond as many without a store.
constexpr std::size_t most_unstored = 4096;
constexpr unsigned rows_of_tile = 64, rows_of_face = 16;

bool is_wide(const ConfigView& config) {
    return config.is(config::fp32_dst) || config.is(config::int8_math);
}

Format dst_format(const Context& context) {
    if (context.config.is(config::int8_math)) return Format::int32;
    if (is_wide(context.config)) return Format::fp32;
    return style_of(source_formats(context).a) == SourceStyle::fp16 ? Format::fp16 : Format::bf16;
}

DstNumber number_at(const Dst& dst, unsigned row, unsigned column, Format format) {
    const bool wide = format == Format::fp32 || format == Format::int32;
    if (wide) {
        return {dst.defined[wide_row(row)], format, fp32_from_dst(read32(dst, row, column))};
    }
    const std::uint16_t number = read16(dst, row, column);
    return {dst.defined[row], format,
            format == Format::fp16 ? fp16_from_dst(number) : bf16_from_dst(number)};
}

// --- The matrix unit ---

MatrixOperands start_operands(const Context& context, bool multiplies, bool accumulates) {
    const SourceFormats formats = source_formats(context);
    return {.format_of_a = formats.a,
            .format_of_b = formats.b,
            .multiplies = multiplies,
            .accumulates = accumulates,
            .phase = multiplies ? fidelity_phase(context) : 0};
}

void add_pair(const Context& context, MatrixOperands& operands, SourceNumber a, SourceNumber b) {
    const unsigned phase = operands.phase;
    if (context.config.is(config::int8_math) &&
        context.config.own(thread_config::force_fp16) == 0) {
        operands.a.push_back({static_cast<double>(is_zero(a) ? 0 : integer_of(a, 0x3ff)),
                              static_cast<double>(integer_part_of_a(a, phase))});
        operands.b.push_back({static_cast<double>(is_zero(b) ? 0 : integer_of(b, 0x3ff)),
                              static_cast<double>(integer_part_of_b(b, phase, false))});
        return;
    }
    a &= bits_in(operands.format_of_a);
    b &= bits_in(operands.format_of_b);
    const bool wide = style_of(operands.format_of_a) != SourceStyle::fp16;
    operands.a.push_back({real_of(a, wide), real_part_of_a(a, wide, phase)});
    operands.b.push_back({real_of(b, wide), real_part_of_b(b, wide, phase)});
}

std::optional<MatrixOperands> operands_of_matmul(const Context& context, std::uint32_t dst,
                                                 unsigned rows, unsigned row, unsigned column) {
    const MatrixRows taken = rows_of_matmul(context, "", rows, dst);
    if (row < taken.dst || row >= taken.dst + taken.count) return std::nullopt;
    MatrixOperands operands = start_operands(context, true, true);
    const auto& a = context.state.a.of_matrix().rows;
    const SourceRow& b = context.state.b.of_matrix().rows[taken.b + row - taken.dst];
    for (unsigned k = 0; k < row_size; ++k) {
        add_pair(context, operands, a[taken.a + k][column], b[k]);
    }
    return operands;
}

template <class Fields>
std::optional<MatrixOperands> operands_of_elements(const Context& context, const Fields& i,
                                                   bool multiplies, unsigned row, unsigned column) {
    const bool one_row = (i.broadcast & 2) != 0;
    const bool one_column = (i.broadcast & 1) != 0;
    const MatrixRows taken = rows_of_elements(context, i.dst, one_row);
    if (row < taken.dst || row >= taken.dst + taken.count) return std::nullopt;
    MatrixOperands operands = start_operands(context, multiplies, multiplies || i.accumulate != 0);
    const unsigned distance = row - taken.dst;
    add_pair(context, operands, context.state.a.of_matrix().rows[taken.a + distance][column],
             context.state.b.of_matrix()
                 .rows[taken.b + (one_row ? 0 : distance)][one_column ? 0 : column]);
    return operands;
}

std::optional<MatrixOperands> operands_for(const Context& context, Op op, std::uint32_t word,
                                           unsigned row, unsigned column) {
    const Architecture on = context.architecture;
    switch (op) {
        case Op::mvmul:
            return operands_of_matmul(context, operands_of<op::mvmul>(on, word).dst, 8, row,
                                      column);
        case Op::gapool:
            return operands_of_matmul(context, operands_of<op::gapool>(on, word).dst, 4, row,
                                      column);
        case Op::elwmul:
            return operands_of_elements(context, operands_of<op::elwmul>(on, word), true, row,
                                        column);
        case Op::elwadd:
            return operands_of_elements(context, operands_of<op::elwadd>(on, word), false, row,
                                        column);
        case Op::elwsub:
            return operands_of_elements(context, operands_of<op::elwsub>(on, word), false, row,
                                        column);
        default:
            return std::nullopt;
    }
}

// --- The vector unit ---

/// The lane that an instruction stores there, if it does.
std::optional<unsigned> stored_lane(const Context& context, Op op, std::uint32_t word, unsigned row,
                                    unsigned column) {
    if (op != Op::sfpstore) return std::nullopt;
    const auto i = operands_of<op::sfpstore>(context.architecture, word);
    return lane_of(context, i.dst, i.mode, row, column);
}

// --- Packers ---

void look_at_result(std::span<const std::byte> l1, PackedNumber& number) {
    const unsigned bits = bits_of(number.format);
    std::memcpy(&number.bits, l1.data() + number.address, (bits + 7) / 8);
    if (bits < 8) number.bits = number.bits >> number.first_bit & ((1u << bits) - 1);
    if (is_block(number.format)) {
        number.shared_exponent = std::to_integer<std::uint8_t>(l1[number.exponent_address]);
    }
}

}  // namespace

ElementWatch::ElementWatch(const DstElement& element, std::size_t most)
    : row_(element.tile * rows_of_tile +
           (element.row / rows_of_face * 2 + element.column / row_size) * rows_of_face +
           element.row % rows_of_face),
      column_(element.column % row_size),
      places_used_(element.full ? 1 : 2),
      most_(most) {
    const std::uint32_t tiles = dst_rows / rows_of_tile / places_used_;
    if (element.tile < tiles && element.row < 32 && element.column < 32) return;
    throw ArgumentError(
        "no number at row " + std::to_string(element.row) + ", column " +
        std::to_string(element.column) + " of tile " + std::to_string(element.tile) +
        " of Dst; expected rows and columns 0 to 31, tiles 0 to " + std::to_string(tiles - 1));
}

void ElementWatch::before(State& state, Architecture architecture, std::span<std::byte> l1,
                          const Beginning& instruction) {
    const auto [cycle, thread, word] = instruction;
    L1Port port(l1);
    Effects effects;
    const Context context{state, architecture, thread,
                          port,  effects,      ConfigView(state, architecture, thread)};
    step_ = {.cycle = cycle, .thread = thread, .word = word};
    op_ = decode(architecture, word).op;
    const Format format = dst_format(context);
    const unsigned half = is_wide(context.config) ? dst_rows / 4 : dst_rows / 2;
    for (unsigned i = 0; i < places_used_; ++i) {
        Place& place = places_[i];
        place = {.row = row_ + i * half};
        try {
            place.operands = operands_for(context, op_, word, place.row, column_);
            place.lane = stored_lane(context, op_, word, place.row, column_);
            if (op_ == Op::pacr) {
                place.packed = places_of(context, operands_of<op::pacr>(architecture, word),
                                         place.row, column_);
            }
        } catch (const TensixFault&) {
            // The instruction will say so itself.
        }
        place.before = number_at(state.dst, place.row, column_, format);
    }
    if (tensix::instruction(op_).unit == Unit::vector) {
        const bool stores = op_ == Op::sfpstore;
        if (std::exchange(stored_, stores) && !stores) vector_.clear();
    }
}

void ElementWatch::after(const State& state, std::span<const std::byte> l1) {
    for (unsigned i = 0; i < places_used_; ++i) {
        Place& place = places_[i];
        WatchedStep step = step_;
        step.dst_row = place.row;
        step.before = place.before;
        step.after = number_at(state.dst, place.row, column_, place.before.format);
        for (PackedNumber& packed : place.packed) {
            look_at_result(l1, packed);
            step.kind = WatchedStep::Kind::packed;
            step.packed = packed;
            keep(step);
        }
        if (!place.packed.empty()) continue;
        if (place.operands) {
            step.kind = WatchedStep::Kind::matrix;
            step.operands = std::move(place.operands);
        } else if (place.lane) {
            step.kind = WatchedStep::Kind::vector;
            tell_vector(*place.lane, place.row);
        } else if (step.before == step.after) {
            continue;
        }
        keep(std::move(step));
    }
    const bool vector = tensix::instruction(op_).unit == Unit::vector;
    if (vector && op_ != Op::sfpstore) follow_vector(state.vector, step_);
}

void ElementWatch::keep(WatchedStep step) {
    if (steps_.size() == most_) {
        complete_ = false;
        return;
    }
    steps_.push_back(std::move(step));
}

void ElementWatch::follow_vector(const VectorState& vector, const WatchedStep& step) {
    if (vector_.size() == most_unstored) vector_.clear();
    VectorStep& kept = vector_.emplace_back(VectorStep{.step = step, .registers = {}});
    kept.step.kind = WatchedStep::Kind::vector;
    for (std::size_t i = 0; i < kept.registers.size(); ++i) {
        kept.registers[i] = vector.registers[i];
    }
}

void ElementWatch::tell_vector(unsigned lane, std::uint32_t dst_row) {
    for (std::size_t i = 0; i < vector_.size(); ++i) {
        WatchedStep step = vector_[i].step;
        step.dst_row = dst_row;
        for (unsigned r = 0; r < step.registers.size(); ++r) {
            step.registers[r] = vector_[i].registers[r][lane];
            const bool changed = i > 0 && step.registers[r] != vector_[i - 1].registers[r][lane];
            if (changed) step.result = r;
        }
        keep(std::move(step));
    }
    vector_.clear();
}

}  // namespace tilewright::tensix
