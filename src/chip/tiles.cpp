#include "chip/tiles.hpp"

#include <algorithm>

#include "tilewright/base/error.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/tile/run.hpp"

namespace tilewright {
namespace {

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: ") + what);
}

std::string core_prefix(CoreId id) {
    return "core." + std::to_string(id.tile.x) + "." + std::to_string(id.tile.y) + "." +
           std::to_string(id.processor) + ".";
}

std::vector<std::string> device_names(const Surroundings& around) {
    std::vector<std::string> names;
    for (const DeviceKind& kind : around.devices) names.push_back(kind.name);
    return names;
}

}  // namespace

void fields(ArchiveWriter& archive, const TilesState& state) {
    std::vector<std::uint32_t> present;
    for (const auto& tile : state.tiles) {
        if (tile != nullptr) present.push_back(tile->index);
    }
    archive(device_names(*state.around), present);
    for (const std::uint32_t index : present) save(*state.tiles[index], archive);
}

void fields(ArchiveReader& archive, TilesState& state) {
    std::vector<std::string> devices;
    std::vector<std::uint32_t> present;
    archive(devices, present);
    expect(devices == device_names(*state.around), "of tiles with other devices");
    for (const std::uint32_t index : present) {
        expect(index < state.tiles.size() && state.tiles[index] == nullptr, "an unknown tile");
        state.tiles[index] = std::make_unique<Tile>(*state.around, index);
        load(*state.tiles[index], archive);
    }
}

Tiles::Tiles(const Surroundings& around) : around_(around), state_(blank()) {
    for (std::uint32_t t = 0; t < around.sites.size(); ++t) {
        tile_of_.insert(tile_of_.end(), around.sites[t].cores.size(), t);
    }
    around.memories.set_listener(this);
}

Tile& Tiles::tile(std::uint32_t tile) {
    auto& place = state_.tiles[tile];
    if (place == nullptr) place = std::make_unique<Tile>(around_, tile);
    return *place;
}

const Core& Tiles::core(std::uint32_t core) const {
    static const Core none{};
    const Tile* const tile = find(tile_of_[core]);
    return tile != nullptr ? std::as_const(tile->cores)[processor_of(core)] : none;
}

const Program& Tiles::program(std::uint32_t core) const {
    static const Program none{};
    const Tile* const tile = find(tile_of_[core]);
    return tile != nullptr ? tile->runs[processor_of(core)].program : none;
}

std::uint64_t Tiles::translated(std::uint32_t core) const {
    const Tile* const tile = find(tile_of_[core]);
    if (tile == nullptr) return 0;
    const CoreRun& run = tile->runs[processor_of(core)];
    return run.context.translated() - run.translated_at_launch;
}

void Tiles::start(std::uint32_t core, std::uint32_t image) {
    tilewright::start(tile_with(core), processor_of(core), image);
    ++busy_;
}

void Tiles::remap() {
    for_each_core([](Tile& tile, std::uint32_t processor, const Core&) {
        if (tile.runs[processor].program.code != nullptr) map_memory(tile, processor);
    });
    for (const auto& tile : state_.tiles) {
        if (tile != nullptr) update_watches(*tile);
    }
}

void Tiles::count_parts(std::int64_t times) {
    if (around_.probes.profile == nullptr) return;
    for_each_core([&](Tile& tile, std::uint32_t processor, const Core& core) {
        if (core.status == CoreStatus::idle) return;
        tile.runs[processor].counts->add_part(core.hart.block, core.hart.pc, times);
    });
}

void Tiles::decode_again() {
    for_each_core([](Tile& tile, std::uint32_t processor, const Core& core) {
        if (core.status != CoreStatus::idle) enter_image(tile, processor, core.image);
    });
}

void Tiles::l1_written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                       const Writer& writer) {
    if (Tile* const there = find(tile)) tilewright::l1_written(*there, address, bytes, writer);
}

// --- The contract of a component -----------------------------------------------------------------

Tiles::State Tiles::blank() const {
    State state;
    state.around = &around_;
    state.tiles.resize(around_.sites.size());
    return state;
}

void Tiles::check(const State& state, const EventQueue& queue) const {
    const auto check_core = [&](const Core& core) {
        expect(core.last_writer == Core::nobody || core.last_writer < core_count(),
               "a core with an unknown writer");
        expect(core.hart.reservation % 4 == 0, "a core with a misaligned reservation");
        const riscv::Polling& loop = core.polling.loop;
        expect(loop.count <= riscv::Polling::most_words, "a core that polls too many words");
        for (const riscv::PolledWord& word : loop.words) {
            const bool register_word = std::ranges::any_of(around_.devices, [&](const auto& kind) {
                return word.address - kind.base < kind.bytes;
            });
            expect(word.address % 4 == 0 &&
                       (word.address < around_.parameters.l1_bytes || register_word),
                   "a core that polls an unknown word");
        }
        expect(core.status != CoreStatus::polling || loop.period != 0, "a core that polls no loop");
    };
    for (const auto& tile : state.tiles) {
        if (tile == nullptr) continue;
        tile->cores.for_each([&](std::size_t, const Core& core) { check_core(core); });
        for (const auto& device : tile->devices) device->check();
    }
    for (const ScheduledEvent& event : queue.events()) {
        if (!owns(event.component)) continue;
        if (event.component == device_component) {
            const std::uint32_t tile =
                event.data / static_cast<std::uint32_t>(around_.devices.size());
            expect(tile < state.tiles.size() && state.tiles[tile] != nullptr,
                   "an event of an unknown device");
        } else {
            expect(core_of(event.component) < core_count(), "an event of an unknown component");
        }
    }
}

void Tiles::adopt(State&& state) {
    count_parts(1);
    state_ = std::move(state);
    busy_ = 0;
    for_each_core([&](Tile& tile, std::uint32_t processor, const Core& core) {
        if (core.status == CoreStatus::idle) return;
        ++busy_;
        enter_image(tile, processor, core.image);
        open_memory(tile, processor);
    });
    count_parts(-1);
    for (const auto& tile : state_.tiles) {
        if (tile != nullptr) update_watches(*tile);
    }
}

std::optional<News> Tiles::handle(const ScheduledEvent& event) {
    if (event.component == device_component) {
        const auto rows = static_cast<std::uint32_t>(around_.devices.size());
        tile(event.data / rows).devices[event.data % rows]->handle(event);
        return std::nullopt;
    }
    const std::uint32_t core = core_of(event.component);
    if (!handle_core(tile_with(core), processor_of(core), event)) return std::nullopt;
    --busy_;
    if (around_.probes.order != nullptr) around_.probes.order->on_ended(core);
    return News{News::Kind::core_ended, core};
}

void Tiles::count(const CountSink& sink) const {
    std::uint64_t instructions = 0;
    for (std::uint32_t c = 0; c < core_count(); ++c) {
        const Core& core = this->core(c);
        const std::string prefix = core_prefix(core_id(c));
        sink(prefix + "instructions", "instructions", "retired", core.hart.retired);
        sink(prefix + "cycles", "cycles", "from launch to end, of kernels that have ended",
             core.total_cycles);
        sink(prefix + "waiting_cycles", "cycles", "parked, of kernels that have ended",
             core.total_waiting_cycles);
        instructions += core.hart.retired;
    }
    sink("cores.instructions", "instructions", "retired by all cores", instructions);
    for (const auto& tile : state_.tiles) {
        if (tile == nullptr) continue;
        for (const auto& device : tile->devices) device->count(sink);
    }
}

std::string Tiles::describe() const {
    std::string lines;
    for (const auto& tile : state_.tiles) {
        if (tile == nullptr) continue;
        for (const auto& device : tile->devices) lines += device->describe();
    }
    return lines;
}

void Tiles::abort() {
    count_parts(1);
    for_each_core([&](Tile& tile, std::uint32_t processor, Core& core) {
        if (core.status != CoreStatus::idle && around_.probes.observer != nullptr) {
            around_.probes.observer->on_core(tile.core_id(processor), CoreEvent::aborted,
                                             Cycle{std::max(around_.clock.now, core.hart.cycles)},
                                             CoreAddress{core.hart.pc});
        }
        core.status = CoreStatus::idle;
        core.hart.reserved = false;
        core.caller = {};
    });
    for (const auto& tile : state_.tiles) {
        if (tile == nullptr) continue;
        for (const auto& device : tile->devices) device->abort();
        update_watches(*tile);
    }
    busy_ = 0;
}

}  // namespace tilewright
