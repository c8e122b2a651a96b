// The chip on several threads of the host: turns of cores in different tiles that stand next in the
// queue are begun at once, and each goes on in its place in the order, in the chip's own thread. So
// results are those of one thread, whatever the number of threads.
//
// A turn is begun only while nothing that comes before it can touch its tile. What stands before it
// in the queue is looked at. What turns before it send over the network takes its latency to get to
// another tile (the lookahead). Commands of engines, the host and the end of a run reach anything
// at once: then what was begun is taken back (tile/head_start.hpp).
//
// Turns that are over at the end of their window do nothing when they go on, so that they do while
// others are being begun. Before anything else happens all threads have ended (join()).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chip/tiles.hpp"
#include "tilewright/base/work_pool.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/sim/clock.hpp"

namespace tilewright {

class EarlyTurns {
public:
    /// `threads` as of WorkPool.
    EarlyTurns(const ChipConfig& config, Tiles& tiles, std::uint32_t threads);
    EarlyTurns(const EarlyTurns&) = delete;
    EarlyTurns& operator=(const EarlyTurns&) = delete;
    ~EarlyTurns();

    std::uint32_t threads() const { return pool_.threads(); }
    /// To be called before each event is handled.
    void before(const ScheduledEvent& next) {
        if (next_ == turns_.size()) gather(next);
        if (next_ != turns_.size()) meet(next);
    }
    /// No other thread is at work.
    void join();
    /// The cores and their memories are as if nothing had been begun.
    void take_back();

    /// What a thread of the pool does.
    void operator()(std::uint32_t thread);

private:
    struct Turn {
        ScheduledEvent event;
        Tile* tile = nullptr;
        std::uint32_t processor = 0;
        std::uint32_t thread = 0;            ///< that should begin it
        HeadStart* start = nullptr;          ///< of the core
        const HeadStart* another = nullptr;  ///< of the turn before it in the same tile
        bool begun = false;                  ///< known when all have ended
    };
    struct TileTurns {
        std::uint64_t gathered = 0;       ///< number of the last gathering that has a turn of it
        const HeadStart* last = nullptr;  ///< of that
        std::uint64_t closed = 0;    ///< or found something else in it, after which none is begun
        std::uint32_t thread = ~0u;  ///< always the same one: its memory is there
        std::uint32_t begun = 0;     ///< turns, when all have ended
    };

    void gather(const ScheduledEvent& first);
    void add(const ScheduledEvent& event, std::uint32_t tile);
    void meet(const ScheduledEvent& next);
    void begin(const Turn& turn) const;
    bool over(const Turn& turn) const;
    bool possible() const;
    std::uint32_t tile_of(const ScheduledEvent& event) const;

    const Surroundings& around_;
    Tiles& tiles_;
    std::uint64_t lookahead_;  // cycles
    std::vector<Turn> turns_;  // in the order of their events
    std::size_t next_ = 0;     // of those, the first that has not come yet
    std::uint64_t end_ = 0;    // they come before this cycle
    bool joined_ = true;
    std::vector<TileTurns> tile_;      // by tile
    std::vector<std::uint32_t> load_;  // by thread, as far as it is known beforehand
    std::uint64_t gathering_ = 0;      // number of the last one
    WorkPool pool_;                    // the last member: its threads use the others
};

}  // namespace tilewright
