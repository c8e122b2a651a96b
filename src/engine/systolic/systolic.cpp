#include "tilewright/engine/systolic/systolic.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "engine/systolic/names.hpp"

namespace tilewright {

namespace {

constexpr std::string_view names[] = {
    "output_stationary", "weight_stationary", "input_stationary", "os", "ws", "is"};

std::uint64_t blocks(std::uint64_t size, std::uint64_t block) {
    return size / block + (size % block != 0 ? 1 : 0);
}

// The matmul seen from the array: `outer` and `inner` count the passes, `cycles` is that of each.
struct Folds {
    std::uint64_t outer;
    std::uint64_t inner;
    std::uint64_t cycles;
};

Folds folds(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow) {
    const std::uint64_t r = array.rows;
    const std::uint64_t c = array.columns;
    switch (dataflow) {
        case Dataflow::output_stationary:
            return {blocks(gemm.m, r), blocks(gemm.n, c), gemm.k + r + c - 2};
        case Dataflow::weight_stationary:
            return {blocks(gemm.n, c), blocks(gemm.k, r), gemm.m + 2 * r + c - 2};
        case Dataflow::input_stationary:
            break;
    }
    return {blocks(gemm.m, c), blocks(gemm.k, r), gemm.n + 2 * r + c - 2};
}

struct Range {
    std::uint64_t first;
    std::uint64_t count;
};
Range block_range(std::uint64_t index, std::uint64_t block, std::uint64_t size) {
    return {index * block, std::min(block, size - index * block)};
}

}  // namespace

std::string_view name_of(Dataflow dataflow) {
    return names[static_cast<std::size_t>(dataflow)];
}

Dataflow dataflow(std::string_view name) {
    return static_cast<Dataflow>(index_of(name, names, "dataflow") % 3);
}

std::uint64_t pass_count(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow) {
    if (gemm.m == 0 || gemm.n == 0 || gemm.k == 0) return 0;
    const Folds f = folds(array, gemm, dataflow);
    return f.outer * f.inner;
}

std::uint64_t array_cycles(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow) {
    return pass_count(array, gemm, dataflow) * folds(array, gemm, dataflow).cycles;
}

Pass pass_at(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow,
             std::uint64_t index) {
    const Folds f = folds(array, gemm, dataflow);
    const std::uint64_t outer = index / f.inner;
    const std::uint64_t inner = index % f.inner;
    Range m{0, gemm.m};
    Range n{0, gemm.n};
    Range k{0, gemm.k};
    switch (dataflow) {
        case Dataflow::output_stationary:
            m = block_range(outer, array.rows, gemm.m);
            n = block_range(inner, array.columns, gemm.n);
            break;
        case Dataflow::weight_stationary:
            n = block_range(outer, array.columns, gemm.n);
            k = block_range(inner, array.rows, gemm.k);
            break;
        case Dataflow::input_stationary:
            m = block_range(outer, array.columns, gemm.m);
            k = block_range(inner, array.rows, gemm.k);
            break;
    }
    Pass pass{m.first,  m.count,      n.first,
              n.count,  k.first,      k.count,
              f.cycles, k.first == 0, k.first + k.count == gemm.k};
    assert(pass.macs() <= pass.cycles * array.rows * array.columns);
    return pass;
}

}  // namespace tilewright
