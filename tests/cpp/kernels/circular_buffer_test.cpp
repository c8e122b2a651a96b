// Circular buffers: what goes in comes out, in order, whatever the sizes; misuse is named.
#include <random>

#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

// Reads (pages, delay) pairs from its arguments and pushes or pops so many pages at a time. Words
// of the pages count up; the consumer writes what it saw to 0x40000.
constexpr char producer[] = R"(
    void kernel_main() {
        uint32_t next = 0;
        const uint32_t count = get_arg_val<uint32_t>(0);
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t pages = get_arg_val<uint32_t>(1 + 2 * i);
            riscv_wait(get_arg_val<uint32_t>(2 + 2 * i));
            cb_reserve_back(3, pages);
            volatile uint32_t* words = reinterpret_cast<volatile uint32_t*>(get_write_ptr(3));
            for (uint32_t w = 0; w < pages * 4; ++w) words[w] = next++;
            cb_push_back(3, pages);
        }
    })";
constexpr char consumer[] = R"(
    void kernel_main() {
        volatile uint32_t* seen = reinterpret_cast<volatile uint32_t*>(0x40000);
        const uint32_t count = get_arg_val<uint32_t>(0);
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t pages = get_arg_val<uint32_t>(1 + 2 * i);
            riscv_wait(get_arg_val<uint32_t>(2 + 2 * i));
            cb_wait_front(3, pages);
            if (!cb_pages_available_at_front(3, pages)) DPRINT << "not there" << ENDL();
            const uint32_t* words = reinterpret_cast<const uint32_t*>(get_read_ptr(3));
            for (uint32_t w = 0; w < pages * 4; ++w) *seen++ = words[w];
            cb_pop_front(3, pages);
        }
    })";

// Parts that sum up to `rings` times the ring, and never cross its end.
std::vector<std::uint32_t> random_trace(std::mt19937& random, std::uint32_t ring,
                                        std::uint32_t rings) {
    std::vector<std::uint32_t> trace{0};
    for (std::uint32_t r = 0; r < rings; ++r) {
        for (std::uint32_t left = ring; left != 0;) {
            const std::uint32_t pages = 1 + random() % left;
            trace.push_back(pages);
            trace.push_back(random() % 2 == 0 ? 0 : random() % 400);
            ++trace[0];
            left -= pages;
        }
    }
    return trace;
}

TEST(CircularBuffers, KeepOrderOnRandomTraces) {
    static constexpr CoreId from{{1, 1}, 0}, to{{1, 1}, 4};
    const Kernel pushes =
        precompiled([] { return metalium_kernel(preset("tiny"), producer, from); });
    const Kernel pops = precompiled([] { return metalium_kernel(preset("tiny"), consumer, to); });
    std::mt19937 random(7);
    for (int round = 0; round < 8; ++round) {
        Device device("tiny");
        const std::uint32_t ring = 1 + random() % 9;
        const std::uint32_t rings = 6;
        std::vector<Launch> launches{
            {pushes, {from}, metalium_arguments(random_trace(random, ring, rings), {})},
            {pops, {to}, metalium_arguments(random_trace(random, ring, rings), {})}};
        launches[0].setup = program_memory({{3, 0x20000, 16, ring}}, {});
        EXPECT_EQ(device.run(launches).output(), "");
        std::vector<std::uint32_t> seen(std::size_t{ring} * rings * 4);
        device.read_l1({1, 1}, 0x40000, std::as_writable_bytes(std::span(seen)));
        for (std::uint32_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], i) << "ring " << ring;
    }
}

/// The error of a kernel whose body is the text that `Body` returns.
template <class Body>
std::string fault(Body) {
    Launch launch = precompiled([] {
        return metalium_launch(preset("tiny"),
                               std::string("void kernel_main() {\n") + Body{}() + "\n}\n",
                               {{0, 0}, 0});
    });
    launch.setup = program_memory({{2, 0x20000, 64, 4}}, {});
    Device device("tiny");
    return text_of<Error>([&] { device.run(std::span(&launch, 1)); });
}

TEST(CircularBuffers, MisuseIsNamed) {
    expect_in(fault([] { return "cb_push_back(2, 3); cb_push_back(2, 2);"; }),
              "circular buffer 2: push_back(2): free pages: 1");
    expect_in(fault([] { return "cb_push_back(2, 1); cb_pop_front(2, 2);"; }),
              "circular buffer 2: pop_front(2): pages in it: 1");
    expect_in(fault([] { return "cb_reserve_back(2, 5);"; }),
              "circular buffer 2: reserve_back(5): pages it has: 4");
    expect_in(
        fault([] { return "cb_push_back(2, 3); cb_pop_front(2, 3); cb_push_back(2, 2);"; }),
        "circular buffer 2: push_back(2): it crosses the end of the ring; pages up to there: 1");
    expect_in(fault([] { return "\n\ncb_wait_front(5, 1);"; }),
              "circular buffer 5 does not exist on this core");
    expect_in(fault([] { return "\n\ncb_wait_front(5, 1);"; }), "kernel.cpp:4 in kernel_main");
}

TEST(CircularBuffers, DeadlocksNameBufferAndSemaphore) {
    const std::string waiting = fault([] { return "cb_wait_front(2, 1);"; });
    expect_in(waiting, "kernel.cpp:2 in kernel_main");
    expect_in(
        waiting,
        "waits for circular buffer 2: for pages that another core pushes (0 so far, 1 wanted)");
    expect_in(waiting, "no other core of its tile runs a kernel");
    expect_in(fault([] { return "cb_push_back(2, 4); cb_reserve_back(2, 1);"; }),
              "waits for circular buffer 2: for pages that another core pops (0 so far, 1 wanted)");
    expect_in(fault([] { return "noc_semaphore_wait((volatile uint32_t*)get_semaphore(3), 1);"; }),
              "waits for semaphore 3 of its program (0x11130) to be == 1 (it is 0)");
}

TEST(CircularBuffers, BadOnesAreRefusedAtOnce) {
    expect_in(text_of<AddressError>([] {
                  program_memory({{32, 0x20000, 64, 1}}, {});
              }),
              "no circular buffer 32; they are numbered from 0 to 31");
    expect_in(text_of<ArgumentError>([] {
                  program_memory({{1, 0x20000, 64, 1}, {1, 0x20100, 64, 1}}, {});
              }),
              "circular buffer 1 is given twice");
    expect_in(text_of<AddressError>([] {
                  program_memory({{1, 0x1F000, 64, 1}}, {});
              }),
              "in reserved L1");
    expect_in(text_of<ArgumentError>([] {
                  program_memory({{1, 0x20000, 0, 1}}, {});
              }),
              "expected at least one page");
    expect_in(text_of<AddressError>([] { program_memory({}, {{32, 0}}); }), "no semaphore 32");
}

}  // namespace
}  // namespace tilewright
