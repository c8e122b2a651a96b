// What engines say of themselves in reports.
#include "tilewright/engine/engines.hpp"

namespace tilewright {

std::string Engines::describe() const {
    std::string lines;
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const Engine& engine = state_.engines[n];
        if (engine.phase != Engine::Phase::waiting) continue;
        const FlagWait wait = *unmet(engine.command());
        lines += "\n  " + engine_name(id_of(n)) + " waits for flag " + std::to_string(wait.flag) +
                 " to be at least " + std::to_string(wait.value) + " (it is " +
                 std::to_string(state_.flags[wait.flag]) + ") before its " +
                 tilewright::describe(engine.command().work);
    }
    return lines;
}

std::string Engines::describe_busy() const {
    std::string lines;
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const Engine& engine = state_.engines[n];
        if (engine.idle()) continue;
        lines +=
            "\n  " + engine_name(id_of(n)) + ": " + tilewright::describe(engine.command().work);
        if (engine.queued() > 1) {
            lines += " and " + std::to_string(engine.queued() - 1) + " more commands";
        }
    }
    return lines;
}

}  // namespace tilewright
