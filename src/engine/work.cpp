#include "tilewright/engine/work.hpp"

#include <array>

namespace tilewright {

Plan make_plan(const Work& work, const PlanContext& context) {
    return std::visit([&](const auto& w) { return w.plan(context); }, work);
}

EngineKind kind_of(const Work& work) {
    return std::visit([](const auto& w) { return w.engine; }, work);
}

const char* verb_of(const Work& work) {
    return std::visit([](const auto& w) { return w.verb(); }, work);
}

std::pair<GlobalAddress, GlobalAddress> endpoints_of(const Work& work) {
    return std::visit([](const auto& w) { return w.endpoints(); }, work);
}

std::string describe(const Work& work) {
    return std::visit([](const auto& w) { return w.describe(); }, work);
}

std::string engine_name(EngineId engine) {
    static constexpr std::array<const char*, engine_kind_count> names = {
        "DMA engine ", "block mover ", "streamer ", "systolic array "};
    return names[static_cast<std::size_t>(engine.kind)] + std::to_string(engine.index);
}

}  // namespace tilewright
