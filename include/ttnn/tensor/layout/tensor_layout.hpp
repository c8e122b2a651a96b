// How the elements of tensors of one kind lie in pages.
#pragma once

#include <ttnn/tensor/types.hpp>

namespace tt::tt_metal {

/// Rows or tiles of 32 x 32.
class PageConfig {
public:
    PageConfig(Layout layout) : layout_(layout) {
        TT_FATAL(layout != Layout::INVALID, "pages without a layout");
    }
    Layout get_layout() const { return layout_; }
    bool operator==(const PageConfig&) const = default;

private:
    Layout layout_;
};

class TensorLayout {
public:
    /// std::runtime_error for block formats.
    TensorLayout(DataType type, const PageConfig& pages, const MemoryConfig& memory)
        : type_(type), pages_(pages), memory_(memory) {
        element_bytes(type);
    }

    DataType get_data_type() const { return type_; }
    Layout get_layout() const { return pages_.get_layout(); }
    const PageConfig& get_page_config() const { return pages_; }
    const MemoryConfig& get_memory_config() const { return memory_; }
    /// The shape with its last two extents rounded up to whole tiles; one of rank 1 becomes one
    /// row of tiles. As it is for rows.
    Shape compute_padded_shape(const Shape& shape) const;
    /// Bytes of a tile, or of a row of such a shape.
    std::size_t compute_page_size_bytes(const Shape& shape) const;
    bool operator==(const TensorLayout&) const = default;

private:
    DataType type_;
    PageConfig pages_;
    MemoryConfig memory_;
};

}  // namespace tt::tt_metal

namespace ttnn {
using tt::tt_metal::PageConfig;
using tt::tt_metal::TensorLayout;
}  // namespace ttnn
