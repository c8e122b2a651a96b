// The compute engine among the devices of its tile.
//
// It passes cycles when its event is due, up to what happens next on the chip, and before a core
// looks at it. Cores run ahead of it: words that they push come in when their cycle has come, as if
// each core had waited for its turn. An idle tile's engine does not exist.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "coprocessor/tile_side.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/register_device.hpp"

namespace tilewright {

/// The processor of thread 0; those of the others follow.
inline constexpr std::uint32_t first_feeder = 1;

/// The thread whose core this is.
constexpr std::optional<unsigned> thread_of(std::uint32_t processor) {
    const std::uint32_t thread = processor - first_feeder;
    if (thread >= tensix::thread_count) return std::nullopt;
    return thread;
}

/// What the engine holds a core for: also the mailbox of, or from, the processor that is added.
enum class Holds : std::uint8_t { nothing, room, done, macros, mail, mail_taken = mail + 4 };
constexpr Holds last_of(Holds) {
    return static_cast<Holds>(static_cast<unsigned>(Holds::mail_taken) + 3);
}
constexpr Holds of_processor(Holds what, std::uint32_t processor) {
    return static_cast<Holds>(static_cast<std::uint32_t>(what) + processor);
}

/// Words from one core to another, the first one first.
struct Mailbox {
    std::array<std::uint32_t, abi::compute_register::mailbox_words> words{};
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    bool full() const { return count == words.size(); }
    void put(std::uint32_t word) { words[(first + count++) % words.size()] = word; }
    std::uint32_t take() {
        const std::uint32_t word = words[first];
        first = (first + 1) % words.size();
        --count;
        return word;
    }
};
void fields(auto& archive, Mailbox& box) {
    archive(box.words, box.first, box.count);
}

void fields(auto& archive, riscv::PushPort::Word& w) {
    archive(w.cycle, w.bits, w.pc);
}
void fields(auto& archive, riscv::PushPort& p) {
    archive(p.words, p.first, p.count);
    p.told = p.count;
}

class EngineDevice final : public RegisterDevice {
public:
    EngineDevice(Tile& tile, tensix::Architecture architecture, const tensix::EngineTiming& timing);

    riscv::Access load(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) override;
    riscv::Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                       std::uint32_t value, std::uint64_t cycle) override;
    /// A word of the core's MOP expander.
    riscv::Cause store_macro(std::uint32_t core, std::uint32_t word, std::uint32_t value,
                             std::uint64_t cycle);

    std::uint32_t latency(std::uint32_t offset) const override;
    Word word(std::uint32_t offset) const override;
    std::uint32_t value(std::uint32_t core, std::uint32_t offset) const override;
    bool can_change(std::uint32_t core, std::uint32_t offset) const override;
    std::string describe_word(std::uint32_t core, std::uint32_t offset) const override;

    void save(ArchiveWriter& archive) const override;
    void load_state(ArchiveReader& archive) override;
    void check() const override;
    void handle(const ScheduledEvent& event) override;
    void count(const CountSink& sink) const override;
    std::string describe() const override;
    std::uint32_t busy() const override;
    bool pending(std::uint32_t core) const override;
    void pushed(std::uint32_t core) override;
    void remapped(std::uint32_t core) override;
    /// The first of its cores to be launched finds it reset; a later one its own thread's front.
    /// Cores that waited for room there go on.
    void launched(std::uint32_t core) override;
    void program_begins() override;
    void retired(std::uint32_t core) override;
    void abort() override;

private:
    /// Of what orders cores that share the engine.
    void tell_seen(std::uint32_t core) const;
    void tell_changed(std::uint32_t core) const;
    // --- Registers ------------------------------------------------------------------------------
    std::uint32_t* general_register(std::uint32_t core, std::uint32_t offset);
    std::uint32_t config_words() const;
    /// Bank and word of the configuration at an offset.
    std::optional<std::pair<unsigned, std::uint32_t>> config_place(std::uint32_t core,
                                                                   std::uint32_t offset) const;
    riscv::Access load_word(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle);
    /// A word of Dst, SrcA or SrcB at an offset.
    std::optional<std::uint32_t> number_at(std::uint32_t offset) const;
    riscv::Cause store_word(std::uint32_t core, std::uint32_t offset, std::uint32_t value,
                            std::uint64_t cycle);
    riscv::Cause push_word(std::uint32_t core, std::uint32_t offset, std::uint32_t word);
    /// What `from` has sent to `to` and was not taken.
    Mailbox& mailbox(std::uint32_t from, std::uint32_t to) {
        return mail_[from * abi::compute_register::mailbox_users + to];
    }
    const Mailbox& mailbox(std::uint32_t from, std::uint32_t to) const {
        return mail_[from * abi::compute_register::mailbox_users + to];
    }
    riscv::Access take_mail(std::uint32_t core, std::uint32_t from, std::uint64_t cycle);
    riscv::Cause send_mail(std::uint32_t core, std::uint32_t to, std::uint32_t word,
                           std::uint64_t cycle);
    void mail_changed(std::uint32_t from, std::uint32_t to, std::uint64_t cycle);
    std::string describe_mail() const;
    riscv::Access wait_for(std::uint32_t core, Holds what);
    /// Whether the core is held for it still.
    bool holds(std::uint32_t core, Holds what) const;
    void block(std::uint32_t core, Holds what);

    // --- Time -----------------------------------------------------------------------------------
    /// A place in the global order.
    struct Turn {
        std::uint64_t cycle;
        std::uint32_t component;
        auto operator<=>(const Turn&) const = default;
    };

    void create();
    void reset();
    /// Let all happen that comes before this cycle's turn of a core.
    void catch_up(std::uint32_t core, std::uint64_t cycle);
    /// Do what comes next, a word that a core pushes or a cycle in which the engine is due, unless
    /// it comes after `end`.
    bool go_on(const Turn& end);
    /// The turn of what happens next on the chip.
    Turn next_turn() const;
    /// The thread with the word that was pushed first, of those that lie at the ports.
    std::optional<unsigned> first_ahead() const;
    void take(unsigned thread);
    void make_room();
    void make_room_if_queues_changed();
    void advance_to(std::uint64_t cycle);
    [[noreturn]] void throw_fault(const tensix::TensixFault& fault) const;
    void be_due(std::uint64_t cycle);
    void schedule();
    void be_due_when_a_pipe_is_empty();
    using Semaphores = decltype(tensix::SyncState::semaphores);
    void tell_of_semaphores(const Semaphores& before, std::uint64_t cycle);
    /// Cores that waited for room, or for what is done, try again.
    void let_go_on(std::uint64_t cycle);
    /// The core's kernel has ended, but not what it told its thread to do.
    bool lingers(std::uint32_t core) const;

    Tile& tile_;
    std::uint32_t row_;  ///< among the tile's devices
    tensix::Architecture architecture_;
    tensix::EngineTiming timing_;
    TileSide side_;
    std::unique_ptr<tensix::Engine> engine_;      ///< once somebody has used it
    std::uint64_t due_ = tensix::Times::never;    ///< when something can happen in it
    std::uint64_t event_ = tensix::Times::never;  ///< its event that counts; others are stale
    std::array<riscv::PushPort, tensix::thread_count> ahead_;
    std::array<Holds, abi::max_processors> waiting_{};
    static constexpr std::size_t mail_users = abi::compute_register::mailbox_users;
    std::array<Mailbox, mail_users * mail_users> mail_{};
    // Derived:
    std::uint32_t held_ = 0;                                   ///< a bit for each core that waits
    std::array<std::uint8_t, tensix::thread_count> queued_{};  ///< what the room at ports is for
};

}  // namespace tilewright
