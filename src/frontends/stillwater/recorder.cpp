#include "frontends/stillwater/recorder.hpp"

#include <string>

namespace stillwater::kpu {

using tilewright::EngineKind;

void KPUSimulator::Recorder::on_engine(const tilewright::EngineRecord& command) {
    if (records_.size() < capacity) {
        records_.push_back(command);
    } else {
        records_[count_ % capacity] = command;
    }
    ++count_;
}

void KPUSimulator::Recorder::clear() {
    records_.clear();
    count_ = 0;
}

std::vector<CommandRecord> KPUSimulator::Recorder::commands(std::uint64_t origin) const {
    std::vector<CommandRecord> result;
    result.reserve(records_.size());
    const std::uint64_t oldest = left_out() == 0 ? 0 : count_ % capacity;
    for (std::size_t i = 0; i < records_.size(); ++i) {
        const tilewright::EngineRecord& r = records_[(oldest + i) % records_.size()];
        result.push_back({.engine = engine_key(r.engine),
                          .operation = std::string(r.what),
                          .start = count(r.start) - origin,
                          .end = count(r.end) - origin,
                          .bytes = r.bytes,
                          .source = value(r.source),
                          .destination = value(r.destination)});
    }
    return result;
}

const char* engine_kind_name(EngineKind kind) {
    switch (kind) {
        case EngineKind::dma:
            return "dma";
        case EngineKind::block_mover:
            return "block_mover";
        case EngineKind::streamer:
            return "streamer";
        case EngineKind::systolic_array:
            return "systolic";
    }
    return "";
}

std::string engine_key(tilewright::EngineId engine) {
    return engine_kind_name(engine.kind) + std::to_string(engine.index);
}

}  // namespace stillwater::kpu
