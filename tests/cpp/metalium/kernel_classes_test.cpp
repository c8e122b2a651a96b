// Kernels in today's style: classes for the network, circular buffers and semaphores; tensors whose
// layout comes at run time; calls with state. Each moves data, which the host compares.
#include <tt-metalium/tensor_accessor_args.hpp>

#include "metalium/programs.hpp"
#include "tilewright/base/error.hpp"

namespace tt::tt_metal::test {
namespace {

using distributed::EnqueueReadMeshBuffer;
using distributed::EnqueueWriteMeshBuffer;
using ::tensor_accessor::ArgConfig;
using ::tensor_accessor::ArgsConfig;

constexpr const char* class_headers = R"(
    #include "api/dataflow/circular_buffer.h"
    #include "api/dataflow/dataflow_api.h"
    #include "api/dataflow/dataflow_buffer.h"
    #include "api/dataflow/endpoints.h"
    #include "api/dataflow/noc.h"
    #include "api/dataflow/noc_semaphore.h"
    #include "api/core_local_mem.h"
    #include "experimental/noc.h"
    void kernel_main() {
)";

KernelHandle add_class_kernel(Program& program, const std::string& body, const CoreSpec& cores,
                              const DataMovementConfig& config = {}) {
    return CreateKernelFromString(program, class_headers + body + "\n}\n", cores, config);
}

constexpr DataMovementProcessor riscv_1 = DataMovementProcessor::RISCV_1;
const CoreCoord origin{0, 0};

std::vector<std::uint32_t> read(MeshDevice& mesh, const std::shared_ptr<MeshBuffer>& buffer) {
    std::vector<std::uint32_t> words;
    EnqueueReadMeshBuffer(mesh.mesh_command_queue(), words, buffer, true);
    return words;
}

TEST(MetaliumClasses, PagesGoThroughACircularBuffer) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    constexpr std::uint32_t pages = 12, page_bytes = 256;
    const auto from = make_buffer(*mesh, pages * page_bytes, page_bytes);
    const auto to = make_buffer(*mesh, pages * page_bytes, page_bytes);
    const auto data = counting(pages * page_bytes / 4, 7);
    EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), from, data, false);

    Program program = CreateProgram();
    CreateCircularBuffer(program, origin,
                         CircularBufferConfig(4 * page_bytes, {{3, DataFormat::UInt32}})
                             .set_page_size(3, page_bytes));
    DataMovementConfig in, out{.processor = riscv_1, .noc = NOC::RISCV_1_default};
    TensorAccessorArgs(from).append_to(in.compile_args);
    TensorAccessorArgs(to).append_to(out.compile_args);
    const KernelHandle reader = add_class_kernel(program, R"(
        constexpr auto args = TensorAccessorArgs<0>();
        const auto tensor = TensorAccessor(args, get_arg_val<uint32_t>(0));
        Noc noc;
        CircularBuffer cb(3);
        for (uint32_t page = 0; page < 12; page += 2) {
            cb.reserve_back(2);
            noc.async_read(tensor, cb, 256, {.page_id = page}, {});
            noc.async_read<NocOptions::TXN_ID | NocOptions::CUSTOM_VC>(
                tensor, cb, 256, {.page_id = page + 1}, {.offset_bytes = 256}, {.vc = 2, .trid = 3});
            noc.async_read_barrier<NocOptions::TXN_ID>({.trid = 3});
            cb.push_back(2);
        })",
                                                 origin, in);
    const KernelHandle writer = add_class_kernel(program, R"(
        constexpr auto args = TensorAccessorArgs<0>();
        const auto tensor = TensorAccessor(args, get_arg_val<uint32_t>(0));
        experimental::Noc noc(noc_index);
        experimental::CircularBuffer cb(3);
        using enum experimental::CircularBuffer::AddrSelector;
        static_assert(has_get_aligned_page_size_v<decltype(tensor)> &&
                      !has_get_aligned_page_size_v<CoreLocalMem<uint32_t>>);
        const auto all = tensor.pages(0, 12);
        ASSERT(all.begin()->page_id() == 0);
        for (const auto& page : all) {
            cb.wait_front(1);
            noc.async_write<experimental::Noc::TxnIdMode::ENABLED>(
                experimental::use<READ_PTR>(cb), page, 128, {}, {}, NOC_UNICAST_WRITE_VC, 1);
            noc.set_async_write_state(tensor, 128, {.page_id = page.page_id()});
            noc.async_write_with_state(cb, PageView(tensor), 128, {.offset_bytes = 128},
                                       {.page_id = page.page_id(), .offset_bytes = 128});
            noc.async_write_barrier();
            cb.pop_front(1);
        })",
                                                 origin, out);
    SetRuntimeArgs(program, reader, origin, {static_cast<std::uint32_t>(from->address())});
    SetRuntimeArgs(program, writer, origin, {static_cast<std::uint32_t>(to->address())});
    run(*mesh, std::move(program));
    EXPECT_EQ(read(*mesh, to), data);
}

// A dataflow buffer by its number, which knows its size and where it is; its core may move in it.
TEST(MetaliumClasses, DataflowBuffersKnowTheirSizes) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    CreateCircularBuffer(
        program, origin,
        CircularBufferConfig(8192, {{2, DataFormat::Float16_b}}).set_page_size(2, 2048));
    add_class_kernel(program, R"(
        DataflowBuffer all(2);
        ASSERT(all.get_id() == 2 && all.get_entry_size() == 2048);
        ASSERT(all.get_total_num_entries() == 4 && all.get_total_size_bytes() == 8192);
        ASSERT(all.get_tile_r_dim() == 32 && all.get_tile_num_faces() == 4);
        ASSERT(all.get_dataformat() == DataFormat::Float16_b && unpack_tile_size[2] == 2048);
        const uint32_t base = all.get_write_ptr();
        all.evil_set_write_ptr(base + 4096);
        LocalCBInterface& place = get_local_cb_interface(2);
        ASSERT(place.fifo_wr_ptr == base + 4096 && place.fifo_limit == base + 8192);
        place.fifo_wr_ptr -= 2048;
        ASSERT(all.get_write_ptr() == base + 2048);
        place.fifo_rd_ptr = base + 6144;
        ASSERT(all.get_read_ptr() == base + 6144);
        static_assert(is_dataflow_buffer_v<DataflowBuffer> && !is_dataflow_buffer_v<CircularBuffer>);
        CoreLocalMem<uint32_t> words(base);
        words[0] = 0xABCD;
        Noc noc;
        noc.async_write(use<CircularBuffer::AddrSelector::READ_PTR>(all), UnicastEndpoint{}, 4,
                        {.offset_bytes = 0},
                        {.noc_x = my_x[noc_index], .noc_y = my_y[noc_index], .addr = base + 64});
        noc.async_write_barrier();
        all.evil_set_read_ptr(base + 8192);)",
                     origin);
    const std::string fault =
        message_of<tilewright::KernelFault>([&] { run(*mesh, std::move(program)); });
    EXPECT_SAYS(fault, "the address is not in the circular buffer");
}

// Core (0, 0) tells all four, itself among them, and waits until each has answered.
TEST(MetaliumClasses, SemaphoresAndMulticasts) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const CoreRange cores({0, 0}, {1, 1});
    const CoreCoord first = mesh->worker_core_from_logical_core({0, 0});
    const CoreCoord last = mesh->worker_core_from_logical_core({1, 1});
    Program program = CreateProgram();
    const std::uint32_t go = CreateSemaphore(program, cores, 0);
    const std::uint32_t done = CreateSemaphore(program, cores, 0);
    const KernelHandle kernel = add_class_kernel(program, R"(
        Noc noc;
        Semaphore go(get_common_arg_val<uint32_t>(0));
        experimental::Semaphore<> done(get_common_arg_val<uint32_t>(1));
        const uint32_t x = get_common_arg_val<uint32_t>(2), y = get_common_arg_val<uint32_t>(3);
        const uint32_t end_x = get_common_arg_val<uint32_t>(4), end_y = get_common_arg_val<uint32_t>(5);
        CoreLocalMem<volatile uint32_t> out(0x20000);
        if (get_absolute_logical_x() == 0 && get_absolute_logical_y() == 0) {
            out[0] = 41;
            out[16] = 0;
            noc.async_write_multicast(out, MulticastEndpoint{}, 64, 3, {},
                                      {.noc_x_start = x, .noc_y_start = y, .noc_x_end = end_x,
                                       .noc_y_end = end_y, .addr = 0x20000});
            noc.async_write_barrier();
            go.set(5);
            go.set_multicast<NocOptions::MCAST_INCL_SRC>(noc, x, y, end_x, end_y, 4);
            noc.async_write_barrier();
        }
        go.wait_min(5);
        out[16] = out[0] + go.value();
        go.down(3);
        done.up(noc, x, y, 2);
        noc.async_atomic_barrier();
        out[17] = go.value();
        if (get_absolute_logical_x() == 0 && get_absolute_logical_y() == 0) {
            done.down(8);
            done.up(3);
            done.relay_unicast(noc, go, end_x, end_y);
            noc.async_full_barrier();
            out[18] = done.value();
        })",
                                                 cores);
    SetCommonRuntimeArgs(
        program, kernel,
        {go, done, static_cast<std::uint32_t>(first.x), static_cast<std::uint32_t>(first.y),
         static_cast<std::uint32_t>(last.x), static_cast<std::uint32_t>(last.y)});
    run(*mesh, std::move(program));
    for (const CoreCoord& core : cores) {
        std::vector<std::uint32_t> words;
        detail::ReadFromDeviceL1(mesh->get_devices()[0], core, 0x20040, 12, words);
        EXPECT_EQ(words[0], 46u) << core.x << ',' << core.y;
        EXPECT_EQ(words[1], 2u);
        EXPECT_EQ(words[2] == 3u, core == origin);
    }
}

// Every core moves its shard of one buffer to the opposite shard of another, with whichever part of
// the layout at run time.
TEST(MetaliumClasses, ShardsMoveWithTheirLayoutAtRunTime) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    IDevice* device = mesh->get_devices()[0];
    const CoreRangeSet grid(CoreRange({0, 0}, {1, 1}));
    const auto sharded = [&] {
        return CreateBuffer(ShardedBufferConfig{
            .device = device,
            .size = 64 * 64,
            .page_size = 64,
            .buffer_type = BufferType::L1,
            .buffer_layout = TensorMemoryLayout::BLOCK_SHARDED,
            .shard_parameters =
                ShardSpecBuffer(grid, {4, 64}, ShardOrientation::ROW_MAJOR, {1, 16}, {8, 8})});
    };
    const auto from = sharded(), to = sharded();
    const auto data = counting(64 * 16);
    detail::WriteToBuffer(from, data);
    for (const ArgsConfig config : {ArgsConfig(), ArgsConfig(ArgConfig::Runtime),
                                    ArgConfig::RuntimeTensorShape | ArgConfig::RuntimeBankCoords}) {
        detail::WriteToBuffer(to, std::vector<std::uint32_t>(64 * 16, 0xEE));
        Program program = CreateProgram();
        DataMovementConfig kernel_config;
        std::vector<std::uint32_t> common;
        TensorAccessorArgs(from, config).append_to(kernel_config.compile_args, common);
        TensorAccessorArgs(to, config).append_to(kernel_config.compile_args, common);
        EXPECT_EQ(common.empty(), config == ArgsConfig());
        if (!common.empty()) {
            std::vector<std::uint32_t> one;
            EXPECT_SAYS(message_of<std::runtime_error>(
                            [&] { TensorAccessorArgs(from, config).append_to(one); }),
                        "common runtime arguments");
        }
        const KernelHandle kernel = add_kernel(program, R"(
            constexpr auto from_args = TensorAccessorArgs<0, 0>();
            constexpr auto to_words = from_args.next_compile_time_args_offset();
            const TensorAccessorArgs<to_words> to_args(from_args.next_common_runtime_args_offset());
            const auto from = TensorAccessor(from_args, get_arg_val<uint32_t>(0));
            const auto to = TensorAccessor(to_args, get_arg_val<uint32_t>(1));
            const uint32_t shard = get_absolute_logical_y() * 2 + get_absolute_logical_x();
            noc_async_read_shard(shard, from, 0x40000);
            noc_async_read_barrier();
            noc_async_write_shard(3 - shard, to, 0x40000);
            noc_async_write_barrier();
        )",
                                               grid, kernel_config);
        SetRuntimeArgs(program, kernel, grid, {from->address(), to->address()});
        if (!common.empty()) SetCommonRuntimeArgs(program, kernel, common);
        run(*mesh, std::move(program));
        std::vector<std::uint32_t> moved;
        detail::ReadFromBuffer(to, moved);
        for (std::uint32_t page = 0; page < 64; ++page) {
            const std::uint32_t opposite = (page / 8 + 4) % 8 * 8 + (page % 8 + 4) % 8;
            EXPECT_EQ(moved[page * 16 + 5], opposite * 16 + 5) << "page " << page;
        }
    }
    EXPECT_SAYS(
        message_of<std::runtime_error>([&] { TensorAccessorArgs(from, ArgConfig::RuntimeRank); }),
        "with its rank at run time");
}

TEST(MetaliumClasses, CallsWithStateAndIds) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const CoreCoord there = mesh->worker_core_from_logical_core({2, 2});
    Program program = CreateProgram();
    const KernelHandle kernel = add_kernel(program, R"(
        const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1);
        auto* words = reinterpret_cast<volatile uint32_t*>(0x20000);
        for (uint32_t i = 0; i < 64; ++i) words[i] = i + 1;
        noc_async_write_one_packet_with_trid_set_state(get_noc_addr(x, y, 0));
        noc_async_write_one_packet_with_trid_with_state(0x20000, 0x30000, 128, 5);
        noc_async_write_one_packet_with_trid(0x20080, get_noc_addr(x, y, 0x30080), 128, 6);
        noc_async_write_flushed_with_trid(5);
        noc_async_write_barrier_with_trid(6);
        noc_inline_dw_write_set_state(get_noc_addr(x, y, 0x30000), 100);
        noc_inline_dw_write_with_state(0);
        noc_inline_dw_write_with_state<true, true, false, false, true>(101, 0x30004);
        noc_inline_dw_write_set_state(get_noc_addr(x, y, 0x30010), 110, 0xF, write_cmd_buf);
        noc_inline_dw_write_with_state(0, 0, write_cmd_buf);
        noc_inline_dw_write_with_state<true>(7, 0x30008);
        noc_async_write_barrier();
        noc_async_read_set_trid(3);
        noc_async_read_one_packet_set_state(get_noc_addr(x, y, 0), 256);
        noc_async_read_one_packet_with_state_with_trid(0x30000, 0, 0x40000, 3);
        noc_async_read_barrier_with_trid(3);
    )",
                                           origin);
    SetRuntimeArgs(program, kernel, origin,
                   {static_cast<std::uint32_t>(there.x), static_cast<std::uint32_t>(there.y)});
    run(*mesh, std::move(program));
    auto expected = counting(64, 1);
    expected[0] = 100;
    expected[1] = expected[2] = 101;
    expected[4] = 110;
    std::vector<std::uint32_t> words;
    detail::ReadFromDeviceL1(mesh->get_devices()[0], origin, 0x40000, 256, words);
    EXPECT_EQ(words, expected);
}

TEST(MetaliumClasses, ZerosAreWrittenToL1AndToPages) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const auto buffer = make_buffer(*mesh, 4 * 256, 256);
    EnqueueWriteMeshBuffer(mesh->mesh_command_queue(), buffer, counting(256, 1), false);
    Program program = CreateProgram();
    CreateCircularBuffer(
        program, origin,
        CircularBufferConfig(256, {{0, DataFormat::UInt32}}).set_page_size(0, 256));
    DataMovementConfig config;
    TensorAccessorArgs(buffer).append_to(config.compile_args);
    const KernelHandle kernel = add_class_kernel(program, R"(
        constexpr auto args = TensorAccessorArgs<0>();
        const auto tensor = TensorAccessor(args, get_arg_val<uint32_t>(0));
        Noc noc;
        CircularBuffer zeros(0);
        noc.async_write_zeros(zeros, 256);
        noc.write_zeros_l1_barrier();
        noc.async_write_zeros(tensor, 128, {.page_id = 1, .offset_bytes = 64}, zeros);
        noc.write_zeros_dram_barrier();
    )",
                                                 origin, config);
    SetRuntimeArgs(program, kernel, origin, {static_cast<std::uint32_t>(buffer->address())});
    run(*mesh, std::move(program));
    auto expected = counting(256, 1);
    std::fill_n(expected.begin() + 64 + 16, 32, 0);
    EXPECT_EQ(read(*mesh, buffer), expected);
}

// Unpack takes pages, pack makes them; math does neither.
TEST(MetaliumClasses, ComputeKernelsTakeAndMakePagesOnce) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    for (const std::uint8_t index : {0, 16}) {
        CreateCircularBuffer(
            program, origin,
            CircularBufferConfig(128, {{index, DataFormat::UInt32}}).set_page_size(index, 64));
    }
    add_kernel(program,
               "for (int i = 0; i < 9; ++i) { cb_reserve_back(0, 1); cb_push_back(0, 1); }",
               origin);
    add_kernel(program,
               "for (int i = 0; i < 9; ++i) { cb_wait_front(16, 1); cb_pop_front(16, 1); }", origin,
               {.processor = riscv_1, .noc = NOC::RISCV_1_default});
    CreateKernelFromString(program, R"(
        #include "compute_kernel_api/common.h"
        namespace NAMESPACE {
        void MAIN {
            for (int i = 0; i < 9; ++i) {
                cb_wait_front(0, 1);
                cb_reserve_back(16, 1);
                cb_push_back(16, 1);
                cb_pop_front(0, 1);
            }
        }
        })",
                           origin, ComputeConfig{});
    EXPECT_NO_THROW(run(*mesh, std::move(program)));
}

TEST(MetaliumClasses, MistakesAreFaultsWithAName) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const auto said = [&](const std::string& body) {
        Program program = CreateProgram();
        add_class_kernel(program,
                         "constexpr auto args = TensorAccessorArgs<0>();\n"
                         "const auto tensor = TensorAccessor(args, 0x1000);\nNoc noc;\n" +
                             body,
                         origin, {.compile_args = {2, 256}});
        testing::internal::CaptureStdout();
        EXPECT_THROW(run(*mesh, std::move(program)), tilewright::KernelFault);
        return testing::internal::GetCapturedStdout();
    };
    EXPECT_SAYS(said("noc.async_read(tensor, CoreLocalMem<uint32_t>(0x20000), 256,"
                     " {.page_id = 1, .offset_bytes = 64}, {});"),
                "past the end of the page");
    EXPECT_SAYS(said("noc.inline_dw_write(UnicastEndpoint{}, 1,"
                     " {.noc_x = my_x[0], .noc_y = my_y[0], .addr = 0x20000}, 3);"),
                "single bytes of a word");
}

// In one kernel, as each is an error of its own that names the call.
TEST(MetaliumClasses, WhatIsNotSupportedIsACompileErrorThatNamesIt) {
    const auto mesh = MeshDevice::create_unit_mesh(0);
    const std::vector<std::string> calls = {"eth_send_bytes",
                                            "socket_reserve_pages",
                                            "fabric_set_unicast_route",
                                            "ncrisc_noc_fast_read",
                                            "noc_fast_write_dw_inline",
                                            "noc_fast_atomic_increment",
                                            "wait_for_sync_register_value"};
    std::string body = "using namespace experimental;\nremote_cb_wait_front(0, 1);\n";
    for (const std::string& call : calls) body += call + "(0, 1);\n";
    Program program = CreateProgram();
    add_kernel(program, body, origin);
    const std::string text =
        message_of<tilewright::CompileError>([&] { run(*mesh, std::move(program)); });
    for (const std::string& call : calls) EXPECT_SAYS(text, call + " is not supported: ");
    EXPECT_SAYS(text, "remote_cb_wait_front is not supported: circular buffers are those of one");
}

}  // namespace
}  // namespace tt::tt_metal::test
