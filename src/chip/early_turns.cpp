#include "chip/early_turns.hpp"

#include <algorithm>
#include <exception>

#include "tilewright/base/pause.hpp"
#include "tilewright/tile/head_start.hpp"
#include "tilewright/tile/order.hpp"

namespace tilewright {
namespace {

bool is_core(std::uint32_t component) {
    return component >= first_core_component && component != host_component;
}

}  // namespace

EarlyTurns::EarlyTurns(const ChipConfig& config, Tiles& tiles, std::uint32_t threads)
    : around_(tiles.around()),
      tiles_(tiles),
      lookahead_(std::uint64_t{config.noc_inject_cycles} + config.noc_hop_cycles +
                 config.noc_eject_cycles),
      tile_(tiles.tile_count()),
      load_(threads),
      pool_(threads) {}

EarlyTurns::~EarlyTurns() = default;

// What is checked, watched or told of every call goes through the bus, and in order.
bool EarlyTurns::possible() const {
    const Probes& probes = around_.probes;
    return !probes.functions && probes.profile == nullptr && !probes.tells_all() &&
           !around_.checks.enabled.of_memory();
}

/// Of an event of a core or of a device.
std::uint32_t EarlyTurns::tile_of(const ScheduledEvent& event) const {
    if (is_core(event.component)) return tiles_.tile_of(core_of(event.component));
    return event.data / static_cast<std::uint32_t>(around_.devices.size());
}

// --- To begin ------------------------------------------------------------------------------------

void EarlyTurns::gather(const ScheduledEvent& first) {
    if (!is_core(first.component) || !possible()) return;
    turns_.clear();
    next_ = 0;
    ++gathering_;
    end_ = std::min(around_.clock.stop, first.cycle + lookahead_);
    std::uint32_t tiles = 0;
    around_.clock.queue.look_ahead([&](const ScheduledEvent& event) {
        if (event.cycle >= end_) return false;
        if (event.component != device_component && !is_core(event.component)) return false;
        const std::uint32_t tile = tile_of(event);
        TileTurns& known = tile_[tile];
        if (known.closed == gathering_) return true;
        if (event.component == device_component) {
            known.closed = gathering_;
            return true;
        }
        Tile& there = *tiles_.find(tile);
        const std::uint32_t processor = tiles_.processor_of(core_of(event.component));
        const bool can = can_begin(there, processor, event);
        if (!can || !worth_beginning(there, processor)) {
            known.closed = gathering_;
            // What ends may end the run.
            return can || there.cores[processor].status != CoreStatus::ended;
        }
        tiles += known.gathered != gathering_ ? 1 : 0;
        add(event, tile);
        return true;
    });
    if (tiles < 2) return turns_.clear();
    joined_ = false;
    pool_.start(*this);
    (*this)(0);
}

void EarlyTurns::add(const ScheduledEvent& event, std::uint32_t tile) {
    TileTurns& known = tile_[tile];
    if (known.thread == ~0u) {
        // That a turn goes on takes the chip's thread a fraction of what it takes to begin it.
        constexpr std::uint32_t to_begin = 5;
        constexpr std::uint32_t to_go_on = 1;
        const auto least = std::ranges::min_element(load_);
        known.thread = static_cast<std::uint32_t>(least - load_.begin());
        *least += to_begin;
        load_[0] += to_go_on;
    }
    const std::uint32_t processor = tiles_.processor_of(core_of(event.component));
    HeadStart& start = *tiles_.find(tile)->runs[processor].head_start;
    start.claimed.store(false, std::memory_order_relaxed);
    start.done.store(false, std::memory_order_relaxed);
    start.at_edge = false;
    turns_.push_back({.event = event,
                      .tile = tiles_.find(tile),
                      .processor = processor,
                      .thread = known.thread,
                      .start = &start,
                      .another = known.gathered == gathering_ ? known.last : nullptr});
    known.gathered = gathering_;
    known.last = &start;
}

void EarlyTurns::operator()(std::uint32_t thread) {
    for (const Turn& turn : turns_) {
        if (turn.thread == thread) begin(turn);
    }
}

// A turn after another of its tile is begun if all that the other one does has been done, and that
// has brought it beyond this turn, so that it will not go on before.
void EarlyTurns::begin(const Turn& turn) const {
    if (turn.start->claimed.load(std::memory_order_relaxed) ||
        turn.start->claimed.exchange(true, std::memory_order_acq_rel)) {
        return;
    }
    const HeadStart* const another = turn.another;
    const bool possible =
        another == nullptr || (another->done.load(std::memory_order_acquire) && another->at_edge &&
                               another->end > turn.event.cycle);
    try {
        if (possible) begin_turn(*turn.tile, turn.processor, turn.event);
    } catch (...) {
        turn.start->done.store(true, std::memory_order_release);
        throw;
    }
    turn.start->done.store(true, std::memory_order_release);
}

// --- When their time comes -----------------------------------------------------------------------

// It only has to go back into the queue, behind all that are being begun.
bool EarlyTurns::over(const Turn& turn) const {
    return turn.start->begun && turn.start->at_edge && turn.start->end >= end_;
}

void EarlyTurns::meet(const ScheduledEvent& next) {
    Turn& turn = turns_[next_];
    if (turn.event.sequence == next.sequence && turn.event.component == next.component) {
        if (!joined_) {
            begin(turn);  // unless its thread has come to it
            for (std::uint32_t i = 0; !turn.start->done.load(std::memory_order_acquire); ++i) {
                pause_or_yield(i);
            }
            if (!over(turn)) join();
        }
        if (turn.begun) --tile_[turn.tile->index].begun;
        if (++next_ == turns_.size()) join();
        return;
    }
    join();
    const bool in_a_tile = next.component == device_component || is_core(next.component);
    const bool far = next.component == fabric_component && next.cycle < end_;
    if (in_a_tile ? tile_[tile_of(next)].begun != 0 : !far) take_back();
}

void EarlyTurns::join() {
    if (joined_) return;
    joined_ = true;
    for (std::size_t i = next_; i < turns_.size(); ++i) turns_[i].start->claimed.store(true);
    std::exception_ptr failure;
    try {
        pool_.wait();
    } catch (...) {
        failure = std::current_exception();
    }
    for (std::size_t i = next_; i < turns_.size(); ++i) {
        Turn& turn = turns_[i];
        turn.begun = turn.start->begun;
        tile_[turn.tile->index].begun += turn.begun ? 1 : 0;
    }
    if (failure) std::rethrow_exception(failure);
}

// The last one first: turns of one tile have stored one after another.
void EarlyTurns::take_back() {
    join();
    while (turns_.size() > next_) {
        const Turn& turn = turns_.back();
        if (turn.begun) {
            take_back_turn(*turn.tile, turn.processor);
            --tile_[turn.tile->index].begun;
        }
        turns_.pop_back();
    }
}

}  // namespace tilewright
