// The persistent-device pattern as a whole, step by step as its programs do it: opened once, a
// message that a kernel writes to DRAM at an address it has from a define, a hundred workloads,
// memory that is pinned without a copy.
#include <map>
#include <set>
#include <sstream>
#include <tt-metalium/experimental/pinned_memory.hpp>

#include "metalium/programs.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::test {
namespace {

constexpr std::size_t page = 1024;
constexpr const char* message = "The message.\nIt has\n  three lines.\n";

std::shared_ptr<MeshBuffer> dram_page(MeshDevice& mesh) {
    const distributed::DeviceLocalBufferConfig dram{.page_size = page,
                                                    .buffer_type = BufferType::DRAM};
    return MeshBuffer::create(distributed::ReplicatedBufferConfig{.size = page}, dram, &mesh);
}

// Copies the message to L1 and the whole page from there to the first page at OUTPUT.
Program writer(std::uint64_t address) {
    Program program = CreateProgram();
    char text[32];
    snprintf(text, sizeof(text), "0x%lx", static_cast<unsigned long>(address));
    const std::map<std::string, std::string> defines = {{"OUTPUT", text}};
    CreateKernelFromString(program, R"(
        #include <cstdint>
        #include "api/dataflow/dataflow_api.h"
        constexpr uint32_t HERE = 0x20000;
        void kernel_main() {
            const char message[] = "The message.\nIt has\n  three lines.\n";
            volatile char* l1 = reinterpret_cast<volatile char*>(HERE);
            for (uint32_t i = 0; i < sizeof(message); i++) l1[i] = message[i];
        #ifndef OUTPUT
            #error "OUTPUT is not defined"
        #endif
            const uint32_t address = OUTPUT;
            InterleavedAddrGen<true> output = {.bank_base_address = address, .page_size = 1024};
            noc_async_write(HERE, get_noc_addr(0, output), 1024);
            noc_async_write_barrier();
        })",
                           CoreCoord{0, 0},
                           DataMovementConfig{.processor = DataMovementProcessor::RISCV_0,
                                              .noc = NOC::RISCV_0_default,
                                              .defines = defines});
    return program;
}

TEST(MetaliumPersistent, SixStepsPrintWhatTheyShould) {
    std::ostringstream out;
    out << "[1/6] open" << std::endl;
    const auto mesh = MeshDevice::create_unit_mesh(0);
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();
    out << "[2/6] buffer" << std::endl;
    const auto buffer = dram_page(*mesh);
    out << "      at 0x" << std::hex << buffer->address() << std::dec << std::endl;
    out << "[3/6] kernel" << std::endl;
    Program program = writer(buffer->address());
    out << "[4/6] run" << std::endl;
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    distributed::EnqueueMeshWorkload(queue, workload, false);
    distributed::Finish(queue);
    out << "[5/6] read" << std::endl;
    std::vector<std::uint8_t> bytes(page);
    distributed::EnqueueReadMeshBuffer(queue, bytes, buffer, /*blocking=*/true);
    out << "[6/6] show" << std::endl;
    std::istringstream lines(reinterpret_cast<const char*>(bytes.data()));
    for (std::string line; std::getline(lines, line);) out << "|  " << line << std::endl;
    mesh->close();
    out << "closed" << std::endl;

    // The address is not 0, as on silicon: a program may take 0 for "none".
    EXPECT_EQ(out.str(),
              "[1/6] open\n[2/6] buffer\n      at 0x40\n[3/6] kernel\n[4/6] run\n[5/6] read\n"
              "[6/6] show\n|  The message.\n|  It has\n|    three lines.\nclosed\n");
}

TEST(MetaliumPersistent, AHundredWorkloadsInOneOpenDevice) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();
    const auto buffer = dram_page(*mesh);
    for (int workload = 0; workload < 100; ++workload) {
        // What the last one left must not pass for the message.
        std::vector<std::uint8_t> bytes(page, 0xEE);
        distributed::EnqueueWriteMeshBuffer(queue, buffer, bytes, false);
        run(*mesh, writer(buffer->address()), false);
        distributed::Finish(queue);
        distributed::EnqueueReadMeshBuffer(queue, bytes, buffer, true);
        ASSERT_STREQ(reinterpret_cast<const char*>(bytes.data()), message) << workload;
    }
    EXPECT_TRUE(mesh->close());
}

// The kernel writes to the host's words one after another and goes on: the host must see each in
// its own memory, between others that it has not written yet, while the kernel runs.
TEST(MetaliumPersistent, PinnedMemoryChangesWhileTheKernelRuns) {
    using experimental::PinnedMemory;
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const auto own = std::make_shared<std::vector<std::uint32_t>>(64);
    const volatile std::uint32_t* words = own->data();
    HostBuffer host(own);
    const distributed::MeshCoordinateRange all(mesh->shape());
    const auto pinned =
        PinnedMemory::Create(*mesh, distributed::MeshCoordinateRangeSet(all), host, true);
    EXPECT_EQ(pinned->get_host_ptr(), own->data()) << "the program's own memory";
    const std::uint64_t address = pinned->get_noc_addr(0)->addr;

    Program program = CreateProgram();
    const KernelHandle kernel = add_kernel(program, R"(
        const uint64_t host = uint64_t{get_arg_val<uint32_t>(1)} << 32 | get_arg_val<uint32_t>(0);
        for (uint32_t i = 0; i < 64; ++i) {
            noc_inline_dw_write(host + 4 * i, i + 1);
            noc_async_write_barrier();
            riscv_wait(1000);
        })",
                                           CoreCoord{3, 3});
    SetRuntimeArgs(
        program, kernel, CoreCoord{3, 3},
        {static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(address >> 32)});
    run(*mesh, std::move(program), false);
    EXPECT_EQ(words[0], 0u) << "no time has passed";

    tilewright::Device& chip = mesh->native();
    std::set<std::uint32_t> seen;
    for (std::uint32_t written = 0; written < 64;) {
        chip.advance_to(tilewright::Cycle{tilewright::count(chip.cycle()) + 500});
        while (written < 64 && words[written] == written + 1) ++written;
        for (std::uint32_t i = written; i < 64; ++i) ASSERT_EQ(words[i], 0u);
        seen.insert(written);
    }
    EXPECT_GT(seen.size(), 32u) << "the host watched it grow";
    distributed::Finish(mesh->mesh_command_queue());
    EXPECT_EQ(pinned->lock(), static_cast<const void*>(own->data()));
}

}  // namespace
}  // namespace tt::tt_metal::test
