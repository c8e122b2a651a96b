// Elements of tensors: into pages and out of them.
#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/tilize_utils.hpp>
#include <ttnn/tensor/tensor.hpp>

namespace tt::tt_metal {
namespace {

constexpr std::uint32_t round_up(std::uint32_t value, std::uint32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

// A tensor as one matrix: its last extent is a row; what was added to its last but one, or to a
// row, is padding.
struct Matrix {
    std::uint64_t batches;
    std::uint64_t rows;
    std::uint64_t columns;
};

Matrix matrix_of(const Shape& shape) {
    const std::uint64_t columns = shape[-1];
    const std::uint64_t rows = shape.rank() > 1 ? shape[-2] : 1;
    const std::uint64_t matrix = rows * columns;
    return {matrix == 0 ? 0 : shape.volume() / matrix, rows, columns};
}

// Calls visit(byte in the pages, byte in the elements) for each element.
template <class Visit>
void for_each_element(const TensorSpec& spec, Visit&& visit) {
    const std::size_t bytes = element_bytes(spec.data_type());
    const Matrix logical = matrix_of(spec.logical_shape());
    const Matrix padded = matrix_of(spec.padded_shape());
    const bool tiles = spec.layout() == Layout::TILE;
    std::size_t element = 0;
    for (std::uint64_t batch = 0; batch < logical.batches; ++batch) {
        for (std::uint64_t r = 0; r < logical.rows; ++r) {
            for (std::uint64_t c = 0; c < logical.columns; ++c, ++element) {
                const std::uint64_t row = batch * padded.rows + r;
                const std::uint64_t place =
                    tiles ? tilewright::metalium::tiled_index(row, c, padded.columns, true)
                          : row * padded.columns + c;
                visit(place * bytes, element * bytes);
            }
        }
    }
}

distributed::MeshCommandQueue& queue_of(distributed::MeshDevice* device,
                                        std::optional<std::uint8_t> cq_id) {
    TT_FATAL(device != nullptr, "a tensor on no device");
    return device->mesh_command_queue(cq_id);
}

}  // namespace

std::size_t element_bytes(DataType type) {
    switch (type) {
        case DataType::FLOAT32:
        case DataType::UINT32:
        case DataType::INT32:
            return 4;
        case DataType::BFLOAT16:
        case DataType::UINT16:
            return 2;
        case DataType::UINT8:
            return 1;
        default:
            break;
    }
    TT_THROW("a tensor of data type {}; block formats are not supported by tensors",
             static_cast<int>(type));
}

tt::DataFormat datatype_to_dataformat_converter(DataType type) {
    switch (type) {
        case DataType::BFLOAT16:
            return tt::DataFormat::Float16_b;
        case DataType::FLOAT32:
            return tt::DataFormat::Float32;
        case DataType::UINT32:
            return tt::DataFormat::UInt32;
        case DataType::BFLOAT8_B:
            return tt::DataFormat::Bfp8_b;
        case DataType::BFLOAT4_B:
            return tt::DataFormat::Bfp4_b;
        case DataType::UINT8:
            return tt::DataFormat::UInt8;
        case DataType::UINT16:
            return tt::DataFormat::UInt16;
        case DataType::INT32:
            return tt::DataFormat::Int32;
        case DataType::INVALID:
            break;
    }
    TT_THROW("no data format for data type {}", static_cast<int>(type));
}

std::uint32_t Shape::operator[](std::int32_t index) const {
    const auto rank = static_cast<std::int32_t>(extents_.size());
    TT_FATAL(index < rank && index >= -rank, "extent {} of a shape of rank {}", index, rank);
    return extents_[static_cast<std::size_t>(index < 0 ? index + rank : index)];
}
std::uint64_t Shape::volume() const {
    return std::accumulate(extents_.begin(), extents_.end(), std::uint64_t{1}, std::multiplies<>());
}

Shape TensorLayout::compute_padded_shape(const Shape& shape) const {
    if (get_layout() == Layout::ROW_MAJOR) return shape;
    std::vector<std::uint32_t> extents(shape.begin(), shape.end());
    if (extents.size() == 1) extents.insert(extents.begin(), 1);
    const std::size_t rank = extents.size();
    extents[rank - 2] = round_up(extents[rank - 2], constants::TILE_HEIGHT);
    extents[rank - 1] = round_up(extents[rank - 1], constants::TILE_WIDTH);
    return Shape(std::move(extents));
}
std::size_t TensorLayout::compute_page_size_bytes(const Shape& shape) const {
    const std::size_t elements = get_layout() == Layout::TILE ? constants::TILE_HW : shape[-1];
    return elements * element_bytes(type_);
}

void Tensor::check_type(DataType type, const TensorSpec& spec) {
    TT_FATAL(type == spec.data_type(), "elements of data type {} for a tensor of data type {}",
             static_cast<int>(type), static_cast<int>(spec.data_type()));
}

Tensor Tensor::from_bytes(std::span<const std::byte> elements, std::span<const std::byte> pad_value,
                          const TensorSpec& spec, distributed::MeshDevice* device,
                          std::optional<std::uint8_t> cq_id) {
    const std::size_t bytes = element_bytes(spec.data_type());
    TT_FATAL(elements.size() == spec.logical_shape().volume() * bytes,
             "{} elements for a tensor of {}", elements.size() / bytes,
             spec.logical_shape().volume());
    Tensor tensor(spec);
    tensor.host_ =
        std::make_shared<std::vector<std::byte>>(spec.compute_packed_buffer_size_bytes());
    std::vector<std::byte>& pages = *tensor.host_;
    for (std::size_t at = 0; at < pages.size(); at += bytes) {
        std::memcpy(pages.data() + at, pad_value.data(), bytes);
    }
    for_each_element(spec, [&](std::size_t page, std::size_t element) {
        std::memcpy(pages.data() + page, elements.data() + element, bytes);
    });
    return device == nullptr ? tensor : tensor.to_device(device, cq_id);
}

void Tensor::to_bytes(std::span<std::byte> elements, std::optional<std::uint8_t> cq_id) const {
    const auto all = pages(cq_id);
    const std::size_t bytes = element_size();
    for_each_element(spec_, [&](std::size_t page, std::size_t element) {
        std::memcpy(elements.data() + element, all->data() + page, bytes);
    });
}

std::shared_ptr<std::vector<std::byte>> Tensor::pages(std::optional<std::uint8_t> cq_id) const {
    if (host_) return host_;
    auto bytes = std::make_shared<std::vector<std::byte>>(spec_.compute_packed_buffer_size_bytes());
    queue_of(device(), cq_id).enqueue_read_mesh_buffer(bytes->data(), mesh_buffer(), true);
    return bytes;
}

const std::shared_ptr<distributed::MeshBuffer>& Tensor::mesh_buffer() const {
    TT_FATAL(buffer_ != nullptr, "the tensor is at the host; to_device() moves it to a device");
    TT_FATAL(buffer_->is_allocated(), "the tensor was deallocated");
    return buffer_;
}

Tensor Tensor::cpu(std::optional<std::uint8_t> cq_id) const {
    Tensor there(spec_);
    there.host_ = pages(cq_id);
    return there;
}
Tensor Tensor::to_device(distributed::MeshDevice* device, std::optional<std::uint8_t> cq_id) const {
    const auto bytes = pages(cq_id);
    Tensor there = create_device_tensor(spec_, device);
    queue_of(device, cq_id)
        .enqueue_write_mesh_buffer(there.mesh_buffer(), bytes->data(), false, bytes->size());
    return there;
}
void Tensor::deallocate(bool) {
    if (buffer_) buffer_->deallocate();
}

Tensor create_device_tensor(const TensorSpec& spec, distributed::MeshDevice* device) {
    TT_FATAL(device != nullptr, "a tensor on no device");
    Tensor tensor(spec);
    tensor.buffer_ = distributed::MeshBuffer::create(
        distributed::ReplicatedBufferConfig{.size = spec.compute_packed_buffer_size_bytes()},
        distributed::DeviceLocalBufferConfig{.page_size = spec.compute_page_size_bytes(),
                                             .buffer_type = spec.memory_config().buffer_type()},
        device);
    return tensor;
}

}  // namespace tt::tt_metal
