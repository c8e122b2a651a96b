// A dataflow buffer of a program: a circular buffer on each node where kernels are bound to it.
#pragma once

#include <cstdint>
#include <optional>
#include <tt-metalium/experimental/metal2_host_api/advanced_options.hpp>
#include <tt-metalium/tt_backend_api_types.hpp>

namespace tt::tt_metal::experimental {

struct DataflowBufferSpec {
    DFBSpecName unique_id{};
    std::uint32_t entry_size = 0;  ///< bytes
    std::uint32_t num_entries = 0;
    /// Compute kernels need it.
    std::optional<tt::DataFormat> data_format_metadata{};
    DFBAdvancedOptions advanced_options{};
};

}  // namespace tt::tt_metal::experimental
