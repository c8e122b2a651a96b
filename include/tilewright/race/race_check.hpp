// A check for races: two accesses that share a byte, of which one at least writes, and that nothing
// puts in an order. docs/memory-model.md has the order and the rules; each event here is a row of
// its table.
//
// Every agent has a clock of what it knows to have happened; what it touches is noted with its
// number, and compared with what others have touched there before. The first race is kept until
// restart(); nothing is checked behind it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "tilewright/race/agents.hpp"
#include "tilewright/race/shadow.hpp"
#include "tilewright/sim/order_observer.hpp"

namespace tilewright {

/// One side of a race, for reports.
struct RaceAccess {
    race::Touch::Kind kind = race::Touch::Kind::none;
    CodeSite site;             ///< of the instruction or command; its core may be nobody
    std::uint32_t noc = 0;     ///< of a transfer
    std::uint32_t engine = 0;  ///< of an engine's access
    std::uint32_t queue = 0;   ///< of the host's
    std::uint32_t tile = 0;    ///< of a compute engine's
    std::uint32_t thread = 0;  ///< likewise
};

struct Race {
    MemoryRef place;  ///< the first byte that both touch
    RaceAccess earlier;
    RaceAccess later;
    std::uint64_t bytes = 0;  ///< that the later one touches, from `begin` on
    MemoryRef begin;
    /// The later one knows of something that the earlier one's core has done since: the signal is
    /// there, and what is missing is that the earlier one had to be complete before it.
    bool signalled = false;
};

class RaceCheck final : public OrderObserver {
public:
    /// Below `l1_user_base` of an L1 there are synchronising words only.
    RaceCheck(std::uint32_t cores, std::uint32_t engines, std::uint64_t l1_user_base);

    const std::optional<Race>& found() const { return found_; }
    /// The image is named by what is remembered: its number must not become that of another one.
    bool names_image(std::uint32_t image) const { return images_.contains(image); }
    /// Everything that has happened was before all that follows; the engines hold so many commands.
    void restart(const std::vector<std::size_t>& commands_of_engines);

    // --- The host -------------------------------------------------------------------------------
    /// What is launched, submitted or touched from now on is this queue's doing; it knows what the
    /// host knows.
    void act_as(std::uint32_t queue);
    /// The queue knows the ends of this core's kernel, or of this engine's commands so far.
    void queue_saw_core(std::uint32_t queue, std::uint32_t core);
    void queue_saw_engine(std::uint32_t queue, std::uint32_t engine);
    void queue_saw_last_engine(std::uint32_t queue);  ///< whose command ended last
    void queue_saw_queue(std::uint32_t queue, std::uint32_t other);
    /// Of an event of the queue, and of one that waits for it.
    void recorded(std::uint32_t queue, std::uint64_t event);
    void awaited(std::uint32_t queue, std::uint64_t event);
    /// Nothing goes on until the host acts: it knows all that has happened.
    void host_saw_all();
    /// By the queue that acts, in this cycle.
    void host_touched(const MemoryRef& place, std::uint64_t bytes, bool writes,
                      std::uint64_t cycle);
    /// The bytes are somebody else's from now on.
    void forget(const MemoryRef& place, std::uint64_t bytes);

    void on_load(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) override;
    void on_store(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) override;
    void on_acquire(std::uint32_t core, const MemoryRef& word) override;
    void on_release(std::uint32_t core, const MemoryRef& word) override;
    void on_atomic(std::uint32_t core, const MemoryRef& word) override;
    void on_fence(std::uint32_t core) override;
    void on_launched(std::uint32_t core, std::uint64_t cycle) override;
    void on_ended(std::uint32_t core) override;
    void on_returned(std::uint32_t core) override;
    std::uint64_t on_command(const CodeSite& site, const TransferCommand& command) override;
    void on_effect(std::uint64_t transfer, const MemoryRef& place, std::uint32_t bytes,
                   const MemoryRef& added) override;
    void on_none_pending(std::uint32_t core, std::uint32_t noc, TransferCounter counter) override;
    void on_submitted(const CodeSite& site, std::uint32_t engine) override;
    void on_begun(std::uint32_t engine, std::uint64_t cycle, std::span<const std::uint32_t> flags,
                  std::span<const EngineAccess> accesses) override;
    void on_command_ended(std::uint32_t engine, std::uint32_t flag) override;
    void on_flag_seen(std::uint32_t core, std::uint32_t flag) override;
    void on_flag_changed(std::uint32_t core, std::uint32_t flag, bool added) override;
    void on_coprocessor_seen(std::uint32_t core, std::uint32_t tile) override;
    void on_coprocessor_changed(std::uint32_t core, std::uint32_t tile) override;
    void on_coprocessor_access(std::uint32_t tile, std::uint32_t thread, std::uint64_t cycle,
                               const EngineAccess& access) override;

private:
    using Clock = race::Clock;
    using Touch = race::Touch;
    using Kind = race::Touch::Kind;

    /// Of a core, an engine, a compute engine or a queue. Its number counts what it does.
    struct Doer {
        Clock learned;
        std::uint64_t number = 1;
        std::size_t compact_at = 64;  // entries
    };
    struct CoreState : Doer {
        std::uint64_t fenced = 0;    // its number at its last fence or atomic
        bool stored_direct = false;  // since then, to direct memory
        std::array<std::set<race::Agent>, 2> atomic_paths;   // of each network, since its barrier
        std::array<std::array<std::uint64_t, 4>, 2> last{};  // command that raised each counter
        std::uint32_t image = ~0u;                           // that it ran last
    };
    /// A transfer that is under way.
    struct Flight {
        TransferCommand::Kind kind = TransferCommand::Kind::read;
        race::Agent path = 0;
        std::uint32_t core = 0;
        std::uint64_t number = 0;
        std::uint64_t path_number = 0;  // of the one before on its path
        Clock learned;
        std::uint32_t left = 0;           // receivers where it has not taken effect
        std::vector<MemoryRef> effected;  // those where it has, while others are left
    };
    /// A command of an engine that has not begun.
    struct Submitted {
        Clock known;
        CodeSite site;
    };
    struct EngineState : Doer {
        std::deque<Submitted> queue;
    };

    bool in_shadow(const MemoryRef& place) const {
        return place.kind != MemoryKind::tile_l1 || place.offset >= l1_user_base_;
    }
    race::Shadow& shadow(const MemoryRef& place);
    void learn(Doer& doer, const Clock& clock) const;
    Clock& acquired_word(const MemoryRef& word);
    bool has_landed(const Touch& write, const MemoryRef& place) const;
    void note(const MemoryRef& place, std::uint64_t bytes, const Touch& touch,
              const race::View& view);
    RaceAccess describe(const Touch& touch) const;
    Clock retired(std::uint32_t core) const;
    Touch touch_of(const CodeSite& site, Kind kind);
    void effect_on_words(const Flight& flight, const MemoryRef& place, std::uint32_t bytes,
                         const MemoryRef& added);

    const std::uint64_t l1_user_base_;
    const std::uint32_t engine_count_;
    race::Agents agents_;
    std::vector<CoreState> cores_;
    std::vector<EngineState> engines_;
    std::map<std::uint32_t, Doer> queues_;
    std::map<std::uint32_t, Doer> coprocessors_;  // by tile
    std::map<std::uint64_t, Clock> events_;
    std::vector<Clock> flags_;
    std::array<std::vector<race::Shadow>, memory_kind_count> shadows_;
    std::unordered_map<std::uint64_t, Flight> flights_;
    std::uint64_t next_flight_ = 1;
    std::uint32_t acting_ = 0;
    std::uint32_t last_ended_ = 0;         // engine
    std::vector<std::uint32_t> launched_;  // cores, by the host itself in ...
    std::uint64_t launch_cycle_ = 0;       // ... the cycle in which it did so last
    std::set<std::uint32_t> images_;
    std::optional<Race> found_;
};

}  // namespace tilewright
