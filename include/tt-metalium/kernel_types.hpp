// How a kernel is compiled and where on a tile it runs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tt-metalium/base_types.hpp>
#include <tt-metalium/data_types.hpp>
#include <unordered_map>
#include <vector>

namespace tt::tt_metal {

using KernelHandle = std::uint32_t;

enum class KernelBuildOptLevel : std::uint8_t { O1, O2, O3, O0, Os, Ofast, Oz };

struct DataMovementConfig {
    DataMovementProcessor processor = DataMovementProcessor::RISCV_0;
    NOC noc = NOC::RISCV_0_default;  ///< the network that its transfers take
    NOC_MODE noc_mode = NOC_MODE::DM_DEDICATED_NOC;
    std::vector<std::uint32_t> compile_args{};
    std::map<std::string, std::string> defines{};
    std::unordered_map<std::string, std::uint32_t> named_compile_args{};
    KernelBuildOptLevel opt_level = KernelBuildOptLevel::O2;
};

/// On RISCV_1, with the network that is preferred for reading from DRAM.
struct ReaderDataMovementConfig : DataMovementConfig {
    ReaderDataMovementConfig(std::vector<std::uint32_t> compile_args = {},
                             std::map<std::string, std::string> defines = {},
                             std::unordered_map<std::string, std::uint32_t> named_compile_args = {},
                             KernelBuildOptLevel opt_level = KernelBuildOptLevel::O2);
};

/// On RISCV_0, with the network that is preferred for writing to DRAM.
struct WriterDataMovementConfig : DataMovementConfig {
    WriterDataMovementConfig(std::vector<std::uint32_t> compile_args = {},
                             std::map<std::string, std::string> defines = {},
                             std::unordered_map<std::string, std::uint32_t> named_compile_args = {},
                             KernelBuildOptLevel opt_level = KernelBuildOptLevel::O2);
};

/// A kernel for the three compute cores of a tile.
struct ComputeConfig {
    MathFidelity math_fidelity = MathFidelity::HiFi4;
    bool fp32_dest_acc_en = false;
    bool dst_full_sync_en = false;
    std::vector<UnpackToDestMode> unpack_to_dest_mode{};
    bool bfp8_pack_precise = false;
    bool math_approx_mode = false;
    std::vector<std::uint32_t> compile_args{};
    std::map<std::string, std::string> defines{};
    std::unordered_map<std::string, std::uint32_t> named_compile_args{};
    KernelBuildOptLevel opt_level = KernelBuildOptLevel::O3;
};

/// A simulated device has no Ethernet cores: CreateKernel refuses this one.
struct EthernetConfig {
    Eth eth_mode = Eth::SENDER;
    NOC noc = NOC::NOC_0;
    DataMovementProcessor processor = DataMovementProcessor::RISCV_0;
    std::vector<std::uint32_t> compile_args{};
    std::map<std::string, std::string> defines{};
    std::unordered_map<std::string, std::uint32_t> named_compile_args{};
    KernelBuildOptLevel opt_level = KernelBuildOptLevel::Os;
};

}  // namespace tt::tt_metal
