// The KPU: memories in one address space, engines that move data between them, and systolic arrays,
// driven by global addresses.
//
//     stillwater::kpu::KPUSimulator sim;
//     sim.write_memory_bank(0, 0, values.data(), bytes);
//     sim.dma_external_to_scratchpad(0, sim.get_external_bank_base(0), sim.get_scratchpad_base(0),
//                                    bytes);
//     sim.run_until_idle();
//
// Everything happens on one tilewright::Device, the simulator's own or one that it is attached to.
// Errors are those of tilewright (base/error.hpp): AddressError for ids that do not exist and
// ranges that leave their memory, ConfigError for what cannot be built; nothing has changed then.
// docs/stillwater.md has the address map and the time of every transfer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stillwater/kpu/config.hpp"
#include "stillwater/kpu/fault.hpp"
#include "stillwater/kpu/statistics.hpp"
#include "tilewright/base/export.hpp"
#include "tilewright/memory/memory_ref.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

namespace stillwater::kpu {

using tilewright::EngineKind;
using tilewright::MemoryKind;

/// What a block mover does to a matrix on its way (engine/block_mover/block_move.hpp).
using tilewright::Transform;

/// "host_memory", "memory_bank", "l3_tile", ...: the kinds of memory as users name them.
TILEWRIGHT_API const char* user_name(MemoryKind kind);

class TILEWRIGHT_API KPUSimulator {
public:
    using Config = SimulatorConfig;
    /// Called when a command has ended, at the cycle in which it did, from the call that lets time
    /// pass. It may start further commands. What it throws reaches that call's caller; its engine
    /// is idle then, and the rest goes on at the next call.
    using Callback = std::function<void()>;

    explicit KPUSimulator(const SimulatorConfig& config = {});
    /// One external bank and one scratchpad of these sizes in bytes, a whole number of 4 KiB each.
    KPUSimulator(Size main_memory_size, Size scratchpad_size);
    /// On an open device, which must live longer. What others have on it is left alone, unless the
    /// device is the simulator's `alone`: then reset() clears all of it.
    explicit KPUSimulator(tilewright::Device& device, bool alone = false);
    ~KPUSimulator();
    KPUSimulator(const KPUSimulator&) = delete;
    KPUSimulator& operator=(const KPUSimulator&) = delete;

    tilewright::Device& device() { return *device_; }
    Size main_memory_size() const { return get_memory_bank_capacity(0); }
    Size scratchpad_size() const { return get_scratchpad_capacity(0); }

    // --- Memories, outside simulated time ------------------------------------------------------
    // `addr` is an offset in the memory, `bytes` the length of the range.

    Size memory_count(MemoryKind kind) const;
    Size memory_capacity(MemoryKind kind, Size id) const;
    Address memory_base(MemoryKind kind, Size id) const;
    bool is_memory_ready(MemoryKind kind, Size id) const;
    void read_memory(MemoryKind kind, Size id, Address addr, void* data, Size bytes) const;
    void write_memory(MemoryKind kind, Size id, Address addr, const void* data, Size bytes);

// The same for each kind of memory, under the names that users know.
#define STILLWATER_KPU_MEMORY(name, kind)                                    \
    Size get_##name##_count() const {                                        \
        return memory_count(kind);                                           \
    }                                                                        \
    Size get_##name##_capacity(Size id) const {                              \
        return memory_capacity(kind, id);                                    \
    }                                                                        \
    Address get_##name##_base(Size id) const {                               \
        return memory_base(kind, id);                                        \
    }                                                                        \
    bool is_##name##_ready(Size id) const {                                  \
        return is_memory_ready(kind, id);                                    \
    }                                                                        \
    void read_##name(Size id, Address addr, void* data, Size bytes) const {  \
        read_memory(kind, id, addr, data, bytes);                            \
    }                                                                        \
    void write_##name(Size id, Address addr, const void* data, Size bytes) { \
        write_memory(kind, id, addr, data, bytes);                           \
    }
    STILLWATER_KPU_MEMORY(host_memory, MemoryKind::host)
    STILLWATER_KPU_MEMORY(memory_bank, MemoryKind::dram)
    STILLWATER_KPU_MEMORY(l3_tile, MemoryKind::l3)
    STILLWATER_KPU_MEMORY(l2_bank, MemoryKind::l2)
    STILLWATER_KPU_MEMORY(l1_buffer, MemoryKind::l1_buffer)
    STILLWATER_KPU_MEMORY(scratchpad, MemoryKind::scratchpad)
    STILLWATER_KPU_MEMORY(page_buffer, MemoryKind::page_buffer)
#undef STILLWATER_KPU_MEMORY
    Size get_host_memory_region_count() const {
        return get_host_memory_count();
    }
    Size get_host_memory_region_capacity(Size id) const {
        return get_host_memory_capacity(id);
    }
    Address get_host_memory_region_base(Size id) const {
        return get_host_memory_base(id);
    }
    Address get_external_bank_base(Size id) const {
        return get_memory_bank_base(id);
    }

    // --- Moving data ---------------------------------------------------------------------------
    // Each call puts a command into the queue of one engine; time passes in step() and
    // run_until_idle(). A callback may be empty.

    Size get_dma_engine_count() const {
        return engine_count(EngineKind::dma);
    }
    Size get_block_mover_count() const {
        return engine_count(EngineKind::block_mover);
    }
    Size get_streamer_count() const {
        return engine_count(EngineKind::streamer);
    }
    Size get_compute_tile_count() const {
        return engine_count(EngineKind::systolic_array);
    }

    /// Between global addresses; each range lies within one memory. 0 bytes are allowed.
    void start_dma_transfer(Size dma_id, Address src_addr, Address dst_addr, Size size,
                            Callback callback = {});
    /// The same, where both addresses must lie in memories of the kinds named.
    void dma_between(MemoryKind from, MemoryKind to, Size dma_id, Address src_addr,
                     Address dst_addr, Size size, Callback callback = {});

#define STILLWATER_KPU_DMA(name, from, to)                                            \
    void dma_##name(Size dma_id, Address src_addr, Address dst_addr, Size size,       \
                    Callback callback = {}) {                                         \
        dma_between(from, to, dma_id, src_addr, dst_addr, size, std::move(callback)); \
    }
    STILLWATER_KPU_DMA(host_to_host, MemoryKind::host, MemoryKind::host)
    STILLWATER_KPU_DMA(host_to_external, MemoryKind::host, MemoryKind::dram)
    STILLWATER_KPU_DMA(host_to_l3, MemoryKind::host, MemoryKind::l3)
    STILLWATER_KPU_DMA(host_to_scratchpad, MemoryKind::host, MemoryKind::scratchpad)
    STILLWATER_KPU_DMA(external_to_host, MemoryKind::dram, MemoryKind::host)
    STILLWATER_KPU_DMA(external_to_external, MemoryKind::dram, MemoryKind::dram)
    STILLWATER_KPU_DMA(external_to_l3, MemoryKind::dram, MemoryKind::l3)
    STILLWATER_KPU_DMA(external_to_scratchpad, MemoryKind::dram, MemoryKind::scratchpad)
    STILLWATER_KPU_DMA(l3_to_host, MemoryKind::l3, MemoryKind::host)
    STILLWATER_KPU_DMA(l3_to_external, MemoryKind::l3, MemoryKind::dram)
    STILLWATER_KPU_DMA(l3_to_l3, MemoryKind::l3, MemoryKind::l3)
    STILLWATER_KPU_DMA(l3_to_scratchpad, MemoryKind::l3, MemoryKind::scratchpad)
    STILLWATER_KPU_DMA(scratchpad_to_host, MemoryKind::scratchpad, MemoryKind::host)
    STILLWATER_KPU_DMA(scratchpad_to_external, MemoryKind::scratchpad, MemoryKind::dram)
    STILLWATER_KPU_DMA(scratchpad_to_l3, MemoryKind::scratchpad, MemoryKind::l3)
    STILLWATER_KPU_DMA(scratchpad_to_scratchpad, MemoryKind::scratchpad, MemoryKind::scratchpad)
#undef STILLWATER_KPU_DMA

    /// A matrix of height x width elements from an L3 tile to an L2 bank; offsets in bytes.
    void start_block_transfer(Size mover_id, Size src_l3, Address src_offset, Size dst_l2,
                              Address dst_offset, Size height, Size width, Size element_size,
                              Transform transform = Transform::identity, Callback callback = {});
    /// A matrix of height x width elements between an L2 bank, where it lies in rows, and an L1
    /// buffer, where it lies row after row, or column after column. `l2_to_l1` or back.
    void start_row_stream(Size streamer_id, Size l2_bank, Address l2_offset, Size l1_buffer,
                          Address l1_offset, Size height, Size width, Size element_size,
                          bool l2_to_l1 = true, Callback callback = {});
    void start_column_stream(Size streamer_id, Size l2_bank, Address l2_offset, Size l1_buffer,
                             Address l1_offset, Size height, Size width, Size element_size,
                             bool l2_to_l1 = true, Callback callback = {});

    // --- Multiplying ---------------------------------------------------------------------------

    /// C (m x n) = A (m x k) B (k x n), float32 in row order, at offsets in one scratchpad; output
    /// stationary.
    void start_matmul(Size tile_id, Size scratchpad_id, Size m, Size n, Size k, Address a_addr,
                      Address b_addr, Address c_addr, Callback callback = {});
    /// C (m x n) = A (m x k) B (k x n), row-major, tiled over the whole hierarchy and all arrays:
    /// put into external memory, multiplied there, and read back. Lets the time of the product
    /// pass. What lies on the chip beside buffers may be overwritten. BusyError if an engine is
    /// busy or external memory too small. An empty product takes no time.
    tilewright::MatmulReport matmul(const void* a, const void* b, void* c, Size m, Size n, Size k,
                                    tilewright::DataType type = tilewright::DataType::float32,
                                    const tilewright::RunOptions& options = {});
    Size get_systolic_array_rows() const {
        return device_->config().systolic_rows;
    }
    Size get_systolic_array_cols() const {
        return device_->config().systolic_columns;
    }
    /// False if a compute tile is a single multiply-accumulate unit.
    bool is_using_systolic_arrays() const {
        return get_systolic_array_rows() * get_systolic_array_cols() > 1;
    }

    bool is_dma_busy(Size dma_id) const {
        return is_busy(EngineKind::dma, dma_id);
    }
    bool is_block_mover_busy(Size mover_id) const {
        return is_busy(EngineKind::block_mover, mover_id);
    }
    bool is_compute_busy(Size tile_id) const {
        return is_busy(EngineKind::systolic_array, tile_id);
    }
    bool is_streamer_busy(Size streamer_id) const {
        return is_busy(EngineKind::streamer, streamer_id);
    }

    // --- Time ----------------------------------------------------------------------------------

    /// One cycle: what is due in the next one has happened afterwards.
    void step(const tilewright::RunOptions& options = {});
    /// Until no engine has a command, or all that do wait for the host.
    void run_until_idle(const tilewright::RunOptions& options = {});
    bool is_idle() const;
    /// No command queued or under way, memories all zero, cycle 0. On a device that the simulator
    /// is attached to, what others have there stays, and only the counting begins anew:
    /// tilewright::BusyError if anything is under way.
    void reset();
    std::uint64_t get_current_cycle() const;  ///< since the beginning or the last reset
    double get_elapsed_time_ms() const;       ///< simulated: cycles at the clock
    double get_host_time_ms() const;          ///< what simulating them took

    // --- Looking -------------------------------------------------------------------------------

    Statistics statistics() const;
    std::string stats_text() const;
    std::string component_status_text() const;
    void print_stats() const;             ///< to std::cout
    void print_component_status() const;  ///< to std::cout

    // --- Defects -------------------------------------------------------------------------------

    /// Give a unit a defect (kpu/fault.hpp) that shows from now on, in what this simulator does.
    /// AddressError if there is no such unit.
    void inject_fault(const Fault& fault);
    void clear_faults();

private:
    class Recorder;

    explicit KPUSimulator(std::unique_ptr<tilewright::Device> device);
    template <class F>
    void let_pass(F&& how);
    void begin_counting();
    void submit(EngineKind kind, Size id, const tilewright::Work& work, Callback callback);
    bool is_busy(EngineKind kind, Size id) const;
    Size engine_count(EngineKind kind) const;
    tilewright::GlobalAddress global(MemoryKind kind, Size id, Address addr, Size bytes) const;
    Callback with_faults(tilewright::EngineId engine, const tilewright::Work& work,
                         Callback callback);
    void written();
    void stream(tilewright::StreamMove::Order order, Size streamer_id, Size l2_bank,
                Address l2_offset, Size l1_buffer, Address l1_offset, Size height, Size width,
                Size element_size, bool l2_to_l1, Callback callback);

    std::unique_ptr<tilewright::Device> own_;  // unless attached
    tilewright::Device* device_ = nullptr;
    std::unique_ptr<Recorder> recorder_;
    tilewright::Snapshot blank_;   // what reset() goes back to, if the device is its alone
    std::uint64_t origin_ = 0;     // cycle of the device that counts as 0
    tilewright::Counters before_;  // the device's counters then
    std::vector<Fault> faults_;
    double host_ms_ = 0;
};

}  // namespace stillwater::kpu

/// The name under which older programs know the same classes.
namespace sw {
namespace kpu = stillwater::kpu;  // NOLINT: an alias
}
