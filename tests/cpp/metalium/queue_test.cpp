// Opening and closing, queues, events, traces, meshes, pinned memory, and two frontends on one
// chip.
#include <cstring>
#include <thread>
#include <tt-metalium/experimental/pinned_memory.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

#include "metalium/programs.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::test {
namespace {

using distributed::MeshCoordinate;
using distributed::MeshCoordinateRange;
using distributed::MeshDeviceConfig;
using distributed::MeshShape;

// Adds `step` to the first word of each page of a DRAM buffer.
Program adder(const Buffer& buffer, std::uint32_t step) {
    Program program = CreateProgram();
    DataMovementConfig config;
    TensorAccessorArgs(buffer).append_to(config.compile_args);
    const KernelHandle kernel = add_kernel(program, R"(
        constexpr auto args = TensorAccessorArgs<0>();
        const auto pages = TensorAccessor(args, get_arg_val<std::uint32_t>(0));
        auto* word = reinterpret_cast<volatile std::uint32_t*>(0x20000);
        for (std::uint32_t page = 0; page < get_arg_val<std::uint32_t>(2); ++page) {
            noc_async_read_page(page, pages, 0x20000);
            noc_async_read_barrier();
            *word += get_arg_val<std::uint32_t>(1);
            noc_async_write_page(page, pages, 0x20000);
            noc_async_write_barrier();
        }
    )",
                                           CoreCoord{0, 0}, config);
    SetRuntimeArgs(program, kernel, CoreCoord{0, 0}, {buffer.address(), step, buffer.num_pages()});
    return program;
}

std::uint32_t first_word(MeshDevice& mesh, const std::shared_ptr<MeshBuffer>& buffer) {
    std::vector<std::uint32_t> words;
    distributed::EnqueueReadMeshBuffer(mesh.mesh_command_queue(), words, buffer);
    return words[0];
}

TEST(MetaliumDevice, OpensAndClosesForEver) {
    for (int i = 0; i < 50; ++i) {
        const auto mesh = MeshDevice::create_unit_mesh(0);
        EXPECT_EQ(mesh->compute_with_storage_grid_size(), CoreCoord(14, 10));
        EXPECT_TRUE(mesh->close());
        EXPECT_TRUE(mesh->close());
        EXPECT_FALSE(mesh->is_initialized());
        EXPECT_THROW(mesh->mesh_command_queue(), std::runtime_error);
    }
    EXPECT_SAYS(message_of<std::runtime_error>([] { MeshDevice::create_unit_mesh(8); }),
                "device 8 does not exist");
    const auto open = MeshDevice::create_unit_mesh(3);
    EXPECT_SAYS(message_of<std::runtime_error>([] { MeshDevice::create_unit_mesh(3); }),
                "device 3 is open already");
    EXPECT_EQ(open->worker_core_from_logical_core({7, 0}), CoreCoord(10, 2));
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    open->worker_core_from_logical_core({14, 0});
                }),
                "(x=14,y=0)");
    EXPECT_SAYS(message_of<std::runtime_error>([&] { open->mesh_command_queue(1); }),
                "command queue 1 does not exist; the mesh was opened with 1");
}

TEST(MetaliumDevice, DevicesInThreadsOfTheirOwnDoWhatTheyDoAlone) {
    const auto work = [](int id) {
        const auto mesh = MeshDevice::create_unit_mesh(id);
        const auto buffer = make_buffer(*mesh, 640, 64);
        distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer,
                                            counting(160, static_cast<std::uint32_t>(id)));
        for (const std::uint32_t step : {1u, 10u}) {
            run(*mesh, adder(*buffer->get_reference_buffer(), step), false);
        }
        std::vector<std::uint32_t> words;
        distributed::EnqueueReadMeshBuffer(mesh->mesh_command_queue(), words, buffer);
        return words;
    };
    std::vector<std::vector<std::uint32_t>> together(4);
    std::vector<std::thread> threads;
    for (int id = 0; id < 4; ++id) {
        threads.emplace_back([&, id] { together[static_cast<std::size_t>(id)] = work(id); });
    }
    for (std::thread& thread : threads) thread.join();
    for (int id = 0; id < 4; ++id) {
        const std::vector<std::uint32_t>& words = together[static_cast<std::size_t>(id)];
        EXPECT_EQ(words, work(id)) << id;
        ASSERT_EQ(words.size(), 160u);
        EXPECT_EQ(words[16], static_cast<std::uint32_t>(id) + 16 + 11);
        EXPECT_EQ(words[17], static_cast<std::uint32_t>(id) + 17);
    }
}

TEST(MetaliumDevice, ClosingWaitsForWhatIsQueued) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto buffer = make_buffer(*mesh, 64, 64);
    distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer, counting(16, 5));
    run(*mesh, adder(*buffer->get_reference_buffer(), 2), false);
    std::vector<std::uint32_t> read;
    distributed::EnqueueReadMeshBuffer(mesh->mesh_command_queue(), read, buffer, false);
    EXPECT_TRUE(mesh->close());
    EXPECT_EQ(read[0], 7u);
    EXPECT_THROW(buffer->get_reference_buffer()->address(), std::runtime_error);
}

TEST(MetaliumDevice, WhatOutlivesItIsDestroyedQuietly) {
    std::shared_ptr<MeshBuffer> buffer;
    std::shared_ptr<Buffer> old;
    {
        const auto mesh = MeshDevice::create_unit_mesh(0);
        buffer = make_buffer(*mesh, 64, 64);
        old = CreateBuffer(InterleavedBufferConfig{mesh->get_devices()[0], 64, 64});
        EXPECT_TRUE(mesh->close());
        EXPECT_SAYS(message_of<std::runtime_error>([&] { make_buffer(*mesh, 64, 64); }),
                    "the mesh is closed");
        EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->mesh_command_queue(); }), "closed");
    }
    EXPECT_SAYS(message_of<std::runtime_error>([&] { old->address(); }),
                "deallocated, or its device closed");
    buffer.reset();
    old.reset();
    EXPECT_TRUE(MeshDevice::create_unit_mesh(0)->close());
}

TEST(MetaliumDevice, ClosesAlsoWhenWhatIsQueuedFails) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    add_kernel(program, "*reinterpret_cast<volatile std::uint32_t*>(0) = 1;", CoreCoord{0, 0});
    run(*mesh, std::move(program), false);
    EXPECT_THROW(mesh->close(), tilewright::KernelFault);
    EXPECT_FALSE(mesh->is_initialized());
    EXPECT_TRUE(MeshDevice::create_unit_mesh(0)->close());
    {
        const auto dropped = MeshDevice::create_unit_mesh(0);
        Program other = CreateProgram();
        add_kernel(other, "*reinterpret_cast<volatile std::uint32_t*>(0) = 1;", CoreCoord{0, 0});
        run(*dropped, std::move(other), false);
    }  // the destructor drops it
    EXPECT_TRUE(MeshDevice::create_unit_mesh(0)->close());
}

TEST(MetaliumQueue, EventsOrderTwoQueues) {
    const auto mesh = MeshDevice::create(MeshDeviceConfig(MeshShape(1, 1)), 0, 0, 2);
    auto& copies = mesh->mesh_command_queue(1);
    auto& work = mesh->mesh_command_queue(0);
    auto buffer = make_buffer(*mesh, 64, 64);
    distributed::EnqueueWriteMeshBuffer(copies, buffer, counting(16, 100));
    const auto written = copies.enqueue_record_event();
    work.enqueue_wait_for_event(written);
    distributed::MeshWorkload workload;
    workload.add_program(MeshCoordinateRange(mesh->shape()),
                         adder(*buffer->get_reference_buffer(), 11));
    distributed::EnqueueMeshWorkload(work, workload, false);
    const auto added = work.enqueue_record_event();
    copies.enqueue_wait_for_event(added);
    std::vector<std::uint32_t> read;
    int queries = 0;
    while (!distributed::EventQuery(added)) ASSERT_LT(++queries, 1000);
    distributed::EnqueueReadMeshBuffer(copies, read, buffer, true);
    EXPECT_EQ(read[0], 111u);
    distributed::EventSynchronize(added);
}

TEST(MetaliumQueue, TracesAreRecordedAndReplayed) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto& queue = mesh->mesh_command_queue();
    auto buffer = make_buffer(*mesh, 64, 64);
    distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(16), true);
    distributed::MeshWorkload workload;
    workload.add_program(MeshCoordinateRange(mesh->shape()),
                         adder(*buffer->get_reference_buffer(), 3));
    const auto trace = distributed::BeginTraceCapture(mesh.get(), 0);
    distributed::EnqueueMeshWorkload(queue, workload, false);
    distributed::EnqueueMeshWorkload(queue, workload, false);
    EXPECT_THROW(distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(16)),
                 std::runtime_error);
    EXPECT_THROW(distributed::BeginTraceCapture(mesh.get(), 0), std::runtime_error);
    mesh->end_mesh_trace(0, trace);
    EXPECT_EQ(first_word(*mesh, buffer), 0u) << "recording runs nothing";
    for (int replay = 0; replay < 3; ++replay) mesh->replay_mesh_trace(0, trace, false);
    distributed::Finish(queue);
    EXPECT_EQ(first_word(*mesh, buffer), 18u);
    mesh->release_mesh_trace(trace);
    EXPECT_THROW(mesh->replay_mesh_trace(0, trace, true), std::runtime_error);
}

TEST(MetaliumQueue, AHundredWorkloadsInARow) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto buffer = make_buffer(*mesh, 64, 64);
    distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer, counting(16));
    for (int i = 0; i < 100; ++i) run(*mesh, adder(*buffer->get_reference_buffer(), 1), i % 7 == 0);
    EXPECT_EQ(first_word(*mesh, buffer), 100u);
}

TEST(MetaliumQueue, RunsAreEqualToTheCycle) {
    const auto cycles = [] {
        const auto mesh = MeshDevice::create_unit_mesh(0);
        auto buffer = make_buffer(*mesh, 6400, 64);
        distributed::EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer, counting(1600));
        run(*mesh, adder(*buffer->get_reference_buffer(), 1), true);
        return tilewright::count(mesh->native().cycle());
    };
    EXPECT_EQ(cycles(), cycles());
}

TEST(MetaliumMesh, EachDeviceHasItsShardAndItsProgram) {
    const auto mesh = MeshDevice::create(MeshDeviceConfig(MeshShape(2, 2)));
    auto& queue = mesh->mesh_command_queue();
    EXPECT_EQ(mesh->get_device_ids(), (std::vector<int>{0, 1, 4, 5}));
    // 8 x 8 words in shards of 4 x 4: a page is a row of a shard.
    auto buffer = MeshBuffer::create(
        distributed::ShardedBufferConfig{
            .global_size = 256, .global_buffer_shape = {8, 8}, .shard_shape = {4, 4}},
        distributed::DeviceLocalBufferConfig{.page_size = 16, .buffer_type = BufferType::DRAM},
        mesh.get());
    const auto data = counting(64);
    distributed::EnqueueWriteMeshBuffer(queue, buffer, data);
    std::vector<std::uint32_t> shard;
    distributed::ReadShard(queue, shard, buffer, MeshCoordinate(1, 0));
    EXPECT_EQ(shard, (std::vector<std::uint32_t>{32, 33, 34, 35, 40, 41, 42, 43, 48, 49, 50, 51, 56,
                                                 57, 58, 59}));
    distributed::MeshWorkload workload;
    const MeshCoordinateRange top(MeshCoordinate(0, 0), MeshCoordinate(0, 1));
    const MeshCoordinateRange last(MeshCoordinate(1, 1), MeshCoordinate(1, 1));
    workload.add_program(top, adder(*buffer->get_reference_buffer(), 1000));
    workload.add_program(last, adder(*buffer->get_reference_buffer(), 2000));
    EXPECT_THROW(workload.add_program(MeshCoordinateRange(mesh->shape()), CreateProgram()),
                 std::runtime_error);
    distributed::EnqueueMeshWorkload(queue, workload, false);
    std::vector<std::uint32_t> read;
    distributed::EnqueueReadMeshBuffer(queue, read, buffer);
    for (std::uint32_t row = 0; row < 8; ++row) {
        for (std::uint32_t column = 0; column < 8; ++column) {
            std::uint32_t expected = row * 8 + column;
            if (column % 4 == 0 && row < 4) expected += 1000;
            if (column == 4 && row >= 4) expected += 2000;
            EXPECT_EQ(read[row * 8 + column], expected);
        }
    }
}

TEST(MetaliumMesh, ReplicatesAlongADimensionThatIsNotCut) {
    const auto mesh = MeshDevice::create(MeshDeviceConfig(MeshShape(2, 2)));
    auto& queue = mesh->mesh_command_queue();
    auto buffer = MeshBuffer::create(
        distributed::ShardedBufferConfig{
            .global_size = 128, .global_buffer_shape = {4, 8}, .shard_shape = {0, 4}},
        distributed::DeviceLocalBufferConfig{.page_size = 64, .buffer_type = BufferType::L1},
        mesh.get());
    distributed::EnqueueWriteMeshBuffer(queue, buffer, counting(32));
    for (const std::uint32_t row : {0u, 1u}) {
        std::vector<std::uint32_t> shard;
        distributed::ReadShard(queue, shard, buffer, MeshCoordinate(row, 1));
        EXPECT_EQ(shard[5], 13u);  // row 1, column 5 of the whole
    }
    EXPECT_THROW(MeshBuffer::create(
                     distributed::ShardedBufferConfig{
                         .global_size = 128, .global_buffer_shape = {4, 8}, .shard_shape = {1, 4}},
                     distributed::DeviceLocalBufferConfig{.page_size = 16}, mesh.get()),
                 std::runtime_error)
        << "eight shards for four devices";
}

TEST(MetaliumMesh, AddressesAgreeWhereOneDeviceHasMore) {
    const auto mesh = MeshDevice::create(MeshDeviceConfig(MeshShape(1, 2)));
    const auto alone =
        CreateBuffer(InterleavedBufferConfig{mesh->get_devices()[1], 4096, 64, BufferType::DRAM});
    auto buffer = make_buffer(*mesh, 64, 64);
    EXPECT_GE(buffer->address(), 512u);
    for (const std::uint32_t column : {0u, 1u}) {
        EXPECT_EQ(buffer->get_device_buffer(MeshCoordinate(0, column))->address(),
                  buffer->address());
    }
}

TEST(MetaliumPinned, TheHostSeesWhatAKernelWrote) {
    using experimental::PinnedMemory;
    const auto mesh = MeshDevice::create_unit_mesh(0);
    auto memory = std::make_shared<std::vector<std::uint32_t>>(counting(64, 1));
    HostBuffer host(memory);
    const MeshCoordinateRange all(mesh->shape());
    const auto pinned =
        PinnedMemory::Create(*mesh, distributed::MeshCoordinateRangeSet(all), host, true);
    EXPECT_EQ(pinned->get_host_ptr(), memory->data());
    const std::uint64_t address = pinned->get_noc_addr(0)->addr;
    EXPECT_FALSE(pinned->get_noc_addr(1).has_value());
    Program program = CreateProgram();
    const KernelHandle kernel = add_kernel(program, R"(
        const std::uint64_t host = static_cast<std::uint64_t>(get_arg_val<std::uint32_t>(1)) << 32 |
                                   get_arg_val<std::uint32_t>(0);
        noc_async_read(host, 0x20000, 256);
        noc_async_read_barrier();
        auto* words = reinterpret_cast<volatile std::uint32_t*>(0x20000);
        for (std::uint32_t i = 0; i < 64; ++i) words[i] *= 3;
        noc_async_write(0x20000, host, 256);
        noc_async_write_barrier();
    )",
                                           CoreCoord{4, 4});
    SetRuntimeArgs(
        program, kernel, CoreCoord{4, 4},
        {static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(address >> 32)});
    run(*mesh, std::move(program), false);
    pinned->add_barrier_event(mesh->mesh_command_queue().enqueue_record_event_to_host());
    EXPECT_EQ((*memory)[63], 64u) << "no time has passed";
    const auto* words = static_cast<const std::uint32_t*>(pinned->lock());
    for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(words[i], 3 * (i + 1));
}

TEST(MetaliumOldGeneration, DeviceQueueProgramBuffers) {
    Device* device = CreateDevice(2);
    EXPECT_EQ(detail::GetActiveDevice(2), device);
    CommandQueue& queue = device->command_queue();
    auto buffer = CreateBuffer(InterleavedBufferConfig{
        .device = device, .size = 256, .page_size = 64, .buffer_type = BufferType::DRAM});
    EnqueueWriteBuffer(queue, buffer, counting(64, 10), false);
    Program program = adder(*buffer, 5);
    EnqueueProgram(queue, program, false);
    const auto event = std::make_shared<Event>();
    EnqueueRecordEvent(queue, event);
    EventSynchronize(event);
    EXPECT_TRUE(EventQuery(event));
    std::vector<std::uint32_t> read;
    EnqueueReadBuffer(queue, *buffer, read, true);
    EXPECT_EQ(read[16], 10u + 16 + 5);
    detail::LaunchProgram(device, program);
    detail::LaunchProgram(device, program, false);
    detail::WaitProgramDone(device, program);
    detail::ReadFromBuffer(buffer, read);
    EXPECT_EQ(read[48], 10u + 48 + 15);
    EXPECT_TRUE(CloseDevice(device));
    EXPECT_THROW(CloseDevice(device), std::runtime_error);
    EXPECT_THROW(detail::GetActiveDevice(2), std::runtime_error);
}

// A host that polls memory sees what a kernel writes, because asking takes time.
TEST(MetaliumOldGeneration, PollingTheDeviceLetsTimePass) {
    Device* device = CreateDevice(0);
    Program program = CreateProgram();
    add_kernel(program, R"(
        for (std::uint32_t i = 0; i < 50'000; ++i) asm volatile("");
        *reinterpret_cast<volatile std::uint32_t*>(0x20000) = 77;
    )",
               CoreCoord{0, 0});
    detail::LaunchProgram(device, program, false);
    std::vector<std::uint32_t> word{0};
    int polls = 0;
    while (word[0] != 77) {
        ASSERT_LT(++polls, 100);
        detail::ReadFromDeviceL1(device, {0, 0}, 0x20000, 4, word);
    }
    EXPECT_GT(polls, 1);
    CloseDevice(device);
}

TEST(MetaliumAttach, SharesAChipWithTheNativeApi) {
    tilewright::Device chip("tiny");
    const tilewright::Buffer mine = chip.allocate(64, tilewright::Placement::interleaved(64));
    {
        const auto mesh = MeshDevice::attach(chip);
        EXPECT_EQ(&mesh->native(), &chip);
        EXPECT_EQ(mesh->logical_grid_size(), CoreCoord(2, 2));
        auto buffer = make_buffer(*mesh, 64, 64);
        EXPECT_NE(buffer->address(), mine.address());
        run(*mesh, adder(*buffer->get_reference_buffer(), 4), false);
        mesh->close();
    }
    EXPECT_TRUE(chip.is_open());
    EXPECT_GT(tilewright::count(chip.cycle()), 0u);
    EXPECT_EQ(mine.bytes(), 64u);
}

}  // namespace
}  // namespace tt::tt_metal::test
