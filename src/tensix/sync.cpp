#include "tensix/sync.hpp"

namespace tilewright::tensix {
namespace {

template <class Use>
void each(const Context& context, std::uint32_t mask, Use&& use) {
    for (unsigned i = 0; i < semaphore_count; ++i) {
        if ((mask >> i & 1) != 0) use(context.state.sync.semaphores[i]);
    }
}

}  // namespace

void check_mutex(Architecture architecture, std::string_view mnemonic, std::uint32_t mutex) {
    const std::uint32_t count = architecture == Architecture::wormhole ? 8 : 5;
    if (mutex == 1 || mutex >= count) {
        refuse(mnemonic, "mutex " + std::to_string(mutex) + "; there are 0 and 2 to " +
                             std::to_string(count - 1));
    }
}

void step_semaphore(SyncState::Semaphore& semaphore, bool down) {
    constexpr std::uint8_t most = 15;
    if (down) {
        if (semaphore.value > 0) --semaphore.value;
    } else if (semaphore.value < most) {
        ++semaphore.value;
    }
}

void execute(const Context& context, const op::atgetm& i) {
    context.state.sync.mutexes[i.mutex] = static_cast<std::uint8_t>(context.thread + 1);
}

void execute(const Context& context, const op::atrelm& i) {
    check_mutex(context.architecture, "ATRELM", i.mutex);
    std::uint8_t& holder = context.state.sync.mutexes[i.mutex];
    if (holder == context.thread + 1) holder = 0;
}

void execute(const Context& context, const op::seminit& i) {
    each(context, i.semaphores, [&](SyncState::Semaphore& semaphore) {
        semaphore = {static_cast<std::uint8_t>(i.value), static_cast<std::uint8_t>(i.maximum)};
    });
}

void execute(const Context& context, const op::sempost& i) {
    each(context, i.semaphores, [](SyncState::Semaphore& s) { step_semaphore(s, false); });
}

void execute(const Context& context, const op::semget& i) {
    each(context, i.semaphores, [](SyncState::Semaphore& s) { step_semaphore(s, true); });
}

}  // namespace tilewright::tensix
