// Circular buffers: which of the 32 a program uses, their formats, page sizes and memory.
#pragma once

#include <tt-metalium/circular_buffer_constants.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/tt_backend_api_types.hpp>

namespace tt::tt_metal {

using CBHandle = std::uintptr_t;

/// Several indices of one config share its memory.
class CircularBufferConfig {
public:
    /// Throws std::runtime_error for a size of 0 or an index past 31.
    CircularBufferConfig(std::uint32_t total_size,
                         const std::map<std::uint8_t, tt::DataFormat>& data_format_spec);
    explicit CircularBufferConfig(std::uint32_t total_size);
    /// In the memory of a buffer in L1.
    CircularBufferConfig(std::uint32_t total_size,
                         const std::map<std::uint8_t, tt::DataFormat>& data_format_spec,
                         const Buffer& buffer);

    /// Throws std::runtime_error unless the page divides the total size.
    CircularBufferConfig& set_page_size(std::uint8_t buffer_index, std::uint32_t page_size);
    CircularBufferConfig& set_total_size(std::uint32_t total_size);
    CircularBufferConfig& set_globally_allocated_address(const Buffer& buffer);
    CircularBufferConfig& set_globally_allocated_address_and_total_size(const Buffer& buffer,
                                                                        std::uint32_t total_size);

    /// The settings of one index, in a chain of calls.
    class Builder {
    public:
        Builder(CircularBufferConfig& parent, std::uint8_t index)
            : parent_(&parent), index_(index) {}
        const Builder& set_data_format(tt::DataFormat format) const;
        const Builder& set_page_size(std::uint32_t page_size) const;
        const Builder& set_total_size(std::uint32_t total_size) const;

    private:
        CircularBufferConfig* parent_;
        std::uint8_t index_;
    };
    Builder index(std::uint8_t buffer_index);

    std::uint32_t total_size() const { return total_size_; }
    const std::set<std::uint8_t>& buffer_indices() const { return indices_; }
    const std::array<std::optional<tt::DataFormat>, NUM_CIRCULAR_BUFFERS>& data_formats() const {
        return formats_;
    }
    const std::array<std::optional<std::uint32_t>, NUM_CIRCULAR_BUFFERS>& page_sizes() const {
        return page_sizes_;
    }
    const std::optional<std::uint32_t>& globally_allocated_address() const { return address_; }
    bool operator==(const CircularBufferConfig&) const = default;

private:
    void add_index(std::uint8_t buffer_index);

    std::uint32_t total_size_ = 0;
    std::optional<std::uint32_t> address_;
    std::set<std::uint8_t> indices_;
    std::array<std::optional<tt::DataFormat>, NUM_CIRCULAR_BUFFERS> formats_{};
    std::array<std::optional<std::uint32_t>, NUM_CIRCULAR_BUFFERS> page_sizes_{};
};

}  // namespace tt::tt_metal
