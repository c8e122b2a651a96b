// Several observers of one chip, told one after another in the order in which they came.
#pragma once

#include <algorithm>
#include <vector>

#include "tilewright/sim/observer.hpp"

namespace tilewright {

class ObserverGroup final : public Observer {
public:
    void add(Observer& observer) { all_.push_back(&observer); }
    void remove(const Observer& observer) { std::erase(all_, &observer); }
    /// Who is to be told: nobody, the only one itself, or all through this.
    Observer* front() {
        if (all_.empty()) return nullptr;
        return all_.size() == 1 ? all_.front() : this;
    }

    void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress address) override {
        for (Observer* o : all_) o->on_core(core, event, cycle, address);
    }
    void on_transfer(const TransferRecord& transfer) override {
        for (Observer* o : all_) o->on_transfer(transfer);
    }
    void on_kernel(CoreId core, std::string_view name) override {
        for (Observer* o : all_) o->on_kernel(core, name);
    }
    void on_zone(CoreId core, Cycle cycle, std::string_view name) override {
        for (Observer* o : all_) o->on_zone(core, cycle, name);
    }
    void on_dram(const DramRecord& access) override {
        for (Observer* o : all_) o->on_dram(access);
    }
    void on_engine(const EngineRecord& command) override {
        for (Observer* o : all_) o->on_engine(command);
    }

private:
    std::vector<Observer*> all_;
};

}  // namespace tilewright
