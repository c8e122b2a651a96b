#include "tilewright/runtime/metalium_kernel.hpp"

#include <algorithm>

#include "runtime/compile_cache.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/runtime/device_files.hpp"

namespace tilewright {
namespace {

template <class Range, class Text>
std::string joined(const Range& range, Text&& text) {
    std::string result;
    for (const auto& element : range) result += (result.empty() ? "" : ",") + text(element);
    return result;
}

// What the headers ask of the processor: which of a tile's kernels this is.
std::vector<std::string> processor_defines(MetaliumProcessor processor) {
    switch (processor) {
        case MetaliumProcessor::data_movement_0:
            return {"COMPILE_FOR_BRISC"};
        case MetaliumProcessor::data_movement_1:
            return {"COMPILE_FOR_NCRISC"};
        case MetaliumProcessor::compute_unpack:
            return {"COMPILE_FOR_TRISC=0", "TRISC_UNPACK", "UCK_CHLKC_UNPACK"};
        case MetaliumProcessor::compute_math:
            return {"COMPILE_FOR_TRISC=1", "TRISC_MATH", "UCK_CHLKC_MATH"};
        case MetaliumProcessor::compute_pack:
            return {"COMPILE_FOR_TRISC=2", "TRISC_PACK", "UCK_CHLKC_PACK"};
    }
    return {};
}

bool is_compute(MetaliumProcessor processor) {
    return processor == MetaliumProcessor::compute_unpack ||
           processor == MetaliumProcessor::compute_math ||
           processor == MetaliumProcessor::compute_pack;
}

template <class Define>
void define_compute(const MetaliumComputeOptions& compute, const ChipConfig& chip,
                    Define&& define) {
    constexpr std::uint32_t most_phases = 4;
    if (compute.fidelity_phases == 0 || compute.fidelity_phases > most_phases) {
        throw ArgumentError(std::to_string(compute.fidelity_phases) +
                            " fidelity phases; expected 1 (LoFi) to 4 (HiFi4)");
    }
    if (chip.compute_engines != 0) define("TILEWRIGHT_COMPUTE_ENGINE", "1");
    // LoFi is 0 in what kernels see, as the vendor numbers it.
    const std::uint32_t phases = compute.fidelity_phases;
    define("TILEWRIGHT_MATH_FIDELITY", std::to_string(phases == 1 ? 0 : phases));
    define("TILEWRIGHT_DST_WIDE", compute.wide_dst ? "true" : "false");
    define("TILEWRIGHT_DST_FULL", compute.full_dst ? "true" : "false");
    define("TILEWRIGHT_MATH_APPROX", compute.approximate ? "true" : "false");
}

CompileOptions compile_options(const MetaliumKernelOptions& options, const ChipConfig& chip) {
    const auto processor = static_cast<std::size_t>(options.processor);
    if (processor >= chip.cores.size()) {
        throw ArgumentError("no processor " + std::to_string(processor) + " in the tiles of '" +
                            chip.name + "' for this kernel; they have " +
                            std::to_string(chip.cores.size()));
    }
    if (options.noc >= abi::noc_count) {
        throw ArgumentError("no NoC " + std::to_string(options.noc) + "; there are " +
                            std::to_string(abi::noc_count));
    }
    const auto number = [](auto value) { return std::to_string(value); };

    CompileOptions result;
    result.isa = chip.cores[processor].isa;
    result.optimisation = options.optimisation;
    result.compiler = options.compiler;
    result.include_paths = options.include_paths;
    result.vector_values = options.processor == MetaliumProcessor::compute_math;
    result.defines = processor_defines(options.processor);
    const auto define = [&](const std::string& name, const std::string& value) {
        result.defines.push_back(name + "=" + value);
    };
    define("KERNEL_BUILD", "1");
    define(chip.architecture == Architecture::wormhole ? "ARCH_WORMHOLE" : "ARCH_BLACKHOLE", "1");
    define("PROCESSOR_INDEX", number(processor));
    define("NOC_INDEX", number(options.noc));
    define("NUM_NOCS", number(abi::noc_count));
    define("NUM_DRAM_BANKS", number(chip.dram.size()));
    define("NUM_L1_BANKS", number(chip.tile_count()));
    define("DRAM_ALIGNMENT", number(chip.noc_dram_alignment));
    define("L1_ALIGNMENT", number(chip.noc_l1_alignment));
    // Published kernels say (0, 0) and (1, 0) for the first DRAM bank, which stood there on the
    // first chips; where no tile stands there, the headers let them.
    bool origin_is_free = true;
    for (std::uint32_t tile = 0; tile < chip.tile_count(); ++tile) {
        const Router router = chip.tile_router(tile);
        origin_is_free &= router.x > 1 || router.y != 0;
    }
    if (origin_is_free) define("TILEWRIGHT_DRAM_AT_ORIGIN", "1");
    define("KERNEL_COMPILE_TIME_ARGS",
           joined(options.compile_args, [](std::uint32_t v) { return std::to_string(v) + "u"; }));
    if (!options.named_compile_args.empty()) {
        define("KERNEL_COMPILE_TIME_ARG_MAP", joined(options.named_compile_args, [](const auto& a) {
                   return "{\"" + a.first + "\"," + std::to_string(a.second) + "u}";
               }));
    }
    if (!options.circular_buffers.empty()) {
        define("TILEWRIGHT_TILE_FORMATS", joined(options.circular_buffers, [&](const auto& entry) {
                   const MetaliumTileFormat& format = entry.second;
                   const bool to_dst = options.compute.unpack_to_dst.contains(entry.first);
                   return "{" + std::to_string(entry.first) + "," +
                          std::to_string(format.data_format) + "," +
                          std::to_string(format.tile_bytes) + "," +
                          std::to_string(format.tile_height) + "," +
                          std::to_string(format.tile_width) + (to_dst ? ",true" : ",false") +
                          (format.in_buffer ? ",true}" : ",false}");
               }));
    }
    if (is_compute(options.processor)) define_compute(options.compute, chip, define);
    if (options.names) {
        const MetaliumNames& names = *options.names;
        define("TILEWRIGHT_NAMES", declare_metalium_names(names, options.named_compile_args));
        define("TILEWRIGHT_FIRST_VARARG", number(names.arguments.size()));
        define("TILEWRIGHT_FIRST_COMMON_VARARG",
               number(names.common_arguments.size() + names.tensors.size() +
                      names.scratchpads.size()));
    }
    for (const auto& [name, value] : options.defines) define(name, value);

    const std::filesystem::path headers = find_device_files().root / "metalium" / "include";
    result.include_paths.push_back(headers);
    result.extra_flags = {"-include", (headers / "tilewright" / "metalium" / "prelude.h").string()};
    return result;
}

// What a kernel whose body is a function of its arguments' names needs behind its text.
std::string entry_point(std::string_view text, const std::string& name,
                        const MetaliumKernelOptions& options) try {
    if (!options.names) return {};
    const std::string entry =
        metalium_entry_point(text, *options.names, options.named_compile_args);
    return entry.empty() ? "" : "\n" + entry;
} catch (const ArgumentError& error) {
    throw ArgumentError(name + ": " + error.what());
}

}  // namespace

Kernel compile_metalium_kernel(const std::filesystem::path& source,
                               const MetaliumKernelOptions& options, const ChipConfig& chip) {
    if (options.names) {
        const std::string entry =
            entry_point(read_file(source).value_or(""), source.string(), options);
        if (!entry.empty()) {
            const std::string place = std::filesystem::absolute(source).string();
            return Kernel::from_source("#include \"" + place + "\"\n" + entry,
                                       source.filename().string(), compile_options(options, chip));
        }
    }
    return Kernel::from_file(source, compile_options(options, chip));
}

Kernel compile_metalium_source(std::string_view text, const std::string& name,
                               const MetaliumKernelOptions& options, const ChipConfig& chip) {
    return Kernel::from_source(std::string(text) + entry_point(text, name, options), name,
                               compile_options(options, chip));
}

std::vector<Argument> metalium_arguments(std::span<const std::uint32_t> unique,
                                         std::span<const std::uint32_t> common) {
    constexpr std::size_t room = abi::max_argument_words - 1;
    if (unique.size() + common.size() > room) {
        throw ArgumentError(std::to_string(unique.size()) + " runtime arguments and " +
                            std::to_string(common.size()) + " common ones; a launch has room for " +
                            std::to_string(room));
    }
    std::vector<Argument> words;
    words.reserve(1 + unique.size() + common.size());
    words.emplace_back(std::uint64_t{unique.size() | common.size() << 16});
    for (const std::uint32_t word : unique) words.emplace_back(std::uint64_t{word});
    for (const std::uint32_t word : common) words.emplace_back(std::uint64_t{word});
    return words;
}

}  // namespace tilewright
