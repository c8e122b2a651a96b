// Kernels written for TT-Metalium: how they are compiled and get their arguments.
#include <array>

#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

Run run_one(Device& device, const Kernel& kernel, std::span<const std::uint32_t> unique,
            std::span<const std::uint32_t> common = {}) {
    return device.run(kernel, {{.tile = {0, 0}}}, metalium_arguments(unique, common));
}

TEST(MetaliumKernel, ReadsItsArguments) {
    Device device("tiny");
    const Kernel kernel = precompiled([] {
        MetaliumKernelOptions options;
        options.compile_args = {3, 0xFFFF'FFFF};
        options.named_compile_args = {{"offset", 4}};
        options.defines = {{"PLACE", "0x20000"}};
        return compile_metalium_source(R"(
        void kernel_main() {
            constexpr uint32_t first = get_compile_time_arg_val(0);
            constexpr uint32_t offset = get_named_compile_time_arg_val("offset");
            volatile tt_l1_ptr uint32_t* out = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(PLACE);
            out[0] = get_arg_val<uint32_t>(0);
            out[1] = get_arg_val<uint32_t>(1);
            out[2] = get_common_arg_val<uint32_t>(0);
            out[first] = get_compile_time_arg_val(1);
            out[offset] = *reinterpret_cast<uint32_t*>(get_arg_addr(1));
            out[5] = kernel_compile_time_args.size();
        })",
                                       "arguments", options, preset("tiny"));
    });
    run_one(device, kernel, std::array{11u, 22u}, std::array{33u});
    std::array<std::uint32_t, 6> out{};
    device.read_l1({0, 0}, 0x20000, std::as_writable_bytes(std::span(out)));
    EXPECT_EQ(out, (std::array<std::uint32_t, 6>{11, 22, 33, 0xFFFF'FFFF, 22, 2}));
}

TEST(MetaliumKernel, ReadingPastTheArgumentsIsAFault) {
    Device device("tiny");
    const Kernel kernel = precompiled([] {
        return compile_metalium_source(
            "void kernel_main() {\n"
            "    *(volatile uint32_t*)0x20000 = get_arg_val<uint32_t>(2);\n"
            "}\n",
            "own.cpp", {}, preset("tiny"));
    });
    const std::string text = text_of<KernelFault>([&] {
        run_one(device, kernel, std::array{1u, 2u});
    });
    expect_in(text, "runtime argument 2 was read; 2 were set");
    expect_in(text, "own.cpp:2 in kernel_main");

    const Kernel common = precompiled([] {
        return compile_metalium_source(
            "void kernel_main() { *(volatile uint32_t*)0x20000 = get_common_arg_val<uint32_t>(0); "
            "}",
            "common.cpp", {}, preset("tiny"));
    });
    expect_in(text_of<KernelFault>([&] {
                  run_one(device, common, std::array{1u, 2u});
              }),
              "common runtime argument 0 was read; 0 were set");
}

// As a published kernel does, whose host program does not set it.
TEST(MetaliumKernel, AnArgumentThatIsReadForNothingNeedNotBeSet) {
    Device device("tiny");
    const Kernel kernel = precompiled([] {
        return compile_metalium_source(
            "void kernel_main() {\n"
            "    uint32_t unused = get_arg_val<uint32_t>(2);\n"
            "    (void)unused;\n"
            "    *(volatile uint32_t*)0x20000 = get_arg_val<uint32_t>(1);\n"
            "}\n",
            "unused.cpp", {}, preset("tiny"));
    });
    EXPECT_NO_THROW(run_one(device, kernel, std::array{1u, 2u}));
}

TEST(MetaliumKernel, CompileErrorsHaveTheUsersLines) {
    const ChipConfig chip = preset("tiny");
    const auto compile = [&](const std::string& text) {
        return text_of<CompileError>([&] { compile_metalium_source(text, "k.cpp", {}, chip); });
    };
    expect_in(compile("#include \"dataflow_api.h\"\n\nvoid kernel_main() {\n    nonsense();\n}\n"),
              "k.cpp:4:5: error: use of undeclared identifier 'nonsense'");
    expect_in(compile("void kernel_main() { constexpr auto a = get_compile_time_arg_val(0); }"),
              "the kernel was given fewer compile-time arguments");
    expect_in(
        text_of<CompileError>([&] { compile_metalium_kernel("no/such/kernel.cpp", {}, chip); }),
        "no/such/kernel.cpp cannot be read");
}

TEST(MetaliumKernel, RefusesWhatTheTileDoesNotHave) {
    ChipConfig chip = preset("tiny");
    chip.cores.resize(1);
    MetaliumKernelOptions options;
    options.processor = MetaliumProcessor::data_movement_1;
    expect_in(text_of<ArgumentError>([&] { compile_metalium_source("", "k", options, chip); }),
              "no processor 4 in the tiles of 'tiny'");
    options = {.noc = 2};
    expect_in(text_of<ArgumentError>([&] { compile_metalium_source("", "k", options, chip); }),
              "no NoC 2");
    const std::vector<std::uint32_t> many(512);
    expect_in(text_of<ArgumentError>([&] { metalium_arguments(many, {}); }), "has room for 511");
}

// The three cores of a compute kernel are plain cores without the engines that they would drive.
TEST(MetaliumKernel, ComputeKernelsNeedComputeEngines) {
    Device device("tiny");
    static constexpr char text[] =
        "#include \"debug/dprint.h\"\n#include \"compute_kernel_api.h\"\n"
        "namespace NAMESPACE {\nvoid MAIN {\n"
        "    DPRINT_MATH(DPRINT << \"core \" << COMPILE_FOR_TRISC << ENDL());\n}\n}\n";
    const auto launches = precompiled([] {
        std::vector<Launch> all;
        for (const auto processor :
             {MetaliumProcessor::compute_unpack, MetaliumProcessor::compute_math,
              MetaliumProcessor::compute_pack}) {
            const auto number = static_cast<std::uint16_t>(processor);
            all.push_back(metalium_launch(preset("tiny"), text, {{0, 0}, number}));
        }
        return all;
    });
    EXPECT_EQ(device.run(launches).output(), "core 1\n");

    MetaliumKernelOptions options;
    options.processor = MetaliumProcessor::compute_math;
    ChipConfig without = device.config();
    without.compute_engines = 0;
    expect_in(text_of<CompileError>([&] {
                  compile_metalium_source(
                      "#include \"compute_kernel_api/eltwise_binary.h\"\n"
                      "void kernel_main() {\n    add_tiles(0, 1, 0, 0, 0);\n}\n",
                      "add.cpp", options, without);
              }),
              "compute kernels are not supported: this chip's tiles have no compute engines");
    options.compute.fidelity_phases = 5;
    expect_in(text_of<ArgumentError>([&] {
                  compile_metalium_source("void kernel_main() {}", "five.cpp", options,
                                          device.config());
              }),
              "5 fidelity phases; expected 1 (LoFi) to 4 (HiFi4)");
}

}  // namespace
}  // namespace tilewright
