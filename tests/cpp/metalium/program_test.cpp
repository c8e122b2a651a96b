// Programs: kernels, arguments, circular buffers, semaphores; what cannot be.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "metalium/programs.hpp"
#include "tilewright/base/error.hpp"

namespace tt::tt_metal::test {
namespace {

// Stores what the host finds at 0x20000 of the tile.
constexpr const char* store_arguments = R"(
    auto* words = reinterpret_cast<volatile std::uint32_t*>(0x20000);
    words[0] = get_arg_val<std::uint32_t>(0);
    words[1] = get_arg_val<std::uint32_t>(1);
    words[2] = get_common_arg_val<std::uint32_t>(0);
)";

std::vector<std::uint32_t> words_of(MeshDevice& mesh, const CoreCoord& core, std::uint32_t count) {
    std::vector<std::uint32_t> words;
    detail::ReadFromDeviceL1(mesh.get_devices()[0], core, 0x20000, count * 4, words);
    return words;
}
using Words = std::vector<std::uint32_t>;

TEST(MetaliumProgram, EveryCoreHasItsArguments) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {1, 1});
    const KernelHandle kernel = add_kernel(program, store_arguments, cores);
    SetRuntimeArgs(program, kernel, cores, {1, 2});
    SetRuntimeArgs(program, kernel, CoreCoord{1, 0}, Words{3, 4});
    SetRuntimeArgs(program, kernel, std::vector<CoreCoord>{{0, 1}}, {{5, 6}});
    SetCommonRuntimeArgs(program, kernel, {77});
    GetRuntimeArgs(program, kernel, CoreCoord{1, 1})[1] = 8;
    GetRuntimeArgs(program, kernel)[0][0][0] = 9;

    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    auto& queue = mesh->mesh_command_queue();
    distributed::EnqueueMeshWorkload(queue, workload, true);
    EXPECT_EQ(words_of(*mesh, {0, 0}, 3), (Words{9, 2, 77}));
    EXPECT_EQ(words_of(*mesh, {1, 0}, 3), (Words{3, 4, 77}));
    EXPECT_EQ(words_of(*mesh, {0, 1}, 3), (Words{5, 6, 77}));
    EXPECT_EQ(words_of(*mesh, {1, 1}, 3), (Words{1, 8, 77}));

    // Changed between two launches of the same workload.
    Program& again = workload.get_programs().begin()->second;
    SetRuntimeArgs(again, kernel, cores, {10, 11});
    GetCommonRuntimeArgs(again, kernel)[0] = 12;
    distributed::EnqueueMeshWorkload(queue, workload, true);
    EXPECT_EQ(words_of(*mesh, {1, 1}, 3), (Words{10, 11, 12}));
}

TEST(MetaliumProgram, DefinesAndCompileTimeArguments) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    DataMovementConfig config{.processor = DataMovementProcessor::RISCV_1,
                              .noc = NOC::RISCV_1_default,
                              .compile_args = {5, 6},
                              .defines = {{"SIX", "6"}}};
    config.named_compile_args["seven"] = 7;
    add_kernel(program, R"(
        auto* words = reinterpret_cast<volatile std::uint32_t*>(0x20000);
        words[0] = get_compile_time_arg_val(0);
        words[1] = SIX;
        words[2] = get_named_compile_time_arg_val("seven");
        words[3] = noc_index;
    )",
               CoreCoord{2, 3}, config);
    run(*mesh, std::move(program));
    EXPECT_EQ(words_of(*mesh, {2, 3}, 4), (Words{5, 6, 7, 1}));
}

// Reader and writer of one tile hand pages to each other; the sum of what arrives is known.
TEST(MetaliumProgram, CircularBuffersAndSemaphores) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {1, 0});
    CreateCircularBuffer(
        program, cores,
        CircularBufferConfig(4 * 64, {{2, DataFormat::UInt32}}).set_page_size(2, 64));
    const std::uint32_t done = CreateSemaphore(program, cores, 40);
    const std::uint32_t other = CreateSemaphore(program, CoreRange({5, 5}, {5, 5}), 0);
    EXPECT_EQ(other, done) << "numbers are taken by core";
    const KernelHandle producer = add_kernel(program, R"(
        for (std::uint32_t i = 0; i < 20; ++i) {
            cb_reserve_back(2, 1);
            *reinterpret_cast<volatile std::uint32_t*>(get_write_ptr(2)) = i;
            cb_push_back(2, 1);
        }
        auto* semaphore = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(
            get_semaphore(get_arg_val<std::uint32_t>(0)));
        noc_semaphore_wait(semaphore, 41);
    )",
                                             cores);
    SetRuntimeArgs(program, producer, cores, {done});
    const KernelHandle consumer = add_kernel(program, R"(
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < 20; ++i) {
            cb_wait_front(2, 1);
            sum += *reinterpret_cast<volatile std::uint32_t*>(get_read_ptr(2));
            cb_pop_front(2, 1);
        }
        *reinterpret_cast<volatile std::uint32_t*>(0x40000) = sum + get_tile_size(2);
        noc_semaphore_inc(get_noc_addr(get_semaphore(get_arg_val<std::uint32_t>(0))), 1);
        noc_async_atomic_barrier();
    )",
                                             cores, {.processor = DataMovementProcessor::RISCV_1});
    SetRuntimeArgs(program, consumer, cores, {done});
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    for (int launch = 0; launch < 2; ++launch) {  // each begins with fresh buffers and semaphores
        distributed::EnqueueMeshWorkload(mesh->mesh_command_queue(), workload, true);
        for (const std::size_t x : {0, 1}) {
            std::vector<std::uint32_t> sum;
            detail::ReadFromDeviceL1(mesh->get_devices()[0], {x, 0}, 0x40000, 4, sum);
            EXPECT_EQ(sum[0], 190u + 4096);
        }
    }
}

TEST(MetaliumProgram, CircularBuffersKeepClearOfBuffersInL1) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    // Fills L1 from the top down to 64 KiB of user memory.
    const std::uint32_t all = mesh->l1_size_per_core() - 0x20000;
    auto buffer = make_buffer(*mesh, std::uint64_t{all - 65536} * 140, all - 65536, BufferType::L1);
    const auto attempt = [&](std::uint32_t bytes) {
        Program program = CreateProgram();
        CreateCircularBuffer(
            program, CoreCoord{0, 0},
            CircularBufferConfig(bytes, {{0, DataFormat::UInt32}}).set_page_size(0, bytes));
        add_kernel(program, "", CoreCoord{0, 0});
        run(*mesh, std::move(program));
    };
    EXPECT_NO_THROW(attempt(65536));
    EXPECT_SAYS(message_of<std::runtime_error>([&] { attempt(65536 + 64); }),
                "circular buffer 0 of 65600 bytes does not fit into the L1 of core (x=0,y=0)");
}

TEST(MetaliumProgram, RefusesWhatCannotBe) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    EXPECT_SAYS(
        message_of<std::runtime_error>([&] {
            CreateKernel(program, "kernels/nowhere.cpp", CoreCoord{0, 0}, DataMovementConfig{});
        }),
        "'kernels/nowhere.cpp' does not exist in any of:");
    const KernelHandle kernel = add_kernel(program, "", CoreRange({0, 0}, {1, 0}));
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    add_kernel(program, "", CoreRange({1, 0}, {2, 0}));
                }),
                "processor 0 of core (x=1,y=0) has a kernel already");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    SetRuntimeArgs(program, kernel, CoreCoord{2, 0}, {1});
                }),
                "(x=2,y=0)");
    SetRuntimeArgs(program, kernel, CoreCoord{1, 0}, {1});
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    SetRuntimeArgs(program, kernel, CoreCoord{1, 0}, {1, 2});
                }),
                "2 runtime arguments for core (x=1,y=0), which had 1 before");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    SetRuntimeArgs(program, kernel, CoreCoord{0, 0}, Words(600));
                }),
                "600");
    EXPECT_THROW(SetRuntimeArgs(program, 9, CoreCoord{0, 0}, {1}), std::runtime_error);
    EXPECT_THROW(GetRuntimeArgs(program, kernel, CoreCoord{0, 0}), std::runtime_error);
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    CreateKernelFromString(program, "", CoreCoord{3, 3}, EthernetConfig{});
                }),
                "EthernetConfig");
    const auto ring = CircularBufferConfig(64, {{0, DataFormat::UInt32}}).set_page_size(0, 64);
    CreateCircularBuffer(program, CoreCoord{0, 0}, ring);
    EXPECT_THROW(CreateCircularBuffer(program, CoreCoord{0, 0}, ring), std::runtime_error);

    Program outside = CreateProgram();
    add_kernel(outside, "", CoreRange({13, 9}, {14, 9}));
    EXPECT_SAYS(message_of<std::runtime_error>([&] { run(*mesh, std::move(outside)); }),
                "whose last core is (x=13,y=9)");
    EXPECT_THROW(CreateKernelFromString(outside, "", CoreCoord{0, 0}, DataMovementConfig{}),
                 std::runtime_error)
        << "moved away";
}

TEST(MetaliumProgram, CompileErrorsHaveTheUsersLines) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / "tilewright_metalium_bad_kernel.cpp";
    std::ofstream(file)
        << "#include \"dataflow_api.h\"\nvoid kernel_main() {\n    no_such_call();\n}\n";
    Program program = CreateProgram();
    CreateKernel(program, file.string(), CoreCoord{0, 0}, DataMovementConfig{});
    EXPECT_SAYS(message_of<tilewright::CompileError>([&] { run(*mesh, std::move(program)); }),
                "tilewright_metalium_bad_kernel.cpp:3:");
    std::filesystem::remove(file);
}

TEST(MetaliumProgram, ReadingMoreArgumentsThanWereSetIsAFault) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    const KernelHandle kernel = add_kernel(program, store_arguments, CoreCoord{0, 0});
    SetRuntimeArgs(program, kernel, CoreCoord{0, 0}, {1});
    testing::internal::CaptureStdout();
    EXPECT_THROW(run(*mesh, std::move(program)), tilewright::KernelFault);
    EXPECT_SAYS(testing::internal::GetCapturedStdout(), "argument 1 was read; 1 were set");
    // The device goes on.
    Program good = CreateProgram();
    add_kernel(good, "*reinterpret_cast<volatile std::uint32_t*>(0x20000) = 5;", CoreCoord{0, 0});
    run(*mesh, std::move(good));
    EXPECT_EQ(words_of(*mesh, {0, 0}, 1), Words{5});
}

// As published programs have no call for the checks, the environment switches them on.
TEST(MetaliumProgram, ChecksAreOnWhereTheEnvironmentSays) {
    const auto attempt = [] {
        const auto mesh = MeshDevice::create_unit_mesh(0);
        Program program = CreateProgram();
        add_kernel(program, "noc_async_read(get_noc_addr(0x30000), 0x20000, 64);", CoreCoord{0, 0});
        run(*mesh, std::move(program));
    };
    EXPECT_NO_THROW(attempt());
    setenv("TILEWRIGHT_CHECKS", "1", 1);
    EXPECT_SAYS(message_of<tilewright::KernelFault>(attempt), "reads on NoC 0 in flight");
    setenv("TILEWRIGHT_CHECKS", "yes", 1);
    EXPECT_SAYS(message_of<std::runtime_error>(attempt), "TILEWRIGHT_CHECKS is 'yes'");
    unsetenv("TILEWRIGHT_CHECKS");
    EXPECT_NO_THROW(attempt());
}

TEST(MetaliumProgram, KernelsAreFoundWhereTheEnvironmentSays) {
    const std::filesystem::path root =
        std::filesystem::temp_directory_path() / "tilewright_metalium_root";
    std::filesystem::create_directories(root / "kernels");
    std::ofstream(root / "kernels" / "empty_kernel.cpp") << "void kernel_main() {}\n";
    Program program = CreateProgram();
    const auto create = [&](std::size_t x) {
        CreateKernel(program, "kernels/empty_kernel.cpp", CoreCoord{x, 0}, DataMovementConfig{});
    };
    EXPECT_THROW(create(0), std::runtime_error);
    setenv("TT_METAL_HOME", root.c_str(), 1);
    EXPECT_NO_THROW(create(0));
    unsetenv("TT_METAL_HOME");
    SetRootDir(root.string());
    EXPECT_NO_THROW(create(1));
    SetRootDir("");
    std::filesystem::remove_all(root);
}

TEST(MetaliumProgram, PrintsGoToStandardOutput) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const auto printed = [&] {
        Program program = CreateProgram();
        add_kernel(program, "DPRINT << \"number \" << 42 << ENDL();", CoreRange({0, 0}, {1, 0}));
        testing::internal::CaptureStdout();
        run(*mesh, std::move(program));
        return testing::internal::GetCapturedStdout();
    };
    EXPECT_EQ(printed(), "0:(x=0,y=0):BR: number 42\n0:(x=1,y=0):BR: number 42\n");
    setenv("TT_METAL_DPRINT_CORES", "(1,0)-(3,3)", 1);
    setenv("TT_METAL_DPRINT_PREPEND_DEVICE_CORE_RISC", "0", 1);
    EXPECT_EQ(printed(), "number 42\n");
    setenv("TT_METAL_DPRINT_CORES", "0,0", 1);
    EXPECT_EQ(printed(), "number 42\n");
    setenv("TT_METAL_DPRINT_CORES", "5,5", 1);
    EXPECT_EQ(printed(), "");
    unsetenv("TT_METAL_DPRINT_CORES");
    unsetenv("TT_METAL_DPRINT_PREPEND_DEVICE_CORE_RISC");
}

TEST(MetaliumProgram, MarkMomentsByNameOrByNumber) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    add_kernel(program,
               "DeviceTimestampedData(\"named\", 1);\n"
               "DeviceTimestampedData(std::uint16_t{12345}, std::uint64_t{1} << 32);\n"
               "DeviceRecordEvent(7);\n"
               "DPRINT << \"marked\" << ENDL();",
               CoreCoord{0, 0});
    testing::internal::CaptureStdout();
    run(*mesh, std::move(program));
    EXPECT_SAYS(testing::internal::GetCapturedStdout(), "marked");
}

}  // namespace
}  // namespace tt::tt_metal::test
