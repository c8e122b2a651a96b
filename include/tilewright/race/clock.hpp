// Vector clocks: how much of what each agent does is known to have happened.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tilewright::race {

/// Whoever does things in an order of its own: a core, an engine, a queue of the host, transfers
/// on one path. What it does is counted from 1 on.
using Agent = std::uint32_t;

/// A sparse map from agents to numbers; an agent that is not in it has number 0. Copies share their
/// entries, so that one is as cheap as a pointer; within one thread only.
class Clock {
public:
    struct Entry {
        Agent agent = 0;
        std::uint64_t number = 0;
        bool operator==(const Entry&) const = default;
    };

    Clock() = default;
    Clock(const Clock& other) : shared_(other.shared_) { hold(); }
    Clock(Clock&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
    Clock& operator=(Clock other) noexcept {
        std::swap(shared_, other.shared_);
        return *this;
    }
    ~Clock() { let_go(); }

    std::uint64_t of(Agent agent) const;
    std::span<const Entry> entries() const;  ///< in the order of their agents, none with number 0
    /// The greater one of each.
    void join(const Clock& other);
    void raise(Agent agent, std::uint64_t number);
    /// Leaves out the entries for which `drop(entry)`.
    template <class F>
    void drop_if(F&& drop) {
        std::vector<Entry> kept;
        for (const Entry& e : entries()) {
            if (!drop(e)) kept.push_back(e);
        }
        if (kept.size() != entries().size()) assign(std::move(kept));
    }
    bool operator==(const Clock& other) const;

private:
    struct Shared {
        std::uint32_t holders = 1;
        std::vector<Entry> entries;
    };
    void hold() const {
        if (shared_ != nullptr) ++shared_->holders;
    }
    void let_go() const {
        // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDelete): it does not follow hold()
        if (shared_ != nullptr && --shared_->holders == 0) delete shared_;
    }
    void assign(std::vector<Entry> entries);

    Shared* shared_ = nullptr;  // nullptr: no entries
};

}  // namespace tilewright::race
