// Launches the kernels of kernels/matmul/ for a plan, and makes the report from what the chip
// counted.
#include "ops/engine_matmul.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string>

#include "ops/energy.hpp"
#include "ops/engine_plan.hpp"
#include "ops/space.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright::detail {
namespace {

// As the kernels number them (kernels/matmul/blocks.hpp).
constexpr std::uint32_t left_ring = 0, right_ring = 1, sums_ring = 2, bias_ring = 3, out_ring = 16;
namespace finish {
constexpr std::uint32_t integers = 1, bias = 2, activation_shift = 2;
}
/// Of the program, not of the device: they count from 0 at each launch.
constexpr std::uint32_t semaphore_count = 8;
constexpr std::uint16_t left_core = 4, right_core = 0;
constexpr std::array<std::string_view, 3> engine_cores = {"unpack", "math", "pack"};

void check_tiled(const std::string& what, const Buffer& buffer, std::uint64_t rows,
                 std::uint64_t columns, DataType type) {
    const std::uint64_t bytes = tiled_bytes(rows, columns, type);
    if (buffer.bytes() != bytes) {
        throw ArgumentError("matmul: " + what + ": expected " + std::to_string(bytes) +
                            " bytes, the tiles of " + std::to_string(rows) + " x " +
                            std::to_string(columns) + " " + std::string(name_of(type)) + ", got " +
                            buffer.describe());
    }
    const Placement placement = buffer.placement();
    if (placement.kind == Placement::Kind::interleaved &&
        placement.page_bytes % tile_bytes(type) != 0) {
        throw ArgumentError(
            "matmul: " + what + ": pages of " + std::to_string(placement.page_bytes) +
            " bytes; expected whole tiles, of " + std::to_string(tile_bytes(type)) + " bytes");
    }
}

/// A row of numbers of 32 bits, which cores read 16 at a time.
void check_bias(const Buffer& buffer, std::uint64_t columns) {
    constexpr std::uint64_t size = 4, at_once = 64;
    if (buffer.bytes() != columns * size) {
        throw ArgumentError("matmul: bias: expected " + std::to_string(columns * size) +
                            " bytes, got " + buffer.describe());
    }
    const Placement placement = buffer.placement();
    if (placement.kind == Placement::Kind::interleaved && placement.page_bytes % at_once != 0) {
        throw ArgumentError("matmul: bias: pages of " + std::to_string(placement.page_bytes) +
                            " bytes; expected a multiple of " + std::to_string(at_once));
    }
}

std::vector<L1Words> rings_of(const MatmulPlan& plan, std::uint32_t address) {
    const EngineRings pages = EngineRings::of(plan);
    std::vector<CircularBufferSpec> rings;
    const auto add = [&](std::uint32_t index, std::uint64_t count, std::uint64_t page) {
        if (count == 0) return;
        const auto bytes = static_cast<std::uint32_t>(page);
        rings.push_back({index, address, bytes, static_cast<std::uint32_t>(count)});
        address += static_cast<std::uint32_t>(count) * bytes;
    };
    add(left_ring, pages.left, tile_bytes(plan.options.type));
    add(right_ring, pages.right, tile_bytes(plan.options.type));
    add(sums_ring, pages.sums, tile_bytes(DataType::float32));
    add(bias_ring, pages.bias, bias_page_bytes);
    add(out_ring, pages.out, tile_bytes(*plan.options.out));
    std::vector<ProgramSemaphore> semaphores;
    for (std::uint32_t i = 0; i < semaphore_count; ++i) semaphores.push_back({.index = i});
    return program_memory(rings, semaphores);
}

/// Numbers of 32 bits lose their lower ones on the way to the sources.
tensix::Format source_format(DataType type) {
    return type == DataType::float32 ? tensix::Format::tf32 : format_of(type);
}

/// What kernels do with sums, in the bits that they know.
std::uint32_t finish_of(const MatmulOptions& options) {
    return (is_integer(options.type) ? finish::integers : 0) |
           (options.has_bias ? finish::bias : 0) |
           static_cast<std::uint32_t>(options.activation) << finish::activation_shift;
}

/// From where on the last tile of a side is filled up, if numbers would come there that are not 0.
std::uint32_t edge_of(std::uint64_t size, const MatmulOptions& options) {
    const bool zeros_stay = !options.has_bias && options.activation != Activation::sigmoid;
    const std::uint64_t rest = zeros_stay ? 0 : size % tile_side;
    return static_cast<std::uint32_t>(rest == 0 ? tile_side : rest);
}

std::vector<Launch> launches_of(const MatmulPlan& plan, Architecture architecture,
                                const std::array<Buffer, 4>& matrices,
                                const std::array<Semaphore, semaphore_count>& semaphores,
                                const std::vector<L1Words>& setup) {
    const MatmulTiles& t = plan.tiles();
    const auto word = [](auto value) { return Argument{static_cast<std::uint64_t>(value)}; };
    const auto with_shape = [&](std::vector<Argument> own) {
        for (const std::uint64_t size :
             {plan.shape.m, plan.shape.n, plan.shape.k, t.block_m, t.block_n, t.block_k}) {
            own.push_back(word(ceil_div(size, tile_side)));
        }
        own.push_back(word(plan.grid->first_step));
        own.push_back(word(plan.grid->rows));
        own.push_back(word(plan.grid->columns));
        return own;
    };
    const auto on_all = [&](std::uint16_t processor) {
        std::vector<CoreId> cores;
        for (std::uint16_t y = 0; y < plan.grid->rows; ++y) {
            for (std::uint16_t x = 0; x < plan.grid->columns; ++x) {
                cores.push_back({{x, y}, processor});
            }
        }
        return cores;
    };
    const auto& [a, b, c, bias] = matrices;
    const std::uint32_t finish = finish_of(plan.options);
    std::vector<Launch> launches;
    launches.push_back(
        {.kernel = Kernel::builtin("matmul_left"),
         .cores = on_all(left_core),
         .arguments = with_shape({a, semaphores[0], semaphores[1], semaphores[2], semaphores[3]}),
         .setup = setup});
    launches.push_back({.kernel = Kernel::builtin("matmul_right"),
                        .cores = on_all(right_core),
                        .arguments = with_shape({b, c, bias, semaphores[4], semaphores[5],
                                                 semaphores[6], semaphores[7], word(finish),
                                                 word(edge_of(plan.shape.m, plan.options)),
                                                 word(edge_of(plan.shape.n, plan.options))}),
                        .setup = setup});
    const std::string suffix = architecture == Architecture::wormhole ? "_wormhole" : "_blackhole";
    for (std::size_t i = 0; i < engine_cores.size(); ++i) {
        launches.push_back(
            {.kernel = Kernel::builtin("matmul_" + std::string(engine_cores[i]) + suffix),
             .cores = on_all(static_cast<std::uint16_t>(1 + i)),
             .arguments = with_shape({word(format_of(plan.options.type)),
                                      word(source_format(plan.options.type)),
                                      word(format_of(*plan.options.out)),
                                      word(plan.options.fidelity_phases), word(finish)}),
             .setup = setup});
    }
    return launches;
}

/// What engines have counted, each unit for itself, and DRAM, all banks together.
struct Counted {
    std::map<std::string, std::uint64_t> matrix_units, vector_units, movers;
    std::uint64_t dram_read = 0, dram_written = 0;
};

Counted counted(const Device& device) {
    Counted all;
    for (const auto& [name, value] : device.counters()) {
        if (name.starts_with("compute_engine.")) {
            if (name.ends_with(".matrix_unit.busy_cycles")) all.matrix_units[name] = value;
            if (name.ends_with(".vector_unit.busy_cycles")) all.vector_units[name] = value;
            // Unpackers and packers.
            if (name.find("packer_") != std::string::npos && name.ends_with(".busy_cycles")) {
                all.movers[name] = value;
            }
        } else if (name.starts_with("dram")) {
            if (name.ends_with(".bytes_read")) all.dram_read += value;
            if (name.ends_with(".bytes_written")) all.dram_written += value;
        }
    }
    return all;
}

std::uint64_t most(const std::map<std::string, std::uint64_t>& before,
                   const std::map<std::string, std::uint64_t>& after) {
    std::uint64_t result = 0;
    for (const auto& [name, value] : after) {
        const auto old = before.find(name);  // engines begin to count when they are first used
        result = std::max(result, value - (old == before.end() ? 0 : old->second));
    }
    return result;
}

/// Half a matmul is of no use to anybody, and its circular buffers are given back.
Run run_or_abort(Device& device, std::span<const Launch> launches, const RunOptions& run) {
    try {
        return device.run(launches, run);
    } catch (const Interrupted&) {
        device.abort();
        throw;
    }
}

}  // namespace

MatmulReport matmul_on_engines(Device& device, const Buffer& a, const Buffer& b, const Buffer& c,
                               const GemmShape& shape, const MatmulOptions& options,
                               const Buffer* bias, const RunOptions& run) {
    const auto host_start = std::chrono::steady_clock::now();
    const ChipConfig& config = device.config();
    const MatmulPlan plan = plan_matmul(config, shape, options);
    check_tiled("A", a, shape.m, shape.k, options.type);
    check_tiled("B", b, shape.k, shape.n, options.type);
    check_tiled("C", c, shape.m, shape.n, *plan.options.out);
    if (bias != nullptr) check_bias(*bias, shape.n);

    const Buffer l1 =
        device.allocate(plan.grid->l1_bytes * config.tile_rows() * config.tile_columns(),
                        Placement::in_all_l1(static_cast<std::uint32_t>(plan.grid->l1_bytes)));
    std::array<Semaphore, semaphore_count> semaphores;
    for (std::uint32_t i = 0; i < semaphore_count; ++i) {
        semaphores[i] = {.address = abi::program_semaphore_base + i * abi::program_semaphore_stride,
                         .device = device.serial()};
    }
    const Counted before = counted(device);
    const Run done = run_or_abort(
        device,
        launches_of(plan, config.architecture, {a, b, c, bias != nullptr ? *bias : c}, semaphores,
                    rings_of(plan, static_cast<std::uint32_t>(l1.address()))),
        run);
    const Counted after = counted(device);

    MatmulReport r;
    r.plan = plan;
    r.start = done.start;
    r.end = done.end;
    r.cycles = done.cycles;
    r.compute_cycles = most(before.matrix_units, after.matrix_units);
    r.vector_cycles = most(before.vector_units, after.vector_units);
    r.memory_cycles = most(before.movers, after.movers);
    r.stall_cycles = r.cycles - r.compute_cycles;
    r.passes =
        ceil_div(shape.m, tile_side) * ceil_div(shape.n, tile_side) * ceil_div(shape.k, tile_side);
    r.macs = shape.macs();
    r.dram_bytes_read = after.dram_read - before.dram_read;
    r.dram_bytes_written = after.dram_written - before.dram_written;
    r.compulsory_bytes = a.bytes() + b.bytes() + c.bytes() + (bias != nullptr ? bias->bytes() : 0);
    constexpr double elements_of_engine = 8 * 16 * 16;
    const double peak = static_cast<double>(r.cycles) * elements_of_engine /
                        static_cast<double>(options.fidelity_phases);
    const auto macs = static_cast<double>(r.macs);
    r.utilisation = macs / (peak * static_cast<double>(config.tile_count()));
    r.array_utilisation = macs / (peak * static_cast<double>(plan.units()));
    const auto dram = static_cast<double>(r.dram_bytes_read + r.dram_bytes_written);
    r.arithmetic_intensity = 2 * macs / dram;
    r.energy.macs = macs * mac_picojoules(options.type);
    r.energy.dram = dram * dram_picojoules;
    r.host_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - host_start).count();
    return r;
}

}  // namespace tilewright::detail
