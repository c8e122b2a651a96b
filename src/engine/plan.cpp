// From what an engine is told to how it takes place: ranges, layouts, rates.
#include <algorithm>
#include <cstdio>

#include "tilewright/base/error.hpp"
#include "tilewright/engine/command.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t far_too_much = std::uint64_t{1} << 48;

std::string hex(GlobalAddress address) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value(address)));
    return text;
}

[[noreturn]] void refuse(const Work& work, const std::string& why) {
    throw AddressError(describe(work) + ": " + why);
}

[[noreturn]] void refuse_argument(const Work& work, const std::string& why) {
    throw ArgumentError(describe(work) + ": " + why);
}

Rate memory_rate(MemoryKind kind, const ChipConfig& config) {
    switch (kind) {
        case MemoryKind::host:
            return rate_of(config.host_memory_bytes_per_cycle);
        case MemoryKind::dram:
            return rate_of(config.dram_bytes_per_cycle);
        default:
            return {config.sram_bytes_per_cycle, 1};
    }
}

Layout rows_of(std::uint64_t rows, std::uint64_t row_bytes, std::uint64_t stride) {
    return {.rows = rows, .row_bytes = row_bytes, .stride = stride == 0 ? row_bytes : stride};
}

/// The side that begins at `address`, if all of it lies in one memory.
Side side(const Work& work, const AddressMap& map, GlobalAddress address, const Layout& layout) {
    const bool counts = layout.row_bytes < far_too_much && layout.stride < far_too_much &&
                        (layout.row_bytes == 0 || layout.rows < far_too_much / layout.row_bytes) &&
                        (layout.stride == 0 || layout.rows < far_too_much / layout.stride);
    if (!counts) refuse(work, "more bytes than any memory has");
    try {
        return {map.resolve(address, layout.extent()), layout};
    } catch (const AddressError& error) {
        refuse(work, error.what());
    }
}

bool overlap(const Side& a, const Side& b) {
    return a.place.kind == b.place.kind && a.place.index == b.place.index &&
           a.place.offset < b.place.offset + b.layout.extent() &&
           b.place.offset < a.place.offset + a.layout.extent();
}

/// What all commands must keep to.
void check_result(const Work& work, const Plan& plan) {
    const Side& to = plan.result;
    if (to.place.kind == MemoryKind::tile_l1 && to.place.offset < abi::l1_user_base &&
        to.layout.bytes() != 0) {
        refuse(work, "its destination is reserved L1 of a tile");
    }
    if (to.layout.rows > 1 && to.layout.stride < to.layout.row_bytes) {
        refuse(work, "the rows of its destination overlap each other");
    }
}

Rate slowest_of(Rate engine, const Plan& plan, const ChipConfig& config) {
    return slowest(engine, slowest(memory_rate(plan.operands[0].place.kind, config),
                                   memory_rate(plan.result.place.kind, config)));
}

Plan plan_of(const DmaCopy& c, const AddressMap& map, const ChipConfig& config) {
    if (c.rows == 0) refuse_argument(c, "expected at least one row");
    Plan plan;
    plan.operands[0] = side(c, map, c.source, rows_of(c.rows, c.bytes, c.source_stride));
    plan.result = side(c, map, c.destination, rows_of(c.rows, c.bytes, c.destination_stride));
    check_result(c, plan);
    if (overlap(plan.operands[0], plan.result)) {
        const auto plain = [](const Layout& l) { return l.rows == 1 || l.stride == l.row_bytes; };
        if (!plain(plan.operands[0].layout) || !plain(plan.result.layout)) {
            refuse(c, "source and destination overlap, and are more than one row");
        }
        plan.backwards = plan.operands[0].place.offset < plan.result.place.offset;
    }
    plan.setup_cycles = config.dma_setup_cycles;
    plan.rate = slowest_of({config.dma_bytes_per_cycle, 1}, plan, config);
    return plan;
}

void check_matrix(const Work& work, std::uint32_t height, std::uint32_t width,
                  std::uint32_t element_bytes) {
    if (height == 0 || width == 0)
        refuse_argument(work, "expected a height and a width of at least 1");
    if (element_bytes == 0 || element_bytes > 64) {
        refuse_argument(work, "expected elements of 1 to 64 bytes");
    }
}

bool on_chip(MemoryKind kind) {
    return kind != MemoryKind::host && kind != MemoryKind::dram;
}

Plan plan_of(const BlockMove& m, const AddressMap& map, const ChipConfig& config) {
    check_matrix(m, m.height, m.width, m.element_bytes);
    std::uint64_t height = m.height;
    std::uint64_t width = m.width;
    Plan plan;
    Layout from = rows_of(height, width * m.element_bytes, m.source_stride);
    if (from.stride < from.row_bytes) refuse(m, "the rows of its source overlap each other");
    from.element_bytes = m.element_bytes;
    switch (m.transform) {
        case Transform::identity:
            break;
        case Transform::transpose:
            from.order = Layout::Order::columns;
            std::swap(height, width);
            break;
        case Transform::reshape: {
            const std::uint64_t reshaped = m.reshaped_width == 0 ? m.height : m.reshaped_width;
            const std::uint64_t elements = height * width;
            if (elements % reshaped != 0) {
                refuse_argument(m, std::to_string(elements) + " elements do not make rows of " +
                                       std::to_string(reshaped));
            }
            height = elements / reshaped;
            width = reshaped;
            break;
        }
        case Transform::shuffle:
            from.order = Layout::Order::shuffled;
            break;
        default:
            refuse_argument(m,
                            "unknown transform " + std::to_string(static_cast<int>(m.transform)));
    }
    plan.operands[0] = side(m, map, m.source, from);
    plan.result =
        side(m, map, m.destination, rows_of(height, width * m.element_bytes, m.destination_stride));
    check_result(m, plan);
    if (!on_chip(plan.operands[0].place.kind) || !on_chip(plan.result.place.kind)) {
        refuse(m, "block movers work between memories on the chip");
    }
    if (overlap(plan.operands[0], plan.result)) refuse(m, "source and destination overlap");
    plan.setup_cycles = config.block_mover_setup_cycles;
    plan.rate = slowest_of({config.block_mover_bytes_per_cycle, 1}, plan, config);
    return plan;
}

Plan plan_of(const StreamMove& s, const AddressMap& map, const ChipConfig& config) {
    check_matrix(s, s.height, s.width, s.element_bytes);
    if (s.order > StreamMove::Order::columns || s.direction > StreamMove::Direction::from_array) {
        refuse_argument(s, "unknown order or direction");
    }
    const bool by_rows = s.order == StreamMove::Order::rows;
    const std::uint64_t line = by_rows ? s.width : s.height;  // elements that go together
    const std::uint64_t lines = by_rows ? s.height : s.width;
    Layout matrix = rows_of(s.height, std::uint64_t{s.width} * s.element_bytes, s.l2_stride);
    if (matrix.stride < matrix.row_bytes) refuse(s, "the rows of the matrix overlap each other");
    matrix.element_bytes = s.element_bytes;
    if (!by_rows) matrix.order = Layout::Order::columns;

    const Side l2 = side(s, map, s.l2, matrix);
    const Side l1 = side(s, map, s.l1, rows_of(lines, line * s.element_bytes, 0));
    if (l2.place.kind != MemoryKind::l2 && l2.place.kind != MemoryKind::scratchpad) {
        refuse(s, "expected the matrix in an L2 bank or a scratchpad, not in " +
                      memory_name(l2.place.kind, l2.place.index));
    }
    if (l1.place.kind != MemoryKind::l1_buffer && l1.place.kind != MemoryKind::page_buffer) {
        refuse(s, "expected its other end in an L1 buffer or a page buffer, not in " +
                      memory_name(l1.place.kind, l1.place.index));
    }
    const bool to_array = s.direction == StreamMove::Direction::to_array;
    Plan plan;
    plan.operands[0] = to_array ? l2 : l1;
    plan.result = to_array ? l1 : l2;
    plan.setup_cycles = config.streamer_setup_cycles;
    const std::uint64_t lanes = by_rows ? config.systolic_columns : config.systolic_rows;
    const Rate array = make_rate(line * s.element_bytes, (line + lanes - 1) / lanes);
    plan.rate = slowest_of(array, plan, config);
    return plan;
}

std::uint64_t or_dense(std::uint64_t stride, std::uint64_t elements, DataType type) {
    return stride == 0 ? elements * size_of(type) : stride;
}

Plan plan_of(const ArrayMatmul& w, const AddressMap& map, const ChipConfig&) {
    if (w.type > DataType::int32 || w.out > DataType::int32 || w.activation > Activation::silu ||
        w.dataflow > Dataflow::input_stationary) {
        refuse_argument(w, "unknown data type, dataflow or activation");
    }
    if (w.m == 0 || w.n == 0 || w.k == 0) refuse_argument(w, "expected m, n and k of at least 1");
    try {
        check_epilogue(w.type, w.epilogue());
    } catch (const ArgumentError& error) {
        refuse_argument(w, error.what());
    }
    const DataType sum = accumulator_of(w.type);
    const auto matrix = [&](const char* name, GlobalAddress address, std::uint64_t rows,
                            std::uint64_t columns, std::uint64_t stride, DataType type) {
        const std::uint64_t size = size_of(type);
        Layout layout = rows_of(rows, columns * size, or_dense(stride, columns, type));
        if (rows > 1 && layout.stride < layout.row_bytes) {
            refuse(w, std::string("the rows of ") + name + " overlap each other");
        }
        if (value(address) % size != 0 || layout.stride % size != 0) {
            refuse(w, std::string(name) + " is not aligned to its elements of " +
                          std::to_string(size) + " bytes");
        }
        const Side found = side(w, map, address, layout);
        if (!on_chip(found.place.kind)) {
            refuse(w, std::string("arrays work on memories on the chip, and ") + name + " is in " +
                          memory_name(found.place.kind, found.place.index));
        }
        return found;
    };
    Plan plan;
    plan.streams = false;
    plan.operands[0] = matrix("a", w.a, w.m, w.k, w.a_stride, w.type);
    plan.operands[1] = matrix("b", w.b, w.k, w.n, w.b_stride, w.type);
    plan.result = matrix("the result", w.result, w.m, w.n, w.result_stride, w.out);
    check_result(w, plan);
    if (w.accumulate) {
        plan.operands[2] = matrix("sums", w.sums, w.m, w.n, w.sums_stride, sum);
        const Layout& from = plan.operands[2].layout;
        const bool in_place = plan.operands[2].place == plan.result.place &&
                              from.stride == plan.result.layout.stride && w.out == sum;
        if (!in_place && overlap(plan.operands[2], plan.result)) {
            refuse(w, "its sums overlap the result, and are not the same");
        }
    }
    if (w.has_bias) plan.operands[3] = matrix("bias", w.bias, 1, w.n, 0, sum);
    for (const std::size_t i : {0, 1, 3}) {
        if ((i != 3 || w.has_bias) && overlap(plan.operands[i], plan.result)) {
            refuse(w, std::string(i == 0 ? "a" : i == 1 ? "b" : "bias") + " overlaps the result");
        }
    }
    return plan;
}

std::string text_of(const DmaCopy& c) {
    const std::string rows = c.rows == 1 ? "" : std::to_string(c.rows) + " rows of ";
    return "copy of " + rows + std::to_string(c.bytes) + " bytes from " + hex(c.source) + " to " +
           hex(c.destination);
}

std::string shape_of(std::uint32_t height, std::uint32_t width, std::uint32_t element_bytes) {
    return std::to_string(height) + " x " + std::to_string(width) + " elements of " +
           std::to_string(element_bytes) + " bytes";
}

std::string text_of(const BlockMove& m) {
    return std::string("block move (") + verb_of(m) + ") of " +
           shape_of(m.height, m.width, m.element_bytes) + " from " + hex(m.source) + " to " +
           hex(m.destination);
}

std::string text_of(const StreamMove& s) {
    const auto [from, to] = ends_of(s);
    return std::string(verb_of(s)) + " of " + shape_of(s.height, s.width, s.element_bytes) +
           " from " + hex(from) + " to " + hex(to);
}

std::string text_of(const ArrayMatmul& w) {
    return "product of " + std::to_string(w.m) + " x " + std::to_string(w.n) + " x " +
           std::to_string(w.k) + " " +
           (w.type > DataType::int32 ? "elements" : std::string(name_of(w.type))) +
           " (m x n x k) from " + hex(w.a) + " and " + hex(w.b) + " to " + hex(w.result);
}

const char* verb(const ArrayMatmul&) {
    return "matmul";
}
const char* verb(const DmaCopy&) {
    return "copy";
}
const char* verb(const BlockMove& m) {
    switch (m.transform) {
        case Transform::identity:
            return "move";
        case Transform::transpose:
            return "transpose";
        case Transform::reshape:
            return "reshape";
        case Transform::shuffle:
            return "shuffle";
    }
    return "unknown";
}
const char* verb(const StreamMove& s) {
    return s.order == StreamMove::Order::rows ? "row stream" : "column stream";
}

std::pair<GlobalAddress, GlobalAddress> ends(const StreamMove& s) {
    if (s.direction == StreamMove::Direction::to_array) return {s.l2, s.l1};
    return {s.l1, s.l2};
}
std::pair<GlobalAddress, GlobalAddress> ends(const ArrayMatmul& w) {
    return {w.a, w.result};
}
template <class Move>
std::pair<GlobalAddress, GlobalAddress> ends(const Move& move) {
    return {move.source, move.destination};
}

EngineKind kind(const ArrayMatmul&) {
    return EngineKind::systolic_array;
}
EngineKind kind(const DmaCopy&) {
    return EngineKind::dma;
}
EngineKind kind(const BlockMove&) {
    return EngineKind::block_mover;
}
EngineKind kind(const StreamMove&) {
    return EngineKind::streamer;
}

// What arrives of a movement is what it read.
std::vector<std::byte> result_of(const auto&, std::span<const std::byte> operands) {
    return {operands.begin(), operands.end()};
}

}  // namespace

Plan make_plan(const Work& work, const AddressMap& map, const ChipConfig& config) {
    return std::visit([&](const auto& w) { return plan_of(w, map, config); }, work);
}
EngineKind kind_of(const Work& work) {
    return std::visit([](const auto& w) { return kind(w); }, work);
}
const char* verb_of(const Work& work) {
    return std::visit([](const auto& w) { return verb(w); }, work);
}
std::pair<GlobalAddress, GlobalAddress> ends_of(const Work& work) {
    return std::visit([](const auto& w) { return ends(w); }, work);
}
std::string describe(const Work& work) {
    return std::visit([](const auto& w) { return text_of(w); }, work);
}

std::vector<std::byte> compute(const Work& work, std::span<const std::byte> operands) {
    return std::visit([&](const auto& w) { return result_of(w, operands); }, work);
}

std::string engine_name(EngineId engine) {
    static constexpr std::array<const char*, engine_kind_count> names = {
        "DMA engine ", "block mover ", "streamer ", "systolic array "};
    return names[static_cast<std::size_t>(engine.kind)] + std::to_string(engine.index);
}

}  // namespace tilewright
