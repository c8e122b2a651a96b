#include "engine/planning.hpp"

#include <cstdio>

#include "tilewright/base/error.hpp"

namespace tilewright::detail {
namespace {

// More than any memory has, and far from where products of sizes overflow.
constexpr std::uint64_t too_many_bytes = std::uint64_t{1} << 48;

}  // namespace

void refuse_place(const Work& work, const std::string& why) {
    throw AddressError(describe(work) + ": " + why);
}

void refuse_argument(const Work& work, const std::string& why) {
    throw ArgumentError(describe(work) + ": " + why);
}

Layout rows_of(std::uint64_t rows, std::uint64_t row_bytes, std::uint64_t stride) {
    return {.rows = rows, .row_bytes = row_bytes, .stride = stride == 0 ? row_bytes : stride};
}

void check_matrix(const Work& work, std::uint32_t height, std::uint32_t width,
                  std::uint32_t element_bytes) {
    if (height == 0 || width == 0) {
        refuse_argument(work, "expected a height and a width of at least 1");
    }
    if (element_bytes == 0 || element_bytes > 64) {
        refuse_argument(work, "expected elements of 1 to 64 bytes");
    }
}

Operand operand(const Work& work, const PlanContext& context, GlobalAddress address,
                const Layout& layout) {
    const bool counts =
        layout.row_bytes < too_many_bytes && layout.stride < too_many_bytes &&
        (layout.row_bytes == 0 || layout.rows < too_many_bytes / layout.row_bytes) &&
        (layout.stride == 0 || layout.rows < too_many_bytes / layout.stride);
    if (!counts) refuse_place(work, "more bytes than any memory has");
    try {
        return {context.map.resolve(address, layout.extent()), layout};
    } catch (const AddressError& error) {
        refuse_place(work, error.what());
    }
}

void check_result(const Work& work, const PlanContext& context, const Operand& result) {
    if (result.place.kind == MemoryKind::tile_l1 &&
        result.place.offset < context.memories.reserved_l1_bytes && result.layout.bytes() != 0) {
        refuse_place(work, "its destination is reserved L1 of a tile");
    }
    if (result.layout.rows > 1 && result.layout.stride < result.layout.row_bytes) {
        refuse_place(work, "the rows of its destination overlap each other");
    }
}

Rate slowest_of(Rate engine, const Plan& plan, const PlanContext& context) {
    return slowest(engine, slowest(context.memories.rate(plan.operands[0].place.kind),
                                   context.memories.rate(plan.result.place.kind)));
}

std::string hex(GlobalAddress address) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value(address)));
    return text;
}

std::string shape_of(std::uint32_t height, std::uint32_t width, std::uint32_t element_bytes) {
    return std::to_string(height) + " x " + std::to_string(width) + " elements of " +
           std::to_string(element_bytes) + " bytes";
}

}  // namespace tilewright::detail
