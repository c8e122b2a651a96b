// One simulated chip behind the interface of a device.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <tt-metalium/command_queue.hpp>
#include <tt-metalium/device.hpp>
#include <vector>

#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::detail {

/// Bytes at the start of each DRAM bank that are no program's, as on silicon, where the driver has
/// its barrier words there; so no DRAM buffer of a program has the address 0.
inline constexpr std::uint32_t reserved_dram_bytes = 64;

class SimulatedDevice final : public IDevice {
public:
    /// Opens the chip with this number. Throws std::runtime_error if it is not there or open
    /// already.
    SimulatedDevice(ChipId id, std::size_t queues);
    /// Beside others on a chip that is open and stays open.
    SimulatedDevice(tilewright::Device& device, std::size_t queues);
    ~SimulatedDevice() override;

    ChipId id() const override { return id_; }
    std::uint8_t num_hw_cqs() const override { return static_cast<std::uint8_t>(queues_.size()); }
    bool is_initialized() const override { return device_ != nullptr; }
    bool close() override;
    CommandQueue& command_queue(std::optional<std::uint8_t> cq_id = std::nullopt) override;
    tilewright::Device& native() const override;

private:
    void reserve_dram();
    void add_queues(std::size_t queues);
    void give_back();

    ChipId id_;
    std::unique_ptr<tilewright::Device> owned_;
    tilewright::Buffer reserved_;  // of a chip of its own
    tilewright::Device* device_;   // none once closed
    std::vector<std::unique_ptr<CommandQueue>> queues_;
};

/// What hosts are told of a chip; one that stands for no hardware passes for a Blackhole.
tt::ARCH arch_of(const tilewright::ChipConfig& config);
/// That of the chips that are opened here.
tt::ARCH chosen_arch();

/// Let some simulated time pass, for a host that polls; none if nothing is under way.
void let_time_pass(IDevice& device);

}  // namespace tt::tt_metal::detail
