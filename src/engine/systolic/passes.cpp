// Matmuls on systolic arrays: what happens when a pass begins and when it ends.
//
// A pass computes what it will publish from the bytes that are there when it begins. Sums that
// several passes make together stay in the array in between.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/engine/engines.hpp"
#include "tilewright/engine/systolic/multiply.hpp"

namespace tilewright {

namespace {

const ArrayMatmul& matmul_of(const Engine& engine) {
    return std::get<ArrayMatmul>(engine.command().work);
}

std::uint64_t result_bytes(const ArrayMatmul& work, const Pass& pass) {
    return pass.m * pass.n * size_of(work.out);
}

}  // namespace

void Engines::begin_pass(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    ArrayState& array = state_.arrays[array_index(n)];
    const Plan& plan = plan_of(n);
    const ArrayMatmul& work = matmul_of(engine);
    const Pass pass = pass_at(array_shape(), work.shape(), work.dataflow, array.passes_begun++);
    assert(pass.macs() <= pass.cycles * config_.systolic_rows * config_.systolic_columns);

    const auto at = [&](const Operand& operand, std::uint64_t row, std::uint64_t offset,
                        std::uint64_t bytes) {
        state_.ports[port(operand.place.kind, operand.place.index)].bytes_read += bytes;
        return endpoints_.memory(operand.place.kind, operand.place.index) + operand.place.offset +
               row * operand.layout.stride + offset;
    };
    const std::uint64_t size = size_of(work.type);
    if (pass.starts) {
        array.sums.assign(pass.m * pass.n * 4, std::byte{0});
        for (std::uint64_t i = 0; work.accumulate && i < pass.m; ++i) {
            std::memcpy(array.sums.data() + i * pass.n * 4,
                        at(plan.operands[2], pass.first_m + i, pass.first_n * 4, pass.n * 4),
                        pass.n * 4);
        }
    }
    const MatrixView a{
        at(plan.operands[0], pass.first_m, pass.first_k * size, pass.m * pass.k * size),
        plan.operands[0].layout.stride};
    const MatrixView b{
        at(plan.operands[1], pass.first_k, pass.first_n * size, pass.k * pass.n * size),
        plan.operands[1].layout.stride};
    const SumView sums{array.sums.data(), pass.n};
    multiply_accumulate(work.type, a, b, sums, pass.m, pass.n, pass.k, scratch_);
    ++array.counters.passes;
    array.counters.macs += pass.macs();
    array.counters.pass_cycles += pass.cycles;

    const std::uint64_t end = cycle + pass.cycles;
    if (pass.ends) {
        const std::byte* bias =
            work.has_bias ? at(plan.operands[3], 0, pass.first_n * 4, pass.n * 4) : nullptr;
        Burst& burst = engine.new_burst();
        burst.from = array.passes_begun - 1;
        burst.data.resize(result_bytes(work, pass));
        tilewright::publish(work.epilogue(), sums, bias, burst.data.data(),
                            pass.n * size_of(work.out), pass.m, pass.n);
        const std::uint64_t vector =
            vector_cycles(work.epilogue(), pass.m * pass.n, config_.systolic_columns);
        array.counters.vector_cycles += vector;
        array.vector_free = std::max(array.vector_free, end) + vector;
        schedule(queue, n, land, array.vector_free);
    }
    if (array.passes_begun < pass_count(array_shape(), work.shape(), work.dataflow)) {
        schedule(queue, n, arrive, end);
    }
}

// The result of the oldest pass under way becomes visible.
void Engines::land_pass(std::uint32_t n, std::uint64_t cycle) {
    const Engine& engine = state_.engines[n];
    const Operand& result = plan_of(n).result;
    const ArrayMatmul& work = matmul_of(engine);
    const Burst& burst = engine.burst(0);
    const Pass pass = pass_at(array_shape(), work.shape(), work.dataflow, burst.from);
    Operand part{
        result.place,
        {.rows = pass.m, .row_bytes = pass.n * size_of(work.out), .stride = result.layout.stride}};
    part.place.offset += pass.first_m * result.layout.stride + pass.first_n * size_of(work.out);
    state_.ports[port(part.place.kind, part.place.index)].bytes_written += burst.data.size();
    publish(part, 0, burst.data, cycle);
}

void Engines::check_passes(const Engine& engine, const ArrayState& array,
                           std::uint64_t arrivals) const {
    const auto expect = [](bool good, const char* what) {
        if (!good) throw SnapshotError(std::string("snapshot: systolic array: ") + what);
    };
    const ArrayMatmul& work = matmul_of(engine);
    const std::uint64_t count = pass_count(array_shape(), work.shape(), work.dataflow);
    const std::uint64_t begun = array.passes_begun;
    const auto pass = [&](std::uint64_t i) {
        return pass_at(array_shape(), work.shape(), work.dataflow, i);
    };
    expect(begun <= count, "more passes than there are");
    expect(arrivals == (begun < count ? 1u : 0u), "a pass that does not begin");
    if (begun != 0 && !pass(begun - 1).ends) {
        const Pass last = pass(begun - 1);
        expect(array.sums.size() == last.m * last.n * 4, "sums that cannot be");
    }
    std::uint64_t ended = 0;  // bytes of the passes so far that complete their sums
    for (std::uint64_t i = 0; i < begun; ++i) {
        if (pass(i).ends) ended += result_bytes(work, pass(i));
    }
    std::uint64_t flying = 0;
    for (std::uint64_t b = 0; b < engine.flying; ++b) {
        const Burst& burst = engine.burst(b);
        expect(burst.from < begun && pass(burst.from).ends &&
                   burst.data.size() == result_bytes(work, pass(burst.from)),
               "a result that cannot be");
        flying += burst.data.size();
    }
    expect(engine.landed + flying == ended, "results that do not add up");
}

}  // namespace tilewright
