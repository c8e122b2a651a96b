// Keeps the latest commands of a device's engines for statistics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stillwater/kpu/kpu.hpp"
#include "tilewright/sim/observer.hpp"

namespace stillwater::kpu {

class KPUSimulator::Recorder final : public tilewright::Observer {
public:
    void on_core(tilewright::CoreId, tilewright::CoreEvent, tilewright::Cycle,
                 tilewright::CoreAddress) override {}
    void on_transfer(const tilewright::TransferRecord&) override {}
    void on_engine(const tilewright::EngineRecord& command) override;

    void clear();
    std::vector<CommandRecord> commands(std::uint64_t origin) const;
    std::uint64_t left_out() const { return count_ - records_.size(); }

private:
    // A million commands are 50 MB; a plot shows fewer.
    static constexpr std::size_t capacity = 65'536;

    std::vector<tilewright::EngineRecord> records_;  // a ring from count_ % capacity on, once full
    std::uint64_t count_ = 0;
};

/// "dma", "block_mover", "streamer", "systolic".
const char* engine_kind_name(tilewright::EngineKind kind);
/// "dma0", "block_mover1", ...: engines as statistics and timelines name them.
std::string engine_key(tilewright::EngineId engine);

}  // namespace stillwater::kpu
