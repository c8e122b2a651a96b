// Registers of the compute engine as text.
#include <cstdlib>

#include "metalium/compute_programs.hpp"

namespace tt::tt_metal::test {
namespace {

// Dst holds a * b, number by number; SrcA and SrcB what the matrix unit took last, the fourth face.
std::string printed_registers(const char* chip, bool wide, const std::string& calls) {
    setenv("TILEWRIGHT_CHIP", chip, 1);
    const auto mesh = MeshDevice::create_unit_mesh(0);
    unsetenv("TILEWRIGHT_CHIP");
    const CoreCoord core{0, 0};
    std::vector<bfloat16> a(constants::TILE_HW), b(constants::TILE_HW);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = static_cast<float>(i % 64) - 70;
        b[i] = i < 512 ? 0.5f : -2.0f;
    }
    const auto a_buffer = to_dram(*mesh, a), b_buffer = to_dram(*mesh, b);
    Program program = CreateProgram();
    for (const std::uint8_t index : {0, 1, 16}) add_ring(program, core, index, 2);
    const KernelHandle reader =
        add_mover(program, read_pairs, core, DataMovementProcessor::RISCV_1, {a_buffer});
    CreateKernelFromString(program,
                           R"(
        #include "api/compute/eltwise_binary.h"
        #include "api/debug/dprint_tensix.h"
        void kernel_main() {
            binary_op_init_common(0, 1, 16);
            mul_tiles_init(0, 1);
            cb_wait_front(0, 1);
            cb_wait_front(1, 1);
            for (uint32_t round = 0; round < 2; ++round) {
                tile_regs_acquire();
                mul_tiles(0, 1, 0, 0, 1);
                if (round == 1) { )" +
                               calls + R"( }
                tile_regs_commit();
                tile_regs_wait();
                tile_regs_release();
            }
            cb_pop_front(0, 1);
            cb_pop_front(1, 1);
        })",
                           core, ComputeConfig{.fp32_dest_acc_en = wide});
    SetRuntimeArgs(program, reader, core, {address_of(a_buffer), address_of(b_buffer), 0, 1});
    testing::internal::CaptureStdout();
    run(*mesh, std::move(program));
    return testing::internal::GetCapturedStdout();
}
std::string row_of(int first, float scale) {
    std::string text;
    for (int i = first; i < first + 16; ++i) {
        text += fmt::format("{}{}", i == first ? "" : " ", static_cast<float>(i - 70) * scale);
    }
    return text;
}

TEST(MetaliumCompute, PrintsDstAndTheSources) {
    for (const char* chip : {"blackhole", "wormhole"}) {
        for (const bool wide : {false, true}) {
            SCOPED_TRACE(testing::Message() << chip << ' ' << wide);
            const std::string text = printed_registers(
                chip, wide,
                "dprint_tensix_dest_reg(1); dprint_tensix_srca_reg(); dprint_tensix_srcb_reg();");
            const std::string core = "0:(x=0,y=0):TR1: ";
            std::string expected = core + "Tile ID = 1\n";
            for (int row = 0; row < 64; ++row) {
                expected += core + row_of(row % 4 * 16, row < 32 ? 0.5f : -2.0f) + "\n";
            }
            EXPECT_EQ(text.substr(0, expected.size()), expected);
            EXPECT_SAYS(text, core + "SrcA\n" + core + row_of(0, 1) + "\n");
            EXPECT_SAYS(text, core + "SrcB\n" + core + "0.5 0.5 ");
        }
    }
}

}  // namespace
}  // namespace tt::tt_metal::test
