// What cores, engines and the host do; transfers are in transfers.cpp.
#include "tilewright/race/race_check.hpp"

#include <algorithm>

namespace tilewright {

using race::Agent;
using race::Shadow;
using race::SyncWord;
using race::View;

namespace {

constexpr std::uint32_t nobody = CodeSite::nobody;

template <class Doer>
race::Clock all_of(Agent agent, const Doer& doer) {
    race::Clock clock = doer.learned;
    clock.raise(agent, doer.number);
    return clock;
}

}  // namespace

RaceCheck::RaceCheck(std::uint32_t cores, std::uint32_t engines, std::uint64_t l1_user_base)
    : l1_user_base_(l1_user_base),
      engine_count_(engines),
      agents_(cores, engines),
      cores_(cores),
      engines_(engines) {}

void RaceCheck::restart(const std::vector<std::size_t>& commands_of_engines) {
    const auto cores = static_cast<std::uint32_t>(cores_.size());
    agents_ = race::Agents(cores, engine_count_);
    cores_.assign(cores, {});
    engines_.assign(engine_count_, {});
    for (std::size_t e = 0; e < engines_.size(); ++e) {
        engines_[e].queue.resize(commands_of_engines[e]);
    }
    queues_.clear();
    coprocessors_.clear();
    events_.clear();
    flags_.clear();
    for (auto& of_kind : shadows_) of_kind.clear();
    flights_.clear();
    images_.clear();
    launched_.clear();
    found_.reset();
    wants_stop_ = false;
}

// --- Touching -----------------------------------------------------------------------------------

Shadow& RaceCheck::shadow(const MemoryRef& place) {
    auto& of_kind = shadows_[static_cast<std::size_t>(place.kind)];
    if (place.index >= of_kind.size()) of_kind.resize(place.index + 1);
    return of_kind[place.index];
}

RaceCheck::Touch RaceCheck::touch_of(const CodeSite& site, Kind kind) {
    if (site.core != nobody && cores_[site.core].image != site.image) {
        cores_[site.core].image = site.image;
        images_.insert(site.image);
    }
    Touch touch;
    touch.cycle = site.cycle;
    touch.core = site.core;
    touch.pc = site.pc;
    touch.image = site.image;
    touch.kind = kind;
    return touch;
}

RaceAccess RaceCheck::describe(const Touch& touch) const {
    RaceAccess access{.kind = touch.kind, .site = {touch.core, touch.image, touch.pc, touch.cycle}};
    switch (touch.kind) {
        case Kind::engine_read:
        case Kind::engine_write:
            access.engine = agents_.engine_of(touch.agent);
            break;
        case Kind::host_read:
        case Kind::host_write:
            access.queue = agents_.queue_of(touch.agent);
            break;
        case Kind::coprocessor_read:
        case Kind::coprocessor_write:
            access.tile = agents_.tile_of(touch.agent);
            access.thread = touch.pc;
            break;
        case Kind::source:
        case Kind::write:
        case Kind::atomic:
        case Kind::fetch:
        case Kind::land:
            access.noc = agents_.noc_of(touch.agent);
            break;
        default:
            break;
    }
    return access;
}

void RaceCheck::note(const MemoryRef& place, std::uint64_t bytes, const Touch& touch,
                     const View& view) {
    if (found_ || !in_shadow(place)) return;
    std::uint64_t at = 0;
    const auto before = [&](const Touch& other) {
        const bool same = other.agent == touch.agent && other.number == touch.number;
        return same || agents_.before(other, view);
    };
    const Touch* const earlier = shadow(place).touch(place.offset, bytes, touch, before, at);
    if (earlier == nullptr) return;
    wants_stop_ = true;
    found_ = {.place = {place.kind, place.index, at},
              .earlier = describe(*earlier),
              .later = describe(touch),
              .bytes = bytes,
              .begin = place,
              .signalled = earlier->core != nobody && view.of(earlier->core) > earlier->number};
}

void RaceCheck::forget(const MemoryRef& place, std::uint64_t bytes) {
    shadow(place).forget(place.offset, bytes);
}

// --- Cores --------------------------------------------------------------------------------------

void RaceCheck::learn(Doer& doer, const Clock& clock) const {
    doer.learned.join(clock);
    if (doer.learned.entries().size() < doer.compact_at) return;
    agents_.compact(doer.learned);
    doer.compact_at = std::max<std::size_t>(64, 2 * doer.learned.entries().size());
}

void RaceCheck::on_load(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) {
    const CoreState& core = cores_[site.core];
    Touch touch = touch_of(site, Kind::load);
    touch.agent = site.core;
    touch.number = core.number;
    note(place, bytes, touch, {core.learned, site.core, core.number});
}

void RaceCheck::on_store(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) {
    CoreState& core = cores_[site.core];
    const bool whole = bytes == 4;
    Touch touch = touch_of(site, whole ? Kind::word_store : Kind::store);
    touch.agent = site.core;
    touch.number = core.number;
    touch.known = core.learned;
    if (place.kind == MemoryKind::dram) core.stored_direct = true;
    if (core.stored_direct) {
        touch.unfenced = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(core.number - core.fenced, ~std::uint32_t{0}));
    }
    note(place, bytes, touch, {core.learned, site.core, core.number});
    SyncWord* word = shadow(place).word(place.offset);
    if (word == nullptr && !in_shadow(place)) word = &shadow(place).make_word(place.offset);
    if (word != nullptr) word->released = agents_.released_by(touch);
    if (whole) ++core.number;
}

// What the word brings to whoever acquires it now; from here on that is kept.
RaceCheck::Clock& RaceCheck::acquired_word(const MemoryRef& place) {
    Shadow& memory = shadow(place);
    if (SyncWord* const word = memory.word(place.offset)) return word->released;
    Clock released;
    const Touch* const write = memory.last_write(place.offset);
    if (write != nullptr && has_landed(*write, place)) released = agents_.released_by(*write);
    Clock& kept = memory.make_word(place.offset).released;
    kept = released;
    return kept;
}

void RaceCheck::on_acquire(std::uint32_t core, const MemoryRef& word) {
    learn(cores_[core], acquired_word(word));
    shadow(word).synchronise(word.offset);
}

void RaceCheck::on_release(std::uint32_t number, const MemoryRef& word) {
    CoreState& core = cores_[number];
    acquired_word(word) = all_of(number, core);
    shadow(word).synchronise(word.offset);
    on_fence(number);
}

void RaceCheck::on_atomic(std::uint32_t core, const MemoryRef& word) {
    on_acquire(core, word);
    on_release(core, word);
}

void RaceCheck::on_fence(std::uint32_t number) {
    CoreState& core = cores_[number];
    core.fenced = core.number++;
    core.stored_direct = false;
}

void RaceCheck::on_launched(std::uint32_t number, std::uint64_t cycle) {
    if (acting_ == 0) {
        if (cycle != launch_cycle_) launched_.clear();
        launch_cycle_ = cycle;
        launched_.push_back(number);
    }
    Doer& host = queues_[acting_];
    learn(cores_[number], all_of(agents_.queue(acting_), host));
    ++host.number;
    on_fence(number);
}

// What the core knows, with all its transfers done.
RaceCheck::Clock RaceCheck::retired(std::uint32_t number) const {
    const CoreState& core = cores_[number];
    Clock clock = all_of(number, core);
    for (std::uint32_t noc = 0; noc < 2; ++noc) {
        const auto& last = core.last[noc];
        const auto done = [&](TransferCounter counter, race::Agents::Stream stream) {
            if (last[static_cast<std::size_t>(counter)] == 0) return;
            clock.raise(agents_.stream(number, noc, stream), core.number);
        };
        done(TransferCounter::unsent, race::Agents::flushed);
        done(TransferCounter::writes, race::Agents::written);
        done(TransferCounter::reads, race::Agents::read);
        for (const Agent path : core.atomic_paths[noc]) clock.raise(path, agents_.path(path).last);
    }
    return clock;
}

void RaceCheck::on_ended(std::uint32_t number) {
    CoreState& core = cores_[number];
    core.learned = retired(number);
    for (auto& paths : core.atomic_paths) paths.clear();
    on_fence(number);
}

void RaceCheck::on_returned(std::uint32_t core) {
    on_ended(core);
}

// --- Engines and flags --------------------------------------------------------------------------

namespace {

race::Clock& flag_clock(std::vector<race::Clock>& flags, std::uint32_t flag) {
    if (flag >= flags.size()) flags.resize(flag + 1);
    return flags[flag];
}

}  // namespace

void RaceCheck::on_submitted(const CodeSite& site, std::uint32_t engine) {
    const bool by_core = site.core != nobody;
    Doer& doer = by_core ? cores_[site.core] : queues_[acting_];
    const Agent agent = by_core ? site.core : agents_.queue(acting_);
    engines_[engine].queue.push_back({.known = all_of(agent, doer), .site = site});
    ++doer.number;
}

void RaceCheck::on_begun(std::uint32_t number, std::uint64_t cycle,
                         std::span<const std::uint32_t> flags,
                         std::span<const EngineAccess> accesses) {
    EngineState& engine = engines_[number];
    Submitted submitted;
    if (!engine.queue.empty()) {
        submitted = std::move(engine.queue.front());
        engine.queue.pop_front();
    }
    learn(engine, submitted.known);
    for (const std::uint32_t flag : flags) learn(engine, flag_clock(flags_, flag));
    ++engine.number;
    const Agent agent = agents_.engine(number);
    submitted.site.cycle = cycle;
    for (const EngineAccess& access : accesses) {
        Touch touch =
            touch_of(submitted.site, access.writes ? Kind::engine_write : Kind::engine_read);
        touch.agent = agent;
        touch.number = engine.number;
        note(access.place, access.bytes, touch, {engine.learned, agent, engine.number});
    }
}

void RaceCheck::on_command_ended(std::uint32_t number, std::uint32_t flag) {
    last_ended_ = number;
    if (flag == nobody) return;
    flag_clock(flags_, flag).join(all_of(agents_.engine(number), engines_[number]));
}

void RaceCheck::on_flag_seen(std::uint32_t core, std::uint32_t flag) {
    learn(cores_[core], flag_clock(flags_, flag));
}

void RaceCheck::on_flag_changed(std::uint32_t core, std::uint32_t flag, bool added) {
    Clock& released = flag_clock(flags_, flag);
    if (!added) released = Clock();
    Doer& doer = core != nobody ? cores_[core] : queues_[acting_];
    released.join(all_of(core != nobody ? core : agents_.queue(acting_), doer));
    ++doer.number;
}

// --- Compute engines ----------------------------------------------------------------------------

// The threads and units of one count as one agent, which knows all that cores have told it: cores
// see them at any of its registers, and what they do there is in order.
void RaceCheck::on_coprocessor_seen(std::uint32_t core, std::uint32_t tile) {
    Doer& engine = coprocessors_[tile];
    learn(cores_[core], all_of(agents_.coprocessor(tile), engine));
    ++engine.number;
}

void RaceCheck::on_coprocessor_changed(std::uint32_t core, std::uint32_t tile) {
    learn(coprocessors_[tile], all_of(core, cores_[core]));
    ++cores_[core].number;
}

void RaceCheck::on_coprocessor_access(std::uint32_t tile, std::uint32_t thread, std::uint64_t cycle,
                                      const EngineAccess& access) {
    Doer& engine = coprocessors_[tile];
    const Agent agent = agents_.coprocessor(tile);
    Touch touch = touch_of({.core = nobody, .cycle = cycle},
                           access.writes ? Kind::coprocessor_write : Kind::coprocessor_read);
    touch.agent = agent;
    touch.number = engine.number;
    touch.pc = thread;
    if (access.writes) touch.known = engine.learned;
    note(access.place, access.bytes, touch, {engine.learned, agent, engine.number});
    if (!access.writes) return;
    const MemoryRef& place = access.place;
    if (!in_shadow(place)) shadow(place).make_word(place.offset);
    const Clock all = all_of(agent, engine);
    shadow(place).for_each_word(place.offset, access.bytes,
                                [&](SyncWord& word) { word.released = all; });
    ++engine.number;
}

// --- The host -----------------------------------------------------------------------------------

void RaceCheck::act_as(std::uint32_t queue) {
    acting_ = queue;
    if (queue == 0) return;
    Doer& host = queues_[0];
    learn(queues_[queue], all_of(agents_.queue(0), host));
    ++host.number;
}

void RaceCheck::queue_saw_core(std::uint32_t queue, std::uint32_t core) {
    learn(queues_[queue], all_of(core, cores_[core]));
    ++cores_[core].number;
}

void RaceCheck::queue_saw_last_engine(std::uint32_t queue) {
    queue_saw_engine(queue, last_ended_);
}

void RaceCheck::queue_saw_engine(std::uint32_t queue, std::uint32_t engine) {
    learn(queues_[queue], all_of(agents_.engine(engine), engines_[engine]));
}

void RaceCheck::queue_saw_queue(std::uint32_t queue, std::uint32_t other) {
    learn(queues_[queue], all_of(agents_.queue(other), queues_[other]));
    ++queues_[other].number;
}

void RaceCheck::recorded(std::uint32_t queue, std::uint64_t event) {
    events_[event] = all_of(agents_.queue(queue), queues_[queue]);
    ++queues_[queue].number;
}

void RaceCheck::awaited(std::uint32_t queue, std::uint64_t event) {
    learn(queues_[queue], events_[event]);
}

void RaceCheck::host_saw_all() {
    Doer& host = queues_[0];
    for (std::uint32_t c = 0; c < cores_.size(); ++c) {
        if (cores_[c].image == nobody) continue;
        learn(host, retired(c));
        ++cores_[c].number;
    }
    for (std::uint32_t e = 0; e < engines_.size(); ++e) queue_saw_engine(0, e);
    for (auto& [number, queue] : queues_) {
        if (number != 0) queue_saw_queue(0, number);
    }
}

void RaceCheck::host_touched(const MemoryRef& place, std::uint64_t bytes, bool writes,
                             std::uint64_t cycle) {
    Doer& host = queues_[acting_];
    const Agent agent = agents_.queue(acting_);
    Touch touch =
        touch_of({.core = nobody, .cycle = cycle}, writes ? Kind::host_write : Kind::host_read);
    touch.agent = agent;
    touch.number = host.number;
    if (writes) touch.known = host.learned;
    note(place, bytes, touch, {host.learned, agent, host.number});
    if (!writes) return;
    if (!in_shadow(place) && bytes <= 16) {  // as of a doorbell
        for (std::uint64_t at = 0; at < bytes; at += 4) shadow(place).make_word(place.offset + at);
    }
    const Clock all = all_of(agent, host);
    shadow(place).for_each_word(place.offset, bytes,
                                [&](SyncWord& word) { word.released.join(all); });
    // Kernels that it launched in this cycle have not begun.
    if (acting_ == 0 && cycle == launch_cycle_) {
        for (const std::uint32_t core : launched_) learn(cores_[core], all);
    }
    ++host.number;
}

}  // namespace tilewright
