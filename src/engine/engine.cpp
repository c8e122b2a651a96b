#include "tilewright/engine/engine.hpp"

#include <algorithm>

namespace tilewright {
namespace {

// Commands that have ended are dropped when there are many of them.
constexpr std::uint64_t drop_at = 256;

}  // namespace

void Engine::straighten() {
    std::rotate(bursts.begin(), bursts.begin() + static_cast<std::ptrdiff_t>(oldest), bursts.end());
    oldest = 0;
    bursts.resize(flying);
}

Burst& Engine::new_burst() {
    if (flying == bursts.size()) {  // all of the ring is in use
        straighten();
        bursts.emplace_back();
    }
    return burst(flying++);
}

void Engine::pop_command() {
    ++first;
    if (first == queue.size()) {
        queue.clear();
        first = 0;
    } else if (first >= drop_at && first * 2 >= queue.size()) {
        queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(first));
        first = 0;
    }
}

}  // namespace tilewright
