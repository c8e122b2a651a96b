// The chip's parts put together: where memories lie, what stands where, who is who.
#include "tilewright/chip/chip.hpp"

#include <algorithm>
#include <cstring>

#include "chip/components.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/memory/huge_pages.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t local_stride =
    64 * 1024;  // local memories are page aligned and at most this

std::uint64_t hierarchy_bytes(const ChipConfig& c) {
    return c.host_memory_region_count * c.host_memory_region_bytes +
           c.l3_tile_count * c.l3_tile_bytes + c.l2_bank_count * c.l2_bank_bytes +
           c.scratchpad_count * c.scratchpad_bytes + c.l1_buffer_count * c.l1_buffer_bytes +
           c.page_buffer_count * c.page_buffer_bytes;
}

std::uint64_t arena_bytes(const ChipConfig& c) {
    return std::uint64_t{c.all_tile_count()} * c.l1_bytes +
           std::uint64_t{c.core_count()} * local_stride + c.dram_bank_count * c.dram_bank_bytes +
           hierarchy_bytes(c);
}

const ChipConfig& checked(const ChipConfig& config) {
    config.check();
    return config;
}

void check_flag(std::uint32_t flag) {
    if (flag < abi::engine_flag_count) return;
    throw AddressError("no flag " + std::to_string(flag) + "; there are " +
                       std::to_string(abi::engine_flag_count));
}

}  // namespace

Chip::Chip(const ChipConfig& config)
    : config_(checked(config)),
      map_(make_address_map(config_)),
      arena_(arena_bytes(config_)),
      direct_stored_(config_.direct_memory_bytes),
      places_(config_.router_columns * config_.router_rows),
      noc_({.columns = config_.router_columns,
            .rows = config_.router_rows,
            .flit_bytes = config_.noc_flit_bytes,
            .inject_cycles = config_.noc_inject_cycles,
            .hop_cycles = config_.noc_hop_cycles,
            .eject_cycles = config_.noc_eject_cycles},
           fabric_component),
      dram_timing_{.rate = rate_of(config_.dram_bytes_per_cycle),
                   .row_bytes = config_.dram_row_bytes,
                   .open_rows = config_.dram_open_rows,
                   .row_hit_cycles = config_.dram_row_hit_cycles,
                   .row_miss_cycles = config_.dram_row_miss_cycles},
      dram_banks_(config_.dram_bank_count),
      engines_(config_, map_, *this, engine_component),
      host_flags_(abi::engine_flag_count),
      cores_(config_.core_count()),
      contexts_(config_.core_count()),
      doorbells_(abi::semaphore_count) {
    std::byte* hierarchy = dram(config_.dram_bank_count);
    for (const MemoryKind kind :
         {MemoryKind::host, MemoryKind::l3, MemoryKind::l2, MemoryKind::scratchpad,
          MemoryKind::l1_buffer, MemoryKind::page_buffer}) {
        first_place_[static_cast<std::size_t>(kind)] = hierarchy;
        hierarchy += map_.window(kind).size();
    }
    first_place_[static_cast<std::size_t>(MemoryKind::dram)] = dram(0);
    first_place_[static_cast<std::size_t>(MemoryKind::tile_l1)] = l1(0);
    const auto put = [&](Router r, Place::Kind kind, std::uint32_t index) {
        places_[r.y * config_.router_columns + r.x] = {kind, index};
    };
    for (std::uint32_t t = 0; t < config_.all_tile_count(); ++t) {
        put(config_.tile_router(t), Place::Kind::tile, t);
        first_core_.push_back(static_cast<std::uint32_t>(sites_.size()));
        for (std::uint32_t p = 0; p < config_.cores_of(t).size(); ++p) sites_.push_back({t, p});
    }
    first_core_.push_back(static_cast<std::uint32_t>(sites_.size()));
    for (std::uint32_t b = 0; b < config_.dram.size(); ++b) {
        put(config_.dram[b].noc0, Place::Kind::dram, b);
        put(config_.dram[b].noc1, Place::Kind::dram, b);
    }
    if (config_.host_router) {
        const Router r = *config_.host_router;
        if (place(r.x, r.y).kind == Place::Kind::nothing) put(r, Place::Kind::host, 0);
    }
}

// --- Names --------------------------------------------------------------------------------------

std::uint32_t Chip::tile_index(TileId tile) const {
    if (tile.x < config_.tile_columns() && tile.y < config_.tile_rows()) {
        return tile.y * config_.tile_columns() + tile.x;
    }
    const std::size_t control = config_.control_tiles.size();
    if (tile.y == config_.tile_rows() && tile.x < control) return config_.tile_count() + tile.x;
    const std::string beside = control == 0
                                   ? ""
                                   : "; row " + std::to_string(config_.tile_rows()) +
                                         " has control tiles 0 to " + std::to_string(control - 1);
    throw AddressError("no tile (" + std::to_string(tile.x) + ", " + std::to_string(tile.y) +
                       "): the grid of '" + config_.name + "' has columns 0 to " +
                       std::to_string(config_.tile_columns() - 1) + " and rows 0 to " +
                       std::to_string(config_.tile_rows() - 1) + beside);
}

std::uint32_t Chip::core_index(CoreId core) const {
    const std::uint32_t tile = tile_index(core.tile);
    const std::uint32_t cores = end_core(tile) - first_core(tile);
    if (core.processor < cores) return first_core(tile) + core.processor;
    throw AddressError("no processor " + std::to_string(core.processor) + " in " + tile_name(tile) +
                       ": it has processors 0 to " + std::to_string(cores - 1));
}

CoreId Chip::core_id(std::uint32_t core) const {
    return {.tile = config_.tile_id(sites_[core].tile),
            .processor = static_cast<std::uint16_t>(sites_[core].processor)};
}

std::string Chip::tile_name(std::uint32_t tile) const {
    const TileId id = config_.tile_id(tile);
    return (tile < config_.tile_count() ? "tile (" : "control tile (") + std::to_string(id.x) +
           ", " + std::to_string(id.y) + ")";
}

// --- Memory -------------------------------------------------------------------------------------

std::byte* Chip::l1(std::uint32_t tile) const {
    return arena_.data() + std::uint64_t{tile} * config_.l1_bytes;
}

std::byte* Chip::local(std::uint32_t core) const {
    return arena_.data() + std::uint64_t{config_.all_tile_count()} * config_.l1_bytes +
           core * local_stride;
}

std::byte* Chip::dram(std::uint32_t bank) const {
    return arena_.data() + std::uint64_t{config_.all_tile_count()} * config_.l1_bytes +
           std::uint64_t{config_.core_count()} * local_stride + bank * config_.dram_bank_bytes;
}

void Chip::map_memory(std::uint32_t core) {
    const std::uint32_t tile = tile_of(core);
    riscv::RunContext& context = contexts_[core];
    riscv::MemoryMap map;
    map.image = context.memory().image;
    // What is checked or watched, and direct memory behind that, is reached through the bus.
    if (!memory_checked()) {
        map.near = {abi::local_base, core_config(core).local_bytes, local(core)};
    }
    if (!memory_checked() && !all_watched()) {
        map.far = {0, config_.l1_bytes, l1(tile)};
        map.far_store = {abi::l1_user_base, config_.l1_bytes - abi::l1_user_base,
                         l1(tile) + abi::l1_user_base};
        map.direct = {abi::direct_base, config_.direct_memory_bytes, dram(0)};
        map.direct_stored = &direct_stored_;
        if (watch_.observer != nullptr) map.direct.bytes = watch_.begin;
    }
    context.set_memory(map);
}

// What cores have stored through the window since the last time.
void Chip::note_direct_stores() {
    direct_stored_.take([&](std::uint64_t from) {
        arena_.touch(offset(dram(0)) + from,
                     std::min<std::uint64_t>(riscv::DirtyChunks::chunk_bytes,
                                             config_.direct_memory_bytes - from));
    });
}

void Chip::write(const MemoryRef& place, std::span<const std::byte> data) {
    map_.check(place, data.size());
    will_write(place, data.size(), now_);
    std::byte* const memory = place_of(place.kind, place.index) + place.offset;
    if (place.kind == MemoryKind::dram) prefer_huge_pages({memory, data.size()});
    if (!data.empty()) std::memcpy(memory, data.data(), data.size());
}

void Chip::read(const MemoryRef& place, std::span<std::byte> data) const {
    map_.check(place, data.size());
    if (!data.empty()) {
        std::memcpy(data.data(), place_of(place.kind, place.index) + place.offset, data.size());
    }
}

std::span<std::byte> Chip::in_place(const MemoryRef& place, std::uint64_t bytes) {
    map_.check(place, bytes);
    std::byte* const memory = place_of(place.kind, place.index) + place.offset;
    touch(memory, bytes);
    return {memory, bytes};
}

void Chip::mark_undefined(const MemoryRef& place, std::uint64_t bytes) {
    if (shadow_ == nullptr) return;
    shadow_->mark_unwritten(offset(place_of(place.kind, place.index)) + place.offset, bytes);
}

// --- Engines ------------------------------------------------------------------------------------

std::byte* Chip::memory(MemoryKind kind, std::uint32_t index) {
    return place_of(kind, index);
}

void Chip::will_write(const MemoryRef& place, std::uint64_t bytes, std::uint64_t cycle) {
    touch(place_of(place.kind, place.index) + place.offset, bytes);
    if (place.kind == MemoryKind::tile_l1) {
        written(place.index, place.offset, bytes, cycle, Core::nobody);
    }
}

void Chip::submit(EngineId engine, const EngineCommand& command) {
    engines_.check(engine, command);
    engines_.submit(queue_, engine, command, now_);
}

std::uint32_t Chip::flag(std::uint32_t number) const {
    check_flag(number);
    return engines_.flag(number);
}

void Chip::set_flag(std::uint32_t flag, std::uint32_t value) {
    check_flag(flag);
    engines_.set_flag(queue_, flag, value, now_);
}

void Chip::add_to_flag(std::uint32_t flag, std::uint32_t increment) {
    check_flag(flag);
    engines_.add_to_flag(queue_, flag, increment, now_);
}

void Chip::make_host_flag(std::uint32_t flag) {
    check_flag(flag);
    host_flags_[flag] = 1;
}

// --- Launching ----------------------------------------------------------------------------------

std::uint32_t Chip::image_index(const std::shared_ptr<const Image>& image) {
    for (std::uint32_t i = 0; i < images_.size(); ++i) {
        if (images_[i] == image) return i;
    }
    // A slot whose image no core runs any more is used again, so that images do not pile up.
    for (std::uint32_t i = 0; i < images_.size(); ++i) {
        bool used = calls_allowed_[i] != 0;
        cores_.for_each([&](std::size_t, const Core& core) {
            used |= core.status != CoreStatus::idle &&
                    (core.image == i || (core.caller.waits && core.caller.image == i));
        });
        if (!used) {
            images_[i] = image;
            return i;
        }
    }
    images_.push_back(image);
    calls_allowed_.push_back(0);
    return static_cast<std::uint32_t>(images_.size() - 1);
}

void Chip::launch(std::uint32_t index, const std::shared_ptr<const Image>& image,
                  std::span<const std::uint32_t> arguments) {
    Core& core = cores_[index];
    const CoreConfig& kind = core_config(index);
    if (core.status != CoreStatus::idle) {
        throw BusyError(describe_core(index, core.hart.pc) + " is busy");
    }
    if (arguments.size() > abi::max_argument_words) {
        throw ArgumentError("kernel '" + image->name() + "' got " +
                            std::to_string(arguments.size()) +
                            " words of arguments; a launch has room for " +
                            std::to_string(abi::max_argument_words));
    }
    const riscv::Code& code = code_of(*image, index);
    core.image = image_index(image);
    core.caller = {};
    contexts_[index].set_code(code);
    contexts_[index].set_image(image->window());
    map_memory(index);

    const std::uint32_t tile = tile_of(index);
    write({MemoryKind::tile_l1, tile,
           abi::arguments_base + sites_[index].processor * abi::arguments_stride},
          std::as_bytes(arguments));
    // The core may write anywhere in its memories without telling: they count as touched.
    arena_.touch(offset(l1(tile)), config_.l1_bytes);
    arena_.touch(offset(local(index)), kind.local_bytes);
    if (shadow_ != nullptr) shadow_->mark_unwritten(offset(local(index)), kind.local_bytes);

    riscv::HartState hart;
    hart.pc = hart.block = image->entry();
    hart.x[2] = abi::local_base + kind.local_bytes;  // sp
    hart.cycles = now_;
    hart.retired = core.hart.retired;
    hart.hart_id = index;
    core.hart = hart;
    core.status = CoreStatus::running;
    core.window_end = end_of_window(now_, config_.quantum_cycles);
    core.launch_cycle = now_;
    core.end_cycle = now_;
    core.retired_at_launch = hart.retired;
    core.waiting_cycles = 0;
    core.last_writer = Core::nobody;
    core.last_write_cycle = 0;
    core.polling = {};
    core.noc = {};
    core.output.clear();
    ++busy_;
    update_watches(tile);
    schedule(index, now_);
    if (observer_ != nullptr) {
        observer_->on_kernel(core_id(index), image->name());
        observer_->on_core(core_id(index), CoreEvent::launched, Cycle{now_}, CoreAddress{hart.pc});
        // The outermost function: no stack pointer is as high as what none can return beyond.
        note_call(index, {.cycle = now_,
                          .target = hart.pc,
                          .link = 0,
                          .sp = ~0u,
                          .kind = riscv::CallRecord::Kind::call});
    }
}

std::shared_ptr<const riscv::ElfImage> Chip::program_of(std::uint32_t index) const {
    const std::shared_ptr<const Image>& image = images_[cores_[index].image];
    return {image, &image->program()};
}

// What runs goes on where it is, in a program decoded as the new observer wants it.
void Chip::observe(Observer* observer) {
    observer_ = observer;
    const bool functions = observer != nullptr && observer->wants_functions();
    if (functions == functions_observed_) return;
    functions_observed_ = functions;
    cores_.for_each([&](std::size_t index, const Core& core) {
        if (core.status == CoreStatus::idle) return;
        contexts_[index].set_code(code_of(*images_[core.image], static_cast<std::uint32_t>(index)));
    });
}

void Chip::abort() {
    if (observer_ != nullptr) {
        cores_.for_each([&](std::size_t index, const Core& core) {
            if (core.status == CoreStatus::idle) return;
            observer_->on_core(core_id(static_cast<std::uint32_t>(index)), CoreEvent::aborted,
                               Cycle{std::max(now_, core.hart.cycles)}, CoreAddress{core.hart.pc});
        });
    }
    queue_.clear();
    noc_.clear();
    restart_in_flight();
    engines_.clear();
    for (DramBank& bank : dram_banks_) bank.free = {};
    cores_.for_each([](std::size_t, Core& core) {
        core.status = CoreStatus::idle;
        core.hart.reserved = false;
        core.caller = {};
        core.noc = {};
    });
    for (std::uint32_t t = 0; t < config_.all_tile_count(); ++t) update_watches(t);
    busy_ = 0;
    notices_due_ = 0;
    host_link_free_at_ = 0;
}

}  // namespace tilewright
