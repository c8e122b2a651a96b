// Opening and closing simulated chips: who is open, which preset, what becomes of queued work.
#include "frontends/metalium/simulated_device.hpp"

#include <cstdlib>
#include <exception>
#include <mutex>
#include <set>
#include <tt-metalium/system_mesh.hpp>
#include <tt_stl/assert.hpp>

#include "tilewright/chip/config.hpp"

namespace tt::tt_metal::detail {
namespace {

constexpr std::uint64_t cycles_of_a_poll = 10'000;

// Programs name devices by number, so who is open is a matter of the process.
std::mutex open_mutex;
std::set<ChipId> open_ids;

void reserve(ChipId id) {
    const std::size_t count = distributed::SystemMesh::instance().shape().mesh_size();
    TT_FATAL(id >= 0 && static_cast<std::size_t>(id) < count,
             "device {} does not exist; there are {}, from 0 on", id, count);
    const std::lock_guard lock(open_mutex);
    TT_FATAL(open_ids.insert(id).second, "device {} is open already; close() it first", id);
}

void give_up(ChipId id) {
    const std::lock_guard lock(open_mutex);
    open_ids.erase(id);
}

// TILEWRIGHT_CHIP names a preset; ARCH_NAME is what programs for hardware set.
tilewright::ChipConfig chosen_chip() {
    if (const char* preset = std::getenv("TILEWRIGHT_CHIP")) return tilewright::preset(preset);
    const char* arch = std::getenv("ARCH_NAME");
    const bool wormhole = arch != nullptr && std::string_view(arch).starts_with("wormhole");
    return tilewright::preset(wormhole ? "wormhole" : "blackhole");
}

// A program as published has no call for them.
tilewright::Checks chosen_checks() {
    const char* value = std::getenv("TILEWRIGHT_CHECKS");
    const std::string_view text = value == nullptr ? "0" : value;
    TT_FATAL(text == "0" || text == "1", "TILEWRIGHT_CHECKS is '{}'; expected 0 or 1", text);
    return text == "1" ? tilewright::Checks::all() : tilewright::Checks{};
}

}  // namespace

SimulatedDevice::SimulatedDevice(ChipId id, std::size_t queues) : id_(id), device_(nullptr) {
    reserve(id);
    try {
        owned_ = std::make_unique<tilewright::Device>(chosen_chip());
        device_ = owned_.get();
        device_->set_checks(chosen_checks());
        reserve_dram();
        add_queues(queues);
    } catch (...) {
        give_up(id);
        throw;
    }
}

SimulatedDevice::SimulatedDevice(tilewright::Device& device, std::size_t queues)
    : id_(0), device_(&device) {
    add_queues(queues);
}

void SimulatedDevice::reserve_dram() {
    const std::uint64_t banks = device_->config().dram.size();
    reserved_ = device_->allocate_at(0, banks * reserved_dram_bytes,
                                     tilewright::Placement::interleaved(reserved_dram_bytes));
}

void SimulatedDevice::add_queues(std::size_t queues) {
    TT_FATAL(queues >= 1 && queues <= 255, "{} command queues; expected 1 to 255", queues);
    for (std::size_t q = 0; q < queues; ++q) {
        queues_.push_back(std::make_unique<CommandQueue>(*this, static_cast<std::uint32_t>(q)));
    }
}

SimulatedDevice::~SimulatedDevice() {
    if (device_ == nullptr) return;
    // What is queued on a chip of its own goes with it; on a chip of others it may still write to
    // memory that is about to go.
    if (owned_ == nullptr && device_->is_open()) {
        for (const auto& queue : queues_) {
            try {
                queue->finish();
            } catch (const std::exception&) {  // nobody is left to hear of it
            }
        }
    }
    give_back();
}

void SimulatedDevice::give_back() {
    device_ = nullptr;
    queues_.clear();
    if (owned_ == nullptr) return;
    owned_.reset();
    give_up(id_);
}

bool SimulatedDevice::close() {
    if (device_ == nullptr) return true;
    std::exception_ptr failure;
    for (const auto& queue : queues_) {
        try {
            if (device_->is_open()) queue->finish();
        } catch (...) {
            failure = failure ? failure : std::current_exception();
        }
    }
    give_back();
    if (failure) std::rethrow_exception(failure);
    return true;
}

CommandQueue& SimulatedDevice::command_queue(std::optional<std::uint8_t> cq_id) {
    const std::uint8_t id = cq_id.value_or(0);
    TT_FATAL(device_ != nullptr, "device {} is closed", id_);
    TT_FATAL(id < queues_.size(), "command queue {} does not exist; the device was opened with {}",
             id, queues_.size());
    return *queues_[id];
}

tilewright::Device& SimulatedDevice::native() const {
    TT_FATAL(device_ != nullptr, "device {} is closed", id_);
    return *device_;
}

tt::ARCH arch_of(const tilewright::ChipConfig& config) {
    return config.architecture == tilewright::Architecture::wormhole ? ARCH::WORMHOLE_B0
                                                                     : ARCH::BLACKHOLE;
}
tt::ARCH chosen_arch() {
    return arch_of(chosen_chip());
}

void let_time_pass(IDevice& device) {
    tilewright::Device& chip = device.native();
    chip.advance_to(tilewright::Cycle{tilewright::count(chip.cycle()) + cycles_of_a_poll});
}

}  // namespace tt::tt_metal::detail
