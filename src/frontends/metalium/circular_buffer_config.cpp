// Settings of circular buffers.
#include <tt-metalium/circular_buffer_config.hpp>

namespace tt::tt_metal {

CircularBufferConfig::CircularBufferConfig(std::uint32_t total_size) {
    set_total_size(total_size);
}
CircularBufferConfig::CircularBufferConfig(
    std::uint32_t total_size, const std::map<std::uint8_t, tt::DataFormat>& data_format_spec)
    : CircularBufferConfig(total_size) {
    for (const auto& [buffer_index, format] : data_format_spec)
        index(buffer_index).set_data_format(format);
}
CircularBufferConfig::CircularBufferConfig(
    std::uint32_t total_size, const std::map<std::uint8_t, tt::DataFormat>& data_format_spec,
    const Buffer& buffer)
    : CircularBufferConfig(total_size, data_format_spec) {
    set_globally_allocated_address(buffer);
}

void CircularBufferConfig::add_index(std::uint8_t buffer_index) {
    TT_FATAL(buffer_index < NUM_CIRCULAR_BUFFERS,
             "no circular buffer {}; they are numbered 0 to {}", buffer_index,
             NUM_CIRCULAR_BUFFERS - 1);
    indices_.insert(buffer_index);
}

CircularBufferConfig& CircularBufferConfig::set_page_size(std::uint8_t buffer_index,
                                                          std::uint32_t page_size) {
    add_index(buffer_index);
    TT_FATAL(page_size != 0 && total_size_ % page_size == 0,
             "circular buffer {}: pages of {} bytes do not divide its {} bytes", buffer_index,
             page_size, total_size_);
    page_sizes_[buffer_index] = page_size;
    return *this;
}
CircularBufferConfig& CircularBufferConfig::set_total_size(std::uint32_t total_size) {
    TT_FATAL(total_size != 0, "a circular buffer of 0 bytes");
    total_size_ = total_size;
    return *this;
}
CircularBufferConfig& CircularBufferConfig::set_globally_allocated_address(const Buffer& buffer) {
    return set_globally_allocated_address_and_total_size(buffer, total_size_);
}
CircularBufferConfig& CircularBufferConfig::set_globally_allocated_address_and_total_size(
    const Buffer& buffer, std::uint32_t total_size) {
    TT_FATAL(buffer.is_l1(), "the memory of a circular buffer must be a buffer in L1");
    TT_FATAL(total_size <= buffer.aligned_size_per_bank(),
             "a circular buffer of {} bytes in a buffer with {} on each core", total_size,
             buffer.aligned_size_per_bank());
    set_total_size(total_size);
    address_ = buffer.address();
    return *this;
}

CircularBufferConfig::Builder CircularBufferConfig::index(std::uint8_t buffer_index) {
    add_index(buffer_index);
    return {*this, buffer_index};
}
const CircularBufferConfig::Builder& CircularBufferConfig::Builder::set_data_format(
    tt::DataFormat format) const {
    parent_->formats_[index_] = format;
    return *this;
}
const CircularBufferConfig::Builder& CircularBufferConfig::Builder::set_page_size(
    std::uint32_t page_size) const {
    parent_->set_page_size(index_, page_size);
    return *this;
}
const CircularBufferConfig::Builder& CircularBufferConfig::Builder::set_total_size(
    std::uint32_t total_size) const {
    parent_->set_total_size(total_size);
    return *this;
}

}  // namespace tt::tt_metal
