// Queues in an L1 that the network appends to.
#include <gtest/gtest.h>

#include <algorithm>

#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

const Kernel& sender() {
    static const Kernel kernel = precompiled([] {
        return make_kernel(
            "sender",
            "std::uint32_t at, std::uint32_t ring_bytes, std::uint32_t first, std::uint32_t n",
            "for (std::uint32_t i = 0; i < n; ++i)\n"
            "    noc_append(tile_address(0, 0, at), ring_bytes, first + i);\n"
            "noc_async_atomic_barrier();");
    });
    return kernel;
}

std::vector<std::uint32_t> words(const Buffer& buffer) {
    std::vector<std::uint32_t> values(buffer.bytes() / 4);
    buffer.read(std::as_writable_bytes(std::span(values)));
    return values;
}

TEST(Append, EveryWordArrivesOnceAndTheCountTellsHowMany) {
    Device device("tiny");
    const Buffer queue = device.allocate(4 + 64, Placement::in_l1({0, 0}));
    queue.write(std::vector<std::byte>(68));
    const auto arguments = [&](std::int64_t first) {
        return std::vector<Argument>{number(std::int64_t(queue.address())), number(64),
                                     number(first), number(5)};
    };
    const Launch all[] = {{sender(), {CoreId{{1, 0}, 0}}, arguments(100)},
                          {sender(), {CoreId{{0, 1}, 0}}, arguments(200)},
                          {sender(), {CoreId{{0, 0}, 0}}, arguments(300)}};
    device.run(all);
    std::vector<std::uint32_t> found = words(queue);
    EXPECT_EQ(found[0], 15u);
    // Those of one sender come in its order.
    for (std::uint32_t base : {100u, 200u, 300u}) {
        std::vector<std::uint32_t> of_sender;
        std::ranges::copy_if(found, std::back_inserter(of_sender),
                             [&](std::uint32_t w) { return w / 100 == base / 100; });
        EXPECT_EQ(of_sender,
                  (std::vector<std::uint32_t>{base, base + 1, base + 2, base + 3, base + 4}));
    }
}

TEST(Append, TheRingGoesRound) {
    Device device("tiny");
    const Buffer queue = device.allocate(4 + 16, Placement::in_l1({0, 0}));
    queue.write(std::vector<std::byte>(20));
    device.run(sender(), {CoreId{{1, 1}, 0}},
               {number(std::int64_t(queue.address())), number(16), number(1), number(6)});
    EXPECT_EQ(words(queue), (std::vector<std::uint32_t>{6, 5, 6, 3, 4}));
}

TEST(Append, ABadQueueIsAFault) {
    Device device("tiny");
    const auto refused = [&](std::int64_t at, std::int64_t ring, const char* why) {
        try {
            device.run(sender(), {CoreId{{1, 1}, 0}},
                       {number(at), number(ring), number(1), number(1)});
            ADD_FAILURE() << why;
        } catch (const KernelFault& fault) {
            EXPECT_NE(std::string(fault.what()).find(why), std::string::npos) << fault.what();
        }
    };
    const auto end = static_cast<std::int64_t>(device.config().l1_bytes);
    refused(0x30000, 24, "power of two");
    refused(0x30000, 0, "power of two");
    refused(end - 64, 64, "does not lie");
    refused(0x10000, 64, "user's part");
    refused(0x30002, 64, "not a multiple of 4");
}

}  // namespace
}  // namespace tilewright
