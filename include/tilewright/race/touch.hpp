// One access to memory, as a race check remembers it.
#pragma once

#include <cstdint>

#include "tilewright/race/clock.hpp"
#include "tilewright/sim/order_observer.hpp"

namespace tilewright::race {

struct Touch {
    enum class Kind : std::uint8_t {
        none,
        load,        ///< of a core
        store,       ///< of less than a word
        word_store,  ///< which releases, if somebody acquires the word
        source,      ///< a write over the network takes it
        write,       ///< ... and puts it here
        atomic,      ///< over the network
        fetch,       ///< a read over the network takes it
        land,        ///< ... and puts it here
        engine_read,
        engine_write,
        host_read,  ///< by a queue
        host_write,
        coprocessor_read,  ///< of a compute engine
        coprocessor_write,
    };

    std::uint64_t number = 0;  ///< of its agent
    std::uint64_t cycle = 0;
    Clock known;  ///< what its agent knew of others; of what writes
    Agent agent = 0;
    std::uint32_t core = CodeSite::nobody;  ///< whose instruction or command it was
    std::uint32_t pc = 0;                   ///< of a compute engine: the thread
    std::uint32_t image = 0;
    Kind kind = Kind::none;
    /// It releases what its agent did up to `number` less this (docs/memory-model.md, row 11).
    std::uint32_t unfenced = 0;

    bool writes() const {
        return kind == Kind::store || kind == Kind::word_store || kind == Kind::write ||
               kind == Kind::atomic || kind == Kind::land || kind == Kind::engine_write ||
               kind == Kind::host_write || kind == Kind::coprocessor_write;
    }
};

}  // namespace tilewright::race
