// What a tensor's elements are, how they lie, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/buffer_types.hpp>
#include <tt-metalium/tt_backend_api_types.hpp>
#include <tt_stl/assert.hpp>
#include <tt_stl/span.hpp>
#include <utility>
#include <vector>

namespace tt::tt_metal {

enum class DataType {
    BFLOAT16 = 0,
    FLOAT32 = 1,
    UINT32 = 2,
    BFLOAT8_B = 3,
    BFLOAT4_B = 4,
    UINT8 = 5,
    UINT16 = 6,
    INT32 = 7,
    INVALID = 8,
};
enum class Layout { ROW_MAJOR = 0, TILE = 1, INVALID = 2 };

/// Bytes of an element. std::runtime_error for block formats, whose elements share exponents, and
/// which tensors cannot have.
std::size_t element_bytes(DataType type);
tt::DataFormat datatype_to_dataformat_converter(DataType type);

/// The DataType of a C++ type.
template <class T>
inline constexpr DataType convert_to_data_type_v = DataType::INVALID;
template <>
inline constexpr DataType convert_to_data_type_v<bfloat16> = DataType::BFLOAT16;
template <>
inline constexpr DataType convert_to_data_type_v<float> = DataType::FLOAT32;
template <>
inline constexpr DataType convert_to_data_type_v<std::uint32_t> = DataType::UINT32;
template <>
inline constexpr DataType convert_to_data_type_v<std::int32_t> = DataType::INT32;
template <>
inline constexpr DataType convert_to_data_type_v<std::uint16_t> = DataType::UINT16;
template <>
inline constexpr DataType convert_to_data_type_v<std::uint8_t> = DataType::UINT8;
template <class T>
constexpr DataType convert_to_data_type() {
    static_assert(convert_to_data_type_v<T> != DataType::INVALID, "no tensor has such elements");
    return convert_to_data_type_v<T>;
}

/// Extents, outermost first; of rank 1 at least.
class Shape {
public:
    Shape(std::initializer_list<std::uint32_t> extents)
        : Shape(std::vector<std::uint32_t>(extents)) {}
    explicit Shape(tt::stl::Span<const std::uint32_t> extents)
        : Shape(std::vector<std::uint32_t>(extents.begin(), extents.end())) {}
    explicit Shape(std::vector<std::uint32_t> extents) : extents_(std::move(extents)) {
        TT_FATAL(!extents_.empty(), "a shape without extents; expected one at least");
    }

    std::size_t rank() const { return extents_.size(); }
    std::size_t size() const { return extents_.size(); }
    /// An index below 0 counts from the end. std::runtime_error beyond the rank.
    std::uint32_t operator[](std::int32_t index) const;
    std::uint64_t volume() const;
    tt::stl::Span<const std::uint32_t> view() const { return extents_; }
    auto begin() const { return extents_.begin(); }
    auto end() const { return extents_.end(); }
    bool operator==(const Shape&) const = default;

private:
    std::vector<std::uint32_t> extents_;
};

/// Which memory, page after page over its banks. Sharded tensors do not exist here:
/// std::runtime_error.
class MemoryConfig {
public:
    MemoryConfig() = default;
    explicit MemoryConfig(BufferType type) : type_(type) {}
    MemoryConfig(TensorMemoryLayout layout, BufferType type = BufferType::DRAM) : type_(type) {
        TT_FATAL(layout == TensorMemoryLayout::INTERLEAVED,
                 "a sharded tensor; expected TensorMemoryLayout::INTERLEAVED");
    }

    BufferType buffer_type() const { return type_; }
    TensorMemoryLayout memory_layout() const { return TensorMemoryLayout::INTERLEAVED; }
    bool is_sharded() const { return false; }
    bool is_dram() const { return type_ == BufferType::DRAM; }
    bool is_l1() const { return type_ == BufferType::L1 || type_ == BufferType::L1_SMALL; }
    bool operator==(const MemoryConfig&) const = default;

private:
    BufferType type_ = BufferType::DRAM;
};

}  // namespace tt::tt_metal

namespace ttnn {

using tt::tt_metal::DataType;
using tt::tt_metal::Layout;
using tt::tt_metal::MemoryConfig;
using tt::tt_metal::Shape;

inline constexpr Layout TILE_LAYOUT = Layout::TILE;
inline constexpr Layout ROW_MAJOR_LAYOUT = Layout::ROW_MAJOR;
inline const MemoryConfig DRAM_MEMORY_CONFIG{tt::tt_metal::BufferType::DRAM};
inline const MemoryConfig L1_MEMORY_CONFIG{tt::tt_metal::BufferType::L1};

}  // namespace ttnn
