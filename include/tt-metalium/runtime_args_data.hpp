// The runtime arguments of a kernel on one core, to be changed in place before the next launch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tt::tt_metal {

struct RuntimeArgsData {
    std::uint32_t* rt_args_data = nullptr;
    std::size_t rt_args_count = 0;

    /// Throws std::runtime_error past the end.
    std::uint32_t& operator[](std::size_t index) const { return at(index); }
    std::uint32_t& at(std::size_t index) const;
    std::uint32_t* data() const { return rt_args_data; }
    std::size_t size() const { return rt_args_count; }
    bool in_bounds(std::size_t index) const { return index < rt_args_count; }
};

}  // namespace tt::tt_metal
