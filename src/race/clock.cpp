#include "tilewright/race/clock.hpp"

#include <algorithm>

namespace tilewright::race {
namespace {

using Entry = Clock::Entry;

// Each entry of `b` has its equal or a greater one in `a`.
bool includes(std::span<const Entry> a, std::span<const Entry> b) {
    if (b.size() > a.size()) return false;
    auto at = a.begin();
    for (const Entry& e : b) {
        at = std::lower_bound(at, a.end(), e.agent,
                              [](const Entry& x, Agent agent) { return x.agent < agent; });
        if (at == a.end() || at->agent != e.agent || at->number < e.number) return false;
    }
    return true;
}

}  // namespace

std::span<const Entry> Clock::entries() const {
    return shared_ != nullptr ? std::span<const Entry>(shared_->entries) : std::span<const Entry>();
}

std::uint64_t Clock::of(Agent agent) const {
    const auto all = entries();
    const auto at = std::ranges::lower_bound(all, agent, {}, &Entry::agent);
    return at != all.end() && at->agent == agent ? at->number : 0;
}

void Clock::assign(std::vector<Entry> entries) {
    *this = Clock();
    if (!entries.empty()) shared_ = new Shared{.holders = 1, .entries = std::move(entries)};
}

void Clock::join(const Clock& other) {
    if (other.shared_ == nullptr || other.shared_ == shared_) return;
    const auto a = entries();
    const auto b = other.entries();
    if (includes(a, b)) return;
    if (includes(b, a)) {
        *this = other;
        return;
    }
    std::vector<Entry> all;
    all.reserve(a.size() + b.size());
    auto x = a.begin();
    auto y = b.begin();
    while (x != a.end() && y != b.end()) {
        if (x->agent < y->agent) {
            all.push_back(*x++);
        } else if (y->agent < x->agent) {
            all.push_back(*y++);
        } else {
            all.push_back({x->agent, std::max(x->number, y->number)});
            ++x;
            ++y;
        }
    }
    all.insert(all.end(), x, a.end());
    all.insert(all.end(), y, b.end());
    assign(std::move(all));
}

void Clock::raise(Agent agent, std::uint64_t number) {
    if (number <= of(agent)) return;
    if (shared_ == nullptr) {
        shared_ = new Shared;
    } else if (shared_->holders != 1) {
        std::vector<Entry> copy = shared_->entries;
        assign(std::move(copy));
    }
    auto& all = shared_->entries;
    const auto at = std::ranges::lower_bound(all, agent, {}, &Entry::agent);
    if (at != all.end() && at->agent == agent) {
        at->number = number;
    } else {
        all.insert(at, {agent, number});
    }
}

bool Clock::operator==(const Clock& other) const {
    return std::ranges::equal(entries(), other.entries());
}

}  // namespace tilewright::race
