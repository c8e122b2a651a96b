// What tests of compute kernels share: tiles of bfloat16 in DRAM, circular buffers of them, movers.
#pragma once

#include <random>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

#include "metalium/programs.hpp"

namespace tt::tt_metal::test {

inline constexpr std::uint32_t tile_bytes = constants::TILE_HW * sizeof(bfloat16);

inline std::vector<bfloat16> small_integers(std::size_t count, int least, int greatest,
                                            unsigned seed) {
    std::vector<bfloat16> values(count);
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> uniform(least, greatest);
    for (bfloat16& value : values) value = static_cast<float>(uniform(random));
    return values;
}

inline std::shared_ptr<MeshBuffer> to_dram(MeshDevice& mesh, const std::vector<bfloat16>& values) {
    auto buffer = make_buffer(mesh, values.size() * sizeof(bfloat16), tile_bytes);
    distributed::EnqueueWriteMeshBuffer(mesh.mesh_command_queue(), buffer, values);
    return buffer;
}
inline std::vector<bfloat16> from_dram(MeshDevice& mesh,
                                       const std::shared_ptr<MeshBuffer>& buffer) {
    std::vector<bfloat16> values;
    distributed::EnqueueReadMeshBuffer(mesh.mesh_command_queue(), values, buffer, true);
    return values;
}
inline std::uint32_t address_of(const std::shared_ptr<MeshBuffer>& buffer) {
    return static_cast<std::uint32_t>(buffer->address());
}

inline CBHandle add_ring(Program& program, const CoreSpec& cores, std::uint8_t index,
                         std::uint32_t tiles) {
    return CreateCircularBuffer(
        program, cores,
        CircularBufferConfig(tiles * tile_bytes, {{index, DataFormat::Float16_b}})
            .set_page_size(index, tile_bytes));
}

inline KernelHandle add_mover(Program& program, const std::string& body, const CoreSpec& cores,
                              DataMovementProcessor processor,
                              const std::vector<std::shared_ptr<MeshBuffer>>& buffers) {
    DataMovementConfig config{.processor = processor};
    if (processor == DataMovementProcessor::RISCV_1) config.noc = NOC::RISCV_1_default;
    for (const auto& buffer : buffers) TensorAccessorArgs(*buffer).append_to(config.compile_args);
    return add_kernel(program, body, cores, config);
}

/// Pairs of tiles to circular buffers 0 and 1; runtime arguments: two addresses, the first, how
/// many.
inline constexpr const char* read_pairs = R"(
    constexpr auto args = TensorAccessorArgs<0>();
    const auto a = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const auto b = TensorAccessor(args, get_arg_val<uint32_t>(1));
    const uint32_t first = get_arg_val<uint32_t>(2);
    for (uint32_t i = first; i < first + get_arg_val<uint32_t>(3); ++i) {
        cb_reserve_back(0, 1);
        cb_reserve_back(1, 1);
        noc_async_read_page(i, a, get_write_ptr(0));
        noc_async_read_page(i, b, get_write_ptr(1));
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_push_back(1, 1);
    })";

}  // namespace tt::tt_metal::test
