// All that is known of a tensor without its elements.
#pragma once

#include <ttnn/tensor/layout/tensor_layout.hpp>

namespace tt::tt_metal {

class TensorSpec {
public:
    TensorSpec(Shape logical_shape, const TensorLayout& layout)
        : shape_(std::move(logical_shape)),
          layout_(layout),
          padded_(layout_.compute_padded_shape(shape_)) {}

    const Shape& logical_shape() const { return shape_; }
    const Shape& padded_shape() const { return padded_; }
    const TensorLayout& tensor_layout() const { return layout_; }
    DataType data_type() const { return layout_.get_data_type(); }
    Layout layout() const { return layout_.get_layout(); }
    const PageConfig& page_config() const { return layout_.get_page_config(); }
    const MemoryConfig& memory_config() const { return layout_.get_memory_config(); }
    std::size_t compute_page_size_bytes() const { return layout_.compute_page_size_bytes(shape_); }
    std::size_t compute_packed_buffer_size_bytes() const {
        return padded_.volume() * element_bytes(data_type());
    }
    bool operator==(const TensorSpec&) const = default;

private:
    Shape shape_;
    TensorLayout layout_;
    Shape padded_;
};

}  // namespace tt::tt_metal

namespace ttnn {
using tt::tt_metal::TensorSpec;
}
