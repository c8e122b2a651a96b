// What a kernel's TensorAccessor needs to know of a buffer, as compile-time arguments.
#pragma once

#include <cstdint>
#include <memory>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/mesh_buffer.hpp>
#include <vector>

namespace tt::tt_metal {

class TensorAccessorArgs {
public:
    TensorAccessorArgs() = default;
    explicit TensorAccessorArgs(const Buffer& buffer);
    explicit TensorAccessorArgs(const Buffer* buffer) : TensorAccessorArgs(*buffer) {}
    explicit TensorAccessorArgs(const std::shared_ptr<Buffer>& buffer)
        : TensorAccessorArgs(*buffer) {}
    explicit TensorAccessorArgs(const distributed::MeshBuffer& buffer)
        : TensorAccessorArgs(*buffer.get_reference_buffer()) {}
    explicit TensorAccessorArgs(const distributed::MeshBuffer* buffer)
        : TensorAccessorArgs(*buffer) {}
    explicit TensorAccessorArgs(const std::shared_ptr<distributed::MeshBuffer>& buffer)
        : TensorAccessorArgs(*buffer) {}

    void append_to(std::vector<std::uint32_t>& compile_time_args) const {
        compile_time_args.insert(compile_time_args.end(), words_.begin(), words_.end());
    }
    /// All of it is known when the kernel is compiled: no runtime arguments are added.
    void append_to(std::vector<std::uint32_t>& compile_time_args,
                   std::vector<std::uint32_t>& /*common_runtime_args*/) const {
        append_to(compile_time_args);
    }
    std::vector<std::uint32_t> get_compile_time_args() const { return words_; }
    std::vector<std::uint32_t> get_common_runtime_args() const { return {}; }

private:
    std::vector<std::uint32_t> words_;
};

}  // namespace tt::tt_metal
