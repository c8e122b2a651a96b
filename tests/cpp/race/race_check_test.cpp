// The check against a graph: each event of a random trace becomes a node or a few, with the edges
// that docs/memory-model.md gives it, and two accesses are in order if a path leads from the one to
// the other. The check has to report the first access of a trace that is in a race, and no other.
#include "tilewright/race/race_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tilewright {
namespace {

constexpr std::uint32_t cores = 4;
constexpr std::uint32_t engines = 2;
constexpr std::uint32_t flags = 2;
constexpr std::uint32_t most_nodes = 2048;
constexpr std::uint64_t user_base = 0x100;

using Nodes = std::vector<std::uint32_t>;
using Word = std::tuple<MemoryKind, std::uint32_t, std::uint64_t>;

Word word_of(const MemoryRef& place) {
    return {place.kind, place.index, place.offset & ~std::uint64_t{3}};
}

/// What happened, as a graph.
class Graph {
public:
    std::uint32_t add(const Nodes& before) {
        std::bitset<most_nodes> known;
        for (const std::uint32_t node : before) known |= known_[node], known.set(node);
        known_.push_back(known);
        return static_cast<std::uint32_t>(known_.size() - 1);
    }
    bool ordered(std::uint32_t first, std::uint32_t second) const {
        return first == second || known_[second].test(first);
    }
    std::size_t size() const { return known_.size(); }

private:
    std::vector<std::bitset<most_nodes>> known_;
};

struct Access {
    std::uint32_t node;
    std::uint64_t cycle;
    MemoryRef place;
    std::uint64_t bytes;
    bool writes;
};

struct InFlight {
    std::uint64_t number;  // by which the check knows it
    TransferCommand::Kind kind;
    std::uint32_t core;
    std::uint32_t noc;
    std::uint32_t command;
    std::uint32_t effect;
    Nodes before;  // of its path
    std::vector<MemoryRef> left;
    std::uint32_t bytes;
};

/// Does things at random, to the check and to the graph alike.
class Trace {
public:
    explicit Trace(std::uint32_t seed) : random_(seed), check_(cores, engines, user_base) {
        check_.restart(std::vector<std::size_t>(engines));
        for (std::uint32_t c = 0; c < cores; ++c) {
            last_[c] = graph_.add({});
            fence_[c] = last_[c];
            check_.on_launched(c, 0);
        }
        for (auto& last : engine_) last = graph_.add({});
        for (auto& last : queue_) last = graph_.add({});
        for (auto& last : coprocessor_) last = graph_.add({});
    }

    void run(int steps) {
        for (int i = 0; i < steps && races_.empty() && graph_.size() + 40 < most_nodes; ++i) {
            ++cycle_;
            step();
            compare();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
    bool raced() const { return !races_.empty(); }

private:
    std::uint32_t pick(std::uint32_t count) {
        return static_cast<std::uint32_t>(random_() % count);
    }
    CodeSite site(std::uint32_t core) const { return {core, 0, 0, cycle_}; }

    MemoryRef memory() {
        return pick(4) == 0 ? MemoryRef{MemoryKind::dram, 0, 0}
                            : MemoryRef{MemoryKind::tile_l1, pick(2), 0};
    }
    MemoryRef data_place(std::uint64_t bytes) {
        MemoryRef place = memory();
        const std::uint64_t unit = bytes < 16 ? bytes : 16;
        place.offset = 0x1000 + pick(static_cast<std::uint32_t>(512 / unit)) * unit;
        return place;
    }
    /// A word to synchronise with: of reserved L1, among the data, or of direct memory.
    MemoryRef signal_place() {
        constexpr std::uint64_t places[] = {0x10, 0x14, 0x1020, 0x1040};
        MemoryRef place{MemoryKind::tile_l1, pick(2), places[pick(4)]};
        if (pick(8) == 0) place = {MemoryKind::dram, 0, 0x1020};
        return place;
    }

    void access(std::uint32_t node, const MemoryRef& place, std::uint64_t bytes, bool writes) {
        if (place.kind == MemoryKind::tile_l1 && place.offset < user_base) return;
        accesses_.push_back({node, cycle_, place, bytes, writes});
        const Access& now = accesses_.back();
        for (std::size_t i = 0; i + 1 < accesses_.size(); ++i) {
            const Access& other = accesses_[i];
            if (other.place.kind != place.kind || other.place.index != place.index ||
                !(other.writes || writes) || graph_.ordered(other.node, node)) {
                continue;
            }
            const std::uint64_t begin = std::max(other.place.offset, place.offset);
            const std::uint64_t end =
                std::min(other.place.offset + other.bytes, place.offset + bytes);
            for (std::uint64_t at = begin; at < end; ++at) {
                if (synchronising_.contains(word_of({place.kind, place.index, at}))) continue;
                races_.insert({other.cycle, now.cycle});
            }
        }
    }

    // --- What words bring -----------------------------------------------------------------------

    Nodes& released(const MemoryRef& word) { return released_[word_of(word)]; }
    void acquire(std::uint32_t core, const Nodes& sources) {
        Nodes before = sources;
        before.push_back(last_[core]);
        last_[core] = graph_.add(before);
        auto& learned = learned_[core];
        learned.insert(learned.end(), sources.begin(), sources.end());
    }
    void advance(std::uint32_t core) { last_[core] = graph_.add({last_[core]}); }
    void fence(std::uint32_t core) {
        fence_[core] = last_[core];
        direct_[core] = false;
    }

    // --- Steps ----------------------------------------------------------------------------------

    void step() {
        const std::uint32_t core = pick(cores);
        switch (pick(18)) {
            case 0:
                return load(core);
            case 1:
                return store(core);
            case 2:
                return command(core);
            case 3:
            case 4:
            case 5:
                return synchronise(core);
            case 6:
                return signal(core);
            case 7:
            case 8:
                return take_effect();
            case 9:
            case 10:
                return barrier(core);
            case 11:
                advance(core);
                fence(core);
                return check_.on_fence(core);
            case 12:
                return submit(core);
            case 13:
                return run_engine();
            case 14:
                return use_flag(core);
            case 15:
                return use_coprocessor(core);
            case 16:
                return run_coprocessor(pick(2));
            default:
                return relaunch(core);
        }
    }

    void load(std::uint32_t core) {
        const std::uint32_t bytes = 1u << pick(3);
        const MemoryRef place = data_place(bytes);
        advance(core);
        access(last_[core], place, bytes, false);
        check_.on_load(site(core), place, bytes);
    }

    void store(std::uint32_t core, const MemoryRef* word = nullptr) {
        const std::uint32_t bytes = word != nullptr ? 4 : 1u << pick(3);
        const MemoryRef place = word != nullptr ? *word : data_place(bytes);
        advance(core);
        access(last_[core], place, bytes, true);
        direct_[core] = direct_[core] || place.kind == MemoryKind::dram;
        Nodes& brings = released(place);
        brings.clear();
        if (bytes == 4 && direct_[core]) {
            brings = learned_[core];
            brings.push_back(fence_[core]);
        } else if (bytes == 4) {
            brings = {last_[core]};
        }
        check_.on_store(site(core), place, bytes);
    }

    void synchronise(std::uint32_t core) {
        const MemoryRef word = signal_place();
        if (overwritten(word)) return;
        const std::uint32_t how = pick(5);
        if (how == 4) {
            store(core, &word);
            return;
        }
        if (how != 2) acquire(core, released(word));
        if (how == 2 || how == 3) {
            advance(core);
            if (how == 2) fence(core);
            released(word) = {last_[core]};
            fence(core);
        }
        synchronising_.insert(word_of(word));
        if (how < 2) check_.on_acquire(core, word);
        if (how == 2) check_.on_release(core, word);
        if (how == 3) check_.on_atomic(core, word);
    }

    // A transfer whose words cannot be told from each other may be about to change it: what the
    // word brought until then is not kept.
    bool overwritten(const MemoryRef& word) const {
        return std::ranges::any_of(flights_, [&](const InFlight& flight) {
            return flight.bytes > 4 && std::ranges::any_of(flight.left, [&](const MemoryRef& to) {
                       return to.kind == word.kind && to.index == word.index &&
                              word.offset + 4 > to.offset && word.offset < to.offset + flight.bytes;
                   });
        });
    }

    void command(std::uint32_t core) {
        constexpr std::uint32_t lengths[] = {4, 16, 32, 256};
        const std::uint32_t bytes = lengths[pick(4)];
        send(core, pick(2) == 0 ? TransferCommand::Kind::read : TransferCommand::Kind::write, bytes,
             data_place(bytes), bytes != 4 || pick(2) == 0);
    }

    void signal(std::uint32_t core) {
        const MemoryRef word = signal_place();
        if (word.kind != MemoryKind::tile_l1) return;
        send(core, pick(2) == 0 ? TransferCommand::Kind::atomic : TransferCommand::Kind::write, 4,
             word, false);
    }

    void send(std::uint32_t core, TransferCommand::Kind kind, std::uint32_t bytes,
              const MemoryRef& far, bool has_local) {
        using Kind = TransferCommand::Kind;
        const std::uint32_t noc = pick(2);
        const bool multicast =
            kind != Kind::read && far.kind == MemoryKind::tile_l1 && pick(3) == 0;
        std::vector<MemoryRef> remote{far};
        if (multicast) {
            remote = {{far.kind, 0, far.offset}, {far.kind, 1, far.offset}};
        }
        const MemoryRef local{MemoryKind::tile_l1, core % 2, data_place(bytes).offset};
        if (kind == Kind::atomic) has_local = false;
        if (kind == Kind::read) has_local = true;
        advance(core);
        const std::uint32_t command = last_[core];
        auto& path = paths_[{core, noc, far.kind, multicast ? 99 : far.index}];
        Nodes before = path;
        before.push_back(command);
        // A multicast's receivers count as one memory.
        const std::uint32_t source = graph_.add({command});
        const std::uint32_t fetched = graph_.add(before);
        std::uint32_t effect = 0;
        if (kind == Kind::read) {
            effect = graph_.add({fetched});
            access(fetched, far, bytes, false);
            access(effect, local, bytes, true);
        } else {
            before.push_back(source);
            effect = graph_.add(before);
            if (has_local) access(source, local, bytes, false);
            for (const MemoryRef& to : remote) access(effect, to, bytes, true);
        }
        flights_.push_back({.number = check_.on_command(site(core), {.kind = kind,
                                                                     .noc = noc,
                                                                     .bytes = bytes,
                                                                     .has_local = has_local,
                                                                     .multicast = multicast,
                                                                     .append = false,
                                                                     .local = local,
                                                                     .remote = remote}),
                            .kind = kind,
                            .core = core,
                            .noc = noc,
                            .command = command,
                            .effect = effect,
                            .before = path,
                            .left = kind == Kind::read ? std::vector{local} : remote,
                            .bytes = bytes});
        taken_[{core, noc}].push_back(source);
        if (kind == Kind::read) landed_[{core, noc}].push_back(effect);
        if (kind == Kind::write) written_[{core, noc}].push_back(effect);
        if (kind == Kind::atomic) counted_[{core, noc}].push_back(effect);
        if (kind != Kind::read) path = {effect};
    }

    /// The first that is left of some core and network: those come in order.
    void take_effect() {
        if (flights_.empty()) return;
        const InFlight& some = flights_[pick(static_cast<std::uint32_t>(flights_.size()))];
        effect_of_first(some.core, some.noc);
    }
    bool effect_of_first(std::uint32_t core, std::uint32_t noc) {
        const auto at = std::ranges::find_if(
            flights_, [&](const InFlight& f) { return f.core == core && f.noc == noc; });
        if (at == flights_.end()) return false;
        const MemoryRef to = at->left.back();
        at->left.pop_back();
        const bool at_once = to.offset / 16 == (to.offset + at->bytes - 1) / 16;
        for (std::uint64_t w = to.offset & ~std::uint64_t{3}; w < to.offset + at->bytes; w += 4) {
            Nodes& brings = released({to.kind, to.index, w});
            if (at->kind != TransferCommand::Kind::atomic) brings.clear();
            if (at->kind != TransferCommand::Kind::read && at_once) {
                brings.push_back(at->effect);
            } else {
                brings = at->before;
                brings.push_back(at->command);
            }
        }
        check_.on_effect(at->number, to, at->bytes, to);
        if (at->left.empty()) flights_.erase(at);
        return true;
    }

    void barrier(std::uint32_t core) {
        const std::uint32_t noc = pick(2);
        const auto counter = static_cast<TransferCounter>(pick(4));
        if (counter != TransferCounter::unsent) {
            while (effect_of_first(core, noc)) {
            }
        }
        const std::pair key{core, noc};
        acquire(core, counter == TransferCounter::unsent   ? taken_[key]
                      : counter == TransferCounter::writes ? written_[key]
                      : counter == TransferCounter::reads  ? landed_[key]
                                                           : counted_[key]);
        check_.on_none_pending(core, noc, counter);
    }

    void submit(std::uint32_t core) {
        const std::uint32_t engine = pick(engines);
        if (submitted_[engine].size() == 2) return;
        advance(core);
        submitted_[engine].push_back(last_[core]);
        check_.on_submitted(site(core), engine);
    }
    void run_engine() {
        const std::uint32_t e = pick(engines);
        if (submitted_[e].empty()) return;
        const std::uint32_t waited = pick(flags + 1);
        Nodes before{engine_[e], submitted_[e].front()};
        submitted_[e].erase(submitted_[e].begin());
        std::vector<std::uint32_t> flag;
        if (waited < flags) {
            before.insert(before.end(), flag_[waited].begin(), flag_[waited].end());
            flag.push_back(waited);
        }
        engine_[e] = graph_.add(before);
        const std::vector<EngineAccess> what{{data_place(16), 64, false},
                                             {data_place(16), 64, true}};
        for (const EngineAccess& a : what) access(engine_[e], a.place, a.bytes, a.writes);
        check_.on_begun(e, cycle_, flag, what);
        const std::uint32_t raised = pick(flags);
        flag_[raised].push_back(engine_[e]);
        check_.on_command_ended(e, raised);
    }
    void use_flag(std::uint32_t core) {
        const std::uint32_t flag = pick(flags);
        if (pick(2) == 0) {
            acquire(core, flag_[flag]);
            return check_.on_flag_seen(core, flag);
        }
        const bool added = pick(2) == 0;
        advance(core);
        if (!added) flag_[flag].clear();
        flag_[flag].push_back(last_[core]);
        check_.on_flag_changed(core, flag, added);
    }

    // That of its tile.
    void use_coprocessor(std::uint32_t core) {
        const std::uint32_t tile = core % 2;
        if (pick(2) == 0) {
            acquire(core, {coprocessor_[tile]});
            return check_.on_coprocessor_seen(core, tile);
        }
        advance(core);
        coprocessor_[tile] = graph_.add({coprocessor_[tile], last_[core]});
        check_.on_coprocessor_changed(core, tile);
    }
    void run_coprocessor(std::uint32_t tile) {
        constexpr std::uint32_t lengths[] = {4, 16, 64};
        const std::uint32_t bytes = lengths[pick(3)];
        const MemoryRef place{MemoryKind::tile_l1, tile, data_place(bytes).offset};
        const bool writes = pick(2) == 0;
        coprocessor_[tile] = graph_.add({coprocessor_[tile]});
        access(coprocessor_[tile], place, bytes, writes);
        if (writes) {
            for (std::uint64_t w = place.offset; w < place.offset + bytes; w += 4) {
                released({place.kind, place.index, w}) = {coprocessor_[tile]};
            }
        }
        check_.on_coprocessor_access(tile, 0, cycle_, {place, bytes, writes});
    }

    // Its kernel ends, a queue learns of it, and the same or another one launches a kernel there.
    void relaunch(std::uint32_t core) {
        if (pick(3) != 0) return;
        for (std::uint32_t noc = 0; noc < 2; ++noc) {
            while (effect_of_first(core, noc)) {
            }
            for (auto* done : {&taken_, &written_, &landed_, &counted_}) {
                acquire(core, (*done)[{core, noc}]);
            }
        }
        check_.on_ended(core);
        const std::uint32_t queue = pick(2);
        queue_[queue] = graph_.add({queue_[queue], last_[core]});
        check_.queue_saw_core(queue + 1, core);
        const std::uint32_t other = pick(2);
        acquire(core, {queue_[other]});
        check_.act_as(other + 1);
        check_.on_launched(core, cycle_);
        check_.act_as(0);
        fence(core);
    }

    void compare() {
        const bool found = check_.found().has_value();
        ASSERT_EQ(found, !races_.empty())
            << "in step " << cycle_ << (found ? ": reported, but in order: " : ": not reported: ")
            << (found ? check_.found()->earlier.site.cycle : races_.begin()->first);
        if (!found) return;
        const Race& race = *check_.found();
        const std::pair pair{race.earlier.site.cycle, race.later.site.cycle};
        ASSERT_TRUE(races_.contains(pair)) << pair.first << " and " << pair.second;
    }

    std::mt19937 random_;
    RaceCheck check_;
    Graph graph_;
    std::uint64_t cycle_ = 0;
    std::array<std::uint32_t, cores> last_{};
    std::array<std::uint32_t, cores> fence_{};
    std::array<bool, cores> direct_{};
    std::array<Nodes, cores> learned_;
    std::array<std::uint32_t, engines> engine_{};
    std::array<Nodes, engines> submitted_;
    std::array<std::uint32_t, 2> queue_{};
    std::array<std::uint32_t, 2> coprocessor_{};
    std::array<Nodes, flags> flag_;
    std::map<Word, Nodes> released_;
    std::set<Word> synchronising_;
    std::map<std::tuple<std::uint32_t, std::uint32_t, MemoryKind, std::uint32_t>, Nodes> paths_;
    using Done = std::map<std::pair<std::uint32_t, std::uint32_t>, Nodes>;
    Done taken_, written_, landed_, counted_;
    std::vector<InFlight> flights_;
    std::vector<Access> accesses_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> races_;
};

TEST(RaceCheck, FindsTheFirstRaceOfRandomTracesAndNothingElse) {
    const char* const asked = std::getenv("TILEWRIGHT_RACE_TRACES");
    const auto traces = static_cast<std::uint32_t>(asked != nullptr ? std::stoul(asked) : 4000);
    std::uint32_t raced = 0;
    for (std::uint32_t seed = 0; seed < traces; ++seed) {
        Trace trace(seed);
        trace.run(200);
        if (HasFatalFailure()) {
            FAIL() << "seed " << seed;
        }
        raced += trace.raced();
    }
    EXPECT_GT(raced, traces / 2);
}

constexpr MemoryRef place{MemoryKind::tile_l1, 0, 0x1000};

// A kernel that was launched in this cycle has not begun, so that what the host does then comes
// before it; but not before what a queue launches, which goes on without the host.
TEST(RaceCheck, WhatTheHostDoesInTheCycleOfALaunchIsBeforeThatOfItsOwnKernelsOnly) {
    const auto races = [](std::uint32_t queue) {
        RaceCheck check(cores, engines, user_base);
        check.restart(std::vector<std::size_t>(engines));
        check.act_as(queue);
        check.on_launched(0, 7);
        check.act_as(0);
        check.host_touched(place, 4, true, 7);
        check.on_load({.core = 0, .cycle = 9}, place, 4);
        return check.found().has_value();
    };
    EXPECT_FALSE(races(0));
    EXPECT_TRUE(races(1));
}

TEST(RaceCheck, NamesImagesHoweverManyThereHaveBeen) {
    RaceCheck check(cores, engines, user_base);
    check.restart(std::vector<std::size_t>(engines));
    check.on_store({.core = 0, .image = 70'000}, place, 4);
    check.on_load({.core = 1, .image = 70'001}, place, 4);
    ASSERT_TRUE(check.found());
    EXPECT_EQ(check.found()->earlier.site.image, 70'000u);
    EXPECT_EQ(check.found()->later.site.image, 70'001u);
}

}  // namespace
}  // namespace tilewright
