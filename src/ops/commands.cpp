#include "ops/commands.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace tilewright::detail {
namespace {

// The host is told of one block of a lane in so many, and of its last one: telling it costs more
// than a block.
constexpr std::uint64_t completion_every = 8;

}  // namespace

MatmulCommands::MatmulCommands(const MatmulPlan& plan, MatmulOperands operands,
                               std::function<std::uint32_t(EngineId)> flag_of)
    : plan_(plan),
      operands_(std::move(operands)),
      flag_of_(std::move(flag_of)),
      size_(size_of(plan.options.type)),
      out_size_(size_of(*plan.options.out)) {
    const std::size_t levels = plan.path.size();
    for (const MatmulLane& lane : plan.lanes) {
        Lane& added = lanes_.emplace_back();
        added.plan = &lane;
        added.a.resize(levels);
        added.b.resize(levels);
        added.c.resize(levels);
    }
}

MatmulCommands::Block MatmulCommands::block(const Lane& lane, std::uint64_t number) const {
    const MatmulTiles& t = plan_.tiles();
    const std::uint64_t steps = plan_.steps_k();
    Block b{};
    b.tile = lane.plan->first_tile + number / steps;
    b.step = number % steps;
    const std::uint64_t row = b.tile / plan_.tiles_n();
    const std::uint64_t column = b.tile % plan_.tiles_n();
    b.m0 = row * t.block_m;
    b.n0 = column * t.block_n;
    b.k0 = b.step * t.block_k;
    b.m = std::min(t.block_m, plan_.shape.m - b.m0);
    b.n = std::min(t.block_n, plan_.shape.n - b.n0);
    b.k = std::min(t.block_k, plan_.shape.k - b.k0);
    b.a_piece = row * steps + b.step;
    b.b_piece = column * steps + b.step;
    return b;
}

MatmulCommands::Point MatmulCommands::issue(EngineId engine, Work work,
                                            std::initializer_list<Point> waits) {
    const std::uint32_t flag = flag_of_(engine);
    if (flag >= issued_.size()) issued_.resize(flag + 1);
    EngineCommand command{.work = work, .done_flag = flag};
    std::array<FlagWait, 3> needed;
    std::size_t count = 0;
    for (const Point& point : waits) {
        // An engine takes its commands one after another anyway.
        if (point.flag == EngineCommand::no_flag || point.flag == flag) continue;
        needed[count++] = {point.flag, point.count};
    }
    command.wait_flag = needed[0].flag;
    command.wait_value = needed[0].value;
    command.more_waits = {needed[1], needed[2]};
    out_->emplace_back(engine, command);
    return {flag, ++issued_[flag]};
}

MatmulCommands::Choice MatmulCommands::choose(Lane& lane, std::span<Slot> slots,
                                              std::uint64_t piece) {
    auto slot = std::ranges::find(slots, piece, &Slot::piece);
    const bool fresh = slot == slots.end();
    if (fresh) slot = std::ranges::min_element(slots, {}, &Slot::used);
    slot->piece = piece;
    slot->used = ++lane.tick;
    return {static_cast<std::uint32_t>(slot - slots.begin()), fresh};
}

std::uint32_t MatmulCommands::find(std::span<const Slot> slots, std::uint64_t piece) {
    const auto slot = std::ranges::find(slots, piece, &Slot::piece);
    assert(slot != slots.end());
    return static_cast<std::uint32_t>(slot - slots.begin());
}

// --- From DRAM ----------------------------------------------------------------------------------

void join(std::vector<MatmulPart>& parts, std::uint64_t row_bytes, const Move& move) {
    // What begins at the same place of its row tends to lie at even distances in its memory.
    const auto group = [&](const MatmulPart& part) {
        return std::tuple(part.memory, part.inside % row_bytes);
    };
    if (!std::ranges::is_sorted(parts, {}, group)) std::ranges::stable_sort(parts, {}, group);
    for (std::size_t i = 0; i < parts.size();) {
        const MatmulPart& first = parts[i];
        std::uint64_t rows = 1;
        std::uint64_t outside = 0;
        std::uint64_t inside = 0;
        for (; i + rows < parts.size(); ++rows) {
            const MatmulPart& last = parts[i + rows - 1];
            const MatmulPart& part = parts[i + rows];
            const bool follows = part.memory == first.memory && part.bytes == first.bytes &&
                                 value(part.outside) > value(last.outside) &&
                                 part.inside >= last.inside + first.bytes;
            if (!follows) break;
            const std::uint64_t by = value(part.outside) - value(last.outside);
            if (rows == 1) {
                outside = by;
                inside = part.inside - last.inside;
            }
            if (by != outside || part.inside - last.inside != inside) break;
        }
        move(first, rows, rows == 1 ? 0 : outside, rows == 1 ? 0 : inside);
        i += rows;
    }
}

namespace {

// The copies of a block: `rows` rows from row0 on, of each `bytes` bytes from `from` on.
void block_copies(const Stretches& matrix, std::uint64_t row_bytes, std::uint64_t row0,
                  std::uint64_t rows, std::uint64_t from, std::uint64_t bytes, const Move& move) {
    const std::uint64_t first = row0 * row_bytes + from;
    if (matrix.whole) {
        move({0, GlobalAddress{value(*matrix.whole) + first}, 0, bytes}, rows,
             rows == 1 ? 0 : row_bytes, rows == 1 ? 0 : bytes);
        return;
    }
    std::vector<MatmulPart> parts;
    parts.reserve(rows);
    for (std::uint64_t row = 0; row < rows; ++row) {
        matrix(first + row * row_bytes, bytes, row * bytes, parts);
    }
    join(parts, bytes, move);
}

}  // namespace

void MatmulCommands::fetch_operand(Lane& lane, const Block& b, Operand operand) {
    const bool is_a = operand == Operand::a;
    auto& slots = is_a ? lane.a[0] : lane.b[0];
    const MatmulStage& stage = is_a ? lane.plan->a[0] : lane.plan->b[0];
    const auto [index, fresh] = choose(lane, slots, is_a ? b.a_piece : b.b_piece);
    if (!fresh) return;
    Slot& slot = slots[index];
    const auto copy = [&](const MatmulPart& first, std::uint64_t rows, std::uint64_t outside,
                          std::uint64_t inside) {
        slot.filled =
            issue(stage.engine,
                  DmaCopy{.source = first.outside,
                          .destination = GlobalAddress{value(stage.slots[index]) + first.inside},
                          .bytes = first.bytes,
                          .rows = rows,
                          .source_stride = outside,
                          .destination_stride = inside},
                  {slot.read});
    };
    if (is_a) {
        block_copies(operands_.a, plan_.shape.k * size_, b.m0, b.m, b.k0 * size_, b.k * size_,
                     copy);
    } else {
        block_copies(operands_.b, plan_.shape.n * size_, b.k0, b.k, b.n0 * size_, b.n * size_,
                     copy);
    }
}

// The bias of a tile comes before the first block of the tile, on the same engine. That block
// brings at least one operand that was not there, and whoever multiplies waits for it; so nobody
// waits for the bias.
void MatmulCommands::fetch_bias(Lane& lane, const Block& b) {
    const std::uint32_t index = choose(lane, lane.bias, b.tile).index;
    Slot& slot = lane.bias[index];
    std::vector<MatmulPart> parts;
    operands_.bias(b.n0 * 4, b.n * 4, 0, parts);
    for (const MatmulPart& part : parts) {
        slot.filled =
            issue(lane.plan->bias_engine,
                  DmaCopy{.source = part.outside,
                          .destination = GlobalAddress{value(lane.plan->bias[index]) + part.inside},
                          .bytes = part.bytes},
                  {slot.read});
    }
}

void MatmulCommands::fetch(Lane& lane, const Block& b) {
    if (plan_.options.has_bias && b.step == 0) fetch_bias(lane, b);
    fetch_operand(lane, b, Operand::a);
    fetch_operand(lane, b, Operand::b);
}

// --- Between levels -----------------------------------------------------------------------------

void MatmulCommands::lower_operand(Lane& lane, const Block& b, std::size_t level, Operand operand) {
    const bool is_a = operand == Operand::a;
    auto& slots = is_a ? lane.a : lane.b;
    const auto& stages = is_a ? lane.plan->a : lane.plan->b;
    const std::uint64_t piece = is_a ? b.a_piece : b.b_piece;
    const auto [to, fresh] = choose(lane, slots[level], piece);
    if (!fresh) return;
    const std::uint32_t from = find(slots[level - 1], piece);
    Slot& source = slots[level - 1][from];
    Slot& target = slots[level][to];
    target.filled = source.read =
        issue(stages[level].engine,
              BlockMove{.source = stages[level - 1].slots[from],
                        .destination = stages[level].slots[to],
                        .height = static_cast<std::uint32_t>(is_a ? b.m : b.k),
                        .width = static_cast<std::uint32_t>(is_a ? b.k : b.n),
                        .element_bytes = static_cast<std::uint32_t>(size_)},
              {source.filled, target.read});
}

void MatmulCommands::lower(Lane& lane, const Block& b, std::size_t level) {
    lower_operand(lane, b, level, Operand::a);
    lower_operand(lane, b, level, Operand::b);
}

// --- At the array -------------------------------------------------------------------------------

std::vector<MatmulCommands::Panels> MatmulCommands::panels(const Block& b) const {
    std::vector<Panels> all;
    for (std::uint64_t m = 0; m < b.m; m += plan_.tiles().panel_m) {
        for (std::uint64_t n = 0; n < b.n; n += plan_.tiles().panel_n) {
            all.push_back({m, std::min(plan_.tiles().panel_m, b.m - m), n,
                           std::min(plan_.tiles().panel_n, b.n - n)});
        }
    }
    return all;
}

// Panels have numbers of their own: those of the rows or columns at which they begin, step by step.
void MatmulCommands::feed_operand(Lane& lane, const Block& b, Operand operand, std::uint64_t first,
                                  std::uint64_t count) {
    const bool is_a = operand == Operand::a;
    auto& slots = is_a ? lane.a : lane.b;
    const auto& stages = is_a ? lane.plan->a : lane.plan->b;
    const std::size_t last = plan_.path.size() - 1;
    const std::uint64_t piece = ((is_a ? b.m0 : b.n0) + first) * plan_.steps_k() + b.step;
    const auto [to, fresh] = choose(lane, slots[last], piece);
    if (!fresh) return;
    const std::uint32_t from = find(slots[last - 1], is_a ? b.a_piece : b.b_piece);
    Slot& source = slots[last - 1][from];
    Slot& target = slots[last][to];
    const std::uint64_t row = (is_a ? b.k : b.n) * size_;
    const std::uint64_t skip = is_a ? first * row : first * size_;
    target.filled = source.read =
        issue(stages[last].engine,
              StreamMove{.l2 = GlobalAddress{value(stages[last - 1].slots[from]) + skip},
                         .l1 = stages[last].slots[to],
                         .height = static_cast<std::uint32_t>(is_a ? count : b.k),
                         .width = static_cast<std::uint32_t>(is_a ? b.k : count),
                         .element_bytes = static_cast<std::uint32_t>(size_),
                         .l2_stride = row},
              {source.filled, target.read});
}

void MatmulCommands::feed(Lane& lane, const Block& b, const Panels& p) {
    feed_operand(lane, b, Operand::a, p.m0, p.m);
    feed_operand(lane, b, Operand::b, p.n0, p.n);
}

void MatmulCommands::multiply(Lane& lane, const Block& b, const Panels& p) {
    const std::size_t last = plan_.path.size() - 1;
    const bool by_panels = last != 0;
    const std::uint64_t steps = plan_.steps_k();
    const std::uint32_t a =
        find(lane.a[last], by_panels ? (b.m0 + p.m0) * steps + b.step : b.a_piece);
    const std::uint32_t bb =
        find(lane.b[last], by_panels ? (b.n0 + p.n0) * steps + b.step : b.b_piece);
    const std::uint32_t c = choose(lane, lane.c[last], b.tile).index;

    const MatmulLane& at = *lane.plan;
    const bool first = b.step == 0;
    const bool complete = b.step + 1 == steps;
    const auto offset = [](GlobalAddress base, std::uint64_t bytes) {
        return GlobalAddress{value(base) + bytes};
    };
    ArrayMatmul work;
    work.a = at.a[last].slots[a];
    work.b = at.b[last].slots[bb];
    work.m = static_cast<std::uint32_t>(p.m);
    work.n = static_cast<std::uint32_t>(p.n);
    work.k = static_cast<std::uint32_t>(b.k);
    work.type = plan_.options.type;
    work.dataflow = *plan_.options.dataflow;
    work.sums = offset(at.sums, (p.m0 * b.n + p.n0) * 4);
    work.sums_stride = b.n * 4;
    work.accumulate = !first;
    work.out = accumulator_of(work.type);
    work.result = work.sums;
    work.result_stride = work.sums_stride;
    if (complete) {
        work.out = *plan_.options.out;
        work.activation = plan_.options.activation;
        work.result = offset(at.c[last].slots[c], (p.m0 * b.n + p.n0) * out_size_);
        work.result_stride = b.n * out_size_;
    }
    Slot* bias = nullptr;
    if (complete && plan_.options.has_bias) {
        const std::uint32_t index = find(lane.bias, b.tile);
        bias = &lane.bias[index];
        work.has_bias = true;
        work.bias = offset(at.bias[index], p.n0 * 4);
    }
    Slot& a_slot = lane.a[last][a];
    Slot& b_slot = lane.b[last][bb];
    Slot& c_slot = lane.c[last][c];
    const Point done =
        issue(at.array, work, {a_slot.filled, b_slot.filled, complete ? c_slot.read : Point{}});
    a_slot.read = b_slot.read = done;
    if (complete) c_slot.filled = done;
    if (bias != nullptr) bias->read = done;
}

// --- Back to DRAM -------------------------------------------------------------------------------

void MatmulCommands::store(Lane& lane, const Block& b) {
    const auto& stages = lane.plan->c;
    std::size_t level = plan_.path.size() - 1;
    std::uint32_t from = find(lane.c[level], b.tile);
    for (; level != 0; --level) {
        const std::uint32_t to = choose(lane, lane.c[level - 1], b.tile).index;
        Slot& source = lane.c[level][from];
        Slot& target = lane.c[level - 1][to];
        const auto height = static_cast<std::uint32_t>(b.m);
        const auto width = static_cast<std::uint32_t>(b.n);
        const auto bytes = static_cast<std::uint32_t>(out_size_);
        Work work;
        if (stages[level].engine.kind == EngineKind::streamer) {
            work = StreamMove{.l2 = stages[level - 1].slots[to],
                              .l1 = stages[level].slots[from],
                              .height = height,
                              .width = width,
                              .element_bytes = bytes,
                              .direction = StreamMove::Direction::from_array};
        } else {
            work = BlockMove{.source = stages[level].slots[from],
                             .destination = stages[level - 1].slots[to],
                             .height = height,
                             .width = width,
                             .element_bytes = bytes};
        }
        target.filled = source.read =
            issue(stages[level].engine, work, {source.filled, target.read});
        from = to;
    }
    Slot& source = lane.c[0][from];
    block_copies(
        operands_.c, plan_.shape.n * out_size_, b.m0, b.m, b.n0 * out_size_, b.n * out_size_,
        [&](const MatmulPart& first, std::uint64_t rows, std::uint64_t outside,
            std::uint64_t inside) {
            source.read =
                issue(stages[0].engine,
                      DmaCopy{.source = GlobalAddress{value(stages[0].slots[from]) + first.inside},
                              .destination = first.outside,
                              .bytes = first.bytes,
                              .rows = rows,
                              .source_stride = inside,
                              .destination_stride = outside},
                      {source.filled});
        });
}

// --- All together -------------------------------------------------------------------------------

// Every level is as many blocks ahead of the array as lie between them; panels are one ahead.
bool MatmulCommands::next(std::vector<Command>& commands) {
    out_ = &commands;
    const std::size_t levels = plan_.path.size();
    const std::size_t block_levels = levels > 1 ? levels - 1 : 1;
    bool more = false;
    for (Lane& lane : lanes_) {
        const std::uint64_t count = block_count(lane);
        if (lane.next_block == count) continue;
        more = true;
        const std::uint64_t now = lane.next_block++;
        // Level i is filled for the block now + block_levels - i; at first, for all up to it.
        for (std::size_t ahead = now == 0 ? 0 : block_levels; ahead <= block_levels; ++ahead) {
            for (std::size_t level = 0; level < block_levels; ++level) {
                if (ahead < level || now + ahead - level >= count) continue;
                const Block b = block(lane, now + ahead - level);
                if (level == 0) {
                    fetch(lane, b);
                } else {
                    lower(lane, b, level);
                }
            }
        }
        const Block b = block(lane, now);
        const std::vector<Panels> all = panels(b);
        if (levels > 1 && now == 0) feed(lane, b, all[0]);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (levels > 1 && i + 1 < all.size()) {
                feed(lane, b, all[i + 1]);
            } else if (levels > 1 && now + 1 < count) {
                const Block following = block(lane, now + 1);
                feed(lane, following, panels(following)[0]);
            }
            multiply(lane, b, all[i]);
        }
        if (b.step + 1 == plan_.steps_k()) store(lane, b);
        EngineCommand& last = commands.back().second;
        if (lane.next_block % completion_every == 0 || lane.next_block == count)
            last.completion = completion;
        lane.last = {last.done_flag, issued_[last.done_flag]};
    }
    return more;
}

std::vector<FlagWait> MatmulCommands::last_points() const {
    std::vector<FlagWait> points;
    for (const Lane& lane : lanes_) points.push_back({lane.last.flag, lane.last.count});
    return points;
}

}  // namespace tilewright::detail
