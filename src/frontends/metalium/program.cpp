// Building programs: kernels, arguments, circular buffers, semaphores.
#include <algorithm>
#include <tt-metalium/program.hpp>

#include "frontends/metalium/program_state.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tt::tt_metal {

Program::Program() : state_(std::make_unique<detail::ProgramState>()) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

detail::ProgramState& Program::state() const {
    TT_FATAL(state_ != nullptr, "the program was moved away");
    return *state_;
}
void Program::set_runtime_id(std::uint64_t id) {
    state().runtime_id = id;
}
std::uint64_t Program::get_runtime_id() const {
    return state().runtime_id;
}

Program CreateProgram() {
    return {};
}

ReaderDataMovementConfig::ReaderDataMovementConfig(
    std::vector<std::uint32_t> args, std::map<std::string, std::string> names,
    std::unordered_map<std::string, std::uint32_t> named_args, KernelBuildOptLevel level)
    : DataMovementConfig{DataMovementProcessor::RISCV_1,
                         NOC::NOC_0,
                         NOC_MODE::DM_DEDICATED_NOC,
                         std::move(args),
                         std::move(names),
                         std::move(named_args),
                         level} {}
WriterDataMovementConfig::WriterDataMovementConfig(
    std::vector<std::uint32_t> args, std::map<std::string, std::string> names,
    std::unordered_map<std::string, std::uint32_t> named_args, KernelBuildOptLevel level)
    : DataMovementConfig{DataMovementProcessor::RISCV_0,
                         NOC::NOC_1,
                         NOC_MODE::DM_DEDICATED_NOC,
                         std::move(args),
                         std::move(names),
                         std::move(named_args),
                         level} {}

std::uint32_t& RuntimeArgsData::at(std::size_t index) const {
    TT_FATAL(in_bounds(index), "runtime argument {} of a core that has {}", index, rt_args_count);
    return rt_args_data[index];
}

namespace detail {

KernelRecord& ProgramState::kernel(KernelHandle handle) {
    TT_FATAL(handle < kernels.size(), "the program has no kernel {}; it has {}", handle,
             kernels.size());
    return kernels[handle];
}
CircularBufferRecord& ProgramState::circular_buffer(CBHandle handle) {
    TT_FATAL(handle < circular_buffers.size(), "the program has no circular buffer with handle {}",
             handle);
    return circular_buffers[handle];
}

CoreRangeSet as_set(const CoreSpec& cores) {
    return std::visit([](const auto& spec) { return CoreRangeSet(spec); }, cores);
}

namespace {

std::string level_text(KernelBuildOptLevel level) {
    switch (level) {
        case KernelBuildOptLevel::O0:
            return "0";
        case KernelBuildOptLevel::O1:
            return "1";
        case KernelBuildOptLevel::O2:
            return "2";
        case KernelBuildOptLevel::O3:
            return "3";
        case KernelBuildOptLevel::Os:
            return "s";
        case KernelBuildOptLevel::Ofast:
            return "fast";
        case KernelBuildOptLevel::Oz:
            return "z";
    }
    return "2";
}

std::uint32_t phases_of(MathFidelity fidelity) {
    switch (fidelity) {
        case MathFidelity::LoFi:
            return 1;
        case MathFidelity::HiFi2:
            return 2;
        case MathFidelity::HiFi3:
            return 3;
        case MathFidelity::HiFi4:
            return 4;
        case MathFidelity::Invalid:
            break;
    }
    TT_THROW("ComputeConfig: math fidelity {} does not exist", static_cast<int>(fidelity));
}

using tilewright::MetaliumKernelOptions;
using tilewright::MetaliumProcessor;

template <class Config>
MetaliumKernelOptions common_options(const Config& config) {
    MetaliumKernelOptions options;
    options.compile_args = config.compile_args;
    options.named_compile_args = {config.named_compile_args.begin(),
                                  config.named_compile_args.end()};
    options.defines = config.defines;
    options.include_paths = kernel_include_paths();
    options.optimisation = level_text(config.opt_level);
    return options;
}

std::vector<MetaliumKernelOptions> options_of(const DataMovementConfig& config) {
    MetaliumKernelOptions options = common_options(config);
    options.processor = config.processor == DataMovementProcessor::RISCV_0
                            ? MetaliumProcessor::data_movement_0
                            : MetaliumProcessor::data_movement_1;
    options.noc = config.noc;
    return {options};
}
std::vector<MetaliumKernelOptions> options_of(const ComputeConfig& config) {
    MetaliumKernelOptions options = common_options(config);
    tilewright::MetaliumComputeOptions& compute = options.compute;
    compute.fidelity_phases = phases_of(config.math_fidelity);
    compute.wide_dst = config.fp32_dest_acc_en;
    compute.full_dst = config.dst_full_sync_en;
    compute.approximate = config.math_approx_mode;
    for (std::uint32_t cb = 0; cb < config.unpack_to_dest_mode.size(); ++cb) {
        if (config.unpack_to_dest_mode[cb] == UnpackToDestMode::UnpackToDestFp32) {
            compute.unpack_to_dst.insert(cb);
        }
    }
    std::vector<MetaliumKernelOptions> all(3, options);
    all[0].processor = MetaliumProcessor::compute_unpack;
    all[1].processor = MetaliumProcessor::compute_math;
    all[2].processor = MetaliumProcessor::compute_pack;
    return all;
}
std::vector<MetaliumKernelOptions> options_of(const EthernetConfig&) {
    TT_THROW(
        "EthernetConfig: kernels on Ethernet cores are not supported; a simulated device has none");
}

KernelHandle add_kernel(Program& program, KernelRecord record) {
    ProgramState& state = program.state();
    TT_FATAL(!record.cores.empty(), "{}: no cores to run on", record.name());
    for (const KernelRecord& other : state.kernels) {
        if (other.options.front().processor != record.options.front().processor) continue;
        const CoreRangeSet both = other.cores.intersection(record.cores);
        TT_FATAL(both.empty(), "{}: processor {} of core {} has a kernel already: {}",
                 record.name(), static_cast<int>(record.options.front().processor),
                 both.ranges().front().start_coord, other.name());
    }
    state.kernels.push_back(std::move(record));
    return static_cast<KernelHandle>(state.kernels.size() - 1);
}

std::vector<MetaliumKernelOptions> options_of(const KernelConfig& config) {
    return std::visit([](const auto& c) { return options_of(c); }, config);
}

void set_arguments(KernelRecord& kernel, const CoreCoord& core,
                   tt::stl::Span<const std::uint32_t> words) {
    KernelArguments& arguments = kernel.arguments;
    TT_FATAL(kernel.cores.contains(core),
             "{}: runtime arguments for core {}, where it does not run ({})", kernel.name(), core,
             kernel.cores);
    const std::size_t room = tilewright::abi::max_argument_words - 1;
    TT_FATAL(words.size() + arguments.common.size() <= room,
             "{}: {} runtime arguments and {} common ones on core {}; there is room for {}",
             kernel.name(), words.size(), arguments.common.size(), core, room);
    const auto [found, added] = arguments.words.try_emplace(core, words.begin(), words.end());
    if (!added) {
        TT_FATAL(found->second.size() == words.size(),
                 "{}: {} runtime arguments for core {}, which had {} before", kernel.name(),
                 words.size(), core, found->second.size());
        std::ranges::copy(words, found->second.begin());  // views stay good
    }
    if (arguments.views.empty()) {
        const CoreCoord last = kernel.cores.bounding_box().end_coord;
        arguments.views.assign(last.x + 1, std::vector<RuntimeArgsData>(last.y + 1));
    }
    arguments.views[core.x][core.y] = {found->second.data(), found->second.size()};
}

}  // namespace
}  // namespace detail

KernelHandle CreateKernel(Program& program, const std::string& file_name, const CoreSpec& cores,
                          const KernelConfig& config) {
    return detail::add_kernel(program, {.file = detail::find_kernel(file_name),
                                        .text = {},
                                        .cores = detail::as_set(cores),
                                        .options = detail::options_of(config),
                                        .arguments = {},
                                        .compiled = {}});
}
KernelHandle CreateKernelFromString(Program& program, const std::string& kernel_src_code,
                                    const CoreSpec& cores, const KernelConfig& config) {
    return detail::add_kernel(program, {.file = {},
                                        .text = kernel_src_code,
                                        .cores = detail::as_set(cores),
                                        .options = detail::options_of(config),
                                        .arguments = {},
                                        .compiled = {}});
}

void SetRuntimeArgs(const Program& program, KernelHandle kernel, const CoreSpec& cores,
                    tt::stl::Span<const std::uint32_t> runtime_args) {
    const CoreRangeSet set = detail::as_set(cores);
    for (const CoreRange& range : set.ranges()) {
        for (const CoreCoord& core : range) {
            detail::set_arguments(program.state().kernel(kernel), core, runtime_args);
        }
    }
}
void SetRuntimeArgs(const Program& program, KernelHandle kernel, const CoreSpec& cores,
                    std::initializer_list<std::uint32_t> runtime_args) {
    SetRuntimeArgs(program, kernel, cores, std::span(runtime_args.begin(), runtime_args.size()));
}
void SetRuntimeArgs(const Program& program, KernelHandle kernel,
                    const std::vector<CoreCoord>& cores,
                    const std::vector<std::vector<std::uint32_t>>& runtime_args) {
    TT_FATAL(cores.size() == runtime_args.size(), "{} lists of runtime arguments for {} cores",
             runtime_args.size(), cores.size());
    for (std::size_t i = 0; i < cores.size(); ++i) {
        detail::set_arguments(program.state().kernel(kernel), cores[i], runtime_args[i]);
    }
}
void SetCommonRuntimeArgs(const Program& program, KernelHandle kernel,
                          tt::stl::Span<const std::uint32_t> runtime_args) {
    detail::KernelRecord& record = program.state().kernel(kernel);
    detail::KernelArguments& arguments = record.arguments;
    TT_FATAL(!arguments.common_set, "{}: its common runtime arguments were set before",
             record.name());
    arguments.common.assign(runtime_args.begin(), runtime_args.end());
    arguments.common_view = {arguments.common.data(), arguments.common.size()};
    arguments.common_set = true;
}
void SetCommonRuntimeArgs(const Program& program, KernelHandle kernel,
                          std::initializer_list<std::uint32_t> runtime_args) {
    SetCommonRuntimeArgs(program, kernel, std::span(runtime_args.begin(), runtime_args.size()));
}
RuntimeArgsData& GetRuntimeArgs(const Program& program, KernelHandle kernel,
                                const CoreCoord& core) {
    detail::KernelRecord& record = program.state().kernel(kernel);
    TT_FATAL(record.arguments.words.contains(core), "{}: core {} has no runtime arguments",
             record.name(), core);
    return record.arguments.views[core.x][core.y];
}
std::vector<std::vector<RuntimeArgsData>>& GetRuntimeArgs(const Program& program,
                                                          KernelHandle kernel) {
    return program.state().kernel(kernel).arguments.views;
}
RuntimeArgsData& GetCommonRuntimeArgs(const Program& program, KernelHandle kernel) {
    return program.state().kernel(kernel).arguments.common_view;
}

CBHandle CreateCircularBuffer(Program& program, const CoreSpec& cores,
                              const CircularBufferConfig& config) {
    detail::ProgramState& state = program.state();
    const CoreRangeSet set = detail::as_set(cores);
    TT_FATAL(!config.buffer_indices().empty(), "a circular buffer without an index");
    for (const std::uint8_t index : config.buffer_indices()) {
        TT_FATAL(config.page_sizes()[index].has_value(),
                 "circular buffer {}: its page size is not set", index);
        for (const detail::CircularBufferRecord& other : state.circular_buffers) {
            TT_FATAL(!other.config.buffer_indices().contains(index) || !other.cores.intersects(set),
                     "circular buffer {} exists already on some of the cores {}", index, set);
        }
    }
    state.circular_buffers.push_back({set, config});
    return state.circular_buffers.size() - 1;
}
const CircularBufferConfig& GetCircularBufferConfig(Program& program, CBHandle handle) {
    return program.state().circular_buffer(handle).config;
}
void UpdateCircularBufferTotalSize(Program& program, CBHandle handle, std::uint32_t total_size) {
    program.state().circular_buffer(handle).config.set_total_size(total_size);
}
void UpdateCircularBufferPageSize(Program& program, CBHandle handle, std::uint8_t buffer_index,
                                  std::uint32_t page_size) {
    CircularBufferConfig& config = program.state().circular_buffer(handle).config;
    TT_FATAL(config.buffer_indices().contains(buffer_index), "the circular buffer has no index {}",
             buffer_index);
    config.set_page_size(buffer_index, page_size);
}
void UpdateDynamicCircularBufferAddress(Program& program, CBHandle handle, const Buffer& buffer) {
    program.state().circular_buffer(handle).config.set_globally_allocated_address(buffer);
}
void UpdateDynamicCircularBufferAddressAndTotalSize(Program& program, CBHandle handle,
                                                    const Buffer& buffer,
                                                    std::uint32_t total_size) {
    program.state().circular_buffer(handle).config.set_globally_allocated_address_and_total_size(
        buffer, total_size);
}

std::uint32_t CreateSemaphore(Program& program, const std::variant<CoreRange, CoreRangeSet>& cores,
                              std::uint32_t initial_value, CoreType core_type) {
    TT_FATAL(core_type == CoreType::WORKER || core_type == CoreType::TENSIX,
             "semaphores on cores of type {} are not supported", static_cast<int>(core_type));
    detail::ProgramState& state = program.state();
    const CoreRangeSet set = std::visit([](const auto& spec) { return CoreRangeSet(spec); }, cores);
    TT_FATAL(!set.empty(), "a semaphore on no cores");
    // The lowest number that is free on all of the cores.
    for (std::uint32_t id = 0; id < tilewright::abi::program_semaphore_count; ++id) {
        const bool taken = std::ranges::any_of(state.semaphores, [&](const auto& other) {
            return other.id == id && other.cores.intersects(set);
        });
        if (taken) continue;
        state.semaphores.push_back({set, id, initial_value});
        return id;
    }
    TT_THROW("all {} semaphores of the cores {} are taken",
             tilewright::abi::program_semaphore_count, set);
}

void AssignGlobalBufferToProgram(const std::shared_ptr<Buffer>& buffer, Program& program) {
    program.state().kept.push_back(buffer);
}

}  // namespace tt::tt_metal
