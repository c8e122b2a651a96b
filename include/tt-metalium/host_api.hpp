// Devices, programs, kernels, arguments, circular buffers, semaphores and buffers; and the queues
// of a single device, which an older generation of programs uses.
//
// All of it throws: std::runtime_error for what makes no sense, tilewright::Error and what derives
// from it for what the simulated chip refuses.
#pragma once

#include <unistd.h>

// Programs count on these coming along.
#include <fmt/base.h>
#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/circular_buffer.hpp>
#include <tt-metalium/command_queue.hpp>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/core_coord.hpp>
#include <tt-metalium/device.hpp>
#include <tt-metalium/dispatch_core_common.hpp>
#include <tt-metalium/event.hpp>
#include <tt-metalium/global_semaphore.hpp>
#include <tt-metalium/kernel_types.hpp>
#include <tt-metalium/profiler_types.hpp>
#include <tt-metalium/program.hpp>
#include <tt-metalium/runtime_args_data.hpp>
#include <tt-metalium/util.hpp>
#include <tt_stl/assert.hpp>
#include <tt_stl/span.hpp>
#include <variant>
#include <vector>

namespace tt::tt_metal {

using CoreSpec = std::variant<CoreCoord, CoreRange, CoreRangeSet>;
using KernelConfig = std::variant<DataMovementConfig, ComputeConfig, EthernetConfig>;

namespace distributed {
class MeshDevice;
}

// --- Devices ------------------------------------------------------------------------------------

/// Where relative kernel paths begin, besides the places of CreateKernel().
void SetRootDir(const std::string& root_dir);
std::size_t GetNumAvailableDevices();
std::size_t GetNumPCIeDevices();
bool IsGalaxyCluster();
ChipId GetPCIeDeviceID(ChipId device_id);

/// Throws std::runtime_error for a device that does not exist or is open already. The device is the
/// caller's until CloseDevice().
IDevice* CreateDevice(ChipId device_id, std::uint8_t num_hw_cqs = 1,
                      std::size_t l1_small_size = DEFAULT_L1_SMALL_SIZE,
                      std::size_t trace_region_size = DEFAULT_TRACE_REGION_SIZE,
                      const DispatchCoreConfig& dispatch_core_config = {},
                      const std::vector<std::uint32_t>& l1_bank_remap = {},
                      std::size_t worker_l1_size = DEFAULT_WORKER_L1_SIZE);
IDevice* CreateDeviceMinimal(ChipId device_id, std::uint8_t num_hw_cqs = 1,
                             const DispatchCoreConfig& dispatch_core_config = {});
/// As IDevice::close(); the device is gone afterwards.
bool CloseDevice(IDevice* device);

// --- Programs -----------------------------------------------------------------------------------

Program CreateProgram();

/// A kernel from a file. A relative path is looked up in $TT_METAL_KERNEL_PATH, $TT_METAL_HOME, the
/// folder of SetRootDir(), the current folder, and the parents of the program's executable. Throws
/// std::runtime_error, naming them, if it is in none; for cores whose processor has a kernel
/// already; and for EthernetConfig.
KernelHandle CreateKernel(Program& program, const std::string& file_name, const CoreSpec& cores,
                          const KernelConfig& config);
/// From its text.
KernelHandle CreateKernelFromString(Program& program, const std::string& kernel_src_code,
                                    const CoreSpec& cores, const KernelConfig& config);

/// Arguments of a kernel on some of its cores. Throws std::runtime_error for other cores, for more
/// words than fit, and for another number of them than before.
void SetRuntimeArgs(const Program& program, KernelHandle kernel, const CoreSpec& cores,
                    tt::stl::Span<const std::uint32_t> runtime_args);
void SetRuntimeArgs(const Program& program, KernelHandle kernel, const CoreSpec& cores,
                    std::initializer_list<std::uint32_t> runtime_args);
void SetRuntimeArgs(const Program& program, KernelHandle kernel,
                    const std::vector<CoreCoord>& cores,
                    const std::vector<std::vector<std::uint32_t>>& runtime_args);
/// Arguments that are the same on all cores; once for each kernel.
void SetCommonRuntimeArgs(const Program& program, KernelHandle kernel,
                          tt::stl::Span<const std::uint32_t> runtime_args);
void SetCommonRuntimeArgs(const Program& program, KernelHandle kernel,
                          std::initializer_list<std::uint32_t> runtime_args);
RuntimeArgsData& GetRuntimeArgs(const Program& program, KernelHandle kernel, const CoreCoord& core);
/// By column, then row, of the smallest grid from (0, 0) that holds the kernel's cores.
std::vector<std::vector<RuntimeArgsData>>& GetRuntimeArgs(const Program& program,
                                                          KernelHandle kernel);
RuntimeArgsData& GetCommonRuntimeArgs(const Program& program, KernelHandle kernel);

CBHandle CreateCircularBuffer(Program& program, const CoreSpec& cores,
                              const CircularBufferConfig& config);
const CircularBufferConfig& GetCircularBufferConfig(Program& program, CBHandle handle);
void UpdateCircularBufferTotalSize(Program& program, CBHandle handle, std::uint32_t total_size);
void UpdateCircularBufferPageSize(Program& program, CBHandle handle, std::uint8_t buffer_index,
                                  std::uint32_t page_size);
void UpdateDynamicCircularBufferAddress(Program& program, CBHandle handle, const Buffer& buffer);
void UpdateDynamicCircularBufferAddressAndTotalSize(Program& program, CBHandle handle,
                                                    const Buffer& buffer, std::uint32_t total_size);

/// The number of a semaphore that has this value on these cores whenever the program starts.
std::uint32_t CreateSemaphore(Program& program, const std::variant<CoreRange, CoreRangeSet>& cores,
                              std::uint32_t initial_value, CoreType core_type = CoreType::WORKER);
GlobalSemaphore CreateGlobalSemaphore(IDevice* device, const CoreRangeSet& cores,
                                      std::uint32_t initial_value,
                                      BufferType buffer_type = BufferType::L1);

// --- Buffers of one device ----------------------------------------------------------------------

std::shared_ptr<Buffer> CreateBuffer(const InterleavedBufferConfig& config);
std::shared_ptr<Buffer> CreateBuffer(const InterleavedBufferConfig& config, DeviceAddr address);
std::shared_ptr<Buffer> CreateBuffer(const ShardedBufferConfig& config);
std::shared_ptr<Buffer> CreateBuffer(const ShardedBufferConfig& config, DeviceAddr address);
void DeallocateBuffer(Buffer& buffer);
/// The program keeps the buffer as long as it lives.
void AssignGlobalBufferToProgram(const std::shared_ptr<Buffer>& buffer, Program& program);

// --- Queues of one device -----------------------------------------------------------------------

/// Any reference to a buffer that programs pass.
class BufferRefOrPtr {
public:
    BufferRefOrPtr(Buffer& buffer) : buffer_(&buffer) {}
    BufferRefOrPtr(std::reference_wrapper<Buffer> buffer) : buffer_(&buffer.get()) {}
    BufferRefOrPtr(const std::shared_ptr<Buffer>& buffer) : buffer_(buffer.get()) {}
    Buffer& operator*() const { return *buffer_; }
    Buffer* operator->() const { return buffer_; }

private:
    Buffer* buffer_;
};

/// `data` must hold the whole buffer.
void EnqueueWriteBuffer(CommandQueue& queue, BufferRefOrPtr buffer, const void* data,
                        bool blocking);
void EnqueueWriteBuffer(CommandQueue& queue, BufferRefOrPtr buffer,
                        tt::stl::Span<const std::byte> data, bool blocking);
template <class T>
void EnqueueWriteBuffer(CommandQueue& queue, BufferRefOrPtr buffer, const std::vector<T>& data,
                        bool blocking) {
    EnqueueWriteBuffer(queue, buffer, std::as_bytes(std::span(data)), blocking);
}
void EnqueueReadBuffer(CommandQueue& queue, BufferRefOrPtr buffer, void* data, bool blocking);
template <class T>
void EnqueueReadBuffer(CommandQueue& queue, BufferRefOrPtr buffer, std::vector<T>& data,
                       bool blocking) {
    data.resize(buffer->size() / sizeof(T));
    EnqueueReadBuffer(queue, buffer, static_cast<void*>(data.data()), blocking);
}
void EnqueueProgram(CommandQueue& queue, Program& program, bool blocking);
void Finish(CommandQueue& queue, tt::stl::Span<const SubDeviceId> sub_device_ids = {});
void Synchronize(IDevice* device, std::optional<std::uint8_t> cq_id = std::nullopt,
                 tt::stl::Span<const SubDeviceId> sub_device_ids = {});
void EnqueueRecordEvent(CommandQueue& queue, const std::shared_ptr<Event>& event,
                        tt::stl::Span<const SubDeviceId> sub_device_ids = {});
void EnqueueWaitForEvent(CommandQueue& queue, const std::shared_ptr<Event>& event);
void EventSynchronize(const std::shared_ptr<Event>& event);
/// Asking takes some simulated time, so that a loop of queries comes to an end.
bool EventQuery(const std::shared_ptr<Event>& event);

/// Zones of kernels go to the timeline of the native API; here there is nothing to collect.
void ReadMeshDeviceProfilerResults(distributed::MeshDevice& mesh_device,
                                   ProfilerReadState state = ProfilerReadState::NORMAL);

}  // namespace tt::tt_metal
