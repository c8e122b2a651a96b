// Whose doings are counted, and when those of one are known to another.
//
// A transfer over the network is counted by the core that commanded it: its number is that of the
// core at the command. What puts it before something else is one of
//  - the path: core, network, and memory or rectangle at the far end. Writes and atomics of one
//    path take effect in their order, so a clock with the path's number n knows all up to n;
//  - the streams of a core and a network: what is flushed, written and read. A clock with number n
//    of one knows all transfers of that kind that were commanded before n.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "tilewright/memory/memory_ref.hpp"
#include "tilewright/race/touch.hpp"

namespace tilewright::race {

/// What an agent knows when it does something: what it has learned, its own number and, of a
/// transfer, that of the last one on its path.
struct View {
    const Clock& learned;
    Agent self = 0;
    std::uint64_t number = 0;
    Agent path = 0;
    std::uint64_t path_number = 0;

    std::uint64_t of(Agent agent) const {
        if (agent == self) return number;
        const std::uint64_t known = learned.of(agent);
        return agent == path && path_number > known ? path_number : known;
    }
};

struct Path {
    std::uint32_t core = CodeSite::nobody;
    std::uint32_t noc = 0;
    std::uint64_t last = 0;  ///< number of its last write or atomic
    std::uint64_t last_write = 0;
    std::uint64_t last_atomic = 0;  ///< since the last barrier for them
    bool checked_atomics = false;   ///< some were on words that can be in a race
};

/// What stands at the far end of a path; of a multicast the first and the last receiver.
struct PathEnd {
    MemoryKind kind = MemoryKind::tile_l1;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t count = 0;  ///< 0: no multicast
    auto operator<=>(const PathEnd&) const = default;
};

class Agents {
public:
    Agents(std::uint32_t cores, std::uint32_t engines) : cores_(cores), engines_(engines) {}

    enum Stream : std::uint32_t { flushed, written, read };

    Agent engine(std::uint32_t engine) const { return cores_ + engine; }
    std::uint32_t engine_of(Agent agent) const { return agent - cores_; }
    Agent stream(std::uint32_t core, std::uint32_t noc, Stream which) const {
        return cores_ + engines_ + (core * 2 + noc) * 3 + which;
    }
    /// Of a path or a stream.
    std::uint32_t noc_of(Agent agent) const {
        return is_path(agent) ? path(agent).noc : (agent - cores_ - engines_) / 3 % 2;
    }
    Agent queue(std::uint32_t queue);
    std::uint32_t queue_of(Agent agent) const { return dynamic_[agent - first_dynamic()].noc; }
    Agent coprocessor(std::uint32_t tile);
    std::uint32_t tile_of(Agent coprocessor) const {
        return dynamic_[coprocessor - first_dynamic()].noc;
    }
    Agent path(std::uint32_t core, std::uint32_t noc, const PathEnd& end);
    Path& path(Agent agent) { return dynamic_[agent - first_dynamic()]; }
    const Path& path(Agent agent) const { return dynamic_[agent - first_dynamic()]; }
    bool is_path(Agent agent) const {
        return agent >= first_dynamic() && path(agent).core != CodeSite::nobody;
    }

    /// Whether `earlier` is in order with what is done in this view.
    bool before(const Touch& earlier, const View& view) const;
    /// What the value that `write` left in a word brings to whoever acquires it.
    Clock released_by(const Touch& write) const;
    /// Without the numbers of paths that streams in it say, too.
    void compact(Clock& clock) const;

private:
    Agent numbered(std::map<std::uint32_t, Agent>& known, std::uint32_t number);
    Agent first_dynamic() const { return cores_ + engines_ + 6 * cores_; }

    std::uint32_t cores_;
    std::uint32_t engines_;
    // Paths; and queues and compute engines, which have no core, and their number in `noc`.
    std::vector<Path> dynamic_;
    std::map<std::uint32_t, Agent> queues_;
    std::map<std::uint32_t, Agent> coprocessors_;
    std::map<std::tuple<std::uint32_t, std::uint32_t, PathEnd>, Agent> paths_;
};

}  // namespace tilewright::race
