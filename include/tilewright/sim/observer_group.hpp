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
    bool wants_functions() const override {
        return std::ranges::any_of(all_, [](const Observer* o) { return o->wants_functions(); });
    }
    void on_functions(CoreId core, const std::shared_ptr<const riscv::ElfImage>& program,
                      std::span<const riscv::CallRecord> records) override {
        for (Observer* o : all_) {
            if (o->wants_functions()) o->on_functions(core, program, records);
        }
    }
    void on_restored(Cycle until) override {
        for (Observer* o : all_) o->on_restored(until);
    }
    void on_dram(const DramRecord& access) override {
        for (Observer* o : all_) o->on_dram(access);
    }
    void on_engine(const EngineRecord& command) override {
        for (Observer* o : all_) o->on_engine(command);
    }
    void on_queue(const QueueRecord& command) override {
        for (Observer* o : all_) o->on_queue(command);
    }

private:
    std::vector<Observer*> all_;
};

}  // namespace tilewright
