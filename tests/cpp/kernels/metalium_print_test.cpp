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

// Formats in which 16 numbers of a row have an exponent in common: sign, magnitude.
TEST(MetaliumPrint, ShowsBlocksOfNumbers) {
    Launch launch = precompiled([] {
        MetaliumKernelOptions options;
        options.circular_buffers = {{0, {.data_format = 6, .tile_bytes = 1088}},
                                    {1, {.data_format = 7, .tile_bytes = 576}}};
        return printer(R"(
        uint8_t* bytes = reinterpret_cast<uint8_t*>(get_write_ptr(0));
        uint8_t* nibbles = reinterpret_cast<uint8_t*>(get_write_ptr(1));
        bytes[0] = nibbles[0] = 127;
        bytes[16] = nibbles[16] = 129;
        bytes[64] = 0x40;         // (0, 0)
        bytes[65] = 0x80 | 0x60;  // (0, 1)
        bytes[64 + 256] = 0x50;   // (0, 16)
        nibbles[64] = 0x4 | 0xE << 4;
        nibbles[64 + 128] = 0x5;
        SliceRange range{.h0 = 0, .h1 = 1, .hs = 1, .w0 = 0, .w1 = 17, .ws = 1};
        DPRINT("{}", TileSlice(0, 0, range, TSLICE_INPUT_CB, TSLICE_WR_PTR));
        DPRINT("{}", TileSlice(1, 0, range, TSLICE_INPUT_CB, TSLICE_WR_PTR));)",
                       options);
    });
    launch.setup = program_memory({{0, 0x20000, 1088, 1}, {1, 0x21000, 576, 1}}, {});
    const std::string row = "1 -1.5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5\n";
    EXPECT_EQ(printed(launch), row + row);
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

// DPRINT as a call is what DEVICE_PRINT is; both ways to print may be in one kernel.
TEST(MetaliumPrint, IsCalledWithAFormat) {
    EXPECT_EQ(printed(precompiled([] {
                  return printer(R"(
        struct [[gnu::packed]] { uint8_t small; uint32_t large; } pair{1, 70000};
        DPRINT("{} {:#x} {{}}\n", pair.small, pair.large);
        DPRINT << BIN() << 5 << ENDL();
        DPRINT_DATA0("core {}\n", 0);
        DPRINT_DATA0("no value\n");
        DPRINT_DATA1("core {}\n", 1);
        if (pair.small == 1) DPRINT("{}\n", bf16_t(0x3FC0));)");
              })),
              "1 0x11170 {}\n101\ncore 0\nno value\n1.5\n");
    EXPECT_NE(text_of<CompileError>([] {
                  printer("DPRINT(\"{} {}\", 1);");
              }).find("fields_do_not_fit_the_arguments"),
              std::string::npos);
}

// By name, with their type where the format has '#', flags one by one; what has no name as a number
// behind its type.
TEST(MetaliumPrint, NamesEnumerators) {
    const Launch launch = precompiled([] {
        return metalium_launch(preset("tiny"), R"(
            namespace a::b { enum Plain { First, Second = 7 }; }
            enum class Scoped : int8_t { X = 1, Y = 63 };
            namespace f {
            enum class Bits : uint32_t { Low = 1, Third = 4, High = 0x80000000 };
            constexpr Bits operator|(Bits a, Bits b) { return Bits(uint32_t(a) | uint32_t(b)); }
            }
            struct Wrapped {};
            void kernel_main() {
                const int32_t two = get_arg_val<int32_t>(0);
                DPRINT("{} {:#} {}\n", a::b::Second, a::b::First, (a::b::Plain)(two + 1));
                DPRINT("{} {:#} {} {}\n", Scoped::Y, Scoped::X, Scoped(two), Scoped(-two));
                DPRINT("{} {:#}\n", f::Bits::High | f::Bits::Low, f::Bits::Third | f::Bits::Low);
                DPRINT("{} {}\n", f::Bits(0), f::Bits(10));
                DPRINT("{} {}\n", dp_type_name_t<Wrapped>(), dp_type_name_t<unsigned>());
            })",
                               {{0, 0}, 0}, {2});
    });
    EXPECT_EQ(printed(launch),
              "Second a::b::Plain::First (a::b::Plain)3\n"
              "Y Scoped::X (Scoped)2 (Scoped)-2\n"
              "Low | High f::Bits::Low | f::Bits::Third\n"
              "(f::Bits)0 (f::Bits)10\n"
              "Wrapped unsigned int\n");
}

}  // namespace
}  // namespace tilewright
