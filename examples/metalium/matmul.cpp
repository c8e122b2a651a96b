// C = A * B on the matrix units of sixteen cores. Each computes a block of C: a reader brings rows
// of A and columns of B to the core's L1, a compute kernel multiplies them tile by tile, and a
// writer takes the result away. The matrices hold small integers, so that every sum is exact and
// the host's product must be equal. Says the cycles, and what share of the sixteen units' peak they
// are.
#include <cstdio>
#include <random>
#include <tilewright/runtime/device.hpp>  // for the cycles
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>
#include <tt-metalium/tilize_utils.hpp>

using namespace tt::tt_metal;

namespace {

constexpr std::uint32_t tile = tt::constants::TILE_WIDTH;
constexpr std::uint32_t tile_bytes = sizeof(bfloat16) * tt::constants::TILE_HW;

constexpr std::uint32_t cores_down = 4, cores_across = 4;
constexpr std::uint32_t rows = 4, columns = 4;  // tiles of C on each core
constexpr std::uint32_t m = rows * cores_down, n = columns * cores_across, k = 21;  // in tiles
constexpr std::uint32_t depth = 7;  // tiles along k that are read at once

std::vector<bfloat16> small_integers(std::size_t count, unsigned seed) {
    std::vector<bfloat16> values(count);
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> uniform(-1, 1);
    for (bfloat16& value : values) value = static_cast<float>(uniform(random));
    return values;
}

std::vector<bfloat16> product(const std::vector<bfloat16>& a, const std::vector<bfloat16>& b) {
    std::vector<float> right(b.begin(), b.end());
    std::vector<bfloat16> c(m * n * tt::constants::TILE_HW);
    for (std::size_t i = 0; i < m * tile; ++i) {
        std::vector<float> sums(n * tile);
        for (std::size_t l = 0; l < k * tile; ++l) {
            const float left = a[i * k * tile + l];
            for (std::size_t j = 0; j < n * tile; ++j) sums[j] += left * right[l * n * tile + j];
        }
        for (std::size_t j = 0; j < n * tile; ++j) c[i * n * tile + j] = sums[j];
    }
    return c;
}

std::shared_ptr<distributed::MeshBuffer> make_buffer(distributed::MeshDevice* mesh,
                                                     std::uint32_t tiles) {
    return distributed::MeshBuffer::create(
        distributed::ReplicatedBufferConfig{.size = tiles * tile_bytes},
        distributed::DeviceLocalBufferConfig{.page_size = tile_bytes,
                                             .buffer_type = BufferType::DRAM},
        mesh);
}

}  // namespace

int main() {
    auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();
    const auto a = small_integers(m * k * tt::constants::TILE_HW, 1);
    const auto b = small_integers(k * n * tt::constants::TILE_HW, 2);
    auto a_buffer = make_buffer(mesh.get(), m * k);
    auto b_buffer = make_buffer(mesh.get(), k * n);
    auto c_buffer = make_buffer(mesh.get(), m * n);
    distributed::EnqueueWriteMeshBuffer(queue, a_buffer, tilize_nfaces(a, m * tile, k * tile));
    distributed::EnqueueWriteMeshBuffer(queue, b_buffer, tilize_nfaces(b, k * tile, n * tile));

    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {cores_across - 1, cores_down - 1});
    const auto add_ring = [&](std::uint8_t index, std::uint32_t tiles) {
        CreateCircularBuffer(
            program, cores,
            CircularBufferConfig(tiles * tile_bytes, {{index, tt::DataFormat::Float16_b}})
                .set_page_size(index, tile_bytes));
    };
    add_ring(tt::CBIndex::c_0, rows * k);  // each is read once and used by every part of the block
    add_ring(tt::CBIndex::c_1, columns * k);
    add_ring(tt::CBIndex::c_16, rows * columns);

    std::vector<std::uint32_t> reader_args{rows, columns, depth, k, n};
    TensorAccessorArgs(*a_buffer).append_to(reader_args);
    TensorAccessorArgs(*b_buffer).append_to(reader_args);
    std::vector<std::uint32_t> writer_args{rows, columns, n};
    TensorAccessorArgs(*c_buffer).append_to(writer_args);
    const KernelHandle reader =
        CreateKernel(program, "kernels/matmul_reader.cpp", cores,
                     DataMovementConfig{.processor = DataMovementProcessor::RISCV_1,
                                        .noc = NOC::RISCV_1_default,
                                        .compile_args = reader_args});
    const KernelHandle writer =
        CreateKernel(program, "kernels/matmul_writer.cpp", cores,
                     DataMovementConfig{.processor = DataMovementProcessor::RISCV_0,
                                        .noc = NOC::RISCV_0_default,
                                        .compile_args = writer_args});
    CreateKernel(program, "kernels/matmul_compute.cpp", cores,
                 ComputeConfig{.math_fidelity = MathFidelity::HiFi4,
                               .compile_args = {rows, columns, depth, k}});
    for (const CoreCoord& core : cores) {
        const auto first_row = static_cast<std::uint32_t>(core.y) * rows;
        const auto first_column = static_cast<std::uint32_t>(core.x) * columns;
        SetRuntimeArgs(program, reader, core,
                       {static_cast<std::uint32_t>(a_buffer->address()),
                        static_cast<std::uint32_t>(b_buffer->address()), first_row, first_column});
        SetRuntimeArgs(program, writer, core,
                       {static_cast<std::uint32_t>(c_buffer->address()), first_row, first_column});
    }
    distributed::Finish(queue);
    const std::uint64_t start = tilewright::count(mesh->native().cycle());
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    distributed::EnqueueMeshWorkload(queue, workload, true);
    const std::uint64_t cycles = tilewright::count(mesh->native().cycle()) - start;

    std::vector<bfloat16> c;
    distributed::EnqueueReadMeshBuffer(queue, c, c_buffer, true);
    const bool equal = untilize_nfaces(c, m * tile, n * tile) == product(a, b);

    // A unit multiplies 8 x 16 by 16 x 16 numbers each cycle: 16 cycles a product of two tiles in
    // one phase, and HiFi4 has four phases.
    const double peak = 16.0 * 4 * m * n * k / (cores_down * cores_across);
    fmt::print("{} x {} x {} is {}: {} cycles, {:.1f} % of the peak of {} matrix units\n", m * tile,
               k * tile, n * tile, equal ? "right" : "WRONG", cycles,
               100 * peak / static_cast<double>(cycles), cores_down * cores_across);
    return mesh->close() && equal ? 0 : 1;
}
