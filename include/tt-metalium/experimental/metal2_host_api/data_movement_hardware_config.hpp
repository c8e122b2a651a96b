// Where on a tile a data-movement kernel runs.
#pragma once

#include <optional>
#include <tt-metalium/experimental/metal2_host_api/advanced_options.hpp>
#include <tt-metalium/kernel_types.hpp>

namespace tt::tt_metal::experimental {

struct DataMovementHardwareConfig {
    /// For Wormhole and Blackhole, which need it.
    struct DataMovement1XXConfig {
        DataMovementProcessor processor = DataMovementProcessor::RISCV_0;
        NOC noc = NOC::NOC_0;
        NOC_MODE noc_mode = NOC_MODE::DM_DEDICATED_NOC;
    };
    std::optional<DataMovement1XXConfig> config_1xx{};
    /// For later chips: carried.
    struct DataMovement2XXConfig {
        Group<DFBSpecName> disable_dfb_implicit_sync_for{};
        bool disable_dfb_implicit_sync_for_all = false;
    };
    std::optional<DataMovement2XXConfig> config_2xx{};
};

/// What kernels that read from DRAM, or write to it, usually have.
inline DataMovementHardwareConfig CreateReaderDataMovementConfig() {
    return {.config_1xx = {{.processor = DataMovementProcessor::RISCV_1, .noc = NOC::NOC_0}}};
}
inline DataMovementHardwareConfig CreateWriterDataMovementConfig() {
    return {.config_1xx = {{.processor = DataMovementProcessor::RISCV_0, .noc = NOC::NOC_1}}};
}

}  // namespace tt::tt_metal::experimental
