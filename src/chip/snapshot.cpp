// All of a chip's state as bytes, and back: a loop over its parts, and its memory.
//
// Memory goes page by page, pages of zeros left out. Reading fills new states first and checks that
// they fit together; the chip changes only when nothing can fail any more.
#include <tuple>
#include <utility>

#include "chip/parts.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t end_of_pages = ~std::uint64_t{0};

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: ") + what);
}

// What no part can tell alone: cores run images that are there.
void check_together(const ImagesState& images, const TilesState& tiles) {
    for (const auto& tile : tiles.tiles) {
        if (tile == nullptr) continue;
        std::as_const(tile->cores).for_each([&](std::size_t, const Core& core) {
            if (core.status == CoreStatus::idle) return;
            expect(core.image < images.images.size(), "a core without its image");
            expect(!core.caller.waits || core.caller.image < images.images.size(),
                   "a caller without its image");
        });
    }
}

}  // namespace

std::uint32_t Chip::save(ArchiveWriter& archive) const {
    Parts& parts = *parts_;
    parts.host.check_unpinned();
    parts.network.check_saved();
    archive(parts.clock.now, parts.clock.acting, parts.clock.queue);
    parts.for_each([&](const auto& part) { archive(part.state()); });

    const std::vector<Arena::Page> pages = parts.memories.pages();
    for (const Arena::Page& page : pages) {
        archive(page.offset);
        archive.refer({page.bytes, Arena::page_bytes});
    }
    archive(end_of_pages);
    return static_cast<std::uint32_t>(pages.size());
}

void Chip::load(
    ArchiveReader& archive,
    const std::function<void(std::span<const std::uint32_t>, const EngineState&)>& verified) {
    Parts& parts = *parts_;
    std::uint64_t now = 0;
    std::uint32_t acting = 0;
    EventQueue queue;
    archive(now, acting, queue);
    std::vector<std::uint32_t> notices;
    for (const ScheduledEvent& event : queue.events()) {
        bool owned = false;
        parts.for_each([&](const auto& part) { owned |= part.owns(event.component); });
        expect(owned, "an event of an unknown component");
        if (parts.host.owns(event.component)) notices.push_back(event.data);
    }

    auto states = std::apply([](const auto&... part) { return std::tuple{part.blank()...}; },
                             std::as_const(parts).table());
    const auto with_states = [&](auto&& visit) {
        std::apply(
            [&](auto&... part) {
                std::apply([&](auto&... state) { (visit(part, state), ...); }, states);
            },
            parts.table());
    };
    with_states([&](const auto&, auto& state) { archive(state); });
    with_states([&](const auto& part, auto& state) { part.check(state, queue); });
    check_together(std::get<ImagesState>(states), std::get<TilesState>(states));

    std::vector<Arena::Page> pages;
    for (std::uint64_t at = 0;;) {
        archive(at);
        if (at == end_of_pages) break;
        expect(at % Arena::page_bytes == 0 && at < parts.memories.size(),
               "a page outside the memories");
        expect(pages.empty() || pages.back().offset < at, "pages out of order");
        pages.push_back({at, archive.raw(Arena::page_bytes).data()});
    }
    verified(notices, std::get<EngineState>(states));

    const std::uint64_t until = parts.clock.now;
    parts.memories.replace(pages);
    parts.fault.reset();
    parts.stuck_core.reset();
    parts.clock.now = now;
    parts.clock.acting = acting;
    parts.laps.clear();
    parts.suspicion.begin(now, parts.config.quantum_cycles);
    parts.clock.queue = std::move(queue);
    with_states([](auto& part, auto& state) { part.adopt(std::move(state)); });
    parts.restart_checks();
    if (parts.probes.observer != nullptr) parts.probes.observer->on_restored(Cycle{until});
}

}  // namespace tilewright
