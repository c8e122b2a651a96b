// Tensors at the host and in the memory of devices; a value that shares its elements when copied.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <tt-metalium/mesh_buffer.hpp>
#include <ttnn/tensor/tensor_spec.hpp>
#include <vector>

namespace tt::tt_metal {

class Tensor {
public:
    /// From elements in row-major order, without padding (which is zero); at the host without a
    /// device, else copied to all devices of the mesh. std::runtime_error if there are more or
    /// fewer elements than the shape has, or if T is not the specification's type.
    template <class T>
    static Tensor from_vector(const std::vector<T>& elements, const TensorSpec& spec,
                              distributed::MeshDevice* device = nullptr,
                              std::optional<std::uint8_t> cq_id = std::nullopt, T pad_value = {}) {
        return from_span<T>(elements, spec, device, cq_id, pad_value);
    }
    template <class T>
    static Tensor from_span(tt::stl::Span<const T> elements, const TensorSpec& spec,
                            distributed::MeshDevice* device = nullptr,
                            std::optional<std::uint8_t> cq_id = std::nullopt, T pad_value = {}) {
        check_type(convert_to_data_type<T>(), spec);
        return from_bytes(std::as_bytes(std::span(elements.data(), elements.size())),
                          std::as_bytes(std::span(&pad_value, 1)), spec, device, cq_id);
    }
    /// Row-major, without padding; of the first device of its mesh. Waits for the queue.
    /// std::runtime_error if T is not its type.
    template <class T>
    std::vector<T> to_vector(std::optional<std::uint8_t> cq_id = std::nullopt) const {
        check_type(convert_to_data_type<T>(), spec_);
        std::vector<T> elements(spec_.logical_shape().volume());
        to_bytes(std::as_writable_bytes(std::span(elements)), cq_id);
        return elements;
    }

    const TensorSpec& tensor_spec() const { return spec_; }
    const Shape& logical_shape() const { return spec_.logical_shape(); }
    const Shape& padded_shape() const { return spec_.padded_shape(); }
    DataType dtype() const { return spec_.data_type(); }
    Layout layout() const { return spec_.layout(); }
    const MemoryConfig& memory_config() const { return spec_.memory_config(); }
    std::uint64_t logical_volume() const { return spec_.logical_shape().volume(); }
    std::uint64_t physical_volume() const { return spec_.padded_shape().volume(); }
    std::size_t element_size() const { return element_bytes(dtype()); }

    bool is_on_device() const { return buffer_ != nullptr; }
    bool is_allocated() const { return buffer_ == nullptr || buffer_->is_allocated(); }
    /// std::runtime_error at the host.
    distributed::MeshDevice* device() const { return mesh_buffer()->device(); }
    const std::shared_ptr<distributed::MeshBuffer>& mesh_buffer() const;
    Buffer* buffer() const { return mesh_buffer()->get_reference_buffer(); }
    /// The same elements there.
    Tensor cpu(std::optional<std::uint8_t> cq_id = std::nullopt) const;
    Tensor to_device(distributed::MeshDevice* device,
                     std::optional<std::uint8_t> cq_id = std::nullopt) const;
    /// Gives a device's memory back, for all copies of this tensor.
    void deallocate(bool force = false);

private:
    explicit Tensor(TensorSpec spec) : spec_(std::move(spec)) {}
    friend Tensor create_device_tensor(const TensorSpec& spec, distributed::MeshDevice* device);

    static void check_type(DataType type, const TensorSpec& spec);
    static Tensor from_bytes(std::span<const std::byte> elements,
                             std::span<const std::byte> pad_value, const TensorSpec& spec,
                             distributed::MeshDevice* device, std::optional<std::uint8_t> cq_id);
    void to_bytes(std::span<std::byte> elements, std::optional<std::uint8_t> cq_id) const;
    std::shared_ptr<std::vector<std::byte>> pages(std::optional<std::uint8_t> cq_id) const;

    TensorSpec spec_;
    std::shared_ptr<std::vector<std::byte>> host_;  // as its pages have them; none on a device
    std::shared_ptr<distributed::MeshBuffer> buffer_;
};

/// A tensor in the memory of all devices of a mesh, with elements that nobody has written.
Tensor create_device_tensor(const TensorSpec& spec, distributed::MeshDevice* device);

}  // namespace tt::tt_metal

namespace ttnn {
using tt::tt_metal::Tensor;
}
