// Programs as data: a ProgramSpec gives names to arguments, buffers, semaphores and scratchpads,
// and kernels use them by these names.
#include <tt-metalium/experimental/metal2_host_api/program.hpp>

#include "metalium/programs.hpp"
#include "tilewright/base/error.hpp"

namespace tt::tt_metal::experimental {
namespace {

using distributed::EnqueueReadMeshBuffer;
using distributed::EnqueueWriteMeshBuffer;
using test::counting;
using test::make_buffer;

const KernelSpecName reader_name{"reader"}, writer_name{"writer"};
const DFBSpecName pages_name{"pages"};
const NodeCoord origin{0, 0};

constexpr const char* headers = R"(
    #include "api/dataflow/dataflow_api.h"
    #include "api/dataflow/dataflow_buffer.h"
    #include "api/dataflow/endpoints.h"
    #include "api/dataflow/noc.h"
    #include "api/dataflow/noc_semaphore.h"
    #include "api/scratchpad.h"
    #include "experimental/kernel_args.h"
)";

KernelSpec kernel(const KernelSpecName& name, const std::string& text,
                  DataMovementHardwareConfig config) {
    KernelSpec spec;
    spec.unique_id = name;
    spec.source = KernelSpec::SourceCode{headers + text};
    spec.hw_config = std::move(config);
    return spec;
}

// Pages of a DRAM bank go through a dataflow buffer and a scratchpad to another place in it.
ProgramSpec copy_spec() {
    KernelSpec reader = kernel(reader_name, R"(
        void kernel_main() {
            constexpr uint32_t bytes = get_arg(args::page_bytes);
            static_assert(bytes == 64);
            Noc noc;
            DataflowBuffer pages(dfb::out);
            Semaphore turn(sem::turn);
            static_assert(uint32_t(dfb::out) == 1);
            ASSERT(pages.get_entry_size() == bytes && pages.get_total_num_entries() == 2);
            const uint32_t first = get_arg(args::first);
            for (uint32_t page = 0; page < get_arg(args::count); ++page) {
                pages.reserve_back(1);
                noc.async_read(AllocatorBank<AllocatorBankType::DRAM>(), pages, bytes,
                               {.bank_id = 0, .addr = first + page * bytes}, {});
                noc.async_read_barrier();
                auto lock = pages.scoped_write_lock();
                lock.get_ptr()[0] += get_vararg(0) + get_common_vararg(1);
                pages.push_back(1);
            }
            turn.up(1);
        })",
                               CreateReaderDataMovementConfig());
    reader.dfb_bindings = {ProducerOf(pages_name, "out")};
    reader.semaphore_bindings = {{SemaphoreSpecName{"done"}, "turn"}};
    reader.compile_time_args = {{"page_bytes", 64}};
    reader.runtime_arg_schema = {{"first"}, {"count"}};
    reader.advanced_options.num_runtime_varargs = 1;
    reader.advanced_options.num_common_runtime_varargs = 2;

    KernelSpec writer = kernel(writer_name, R"(
        template <uint32_t page_bytes, bool waits>
        TT_KERNEL void write(uint32_t target, uint32_t count) {
            Noc noc;
            DataflowBuffer pages(dfb::in);
            Scratchpad<uint32_t> kept(scratch::kept);
            ASSERT(kept.size() == 2 * page_bytes / 4);
            for (uint32_t page = 0; page < count; ++page) {
                pages.wait_front(1);
                kept[1] = pages.scoped_read_lock().get_ptr()[0];
                noc.async_write(pages, PrecomposedUnicastEndpoint(), page_bytes, {},
                                {.noc_addr = get_noc_addr_from_bank_id<true>(0, target + page * page_bytes)});
                noc.async_write_barrier();
                pages.pop_front(1);
            }
            if constexpr (waits) Semaphore(sem::finished).wait(1);
            DPRINT("{} {}\n", kept[1], kept.get_base_address() % 16);
        })",
                               CreateWriterDataMovementConfig());
    writer.dfb_bindings = {ConsumerOf(pages_name, "in")};
    writer.semaphore_bindings = {{SemaphoreSpecName{"done"}, "finished"}};
    writer.scratchpad_bindings = {{ScratchpadSpecName{"pad"}, "kept"}};
    writer.compile_time_args = {{"page_bytes", 64}, {"waits", 1}};
    writer.runtime_arg_schema = {{"target", "count"}, {}};

    ProgramSpec spec;
    spec.name = "copy";
    spec.kernels = {reader, writer};
    spec.dataflow_buffers = {
        {.unique_id = DFBSpecName{"other"}, .entry_size = 32, .num_entries = 4},
        {.unique_id = pages_name, .entry_size = 64, .num_entries = 2},
    };
    spec.dataflow_buffers[0].advanced_options.alias_with = {pages_name};
    spec.dataflow_buffers[1].advanced_options.alias_with = {DFBSpecName{"other"}};
    spec.kernels[0].dfb_bindings.push_back(ProducerOf(DFBSpecName{"other"}, "unused"));
    spec.kernels[1].dfb_bindings.push_back(ConsumerOf(DFBSpecName{"other"}, "unused"));
    spec.semaphores = {{.unique_id = SemaphoreSpecName{"done"}, .target_nodes = origin}};
    spec.scratchpads = {{.unique_id = ScratchpadSpecName{"pad"}, .size_per_node = 128}};
    spec.work_units = {
        {.name = "all", .kernels = {reader_name, writer_name}, .target_nodes = origin}};
    return spec;
}

TEST(MetaliumProgramSpec, KernelsUseWhatTheyAreBoundToByName) {
    const auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    const auto from = make_buffer(*mesh, 256, 256);
    const auto to = make_buffer(*mesh, 256, 256);
    auto data = counting(64, 100);
    EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), from, data, false);

    Program program = MakeProgramFromSpec(*mesh, copy_spec());
    ProgramRunArgs values;
    values.kernel_run_args = {
        {.kernel = reader_name,
         .runtime_arg_values = {{origin, {{"first", static_cast<std::uint32_t>(from->address())}}}},
         .common_runtime_arg_values = {{"count", 4}},
         .advanced_options = {.runtime_varargs = {{origin, {7}}},
                              .common_runtime_varargs = {0, 1000}}},
        {.kernel = writer_name,
         .runtime_arg_values = MakeRuntimeArgsForSingleNode(
             origin, {{"target", static_cast<std::uint32_t>(to->address())}, {"count", 4}})},
    };
    SetProgramRunArgs(program, values);
    testing::internal::CaptureStdout();
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    const auto run = [&] {
        distributed::EnqueueMeshWorkload(mesh->mesh_command_queue(), workload, true);
        std::vector<std::uint32_t> words;
        EnqueueReadMeshBuffer(mesh->mesh_command_queue(), words, to, true);
        return words;
    };
    auto expected = data;
    for (std::size_t page = 0; page < 4; ++page) expected[16 * page] += 1007;
    EXPECT_EQ(run(), expected);

    // A value that is not given again stays.
    ProgramRunArgs others;
    others.kernel_run_args = {
        {.kernel = reader_name, .advanced_options = {.runtime_varargs = {{origin, {9}}}}}};
    UpdateProgramRunArgs(workload.get_programs().begin()->second, others);
    for (std::size_t page = 0; page < 4; ++page) expected[16 * page] += 2;
    EXPECT_EQ(run(), expected);
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              fmt::format("0:(x=0,y=0):BR: {} 0\n0:(x=0,y=0):BR: {} 0\n", expected[48] - 2,
                          expected[48]));
}

// What is said of a specification that cannot be a program.
std::string refusal(const ProgramSpec& spec) {
    const auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    try {
        MakeProgramFromSpec(*mesh, spec);
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

TEST(MetaliumProgramSpec, AMistakeIsNamed) {
    EXPECT_EQ(refusal(copy_spec()), "");
    ProgramSpec spec = copy_spec();
    spec.dataflow_buffers.pop_back();
    EXPECT_SAYS(refusal(spec), "there is no DataflowBufferSpec \"pages\"");
    spec = copy_spec();
    spec.kernels[1].dfb_bindings.clear();
    EXPECT_SAYS(refusal(spec), "no kernel is bound to it as its CONSUMER");
    spec = copy_spec();
    spec.work_units[0].kernels.pop_back();
    EXPECT_SAYS(refusal(spec), "KernelSpec \"writer\": no WorkUnitSpec has it");
    spec = copy_spec();
    spec.kernels.push_back(spec.kernels[0]);
    EXPECT_SAYS(refusal(spec), "there are 2 of KernelSpec \"reader\"");
    spec = copy_spec();
    spec.kernels[0].hw_config = DataMovementHardwareConfig{};
    EXPECT_SAYS(refusal(spec), "config_1xx");
    spec = copy_spec();
    spec.dataflow_buffers[0].num_entries = 1;
    EXPECT_SAYS(refusal(spec), "which has 32 bytes; it has 128");
}

TEST(MetaliumProgramSpec, EveryArgumentNeedsItsValue) {
    const auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    Program program = MakeProgramFromSpec(*mesh, copy_spec());
    const auto refused = [&](const ProgramRunArgs& values) -> std::string {
        try {
            SetProgramRunArgs(program, values);
        } catch (const std::exception& error) {
            return error.what();
        }
        return "";
    };
    ProgramRunArgs values;
    EXPECT_SAYS(refused(values), "\"reader\": its arguments have no values");
    values.kernel_run_args = {{.kernel = reader_name}, {.kernel = writer_name}};
    EXPECT_SAYS(refused(values), "its argument \"first\" has no value");
    values.kernel_run_args[0].runtime_arg_values = {{origin, {{"first", 0}, {"second", 0}}}};
    EXPECT_SAYS(refused(values), "it has no argument \"second\"");
    values.kernel_run_args[0].runtime_arg_values = {{origin, {{"first", 0}}}};
    EXPECT_SAYS(refused(values), "0 arguments without names");
}

}  // namespace
}  // namespace tt::tt_metal::experimental
