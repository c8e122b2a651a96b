// The chip as its owner sees it: names, memory, launches, and whom to tell.
#include "tilewright/chip/chip.hpp"

#include <algorithm>
#include <cstring>

#include "chip/parts.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/memory/huge_pages.hpp"

namespace tilewright {
namespace {

void check_flag(std::uint32_t flag) {
    if (flag < abi::engine_flag_count) return;
    throw AddressError("no flag " + std::to_string(flag) + "; there are " +
                       std::to_string(abi::engine_flag_count));
}

std::uint32_t image_number(Parts& parts, const std::shared_ptr<const Image>& image) {
    return parts.images.number_of(image, [&](std::uint32_t number) {
        bool used = false;
        parts.tiles.for_each_core([&](const Tile&, std::uint32_t, const Core& core) {
            used |= core.status != CoreStatus::idle &&
                    (core.image == number || (core.caller.waits && core.caller.image == number));
        });
        used |= parts.races != nullptr && parts.races->names_image(number);
        return used;
    });
}

// What the host does, it does now.
Writer host_writer(const SimClock& clock) {
    return {.cycle = clock.now, .turn = clock.now, .component = clock.acting};
}

}  // namespace

Chip::Chip(const ChipConfig& config, const Conventions& conventions,
           std::span<const DeviceKind> devices)
    : parts_(std::make_unique<Parts>(config, conventions, devices)) {}
Chip::~Chip() = default;

const ChipConfig& Chip::config() const {
    return parts_->config;
}
const Conventions& Chip::conventions() const {
    return parts_->parameters.conventions;
}
std::uint64_t Chip::now() const {
    return parts_->clock.now;
}

// --- Names --------------------------------------------------------------------------------------

std::uint32_t Chip::tile_index(TileId tile) const {
    const ChipConfig& config = parts_->config;
    if (tile.x < config.tile_columns() && tile.y < config.tile_rows()) {
        return tile.y * config.tile_columns() + tile.x;
    }
    const std::size_t control = config.control_tiles.size();
    if (tile.y == config.tile_rows() && tile.x < control) return config.tile_count() + tile.x;
    const std::string beside = control == 0
                                   ? ""
                                   : "; row " + std::to_string(config.tile_rows()) +
                                         " has control tiles 0 to " + std::to_string(control - 1);
    throw AddressError("no tile " + describe(tile) + ": the grid of '" + config.name +
                       "' has columns 0 to " + std::to_string(config.tile_columns() - 1) +
                       " and rows 0 to " + std::to_string(config.tile_rows() - 1) + beside);
}

std::uint32_t Chip::core_index(CoreId core) const {
    const TileSite& site = parts_->sites[tile_index(core.tile)];
    if (core.processor < site.cores.size()) return site.first_core + core.processor;
    throw AddressError("no processor " + std::to_string(core.processor) + " in " + tile_name(site) +
                       ": it has processors 0 to " + std::to_string(site.cores.size() - 1));
}

CoreId Chip::core_id(std::uint32_t core) const {
    return parts_->tiles.core_id(core);
}

std::uint32_t Chip::core_count() const {
    return parts_->tiles.core_count();
}
const TileSite& Chip::site(std::uint32_t tile) const {
    return parts_->sites[tile];
}

// --- Memory -------------------------------------------------------------------------------------

const AddressMap& Chip::map() const {
    return parts_->memories.map();
}

void Chip::write(const MemoryRef& place, std::span<const std::byte> data) {
    map().check(place, data.size());
    parts_->memories.will_write(place, data.size(), host_writer(parts_->clock));
    parts_->memories.open_freed(place, data.size());  // the host has a use for it
    if (parts_->races != nullptr) {
        parts_->races->host_touched(place, data.size(), true, parts_->clock.now);
    }
    std::byte* const memory = parts_->memories.at(place);
    if (place.kind == MemoryKind::dram) prefer_huge_pages({memory, data.size()});
    if (!data.empty()) std::memcpy(memory, data.data(), data.size());
}

void Chip::read(const MemoryRef& place, std::span<std::byte> data) const {
    map().check(place, data.size());
    if (!data.empty()) std::memcpy(data.data(), parts_->memories.at(place), data.size());
}

std::span<std::byte> Chip::in_place(const MemoryRef& place, std::uint64_t bytes) {
    map().check(place, bytes);
    std::byte* const memory = parts_->memories.at(place);
    parts_->memories.will_write(memory, bytes);
    return {memory, bytes};
}

std::shared_ptr<const void> Chip::keep_memory() const {
    return parts_->memories.keep();
}

void Chip::mark_undefined(const MemoryRef& place, std::uint64_t bytes) {
    parts_->memories.mark_undefined(parts_->memories.at(place), bytes);
    if (parts_->races != nullptr) parts_->races->forget(place, bytes);
}

void Chip::close(const Closed& range) {
    parts_->memories.close(range);
}
WriteRights& Chip::write_rights() {
    return parts_->checks.rights;
}
void Chip::open(const MemoryRef& place, std::uint64_t bytes) {
    parts_->memories.open(place, bytes);
}
void Chip::open_freed(const MemoryRef& place, std::uint64_t bytes,
                      const std::function<bool(const Closed&)>& keep) {
    parts_->memories.open_freed(place, bytes, keep);
}

// --- The host -----------------------------------------------------------------------------------

std::uint32_t Chip::pin(std::span<std::byte> memory) {
    return parts_->host.pin(memory);
}
void Chip::unpin(std::uint32_t address) {
    parts_->host.unpin(address);
}
std::span<std::byte> Chip::pinned_memory(std::uint64_t address) const {
    return parts_->host.pinned(address);
}
std::uint64_t Chip::cross_host_link(std::uint64_t cycle, std::uint64_t bytes) {
    return parts_->host.cross_link(cycle, bytes);
}
void Chip::make_doorbell(std::uint32_t address) {
    parts_->host.make_doorbell(address);
}
void Chip::notify_at(std::uint64_t cycle, std::uint32_t number) {
    parts_->host.notify_at(cycle, number);
}

// --- Engines ------------------------------------------------------------------------------------

const Engines& Chip::engines() const {
    return parts_->engines.engines();
}

void Chip::submit(EngineId engine, const EngineCommand& command) {
    const PlannedCommand planned = engines().plan(engine, command);
    if (parts_->races != nullptr) parts_->races->on_submitted({}, engines().number(engine));
    parts_->engines.submit(engine, planned, now());
}

std::uint32_t Chip::flag(std::uint32_t number) const {
    check_flag(number);
    return engines().flag(number);
}

void Chip::set_flag(std::uint32_t flag, std::uint32_t value) {
    check_flag(flag);
    if (parts_->races != nullptr) parts_->races->on_flag_changed(CodeSite::nobody, flag, false);
    parts_->engines.set_flag(flag, value, now());
}

void Chip::add_to_flag(std::uint32_t flag, std::uint32_t increment) {
    check_flag(flag);
    if (parts_->races != nullptr) parts_->races->on_flag_changed(CodeSite::nobody, flag, true);
    parts_->engines.add_to_flag(flag, increment, now());
}

void Chip::make_host_flag(std::uint32_t flag) {
    check_flag(flag);
    parts_->host.make_host_flag(flag);
}

std::uint64_t Chip::ended_command() const {
    return parts_->ended_command;
}

// --- Cores --------------------------------------------------------------------------------------

void Chip::launch(std::uint32_t index, const std::shared_ptr<const Image>& image,
                  std::span<const std::uint32_t> arguments) {
    Parts& parts = *parts_;
    const std::uint32_t tile = parts.tiles.tile_of(index);
    const Conventions& conventions = parts.parameters.conventions;
    if (!core_idle(index)) throw BusyError("core " + describe(core_id(index)) + " is busy");
    if (arguments.size() > conventions.max_argument_words()) {
        throw ArgumentError("kernel '" + image->name() + "' got " +
                            std::to_string(arguments.size()) +
                            " words of arguments; a launch has room for " +
                            std::to_string(conventions.max_argument_words()));
    }
    const std::uint32_t number = image_number(parts, image);
    write({MemoryKind::tile_l1, tile, conventions.arguments_of(parts.tiles.processor_of(index))},
          std::as_bytes(arguments));
    parts.tiles.start(index, number);
    parts.suspicion.begin(now(), parts.config.quantum_cycles);
}

void Chip::set_threads(std::uint32_t threads) {
    Parts& parts = *parts_;
    auto early = std::make_unique<EarlyTurns>(parts.config, parts.tiles, threads);
    parts.early = threads > 1 ? std::move(early) : nullptr;
}

std::uint32_t Chip::threads() const {
    return parts_->early != nullptr ? parts_->early->threads() : 1;
}

void Chip::set_translations(TranslationPort* translations) {
    parts_->images.set_translations(translations);
}

std::uint32_t Chip::allow_calls(const std::shared_ptr<const Image>& image) {
    const std::uint32_t number = image_number(*parts_, image);
    parts_->images.allow_calls(number);
    return number;
}

void Chip::forbid_calls(std::uint32_t number) {
    parts_->images.forbid_calls(number);
}

const Core& Chip::core(std::uint32_t index) const {
    return parts_->tiles.core(index);
}

std::uint64_t Chip::translated(std::uint32_t core) const {
    return parts_->tiles.translated(core);
}

std::uint32_t Chip::busy_cores() const {
    return parts_->tiles.busy();
}

void Chip::set_checks(const Checks& checks, std::unique_ptr<AccessGuard> guard) {
    Parts& parts = *parts_;
    parts.checks.enabled = checks;
    parts.checks.guard = std::move(guard);
    if (checks.buffers != parts.memories.tracks_closed()) {
        parts.memories.track_closed(checks.buffers);
    }
    if (checks.unwritten_reads != parts.memories.tracks_undefined()) {
        parts.memories.track_undefined(checks.unwritten_reads);
    }
    if (!checks.races) {
        parts.races.reset();
    } else if (parts.races == nullptr) {
        parts.races = std::make_unique<RaceCheck>(
            parts.tiles.core_count(),
            static_cast<std::uint32_t>(parts.engines.engines().state().engines.size()),
            parts.parameters.conventions.l1_user_base);
    }
    parts.probes.order = parts.races.get();
    parts.network.forget_order();
    parts.restart_checks();
    parts.tiles.remap();
}

RaceCheck* Chip::races() {
    return parts_->races.get();
}

const Race* Chip::race() const {
    const bool found = parts_->races != nullptr && parts_->races->found();
    return found ? &*parts_->races->found() : nullptr;
}

void Chip::forget_order() {
    parts_->restart_checks();
}

const Checks& Chip::checks() const {
    return parts_->checks.enabled;
}

// --- Time and looking ---------------------------------------------------------------------------

std::uint32_t Chip::notice() const {
    return parts_->notice;
}
void Chip::rest_at(std::uint64_t cycle) {
    parts_->clock.now = cycle;
}
void Chip::abort() {
    parts_->abort();
}

const CoreFault& Chip::fault() const {
    return parts_->fault.value();
}
std::uint32_t Chip::stuck_core() const {
    return parts_->stuck_core.value();
}

const std::vector<CoreLap>& Chip::laps() const {
    return parts_->laps;
}

const Image* Chip::image(std::uint32_t core) const {
    if (parts_->tiles.program(core).code == nullptr) return nullptr;
    return parts_->images[parts_->tiles.core(core).image].get();
}

const Image* Chip::image_numbered(std::uint32_t number) const {
    return parts_->images.find(number);
}

const riscv::Code& Chip::code(std::uint32_t core) const {
    return *parts_->tiles.program(core).code;
}

std::optional<std::uint32_t> Chip::peek(std::uint32_t core, std::uint32_t address) const {
    const Tile* const tile = parts_->tiles.find(parts_->tiles.tile_of(core));
    if (tile == nullptr || address % 4 != 0) return std::nullopt;
    const std::uint32_t processor = parts_->tiles.processor_of(core);
    if (const std::byte* const memory = plain_memory(*tile, processor, address)) {
        std::uint32_t value = 0;
        std::memcpy(&value, memory, sizeof value);
        return value;
    }
    std::uint32_t offset = 0;
    const RegisterDevice* const device = tile->device_at(address, offset);
    if (device == nullptr || device->word(offset) == RegisterDevice::Word::other) {
        return std::nullopt;
    }
    return device->value(processor, offset);
}

const RegisterDevice* Chip::device_at(std::uint32_t core, std::uint32_t address,
                                      std::uint32_t& offset) const {
    const Tile* const tile = parts_->tiles.find(parts_->tiles.tile_of(core));
    return tile != nullptr ? tile->device_at(address, offset) : nullptr;
}

std::vector<std::uint32_t> Chip::waiting_cores() const {
    std::vector<std::uint32_t> waiting;
    parts_->tiles.for_each_core([&](const Tile& tile, std::uint32_t processor, const Core& core) {
        if (core.waits()) waiting.push_back(tile.core_number(processor));
    });
    std::ranges::stable_sort(waiting, {}, [&](std::uint32_t c) { return core(c).parked_at; });
    return waiting;
}

std::string Chip::describe_parts() const {
    std::string lines;
    parts_->for_each([&](const auto& part) { lines += part.describe(); });
    return lines;
}

const DramBank& Chip::dram_bank(std::uint32_t bank) const {
    return parts_->dram.bank(bank);
}

void Chip::count(const CountSink& sink) const {
    sink("cycle", "cycles", "of the chip clock, from when the device was opened", now());
    sink("simulator.events", "events", "handled since the chip was made", parts_->clock.events);
    parts_->for_each([&](const auto& part) { part.count(sink); });
}

// What runs goes on where it is, in a program decoded as the new observer wants it.
void Chip::observe(Observer* observer) {
    Probes& probes = parts_->probes;
    probes.observer = observer;
    const bool functions = observer != nullptr && observer->wants_functions();
    if (functions == probes.functions) return;
    probes.functions = functions;
    parts_->tiles.decode_again();
}

void Chip::profile(ProfileObserver* observer) {
    parts_->tiles.count_parts(1);
    parts_->probes.profile = observer;
    parts_->tiles.decode_again();
    parts_->tiles.count_parts(-1);
}

ProfileObserver* Chip::profile() const {
    return parts_->probes.profile;
}

Observer* Chip::observer() const {
    return parts_->probes.observer;
}

void Chip::watch_memory(const MemoryWatch& watch) {
    const std::uint64_t bytes = parts_->config.direct_memory_bytes;
    if (watch.begin > watch.end || watch.end > bytes) {
        throw AddressError("watching bytes " + std::to_string(watch.begin) + " to " +
                           std::to_string(watch.end) + " of direct memory, which has " +
                           std::to_string(bytes));
    }
    parts_->probes.watch = watch;
    parts_->tiles.remap();
}

void Chip::watch_engine(std::uint32_t tile, tensix::InstructionWatch* watch) {
    parts_->probes.instructions = watch;
    parts_->probes.watched_tile = tile;
}

}  // namespace tilewright
