// Buffers of one device: where their pages lie in a native buffer.
//
// Interleaved, the native buffer has the aligned pages one after another. Sharded, it has one page
// for each bank, large enough for a shard, so that every shard has the same address in its bank.
#include <algorithm>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/device.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/math.hpp>

#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal {
namespace {

using tilewright::Placement;

std::uint32_t bank_of(const IDevice& device, bool dram, const CoreCoord& core) {
    const CoreCoord grid = dram ? device.dram_grid_size() : device.logical_grid_size();
    TT_FATAL(core.x < grid.x && core.y < grid.y,
             "a shard on core {}; the device has columns 0 to {} and rows 0 to {}", core,
             grid.x - 1, grid.y - 1);
    return static_cast<std::uint32_t>(core.y * grid.x + core.x);
}

}  // namespace

bool is_sharded(const TensorMemoryLayout& layout) {
    return layout != TensorMemoryLayout::INTERLEAVED;
}

std::array<std::uint32_t, 2> ShardSpecBuffer::shape_in_pages() const {
    const auto& shape = tensor_shard_spec.shape;
    TT_FATAL(page_shape[0] != 0 && page_shape[1] != 0 && shape[0] % page_shape[0] == 0 &&
                 shape[1] % page_shape[1] == 0 && shape[0] != 0 && shape[1] != 0,
             "pages of {} x {} elements do not divide shards of {} x {}", page_shape[0],
             page_shape[1], shape[0], shape[1]);
    return {shape[0] / page_shape[0], shape[1] / page_shape[1]};
}
DeviceAddr ShardSpecBuffer::num_pages() const {
    const auto pages = shape_in_pages();
    return DeviceAddr{pages[0]} * pages[1];
}

Buffer::Buffer(IDevice* device, std::optional<DeviceAddr> address, DeviceAddr size,
               DeviceAddr page_size, BufferType type, const BufferShardingArgs& sharding,
               std::optional<bool> bottom_up)
    : device_(device),
      size_(size),
      page_size_(page_size),
      buffer_type_(type),
      layout_(sharding.buffer_layout()),
      shard_spec_(sharding.shard_spec()) {
    TT_FATAL(device != nullptr, "a buffer needs a device");
    TT_FATAL(type != BufferType::SYSTEM_MEMORY && type != BufferType::TRACE,
             "buffers of type {} are not supported; expected DRAM, L1 or L1_SMALL",
             static_cast<int>(type));
    TT_FATAL(size != 0 && page_size != 0 && size % page_size == 0,
             "a buffer of {} bytes in pages of {}; expected a multiple of the page", size,
             page_size);
    alignment_ = device->allocator()->get_alignment(type);
    aligned_page_size_ = round_up(page_size, DeviceAddr{alignment_});
    DeviceAddr bytes = size / page_size * aligned_page_size_;
    DeviceAddr native_page = aligned_page_size_;
    if (is_sharded(layout_)) {
        TT_FATAL(shard_spec_.has_value(), "a sharded buffer needs a shard spec");
        place_shards();
        native_page = shard_spec_->num_pages() * aligned_page_size_;
        bytes = native_page * device->allocator()->get_num_banks(type);
    }
    TT_FATAL(native_page <= 0xFFFF'FFFF, "pages of {} bytes; a bank has at most 4294967295",
             native_page);
    Placement placement = is_dram()
                              ? Placement::interleaved(static_cast<std::uint32_t>(native_page))
                              : Placement::in_all_l1(static_cast<std::uint32_t>(native_page));
    placement.from_top = !bottom_up.value_or(is_dram());
    tilewright::Device& chip = device->native();
    native_ = std::make_unique<tilewright::Buffer>(
        address ? chip.allocate_at(*address, bytes, placement) : chip.allocate(bytes, placement));
}

// Which core holds which shard: rectangles of pages, row by row, go to the cores in their order;
// with block sharding to the core that stands where the shard does.
void Buffer::place_shards() {
    const ShardSpecBuffer& spec = *shard_spec_;
    const auto shard = spec.shape_in_pages();
    const auto tensor = spec.tensor2d_shape_in_pages;
    TT_FATAL(DeviceAddr{tensor[0]} * tensor[1] == num_pages(),
             "a shape of {} x {} pages for a buffer of {} pages", tensor[0], tensor[1],
             num_pages());
    const std::uint32_t columns = div_up(row_in_pages(), shard[1]);
    const std::uint32_t rows = div_up(div_up(num_pages(), row_in_pages()), shard[0]);
    TT_FATAL(rows * columns <= spec.grid().num_cores(), "{} shards for {} cores", rows * columns,
             spec.grid().num_cores());
    const bool row_major = spec.orientation() == ShardOrientation::ROW_MAJOR;
    if (layout_ == TensorMemoryLayout::BLOCK_SHARDED) {
        const CoreCoord first = spec.grid().bounding_box().start_coord;
        for (std::uint32_t r = 0; r < rows; ++r) {
            for (std::uint32_t c = 0; c < columns; ++c) {
                const CoreCoord core = row_major ? CoreCoord{first.x + c, first.y + r}
                                                 : CoreCoord{first.x + r, first.y + c};
                TT_FATAL(spec.grid().contains(core), "shard ({}, {}) needs core {}, outside {}", r,
                         c, core, spec.grid());
                shard_cores_.push_back(core);
            }
        }
    } else {
        shard_cores_ = corerange_to_cores(spec.grid(), rows * columns, row_major);
    }
    for (const CoreCoord& core : shard_cores_) bank_of(*device_, is_dram(), core);
}

Buffer::~Buffer() = default;

std::shared_ptr<Buffer> Buffer::create(IDevice* device, DeviceAddr size, DeviceAddr page_size,
                                       BufferType buffer_type,
                                       const BufferShardingArgs& sharding_args,
                                       std::optional<bool> bottom_up, std::optional<SubDeviceId>) {
    return std::shared_ptr<Buffer>(
        new Buffer(device, std::nullopt, size, page_size, buffer_type, sharding_args, bottom_up));
}
std::shared_ptr<Buffer> Buffer::create(IDevice* device, DeviceAddr address, DeviceAddr size,
                                       DeviceAddr page_size, BufferType buffer_type,
                                       const BufferShardingArgs& sharding_args,
                                       std::optional<bool> bottom_up, std::optional<SubDeviceId>) {
    return std::shared_ptr<Buffer>(
        new Buffer(device, address, size, page_size, buffer_type, sharding_args, bottom_up));
}

const tilewright::Buffer& Buffer::native() const {
    TT_FATAL(native_->valid(), "the buffer was deallocated, or its device closed");
    return *native_;
}
std::uint32_t Buffer::address() const {
    return static_cast<std::uint32_t>(native().address());
}
bool Buffer::is_allocated() const {
    return native_->valid();
}
std::uint32_t Buffer::num_dev_pages() const {
    if (!is_sharded(layout_)) return num_pages();
    return static_cast<std::uint32_t>(shard_spec_->num_pages() * shard_cores_.size());
}
DeviceAddr Buffer::aligned_size_per_bank() const {
    if (is_sharded(layout_)) return shard_spec_->num_pages() * aligned_page_size_;
    return div_up(num_pages(), device_->allocator()->get_num_banks(buffer_type_)) *
           aligned_page_size_;
}
CoreCoord Buffer::noc_coordinates(std::uint32_t bank) const {
    if (is_dram()) return device_->virtual_core_from_logical_core({bank, 0}, CoreType::DRAM);
    const std::size_t columns = device_->logical_grid_size().x;
    return device_->worker_core_from_logical_core({bank % columns, bank / columns});
}
DeviceAddr Buffer::page_address(DeviceAddr bank, DeviceAddr page) const {
    const DeviceAddr banks = device_->allocator()->get_num_banks(buffer_type_);
    const DeviceAddr native_page =
        is_sharded(layout_) ? aligned_size_per_bank() : aligned_page_size_;
    const DeviceAddr offset = native_offset(static_cast<std::uint32_t>(page));
    TT_FATAL(offset / native_page % banks == bank, "page {} does not lie in bank {}", page, bank);
    return address() + offset / native_page / banks * native_page + offset % native_page;
}
const ShardSpecBuffer& Buffer::shard_spec() const {
    TT_FATAL(shard_spec_.has_value(), "the buffer is not sharded");
    return *shard_spec_;
}
std::optional<std::uint32_t> Buffer::num_cores() const {
    if (!shard_spec_) return std::nullopt;
    return shard_spec_->grid().num_cores();
}

// Height sharding gives each core as many of the pages in their order as a shard has, whatever
// its shape.
std::uint32_t Buffer::row_in_pages() const {
    return layout_ == TensorMemoryLayout::HEIGHT_SHARDED ? shard_spec_->shape_in_pages()[1]
                                                         : shard_spec_->tensor2d_shape_in_pages[1];
}
DeviceAddr Buffer::native_offset(std::uint32_t page) const {
    TT_FATAL(page < num_pages(), "page {} of a buffer of {} pages", page, num_pages());
    if (!is_sharded(layout_)) return page * aligned_page_size_;
    const auto shard = shard_spec_->shape_in_pages();
    const std::uint32_t width = row_in_pages();
    const std::uint32_t row = page / width;
    const std::uint32_t column = page % width;
    const std::uint32_t number = row / shard[0] * div_up(width, shard[1]) + column / shard[1];
    const DeviceAddr within = DeviceAddr{row % shard[0]} * shard[1] + column % shard[1];
    return bank_of(*device_, is_dram(), shard_cores_[number]) * aligned_size_per_bank() +
           within * aligned_page_size_;
}
bool Buffer::contiguous() const {
    return !is_sharded(layout_) && aligned_page_size_ == page_size_;
}

// --- Host API ---------------------------------------------------------------------------------

std::shared_ptr<Buffer> CreateBuffer(const InterleavedBufferConfig& config) {
    return Buffer::create(config.device, config.size, config.page_size, config.buffer_type);
}
std::shared_ptr<Buffer> CreateBuffer(const InterleavedBufferConfig& config, DeviceAddr address) {
    return Buffer::create(config.device, address, config.size, config.page_size,
                          config.buffer_type);
}
std::shared_ptr<Buffer> CreateBuffer(const ShardedBufferConfig& config) {
    return Buffer::create(config.device, config.size, config.page_size, config.buffer_type,
                          {config.shard_parameters, config.buffer_layout});
}
std::shared_ptr<Buffer> CreateBuffer(const ShardedBufferConfig& config, DeviceAddr address) {
    return Buffer::create(config.device, address, config.size, config.page_size, config.buffer_type,
                          {config.shard_parameters, config.buffer_layout});
}
void DeallocateBuffer(Buffer& buffer) {
    buffer.native_->free();
}

}  // namespace tt::tt_metal
