// What a kernel's TensorAccessor needs to know of a buffer, as compile-time arguments and, as far
// as the configuration says so, common runtime arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hostdevcommon/tensor_accessor/arg_config.hpp>
#include <memory>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/mesh_buffer.hpp>
#include <vector>

namespace tt::tt_metal {

class TensorAccessorArgs {
    using ArgsConfig = ::tensor_accessor::ArgsConfig;

public:
    TensorAccessorArgs() = default;
    /// Of the configuration only the Runtime... flags count, and only for sharded buffers. Throws
    /// std::runtime_error if the rank comes at run time and a shape does not, or the number of
    /// banks and the banks do not.
    explicit TensorAccessorArgs(const Buffer& buffer, ArgsConfig config = {});
    explicit TensorAccessorArgs(const Buffer* buffer, ArgsConfig config = {})
        : TensorAccessorArgs(*buffer, config) {}
    explicit TensorAccessorArgs(const std::shared_ptr<Buffer>& buffer, ArgsConfig config = {})
        : TensorAccessorArgs(*buffer, config) {}
    explicit TensorAccessorArgs(const distributed::MeshBuffer& buffer, ArgsConfig config = {})
        : TensorAccessorArgs(*buffer.get_reference_buffer(), config) {}
    explicit TensorAccessorArgs(const distributed::MeshBuffer* buffer, ArgsConfig config = {})
        : TensorAccessorArgs(*buffer, config) {}
    explicit TensorAccessorArgs(const std::shared_ptr<distributed::MeshBuffer>& buffer,
                                ArgsConfig config = {})
        : TensorAccessorArgs(*buffer, config) {}

    /// Of any buffer that is spread over the banks of DRAM, or over the tiles: the kernel has to
    /// give its TensorAccessor the size of a page.
    static TensorAccessorArgs create_dram_interleaved();
    static TensorAccessorArgs create_l1_interleaved();

    static constexpr std::size_t MAX_NUM_DIMENSIONS = 8;

    /// Throws std::runtime_error if there are common runtime arguments, which this would drop.
    void append_to(std::vector<std::uint32_t>& compile_time_args) const;
    void append_to(std::vector<std::uint32_t>& compile_time_args,
                   std::vector<std::uint32_t>& common_runtime_args) const;
    std::vector<std::uint32_t> get_compile_time_args() const { return words_; }
    std::vector<std::uint32_t> get_common_runtime_args() const { return common_words_; }

private:
    std::vector<std::uint32_t> words_;
    std::vector<std::uint32_t> common_words_;
};

}  // namespace tt::tt_metal
