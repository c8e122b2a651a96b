// Kernels written for TT-Metalium, and what their programs find in L1: thin, for
// tilewright.metalium.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/set.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "host_launch.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/runtime/metalium_kernel.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

/// Number of the data format, bytes, height and width of a tile.
using HostFormat = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, std::uint32_t>;

/// Fidelity phases, whether Dst has 32 bits, is handed over whole, functions are approximate, and
/// the buffers that go straight to Dst.
using HostCompute = std::tuple<std::uint32_t, bool, bool, bool, std::set<std::uint32_t>>;

Kernel compile(const std::string& source, const std::string& name, const ChipConfig& chip,
               std::uint16_t processor, std::uint32_t noc, std::vector<std::uint32_t> compile_args,
               std::map<std::string, std::uint32_t> named_compile_args,
               std::map<std::string, std::string> defines,
               std::vector<std::filesystem::path> include_paths,
               const std::map<std::uint32_t, HostFormat>& formats, const HostCompute& compute,
               std::filesystem::path compiler) {
    MetaliumKernelOptions options;
    options.processor = static_cast<MetaliumProcessor>(processor);
    options.noc = noc;
    options.compile_args = std::move(compile_args);
    options.named_compile_args = std::move(named_compile_args);
    options.defines = std::move(defines);
    options.include_paths = std::move(include_paths);
    options.compiler = std::move(compiler);
    const auto& [phases, wide, full, approximate, to_dst] = compute;
    options.compute = {phases, wide, full, approximate, to_dst};
    for (const auto& [index, format] : formats) {
        const auto& [data_format, bytes, height, width] = format;
        options.circular_buffers[index] = {data_format, bytes, height, width};
    }
    return name.empty() ? compile_metalium_kernel(source, options, chip)
                        : compile_metalium_source(source, name, options, chip);
}

std::vector<std::uint64_t> arguments(const std::vector<std::uint32_t>& unique,
                                     const std::vector<std::uint32_t>& common) {
    std::vector<std::uint64_t> words;
    for (const Argument& argument : metalium_arguments(unique, common)) {
        words.push_back(std::get<std::uint64_t>(argument));
    }
    return words;
}

using HostRing = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

std::vector<HostWords> memory(
    const std::vector<HostRing>& circular_buffers,
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& semaphores) {
    std::vector<CircularBufferSpec> rings;
    for (const auto& [index, address, page_bytes, pages] : circular_buffers) {
        rings.push_back({index, address, page_bytes, pages});
    }
    std::vector<ProgramSemaphore> words;
    for (const auto& [index, initial] : semaphores) words.push_back({index, initial});
    std::vector<HostWords> result;
    for (const L1Words& part : program_memory(rings, words)) {
        result.emplace_back(part.address, part.words);
    }
    return result;
}

}  // namespace

void bind_metalium(nb::module_& module) {
    module.def("metalium_kernel", &compile, "source"_a, "name"_a, "chip"_a, "processor"_a, "noc"_a,
               "compile_args"_a, "named_compile_args"_a, "defines"_a, "include_paths"_a,
               "formats"_a, "compute"_a, "compiler"_a, nb::call_guard<nb::gil_scoped_release>(),
               "Compile a kernel from the file `source`, or from the text if it has a name.");
    module.def("metalium_arguments", &arguments, "unique"_a, "common"_a,
               "The launch arguments of a kernel written for TT-Metalium.");
    module.def(
        "program_memory", &memory, "circular_buffers"_a, "semaphores"_a,
        "Words of L1 for circular buffers (index, address, page bytes, pages) and semaphores "
        "(index, initial value).");
}

}  // namespace tilewright::python
