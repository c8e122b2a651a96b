#include "tilewright/race/agents.hpp"

namespace tilewright::race {

Agent Agents::numbered(std::map<std::uint32_t, Agent>& known, std::uint32_t number) {
    const auto [at, is_new] = known.try_emplace(number, 0);
    if (is_new) {
        at->second = first_dynamic() + static_cast<Agent>(dynamic_.size());
        dynamic_.push_back({.core = CodeSite::nobody, .noc = number});
    }
    return at->second;
}

Agent Agents::queue(std::uint32_t queue) {
    return numbered(queues_, queue);
}

Agent Agents::coprocessor(std::uint32_t tile) {
    return numbered(coprocessors_, tile);
}

Agent Agents::path(std::uint32_t core, std::uint32_t noc, const PathEnd& end) {
    const auto [at, is_new] = paths_.try_emplace({core, noc, end}, 0);
    if (is_new) {
        at->second = first_dynamic() + static_cast<Agent>(dynamic_.size());
        dynamic_.push_back({.core = core, .noc = noc});
    }
    return at->second;
}

bool Agents::before(const Touch& earlier, const View& view) const {
    if (view.of(earlier.agent) >= earlier.number) return true;
    const auto done = [&](Stream which) {
        const std::uint32_t noc = path(earlier.agent).noc;
        return view.of(stream(earlier.core, noc, which)) > earlier.number;
    };
    switch (earlier.kind) {
        case Touch::Kind::source:
            return done(flushed) || done(written);
        case Touch::Kind::write:
            return done(written);
        default:
            return false;
    }
}

Clock Agents::released_by(const Touch& write) const {
    Clock clock;
    switch (write.kind) {
        case Touch::Kind::word_store:
        case Touch::Kind::host_write:
        case Touch::Kind::coprocessor_write:
            clock = write.known;
            clock.raise(write.agent, write.number - write.unfenced);
            break;
        case Touch::Kind::write:  // not itself: its bytes land in no order
            clock = write.known;
            clock.raise(write.core, write.number);
            clock.raise(write.agent, write.number - 1);
            break;
        case Touch::Kind::land:  // which counts from what its stream has to say
            clock = write.known;
            clock.raise(write.core, write.number - 1);
            break;
        default:
            break;
    }
    return clock;
}

void Agents::compact(Clock& clock) const {
    clock.drop_if([&](const Clock::Entry& entry) {
        if (!is_path(entry.agent)) return false;
        const Path& p = path(entry.agent);
        return !p.checked_atomics && clock.of(stream(p.core, p.noc, written)) > entry.number;
    });
}

}  // namespace tilewright::race
