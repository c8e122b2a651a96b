// A system with a KPU in it: opened, tested and shut down as one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stillwater/kpu/kpu.hpp"
#include "stillwater/kpu/self_test.hpp"

namespace stillwater {

class SystemSimulator {
public:
    explicit SystemSimulator(const kpu::SimulatorConfig& config = {}) : config_(config) {}
    SystemSimulator(const SystemSimulator&) = delete;
    SystemSimulator& operator=(const SystemSimulator&) = delete;

    /// Open the KPU; true. Harmless when it is open. tilewright::ConfigError if it cannot be built.
    bool initialize() {
        if (!kpu_) kpu_.emplace(config_);
        return true;
    }
    void shutdown() { kpu_.reset(); }  ///< harmless when done twice
    bool is_initialized() const { return kpu_.has_value(); }

    /// True if every unit works (kpu/self_test.hpp); false if one does not, or the system is not
    /// initialized. failures() then says which.
    bool run_self_test() {
        failures_ = kpu_ ? kpu::self_test(*kpu_)
                         : std::vector<std::string>{"system: it is not initialized"};
        return failures_.empty();
    }
    const std::vector<std::string>& failures() const { return failures_; }
    /// tilewright::StateError if the system is not initialized; AddressError if there is no such
    /// unit.
    void inject_fault(const kpu::Fault& fault) { kpu().inject_fault(fault); }

    /// tilewright::StateError if the system is not initialized.
    kpu::KPUSimulator& kpu() {
        if (!kpu_)
            throw tilewright::StateError("the system is not initialized: initialize() first");
        return *kpu_;
    }

private:
    kpu::SimulatorConfig config_;
    std::optional<kpu::KPUSimulator> kpu_;
    std::vector<std::string> failures_;
};

}  // namespace stillwater
