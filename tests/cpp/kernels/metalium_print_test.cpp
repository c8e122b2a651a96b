// DPRINT, DEVICE_PRINT and TileSlice: what they write, compared with the host's printf.
#include <bit>
#include <cstdio>
#include <limits>

#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"

namespace tilewright {
namespace {

Launch printer(const std::string& body, const MetaliumKernelOptions& options = {}) {
    return metalium_launch(preset("tiny"),
                           "#include \"debug/dprint.h\"\nvoid kernel_main() {\n" + body + "\n}\n",
                           {{0, 0}, 0}, {}, options);
}

std::string printed(const Launch& launch) {
    Device device("tiny");
    return device.run(std::span(&launch, 1)).output();
}

TEST(MetaliumPrint, StreamsValuesAndSettings) {
    EXPECT_EQ(printed(precompiled([] {
                  return printer(R"(
        DPRINT << "n " << 5 << ' ' << -7 << ' ' << U32(0xFFFFFFFF) << 'c' << ENDL();
        DPRINT << HEX() << 255 << ' ' << OCT() << 8 << ' ' << DEC() << 10 << ENDL();
        DPRINT << SETW(6) << 42 << '|' << 42 << '|' << SETW(4, true) << 1 << 2 << ENDL();
        DPRINT << FIXED() << SETPRECISION(3) << F32(3.14159f) << ' ' << BF16(0x4000) << ENDL();
        DPRINT_DATA0(DPRINT << "zero" << ENDL());
        DPRINT_DATA1(DPRINT << "one" << ENDL());
        DPRINT << uint8_t(200) << ' ' << true << ' ' << uint64_t(1) * 10000000000 << ENDL();)");
              })),
              "n 5 -7 4294967295c\nff 10 10\n    42|42|   1   2\n3.142 2.000\nzero\n"
              "200 1 10000000000\n");
}

TEST(MetaliumPrint, WritesRealsAsTheHostDoes) {
    static constexpr float values[] = {0.0f,       -0.0f,
                                       1.0f,       0.1f,
                                       123456.0f,  1e6f,
                                       1234567.f,  0.0001f,
                                       0.00001f,   -2.5e-10f,
                                       9.9999f,    999999.9f,
                                       0.9999999f, std::numeric_limits<float>::infinity(),
                                       3.0e38f};
    const Launch launch = precompiled([] {
        std::string body = "const uint32_t bits[] = {";
        for (const float value : values)
            body += std::to_string(std::bit_cast<std::uint32_t>(value)) + "u,";
        return printer(body + R"(};
        for (uint32_t b : bits) {
            float f = __builtin_bit_cast(float, b);
            if (f > 1e30f && f < 3.3e38f) DEVICE_PRINT("{} large\n", f);
            else DEVICE_PRINT("{} {:.2f}\n", f, f);
        })");
    });
    std::string expected;
    for (const float value : values) {
        char text[64];
        std::snprintf(text, sizeof text, "%g %.2f\n", static_cast<double>(value),
                      static_cast<double>(value));
        // Seventeen digits are printed of the largest, then zeros.
        if (value > 1e30f && value < 3.3e38f) std::snprintf(text, sizeof text, "3e+38 large\n");
        expected += text;
    }
    EXPECT_EQ(printed(launch), expected);
}

TEST(MetaliumPrint, FormatsFields) {
    EXPECT_EQ(printed(precompiled([] {
                  return printer(R"(
        DEVICE_PRINT("plain {{}}\n");
        DEVICE_PRINT("{} {} {}\n", 'a', 5, -6);
        DEVICE_PRINT("{0:x} {0} {0:o} {0:b} {0:#x} {0:#X}\n", 175);
        DEVICE_PRINT("[{:>6}] [{:<6}] [{:^6}] [{:*>6}] [{:06}] [{:08x}]\n", 42, 42, 42, 42, -42, 255);
        DEVICE_PRINT("{1} {0}\n", "first", "second");
        DEVICE_PRINT_DATA0("zero {}\n", bf16_t(0x3F80));
        DEVICE_PRINT_DATA1("one\n");)");
              })),
              "plain {}\na 5 -6\naf 175 257 10101111 0xaf 0XAF\n"
              "[    42] [42    ] [  42  ] [****42] [-00042] [000000ff]\nsecond first\nzero 1\n");

    const ChipConfig chip = preset("tiny");
    expect_in(text_of<CompileError>([&] {
                  compile_metalium_source("void kernel_main() { DEVICE_PRINT(\"{} {}\", 1); }", "k",
                                          {}, chip);
              }),
              "the fields of the format do not fit the arguments");
}

TEST(MetaliumPrint, ShowsASliceOfATile) {
    Launch launch = precompiled([] {
        MetaliumKernelOptions options;
        options.circular_buffers = {{0, {.data_format = 5, .tile_bytes = 2048}}};
        return printer(R"(
        uint16_t* tile = reinterpret_cast<uint16_t*>(get_write_ptr(0));
        for (uint32_t i = 0; i < 1024; ++i) tile[i] = 0;
        tile[0] = 0x3F80;        // (0, 0)
        tile[256] = 0x4000;      // (0, 16)
        tile[512] = 0x4040;      // (16, 0)
        tile[768] = 0x4080;      // (16, 16)
        DPRINT << TileSlice(0, 0, SliceRange::hw0_32_16(), TSLICE_INPUT_CB, TSLICE_WR_PTR);)",
                       options);
    });
    launch.setup = program_memory({{0, 0x20000, 2048, 1}}, {});
    EXPECT_EQ(printed(launch), "1 2\n3 4\n");
}

TEST(MetaliumPrint, KnowsThePublishedNamesOfSlicesAndArrays) {
    Launch launch = precompiled([] {
        MetaliumKernelOptions options;
        options.circular_buffers = {{0, {.data_format = 5, .tile_bytes = 2048}}};
        return printer(R"(
        uint16_t* tile = reinterpret_cast<uint16_t*>(get_write_ptr(0));
        for (uint32_t i = 0; i < 1024; ++i) tile[i] = 0x3F80;
        DPRINT << TSLICE(0, 0, SliceRange::hw0_32_16()) << ENDL();
        DPRINT << TSLICE8(0, 0, SliceRange::hw041(), TSLICE_INPUT_CB, TSLICE_RD_PTR, false);
        for (int32_t r = 0; r < 1; ++r) {
            SliceRange sr = SliceRange{.h0 = (uint8_t)r, .h1 = (uint8_t)(r+1), .hs = 1,
                                       .w0 = 0, .w1 = 32, .ws = 16};
            DPRINT_DATA0({ DPRINT << (uint)r << " row " << TileSlice(0, 0, sr, TSLICE_INPUT_CB,
                                                                   TSLICE_RD_PTR, true, false); });
        }
        uint32_t words[3] = {1, 0xABC, 7};
        DPRINT << U32_ARRAY(words, 3) << ENDL();
        DEVICE_PRINT("slice {}, words {}end\n",
                     TileSlice(0, 0, SliceRange::h0_32_w0(), TSLICE_INPUT_CB, TSLICE_RD_PTR, false),
                     U32_ARRAY(words, 2));)",
                       options);
    });
    launch.setup = program_memory({{0, 0x20000, 2048, 1}}, {});
    std::string column;
    for (int row = 0; row < 32; ++row) column += "1 ";
    EXPECT_EQ(printed(launch),
              "1 1\n1 1\n\n1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 row 1 1\n"
              "0x1 0xabc 0x7 \nslice " +
                  column + ", words 0x1 0xabc end\n");
}

}  // namespace
}  // namespace tilewright
