// What a program is made of, and what it becomes on a device.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tt-metalium/circular_buffer_config.hpp>
#include <tt-metalium/command_queue.hpp>
#include <tt-metalium/core_coord.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/kernel_types.hpp>
#include <tt-metalium/runtime_args_data.hpp>
#include <vector>

#include "tilewright/runtime/metalium_kernel.hpp"

namespace tt::tt_metal::detail {

/// Arguments of one kernel; the views that programs hold point into the words.
struct KernelArguments {
    std::map<CoreCoord, std::vector<std::uint32_t>> words;
    std::vector<std::vector<RuntimeArgsData>> views;  ///< by column, then row
    std::vector<std::uint32_t> common;
    RuntimeArgsData common_view;
    bool common_set = false;
};

struct KernelRecord {
    std::filesystem::path file;  ///< empty if it comes from `text`
    std::string text;
    CoreRangeSet cores;
    /// One for each core of a tile that it runs on: one, or the three of a compute kernel.
    std::vector<tilewright::MetaliumKernelOptions> options;
    KernelArguments arguments;
    /// Of a ProgramSpec: the kernel's name in it, and how many own and common arguments have none.
    std::string spec_name{};
    std::pair<std::uint32_t, std::uint32_t> varargs{};
    /// Compiled, by the chip that it was compiled for and the formats of its circular buffers.
    std::map<std::string, std::vector<tilewright::Kernel>> compiled;

    std::string name() const { return file.empty() ? "kernel from a string" : file.string(); }
};

struct CircularBufferRecord {
    CoreRangeSet cores;
    CircularBufferConfig config;
};

struct SemaphoreRecord {
    CoreRangeSet cores;
    std::uint32_t id;
    std::uint32_t initial;
};

struct ProgramState {
    std::uint64_t runtime_id = 0;
    std::vector<KernelRecord> kernels;
    std::vector<CircularBufferRecord> circular_buffers;
    std::vector<SemaphoreRecord> semaphores;
    std::vector<std::shared_ptr<Buffer>> kept;

    KernelRecord& kernel(KernelHandle handle);
    CircularBufferRecord& circular_buffer(CBHandle handle);
};

/// Compiles what is not compiled yet, gives circular buffers their memory, and takes the arguments
/// as they are now.
Launches prepare(ProgramState& program, IDevice& device);

/// The file of a kernel. Throws std::runtime_error that names the folders it was looked for in.
std::filesystem::path find_kernel(const std::string& name);
/// Folders that kernels may include from.
std::vector<std::filesystem::path> kernel_include_paths();

CoreRangeSet as_set(const CoreSpec& cores);

}  // namespace tt::tt_metal::detail
