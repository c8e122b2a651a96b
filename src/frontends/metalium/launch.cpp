// A program on a device: kernels compiled, circular buffers placed, arguments and semaphores taken.
#include <algorithm>
#include <set>
#include <utility>

#include "frontends/metalium/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::detail {
namespace {

namespace abi = tilewright::abi;

tilewright::TileId tile(const CoreCoord& core) {
    TT_FATAL(core.x <= 0xFFFF && core.y <= 0xFFFF, "core {} does not exist", core);
    return {static_cast<std::uint16_t>(core.x), static_cast<std::uint16_t>(core.y)};
}

std::set<CoreCoord> cores_of(const CoreRangeSet& set) {
    std::set<CoreCoord> cores;
    for (const CoreRange& range : set.ranges()) cores.insert(range.begin(), range.end());
    return cores;
}

// The lowest place that is free on all cores of a circular buffer, or of a scratchpad, after what
// is placed there.
std::uint32_t place(const std::set<CoreCoord>& cores, std::uint32_t bytes, const std::string& what,
                    std::map<CoreCoord, std::uint32_t>& ends, const tilewright::Device& device) {
    std::uint32_t at = abi::l1_user_base;
    for (bool agreed = false; !agreed;) {
        agreed = true;
        for (const CoreCoord& core : cores) {
            const auto end = ends.find(core);
            const std::uint32_t from = std::max(at, end == ends.end() ? 0 : end->second);
            const auto place = device.find_l1(tile(core), bytes, from);
            TT_FATAL(place.has_value(),
                     "{} of {} bytes does not fit into the L1 of core {}: the buffers "
                     "there leave no such piece free from {} on",
                     what, bytes, core, from);
            agreed = agreed && *place == at;
            at = *place;
        }
    }
    for (const CoreCoord& core : cores) ends[core] = at + bytes;
    return at;
}

/// What a tile finds in its L1 when the program starts.
struct TileMemory {
    std::vector<tilewright::CircularBufferSpec> circular_buffers;
    std::vector<tilewright::ProgramSemaphore> semaphores;
    std::vector<tilewright::L1Range> l1;  ///< of circular buffers that lie in no buffer
};

std::map<CoreCoord, TileMemory> tile_memories(const ProgramState& program,
                                              const tilewright::Device& device,
                                              std::map<CoreCoord, std::uint32_t>& ends) {
    std::map<CoreCoord, TileMemory> tiles;
    for (const CircularBufferRecord& buffer : program.circular_buffers) {
        const CircularBufferConfig& config = buffer.config;
        const bool in_buffer = config.globally_allocated_address().has_value();
        const std::string user =
            "circular buffer " + std::to_string(*config.buffer_indices().begin());
        const std::uint32_t address =
            in_buffer ? *config.globally_allocated_address()
                      : place(cores_of(buffer.cores), config.total_size(), user, ends, device);
        if (!in_buffer) {
            for (const CoreCoord& core : cores_of(buffer.cores)) {
                tiles[core].l1.push_back({address, config.total_size(), user});
            }
        }
        for (const std::uint8_t index : config.buffer_indices()) {
            const std::uint32_t page = *config.page_sizes()[index];
            TT_FATAL(config.total_size() % page == 0,
                     "circular buffer {}: pages of {} bytes do not divide its {} bytes", index,
                     page, config.total_size());
            for (const CoreCoord& core : cores_of(buffer.cores)) {
                tiles[core].circular_buffers.push_back({.index = index,
                                                        .address = address,
                                                        .page_bytes = page,
                                                        .pages = config.total_size() / page});
            }
        }
    }
    for (const SemaphoreRecord& semaphore : program.semaphores) {
        for (const CoreCoord& core : cores_of(semaphore.cores)) {
            tiles[core].semaphores.push_back({semaphore.id, semaphore.initial});
        }
    }
    return tiles;
}

// Memory for the scratchpads of kernels, whose addresses they find among their common arguments.
// A kernel whose host sets no arguments has them, too.
void place_scratchpads(ProgramState& program, const tilewright::Device& device,
                       std::map<CoreCoord, std::uint32_t>& ends,
                       std::map<CoreCoord, TileMemory>& tiles) {
    for (KernelRecord& kernel : program.kernels) {
        const auto& names = kernel.options.front().names;
        if (!names) continue;
        std::vector<std::uint32_t>& common = kernel.arguments.common;
        std::size_t word = names->common_arguments.size();
        common.resize(std::max(common.size(), word + names->scratchpads.size()));
        for (const tilewright::MetaliumScratchpadName& pad : names->scratchpads) {
            const std::string user = "scratchpad " + pad.name;
            const std::uint32_t address =
                place(cores_of(kernel.cores), pad.bytes, user, ends, device);
            common[word++] = address;
            for (const CoreCoord& core : cores_of(kernel.cores)) {
                tiles[core].l1.push_back({address, pad.bytes, user});
            }
        }
    }
}

// What get_tile_size() and get_dataformat() tell a kernel of the circular buffers on its cores.
std::map<std::uint32_t, tilewright::MetaliumTileFormat> tile_formats(const ProgramState& program,
                                                                     const KernelRecord& kernel) {
    std::map<std::uint32_t, tilewright::MetaliumTileFormat> formats;
    for (const CircularBufferRecord& buffer : program.circular_buffers) {
        if (!buffer.cores.intersects(kernel.cores)) continue;
        for (const std::uint8_t index : buffer.config.buffer_indices()) {
            const auto& format = buffer.config.data_formats()[index];
            if (!format) continue;
            tilewright::MetaliumTileFormat told;
            told.data_format = static_cast<std::uint8_t>(*format);
            told.in_buffer = buffer.config.globally_allocated_address().has_value();
            told.tile_bytes = *format == DataFormat::Tf32 || *format == DataFormat::Invalid
                                  ? 0
                                  : tt::tile_size(*format);
            const auto [found, added] = formats.emplace(index, told);
            found->second.in_buffer |= told.in_buffer;
            TT_FATAL(added || found->second.data_format == told.data_format,
                     "{}: circular buffer {} has different formats on cores of one kernel",
                     kernel.name(), index);
        }
    }
    return formats;
}

const std::vector<tilewright::Kernel>& compiled(const ProgramState& program, KernelRecord& kernel,
                                                const tilewright::ChipConfig& chip) {
    const auto formats = tile_formats(program, kernel);
    std::string key = chip.name + " " + std::to_string(tilewright::config_hash(chip));
    for (const auto& [index, format] : formats) {
        key += fmt::format(" {}:{}{}", index, format.data_format, format.in_buffer ? "b" : "");
    }
    const auto known = kernel.compiled.find(key);
    if (known != kernel.compiled.end()) return known->second;
    std::vector<tilewright::Kernel> kernels;
    for (tilewright::MetaliumKernelOptions options : kernel.options) {
        options.circular_buffers = formats;
        kernels.push_back(
            kernel.file.empty()
                ? tilewright::compile_metalium_source(kernel.text, "kernel.cpp", options, chip)
                : tilewright::compile_metalium_kernel(kernel.file, options, chip));
    }
    return kernel.compiled.emplace(std::move(key), std::move(kernels)).first->second;
}

}  // namespace

Launches prepare(ProgramState& program, IDevice& device) {
    tilewright::Device& chip = device.native();
    const CoreCoord grid = device.logical_grid_size();
    for (const KernelRecord& kernel : program.kernels) {
        const CoreCoord last = kernel.cores.bounding_box().end_coord;
        TT_FATAL(last.x < grid.x && last.y < grid.y,
                 "{}: cores {} on a device whose last core is (x={},y={})", kernel.name(),
                 kernel.cores, grid.x - 1, grid.y - 1);
    }
    std::map<CoreCoord, std::uint32_t> ends;
    std::map<CoreCoord, TileMemory> memories = tile_memories(program, chip, ends);
    place_scratchpads(program, chip, ends, memories);
    Launches launches;
    std::set<CoreCoord> set_up;
    for (KernelRecord& kernel : program.kernels) {
        const auto& kernels = compiled(program, kernel, chip.config());
        for (const CoreCoord& core : cores_of(kernel.cores)) {
            const auto words = kernel.arguments.words.find(core);
            const auto arguments = tilewright::metalium_arguments(
                words == kernel.arguments.words.end() ? std::vector<std::uint32_t>{}
                                                      : words->second,
                kernel.arguments.common);
            std::vector<tilewright::L1Words> setup;
            std::vector<tilewright::L1Range> l1;
            if (set_up.insert(core).second) {
                const auto memory = memories.find(core);
                setup = memory == memories.end()
                            ? tilewright::program_memory({}, {})
                            : tilewright::program_memory(memory->second.circular_buffers,
                                                         memory->second.semaphores);
                if (memory != memories.end()) l1 = memory->second.l1;
            }
            for (std::size_t k = 0; k < kernels.size(); ++k) {
                const auto processor = static_cast<std::uint16_t>(kernel.options[k].processor);
                launches.push_back({.kernel = kernels[k],
                                    .cores = {{tile(core), processor}},
                                    .arguments = arguments,
                                    .setup = std::exchange(setup, {}),
                                    .l1 = std::exchange(l1, {})});
            }
        }
    }
    return launches;
}

}  // namespace tt::tt_metal::detail
