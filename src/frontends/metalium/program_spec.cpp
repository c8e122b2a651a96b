// A program of a ProgramSpec: kernels placed by their work units, buffers and semaphores by the
// kernels that are bound to them, and names for all of it.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tt-metalium/experimental/metal2_host_api/program.hpp>

#include "frontends/metalium/program_state.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tt::tt_metal::experimental {
namespace {

using detail::KernelRecord;

/// The one entry of a list that has a name; a second one, or none, is an error.
template <class Spec, class Name>
const Spec& only(const Group<Spec>& all, const Name& name, const std::string& what,
                 const std::string& user) {
    const auto named = [&](const Spec& spec) { return spec.unique_id == name; };
    const auto count = std::ranges::count_if(all, named);
    TT_FATAL(count != 0, "{}: there is no {} \"{}\" in the ProgramSpec", user, what, name);
    TT_FATAL(count == 1, "{}: there are {} of {} \"{}\" in the ProgramSpec; expected one", user,
             count, what, name);
    return *std::ranges::find_if(all, named);
}

std::string text_of(const KernelSpec& kernel) {
    return "KernelSpec \"" + kernel.unique_id.get() + "\"";
}

CoreRangeSet nodes_of(const Nodes& nodes) {
    return detail::as_set(nodes);
}

/// Where a kernel runs: the nodes of all work units that have it.
CoreRangeSet nodes_of(const ProgramSpec& spec, const KernelSpec& kernel) {
    std::set<CoreRange> ranges;
    for (const WorkUnitSpec& unit : spec.work_units) {
        if (std::ranges::find(unit.kernels, kernel.unique_id) == unit.kernels.end()) continue;
        const CoreRangeSet nodes = nodes_of(unit.target_nodes);
        ranges.insert(nodes.ranges().begin(), nodes.ranges().end());
    }
    TT_FATAL(!ranges.empty(), "{}: no WorkUnitSpec has it", text_of(kernel));
    return CoreRangeSet(std::vector<CoreRange>(ranges.begin(), ranges.end()));
}

CoreRangeSet nodes_of(const ProgramSpec& spec, const DataflowBufferSpec& buffer) {
    CoreRangeSet nodes;
    std::array<bool, 2> bound{};
    for (const KernelSpec& kernel : spec.kernels) {
        for (const DFBBinding& binding : kernel.dfb_bindings) {
            if (binding.dfb_spec_name != buffer.unique_id) continue;
            bound.at(static_cast<std::size_t>(binding.endpoint_type)) = true;
            nodes = nodes.merge(nodes_of(spec, kernel));
        }
    }
    TT_FATAL(bound[0] && bound[1], "DataflowBufferSpec \"{}\": no kernel is bound to it as its {}",
             buffer.unique_id, bound[0] ? "CONSUMER" : "PRODUCER");
    return nodes;
}

/// What numbers a program's buffers and semaphores have, and where its scratchpads' users are.
struct Numbers {
    std::map<DFBSpecName, std::uint32_t> buffers;
    std::map<SemaphoreSpecName, std::uint32_t> semaphores;
};

void add_buffers(Program& program, const ProgramSpec& spec, Numbers& numbers) {
    for (const DataflowBufferSpec& buffer : spec.dataflow_buffers) {
        only(spec.dataflow_buffers, buffer.unique_id, "DataflowBufferSpec", "the ProgramSpec");
        const auto number = static_cast<std::uint32_t>(numbers.buffers.size());
        TT_FATAL(number < tilewright::abi::circular_buffer_count,
                 "the ProgramSpec has {} dataflow buffers; a tile has room for {}",
                 spec.dataflow_buffers.size(), tilewright::abi::circular_buffer_count);
        TT_FATAL(buffer.entry_size != 0 && buffer.num_entries != 0,
                 "DataflowBufferSpec \"{}\": {} entries of {} bytes; expected more than none",
                 buffer.unique_id, buffer.num_entries, buffer.entry_size);
        numbers.buffers[buffer.unique_id] = number;
    }
    std::set<DFBSpecName> placed;
    for (const DataflowBufferSpec& buffer : spec.dataflow_buffers) {
        if (placed.contains(buffer.unique_id)) continue;
        const std::uint32_t bytes = buffer.entry_size * buffer.num_entries;
        CircularBufferConfig config(bytes);
        const auto add = [&](const DataflowBufferSpec& one) {
            TT_FATAL(one.entry_size * one.num_entries == bytes,
                     "DataflowBufferSpec \"{}\" shares the memory of \"{}\", which has {} bytes; "
                     "it has {}",
                     one.unique_id, buffer.unique_id, bytes, one.entry_size * one.num_entries);
            const auto number = static_cast<std::uint8_t>(numbers.buffers.at(one.unique_id));
            config.index(number)
                .set_data_format(one.data_format_metadata.value_or(DataFormat::Invalid))
                .set_page_size(one.entry_size);
            placed.insert(one.unique_id);
        };
        add(buffer);
        for (const DFBSpecName& other : buffer.advanced_options.alias_with) {
            add(only(spec.dataflow_buffers, other, "DataflowBufferSpec",
                     "DataflowBufferSpec \"" + buffer.unique_id.get() + "\""));
        }
        CreateCircularBuffer(program, nodes_of(spec, buffer), config);
    }
}

void add_semaphores(Program& program, const ProgramSpec& spec, Numbers& numbers) {
    for (const SemaphoreSpec& semaphore : spec.semaphores) {
        only(spec.semaphores, semaphore.unique_id, "SemaphoreSpec", "the ProgramSpec");
        numbers.semaphores[semaphore.unique_id] = CreateSemaphore(
            program, nodes_of(semaphore.target_nodes), semaphore.advanced_options.initial_value);
    }
}

template <class Config>
void set_common(const KernelSpec& kernel, Config& config) {
    for (const auto& [name, value] : kernel.compile_time_args) {
        TT_FATAL(config.named_compile_args.emplace(name, value).second,
                 "{}: its compile-time argument \"{}\" is there twice", text_of(kernel), name);
    }
    const KernelSpec::CompilerOptions& options = kernel.compiler_options;
    config.defines = {options.defines.begin(), options.defines.end()};
    config.opt_level = options.opt_level;
}

KernelConfig config_of(const KernelSpec& kernel, const Numbers& numbers) {
    if (const auto* hardware = std::get_if<DataMovementHardwareConfig>(&kernel.hw_config)) {
        TT_FATAL(hardware->config_1xx.has_value(),
                 "{}: a data-movement kernel without config_1xx, which says its processor and "
                 "its NoC",
                 text_of(kernel));
        DataMovementConfig config{.processor = hardware->config_1xx->processor,
                                  .noc = hardware->config_1xx->noc,
                                  .noc_mode = hardware->config_1xx->noc_mode};
        set_common(kernel, config);
        return config;
    }
    const auto& hardware = std::get<ComputeHardwareConfig>(kernel.hw_config);
    ComputeConfig config{
        .math_fidelity = hardware.fpu_math_fidelity,
        .fp32_dest_acc_en = hardware.enable_32_bit_dest,
        .dst_full_sync_en = !hardware.double_buffer_dest,
        .math_approx_mode = hardware.sfpu_precision_mode == Precision::Approximate,
    };
    set_common(kernel, config);
    config.unpack_to_dest_mode.assign(NUM_CIRCULAR_BUFFERS, UnpackToDestMode::Default);
    for (const auto& [buffer, mode] : hardware.unpack_modes) {
        const auto number = numbers.buffers.find(buffer);
        TT_FATAL(number != numbers.buffers.end(),
                 "{}: unpack_modes name \"{}\", which is no DataflowBufferSpec of the program",
                 text_of(kernel), buffer);
        if (mode == UnpackMode::UnpackToDest) {
            config.unpack_to_dest_mode[number->second] = UnpackToDestMode::UnpackToDestFp32;
        }
    }
    return config;
}

tilewright::MetaliumNames names_of(const ProgramSpec& spec, const KernelSpec& kernel,
                                   const Numbers& numbers) {
    const std::string user = text_of(kernel);
    tilewright::MetaliumNames names;
    names.arguments = kernel.runtime_arg_schema.runtime_arg_names;
    names.common_arguments = kernel.runtime_arg_schema.common_runtime_arg_names;
    for (const DFBBinding& binding : kernel.dfb_bindings) {
        only(spec.dataflow_buffers, binding.dfb_spec_name, "DataflowBufferSpec", user);
        // A kernel that makes and takes a buffer's entries has two bindings with one name.
        const std::uint32_t number = numbers.buffers.at(binding.dfb_spec_name);
        const auto [found, added] = names.dataflow_buffers.emplace(binding.accessor_name, number);
        TT_FATAL(added || found->second == number, "{}: two dataflow buffers have the name \"{}\"",
                 user, binding.accessor_name);
    }
    for (const SemaphoreBinding& binding : kernel.semaphore_bindings) {
        only(spec.semaphores, binding.semaphore_spec_name, "SemaphoreSpec", user);
        const bool added =
            names.semaphores
                .emplace(binding.accessor_name, numbers.semaphores.at(binding.semaphore_spec_name))
                .second;
        TT_FATAL(added, "{}: two semaphores have the name \"{}\"", user, binding.accessor_name);
    }
    for (const ScratchpadBinding& binding : kernel.scratchpad_bindings) {
        const ScratchpadSpec& pad =
            only(spec.scratchpads, binding.scratchpad_spec_name, "ScratchpadSpec", user);
        TT_FATAL(pad.size_per_node != 0, "ScratchpadSpec \"{}\" has no bytes", pad.unique_id);
        names.scratchpads.push_back({binding.accessor_name, pad.size_per_node});
    }
    return names;
}

void add_kernel(Program& program, const ProgramSpec& spec, const KernelSpec& kernel,
                const Numbers& numbers) {
    only(spec.kernels, kernel.unique_id, "KernelSpec", "the ProgramSpec");
    TT_FATAL(kernel.num_threads == 1, "{}: {} threads; a kernel has one on this chip",
             text_of(kernel), kernel.num_threads);
    const CoreRangeSet nodes = nodes_of(spec, kernel);
    const KernelConfig config = config_of(kernel, numbers);
    const KernelHandle handle = std::visit(
        [&](const auto& source) {
            if constexpr (requires { source.code; }) {
                return CreateKernelFromString(program, source.code, nodes, config);
            } else {
                return CreateKernel(program, source.string(), nodes, config);
            }
        },
        kernel.source);
    KernelRecord& record = program.state().kernel(handle);
    record.spec_name = kernel.unique_id.get();
    record.varargs = {kernel.advanced_options.num_runtime_varargs,
                      kernel.advanced_options.num_common_runtime_varargs};
    const tilewright::MetaliumNames names = names_of(spec, kernel, numbers);
    for (tilewright::MetaliumKernelOptions& options : record.options) {
        options.names = names;
        const auto& paths = kernel.compiler_options.include_paths;
        options.include_paths.insert(options.include_paths.begin(), paths.begin(), paths.end());
    }
}

// --- Arguments -----------------------------------------------------------------------------------

KernelRecord& record_of(Program& program, const KernelSpecName& name) {
    std::vector<KernelRecord>& kernels = program.state().kernels;
    const auto found = std::ranges::find(kernels, name.get(), &KernelRecord::spec_name);
    TT_FATAL(found != kernels.end(), "the program has no kernel \"{}\"", name);
    return *found;
}

using Values = ProgramRunArgs::KernelRunArgs::NamedRuntimeArgs;

/// Puts values where their names' places are. `complete`: a name without a value is an error.
void put_named(std::vector<std::uint32_t>& words, const std::vector<std::string>& names,
               const Values& values, bool complete, const std::string& user) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool given = values.contains(names[i]);
        TT_FATAL(given || !complete, "{}: its argument \"{}\" has no value", user, names[i]);
        if (given) words[i] = values.at(names[i]);
    }
    for (const auto& [name, value] : values) {
        TT_FATAL(std::ranges::find(names, name) != names.end(), "{}: it has no argument \"{}\"",
                 user, name);
    }
}
void put_varargs(std::vector<std::uint32_t>& words, std::size_t first, std::uint32_t count,
                 const std::vector<std::uint32_t>& values, bool complete, const std::string& user) {
    if (values.empty() && (count == 0 || !complete)) return;
    TT_FATAL(values.size() == count, "{}: {} arguments without names; its KernelSpec says {}", user,
             values.size(), count);
    std::ranges::copy(values, words.begin() + static_cast<std::ptrdiff_t>(first));
}

void set_arguments(Program& program, const ProgramRunArgs::KernelRunArgs& values, bool complete) {
    KernelRecord& record = record_of(program, values.kernel);
    const std::string user = "KernelSpec \"" + record.spec_name + "\"";
    const tilewright::MetaliumNames& names = *record.options.front().names;
    const auto kernel = static_cast<KernelHandle>(&record - program.state().kernels.data());
    const auto& advanced = values.advanced_options;
    for (const auto& entry : values.runtime_arg_values) {
        TT_FATAL(record.cores.contains(entry.first),
                 "{}: arguments for node {}, where it does "
                 "not run ({})",
                 user, entry.first, record.cores);
    }
    for (const CoreRange& range : record.cores.ranges()) {
        for (const CoreCoord& node : range) {
            const auto known = record.arguments.words.find(node);
            std::vector<std::uint32_t> words(names.arguments.size() + record.varargs.first);
            if (known != record.arguments.words.end()) words = known->second;
            const auto named = values.runtime_arg_values.find(node);
            const auto others = advanced.runtime_varargs.find(node);
            const std::string place = fmt::format("{} on node {}", user, node);
            put_named(words, names.arguments,
                      named == values.runtime_arg_values.end() ? Values{} : named->second, complete,
                      place);
            put_varargs(words, names.arguments.size(), record.varargs.first,
                        others == advanced.runtime_varargs.end() ? std::vector<std::uint32_t>{}
                                                                 : others->second,
                        complete, place);
            SetRuntimeArgs(program, kernel, node, words);
        }
    }
    std::vector<std::uint32_t>& common = record.arguments.common;
    const std::size_t first = names.common_arguments.size() + names.scratchpads.size();
    common.resize(first + record.varargs.second);
    put_named(common, names.common_arguments, values.common_runtime_arg_values, complete, user);
    put_varargs(common, first, record.varargs.second, advanced.common_runtime_varargs, complete,
                user);
}

}  // namespace

Program MakeProgramFromSpec(distributed::MeshDevice&, const ProgramSpec& spec, bool) {
    TT_FATAL(!spec.kernels.empty(), "the ProgramSpec \"{}\" has no kernels", spec.name);
    for (const WorkUnitSpec& unit : spec.work_units) {
        for (const KernelSpecName& kernel : unit.kernels) {
            only(spec.kernels, kernel, "KernelSpec", "WorkUnitSpec \"" + unit.name + "\"");
        }
    }
    Program program = CreateProgram();
    Numbers numbers;
    add_buffers(program, spec, numbers);
    add_semaphores(program, spec, numbers);
    for (const KernelSpec& kernel : spec.kernels) add_kernel(program, spec, kernel, numbers);
    return program;
}
distributed::MeshWorkload MakeMeshWorkloadFromSpec(distributed::MeshDevice& mesh_device,
                                                   const ProgramSpec& program_spec, bool) {
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh_device.shape()),
                         MakeProgramFromSpec(mesh_device, program_spec));
    return workload;
}

void SetProgramRunArgs(Program& program, const ProgramRunArgs& params, bool) {
    for (const KernelRecord& kernel : program.state().kernels) {
        const auto has = [&](const auto& values) {
            return values.kernel.get() == kernel.spec_name;
        };
        const tilewright::MetaliumNames& names = *kernel.options.front().names;
        const bool needs = !names.arguments.empty() || !names.common_arguments.empty() ||
                           kernel.varargs != std::pair<std::uint32_t, std::uint32_t>{};
        TT_FATAL(!needs || std::ranges::any_of(params.kernel_run_args, has),
                 "KernelSpec \"{}\": its arguments have no values", kernel.spec_name);
    }
    for (const auto& values : params.kernel_run_args) set_arguments(program, values, true);
}
void UpdateProgramRunArgs(Program& program, const ProgramRunArgs& params, bool) {
    for (const auto& values : params.kernel_run_args) set_arguments(program, values, false);
}

}  // namespace tt::tt_metal::experimental
