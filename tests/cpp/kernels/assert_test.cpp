// assert() in kernels: by either header it is a fault at its line, and nothing with NDEBUG.
#include <gtest/gtest.h>

#include <string>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

Kernel asserting(const std::string& header, const CompileOptions& options = {}) {
    return Kernel::from_source("#include <" + header +
                                   ">\n"
                                   "#include \"tilewright/kernel.hpp\"\n"
                                   "static void few(int n) {\n"
                                   "    assert(n < 4);\n"
                                   "    tilewright::kernel::print(\"few: \", n);\n"
                                   "}\n"
                                   "TILEWRIGHT_KERNEL(few)\n",
                               "few.cpp", options);
}

constexpr CoreId core{{0, 0}, 0};

TEST(Assert, StopsAtItsLineWithItsText) {
    Device device("tiny");
    const Kernel kernels[] = {precompiled([] { return asserting("cassert"); }),
                              precompiled([] { return asserting("assert.h"); })};
    for (const Kernel& few : kernels) {
        EXPECT_EQ(device.run(few, {core}, {std::int64_t{3}}).output(), "few: 3");
        const std::string message =
            message_of<KernelFault>([&] { device.run(few, {core}, {std::int64_t{9}}); });
        EXPECT_NE(message.find("few.cpp:4"), std::string::npos) << message;
        EXPECT_NE(message.find("assertion failed: n < 4"), std::string::npos) << message;
    }
}

TEST(Assert, IsNothingWhereTheUserSaysNDEBUG) {
    Device device("tiny");
    const Kernel few = precompiled([] { return asserting("cassert", {.defines = {"NDEBUG"}}); });
    EXPECT_EQ(device.run(few, {core}, {std::int64_t{9}}).output(), "few: 9");
}

}  // namespace
}  // namespace tilewright
