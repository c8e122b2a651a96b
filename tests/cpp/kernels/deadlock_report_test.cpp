// A deadlock report says who should have filled the circular buffer, or set the semaphore, that a
// core waits for: which kernel has code for it, where, and what became of it.
#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/signal_sites.hpp"

namespace tilewright {
namespace {

/// A kernel on a core of a tile, with two runtime arguments.
struct On {
    CoreId core;
    std::string body;
};

using Cores = std::vector<On>;

// The report on the kernels that `Kernels` returns, with circular buffers 2 and 3 of four pages,
// and semaphores 0 to 3, on every tile.
template <class Kernels>
std::string deadlock(Kernels) {
    const auto launches = precompiled([] {
        std::vector<Launch> all;
        for (const On& on : Kernels{}()) {
            all.push_back(metalium_launch(
                preset("tiny"), "void kernel_main() {\n" + on.body + "\n}\n", on.core, {3, 1}));
            all.back().setup = program_memory({{2, 0x20000, 64, 4}, {3, 0x21000, 64, 4}},
                                              {{0, 0}, {1, 0}, {2, 0}, {3, 0}});
        }
        return all;
    });
    Device device("tiny");
    return text_of<DeadlockError>([&] { device.run(launches); });
}

const CoreId here{{0, 0}, 0};
const CoreId beside{{0, 0}, 4};
const CoreId elsewhere{{1, 1}, 0};

TEST(DeadlockReports, NameWhoShouldHavePushed) {
    const std::string text = deadlock([] {
        return Cores{{here, "cb_wait_front(2, 3);"}, {beside, "\n\ncb_push_back(2, 2);"}};
    });
    expect_in(
        text,
        "waits for circular buffer 2: for pages that another core pushes (2 so far, 3 wanted); "
        "pushed by core (0, 0, 4) at kernel.cpp:4 in kernel_main");
    expect_in(text, ", whose kernel has ended");
}

TEST(DeadlockReports, NameWhoShouldHavePopped) {
    const std::string text = deadlock([] {
        return Cores{{here, "cb_push_back(2, 4);\ncb_reserve_back(2, 1);"},
                     {beside, "cb_wait_front(3, 1);\ncb_pop_front(2, 1);"}};
    });
    expect_in(text, "kernel.cpp:3 in kernel_main");
    expect_in(text,
              "for pages that another core pops (0 so far, 1 wanted); "
              "popped by core (0, 0, 4) at kernel.cpp:3 in kernel_main");
    expect_in(text, ", which waits");
    expect_in(text,
              "circular buffer 3: for pages that another core pushes (0 so far, 1 wanted); "
              "no kernel of its tile pushes to it; beside it in its tile: core (0, 0, 0)");
}

TEST(DeadlockReports, SayIfTheNumberIsComputed) {
    expect_in(deadlock([] {
                  return Cores{{here, "cb_wait_front(2, 1);"},
                               {beside,
                                "if (get_arg_val<uint32_t>(1) == 0) {\n"
                                "    cb_push_back(get_arg_val<uint32_t>(0), 1);\n}"}};
              }),
              "kernel.cpp:3 in kernel_main");
    expect_in(deadlock([] {
                  return Cores{{here, "cb_wait_front(2, 1);"},
                               {beside, "cb_push_back(get_arg_val<uint32_t>(0), 1);"}};
              }),
              "(if that is the one it means), whose kernel has ended");
}

TEST(DeadlockReports, NameWhoCouldSetTheSemaphore) {
    static constexpr char wait[] =
        "noc_semaphore_wait_min((volatile uint32_t*)get_semaphore(3), 5);";
    const std::string text = deadlock([] {
        return Cores{{here, wait},
                     {beside,
                      "noc_semaphore_set((volatile uint32_t*)"
                      "get_semaphore(2), 5);"},
                     {elsewhere,
                      "\nriscv_wait(500);\nnoc_semaphore_inc("
                      "tilewright::metalium::noc_address("
                      "tilewright::abi::node(tilewright::abi::NodeSpace"
                      "::tile, 0, 0), get_semaphore(3)), 2);\n"
                      "noc_async_atomic_barrier();"}};
    });
    expect_in(text,
              "waits for semaphore 3 of its program (0x11130) to be >= 5 (it is 2); last written "
              "by core (1, 1, 0) at cycle ");
    expect_in(text, "; set by core (1, 1, 0) at kernel.cpp:4 in kernel_main");
    EXPECT_EQ(text.find("core (0, 0, 4)"), std::string::npos) << text;

    expect_in(deadlock([] {
                  return Cores{{here, wait}, {beside, "cb_push_back(2, 1);"}};
              }),
              "nothing has written it since it began to wait; no other kernel has a call that sets "
              "a semaphore like it");
    expect_in(deadlock([] {
                  return Cores{{here, wait},
                               {elsewhere,
                                "noc_semaphore_set((volatile uint32_t*)get_semaphore("
                                "get_arg_val<uint32_t>(0)), 5);"}};
              }),
              "set by core (1, 1, 0) at kernel.cpp:2 in kernel_main");
}

// Who wrote another word that it waited for before has not written this one.
TEST(DeadlockReports, TellOnlyWhoWroteThisWord) {
    const std::string text = deadlock([] {
        return Cores{{here,
                      "noc_semaphore_wait((volatile uint32_t*)get_semaphore(0), 1);\n"
                      "noc_semaphore_wait((volatile uint32_t*)get_semaphore(1), 1);"},
                     {beside,
                      "riscv_wait(500);\n"
                      "noc_semaphore_set((volatile uint32_t*)get_semaphore(0), 1);"}};
    });
    expect_in(text, "waits for semaphore 1 of its program");
    expect_in(text, "nothing has written it since it began to wait");
}

// They are told of in the kernel's file, in a section that is not loaded.
TEST(DeadlockReports, KnowEachPlaceByItsCode) {
    const Kernel kernel = precompiled([] {
        return compile_metalium_source(
            "void kernel_main() {\n    cb_push_back(2, 1);\n    cb_pop_front(2, 1);\n}\n",
            "kernel.cpp", {}, preset("tiny"));
    });
    const auto sites = firmware::signal_sites(kernel.image()->program());
    ASSERT_EQ(sites.size(), 2u);
    EXPECT_EQ(sites[0].signal, abi::Signal::pushes_pages);
    EXPECT_EQ(sites[0].object, 2u);
    expect_in(kernel.image()->describe(sites[0].pc), "kernel.cpp:2 in kernel_main");
    EXPECT_EQ(sites[1].signal, abi::Signal::pops_pages);
    expect_in(kernel.image()->describe(sites[1].pc), "kernel.cpp:3 in kernel_main");
}

}  // namespace
}  // namespace tilewright
