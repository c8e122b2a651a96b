// All checks of kernels at once change nothing that a program can see: the kernels of the examples,
// and one that uses what the checks look at, run with and without, to equal cycles, counters and
// snapshots, which hold the kernels' files and all memory.
#include <cstdlib>
#include <functional>
#include <tt-metalium/experimental/pinned_memory.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

#include "metalium/programs.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::test {
namespace {

const CoreCoord origin{0, 0};

std::string example(const std::string& kernel) {
    return TILEWRIGHT_SOURCE_DIR "/examples/metalium/kernels/" + kernel + ".cpp";
}

void hello(MeshDevice& mesh) {
    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {1, 0});
    const KernelHandle first = CreateKernel(program, example("hello"), cores, DataMovementConfig{});
    const KernelHandle second = CreateKernel(
        program, example("hello"), cores,
        DataMovementConfig{.processor = DataMovementProcessor::RISCV_1, .noc = NOC::NOC_1});
    SetRuntimeArgs(program, first, cores, {1});
    SetRuntimeArgs(program, second, cores, {2});
    testing::internal::CaptureStdout();
    run(mesh, std::move(program));
    EXPECT_SAYS(testing::internal::GetCapturedStdout(), "hello from kernel 2");
}

void loopback(MeshDevice& mesh) {
    constexpr std::uint32_t pages = 50, page_bytes = 2048;
    const auto input = make_buffer(mesh, pages * page_bytes, page_bytes);
    const auto output = make_buffer(mesh, pages * page_bytes, page_bytes);
    const auto scratch = make_buffer(mesh, page_bytes, page_bytes, BufferType::L1);
    const auto sent = counting(pages * page_bytes / 4, 3);
    distributed::EnqueueWriteMeshBuffer(mesh.mesh_command_queue(), input, sent, false);
    Program program = CreateProgram();
    DataMovementConfig config;
    TensorAccessorArgs(input).append_to(config.compile_args);
    TensorAccessorArgs(output).append_to(config.compile_args);
    const KernelHandle kernel = CreateKernel(program, example("loopback"), origin, config);
    SetRuntimeArgs(program, kernel, origin,
                   {static_cast<std::uint32_t>(scratch->address()),
                    static_cast<std::uint32_t>(input->address()),
                    static_cast<std::uint32_t>(output->address()), pages});
    run(mesh, std::move(program));
    std::vector<std::uint32_t> received;
    distributed::EnqueueReadMeshBuffer(mesh.mesh_command_queue(), received, output, true);
    EXPECT_EQ(received, sent);
}

void persistent(MeshDevice& mesh) {
    const auto buffer = make_buffer(mesh, 256, 256);
    auto here = std::make_shared<std::vector<char>>(256);
    HostBuffer host(here);
    const distributed::MeshCoordinateRange all(mesh.shape());
    const auto pinned = experimental::PinnedMemory::Create(
        mesh, distributed::MeshCoordinateRangeSet(all), host, true);
    const std::uint64_t address = pinned->get_noc_addr(0)->addr;
    for (std::uint32_t number = 0; number < 3; ++number) {
        Program program = CreateProgram();
        const KernelHandle kernel = CreateKernel(program, example("persistent"), origin,
                                                 DataMovementConfig{.defines = {{"BYTES", "256"}}});
        SetRuntimeArgs(
            program, kernel, origin,
            {static_cast<std::uint32_t>(buffer->address()), number,
             static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(address >> 32)});
        run(mesh, std::move(program));
        EXPECT_EQ(std::string(here->data()), "message " + std::to_string(number));
    }
}

// Two cores of each of four tiles: pages through a circular buffer, a multicast, semaphores, a deep
// stack, reads and writes in flight together.
void everything(MeshDevice& mesh) {
    const CoreRange cores({0, 0}, {1, 1});
    const CoreCoord first = mesh.worker_core_from_logical_core({0, 0});
    const CoreCoord last = mesh.worker_core_from_logical_core({1, 1});
    const auto data = make_buffer(mesh, 16 * 1024, 1024);
    distributed::EnqueueWriteMeshBuffer(mesh.mesh_command_queue(), data, counting(16 * 256), false);
    Program program = CreateProgram();
    CreateCircularBuffer(
        program, cores,
        CircularBufferConfig(4 * 1024, {{0, DataFormat::UInt32}}).set_page_size(0, 1024));
    const std::uint32_t go = CreateSemaphore(program, cores, 0);
    DataMovementConfig config;
    TensorAccessorArgs(data).append_to(config.compile_args);
    const KernelHandle reader = add_kernel(program, R"(
        constexpr auto args = TensorAccessorArgs<0>();
        const auto tensor = TensorAccessor(args, get_arg_val<uint32_t>(0));
        const uint32_t semaphore = get_semaphore(get_arg_val<uint32_t>(1));
        auto* word = reinterpret_cast<volatile uint32_t*>(semaphore);
        if (my_x[0] == get_arg_val<uint32_t>(2) && my_y[0] == get_arg_val<uint32_t>(3)) {
            noc_semaphore_set(word, 1);
            noc_semaphore_set_multicast(
                semaphore,
                get_noc_multicast_addr(get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3),
                                       get_arg_val<uint32_t>(4), get_arg_val<uint32_t>(5),
                                       semaphore),
                3);
            noc_async_write_barrier();
        }
        noc_semaphore_wait(word, 1);
        for (uint32_t page = 0; page < 16; page += 2) {
            cb_reserve_back(0, 2);
            noc_async_read_page(page, tensor, get_write_ptr(0));
            noc_async_read_page(page + 1, tensor, get_write_ptr(0) + 1024);
            noc_async_read_barrier();
            cb_push_back(0, 2);
        })",
                                           cores, config);
    SetRuntimeArgs(program, reader, cores,
                   {static_cast<std::uint32_t>(data->address()), go,
                    static_cast<std::uint32_t>(first.x), static_cast<std::uint32_t>(first.y),
                    static_cast<std::uint32_t>(last.x), static_cast<std::uint32_t>(last.y)});
    add_kernel(program, R"(
        volatile uint32_t on_the_stack[200];
        uint32_t sum = 0;
        for (uint32_t page = 0; page < 16; ++page) {
            cb_wait_front(0, 1);
            const auto* words = reinterpret_cast<volatile uint32_t*>(get_read_ptr(0));
            for (uint32_t i = 0; i < 200; ++i) on_the_stack[i] = words[i];
            for (uint32_t i = 0; i < 200; ++i) sum += on_the_stack[i];
            cb_pop_front(0, 1);
        }
        *reinterpret_cast<volatile uint32_t*>(0x60000) = sum;
        noc_async_write(0x60000, get_noc_addr(0x60040), 4);
        noc_async_write_barrier();)",
               cores, {.processor = DataMovementProcessor::RISCV_1, .noc = NOC::NOC_1});
    run(mesh, std::move(program));
    std::uint32_t sum = 0;
    for (std::uint32_t page = 0; page < 16; ++page) {
        for (std::uint32_t i = 0; i < 200; ++i) sum += page * 256 + i;
    }
    for (const CoreCoord& core : cores) {
        std::vector<std::uint32_t> found;
        detail::ReadFromDeviceL1(mesh.get_devices()[0], core, 0x60040, 4, found);
        EXPECT_EQ(found[0], sum);
    }
}

struct Result {
    std::uint64_t cycle;
    tilewright::Counters counters;
    std::vector<std::byte> snapshot;
    bool operator==(const Result&) const = default;
};

Result with_checks(const char* on, const std::function<void(MeshDevice&)>& example) {
    setenv("TILEWRIGHT_CHECKS", on, 1);
    const auto mesh = MeshDevice::create_unit_mesh(0);
    unsetenv("TILEWRIGHT_CHECKS");
    example(*mesh);
    const tilewright::Device& chip = mesh->native();
    return {tilewright::count(chip.cycle()), chip.counters(), chip.snapshot().bytes};
}

TEST(MetaliumChecks, ChangeNeitherCyclesNorCountersNorKernels) {
    for (const auto& [name, program] :
         {std::pair<std::string, std::function<void(MeshDevice&)>>{"hello", hello},
          {"loopback", loopback},
          {"persistent", persistent},
          {"everything", everything}}) {
        const Result without = with_checks("0", program);
        const Result with = with_checks("1", program);
        EXPECT_EQ(with.cycle, without.cycle) << name;
        EXPECT_GT(with.cycle, 0u);
        EXPECT_EQ(with.counters, without.counters) << name;
        EXPECT_TRUE(with.snapshot == without.snapshot) << name;
    }
}

}  // namespace
}  // namespace tt::tt_metal::test
