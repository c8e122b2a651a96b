// Who has what of a chip: whoever comes second is refused, or gets something else, and both names
// are told.
#include "tilewright/runtime/lease.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

constexpr TileId here{0, 0};
constexpr std::uint32_t base = abi::l1_user_base;

bool contains(const std::string& text, std::initializer_list<const char*> parts) {
    return std::ranges::all_of(
        parts, [&](const char* part) { return text.find(part) != std::string::npos; });
}

std::vector<std::string> holders(const Device& device) {
    std::vector<std::string> all;
    for (const Holding& each : device.leases()) {
        all.push_back(describe(each.resource) + ": " + each.holder);
    }
    std::ranges::sort(all);
    return all;
}

// Runs for so many cycles.
const Kernel& sleeper() {
    static const Kernel kernel = precompiled([] {
        return make_kernel("sleeper", "std::uint32_t rounds",
                           "for (volatile std::uint32_t i = 0; i < rounds; i = i + 1) {}");
    });
    return kernel;
}

Launch sleep_on(CoreId core) {
    return {sleeper(), {core}, {number(10)}};
}

/// As above, with a circular buffer of 128 bytes at the beginning of L1.
Launch sleep_with_buffer(CoreId core) {
    Launch launch = sleep_on(core);
    launch.setup =
        program_memory({{.index = 0, .address = base, .page_bytes = 64, .pages = 2}}, {});
    launch.l1 = {{base, 128, "circular buffer 0"}};
    return launch;
}

TEST(Lease, OfARangeKeepsBuffersOutAndIsKeptOutByThem) {
    Device device("tiny");
    Lease story = device.lease(Resource::l1(here, base, 1000), "the story");
    EXPECT_TRUE(story.valid());
    const Buffer beside = device.allocate(64, Placement::in_l1(here));
    EXPECT_EQ(beside.address(), base + 1024);
    const std::string again =
        message_of<BusyError>([&] { device.allocate_at(base + 64, 64, Placement::in_l1(here)); });
    EXPECT_TRUE(contains(again, {"a buffer", "the story"})) << again;
    const std::string second = message_of<BusyError>(
        [&] { device.lease(Resource::l1(here, base + 999, 1), "another story"); });
    EXPECT_TRUE(contains(second, {"another story", "the story"})) << second;
    const std::string over = message_of<BusyError>(
        [&] { device.lease(Resource::l1(here, base + 1000, 100), "a table"); });
    EXPECT_TRUE(contains(over, {"a table", "a buffer of 64 bytes"})) << over;
    // Buffers in all L1s keep off, too, and other tiles are free.
    EXPECT_EQ(device.allocate(64, Placement::in_all_l1(64)).address(), base + 1088);
    EXPECT_EQ(device.allocate(64, Placement::in_l1({1, 0})).address(), base);
    story.release();
    story.release();
    EXPECT_FALSE(story.valid());
    EXPECT_EQ(device.allocate(64, Placement::in_l1(here)).address(), base);
}

TEST(Lease, EndsWithItsLastHandle) {
    Device device("tiny");
    std::optional<Lease> one = device.lease(Resource::l1(here, base, 64), "one");
    std::optional<Lease> other = one;
    one.reset();
    EXPECT_EQ(holders(device),
              std::vector<std::string>{"bytes 131072 to 131136 of the L1 of tile (0, 0): one"});
    other.reset();
    EXPECT_TRUE(holders(device).empty());
}

TEST(Lease, ThatOutlivesItsDeviceIsHarmless) {
    Lease lease;
    {
        Device device("tiny");
        lease = device.lease(Resource::tile(here), "one");
        device.close();
        EXPECT_FALSE(lease.valid());
    }
    lease.release();
    EXPECT_EQ(lease.holder(), "one");
    EXPECT_THROW(Lease().holder(), Error);
}

TEST(Lease, OfWhatThereIsNotIsRefused) {
    Device device("tiny");
    const std::uint32_t end = device.config().l1_bytes;
    for (const Resource& resource :
         {Resource::tile({9, 9}), Resource::of_core({here, 99}), Resource::flag(1024),
          Resource::l1(here, base - 4, 64), Resource::l1(here, base, 0),
          Resource::l1(here, end - 4, 8), Resource::l1(here, base, ~std::uint64_t{0})}) {
        EXPECT_THROW(device.lease(resource, "one"), AddressError) << describe(resource);
    }
    EXPECT_THROW(device.lease(Resource::tile(here), ""), ArgumentError);
    EXPECT_TRUE(holders(device).empty());
}

TEST(Lease, OfACoreIsNeededByLaunchesThere) {
    Device device("tiny");
    Lease mine = device.lease(Resource::of_core({here, 0}), "the owner");
    Launch launch = sleep_on({here, 0});
    const std::string text = message_of<BusyError>([&] { device.launch({&launch, 1}); });
    EXPECT_TRUE(contains(text, {"core (0, 0, 0)", "kernel 'sleeper.cpp'", "the owner"})) << text;
    Queue queue = device.queue();
    EXPECT_THROW(queue.run({&launch, 1}), BusyError);
    launch.lease = mine;
    queue.run({&launch, 1});
    EXPECT_EQ(queue.finish().cores.size(), 1u);
    // A lease of the tile is one of its cores; that of another core is not.
    mine.release();
    launch.lease = device.lease(Resource::tile(here), "the tenant");
    EXPECT_EQ(device.run({&launch, 1}).cores.size(), 1u);
    launch.cores = {{{1, 0}, 0}};
    const Lease other = device.lease(Resource::of_core({{1, 0}, 0}), "a third");
    EXPECT_THROW(device.launch({&launch, 1}), BusyError);
}

TEST(Lease, OfACoreWaitsForNoLaunch) {
    Device device("tiny");
    const Launch launch = sleep_on({here, 0});
    Queue queue = device.queue();
    queue.run({&launch, 1});
    for (const Resource& resource : {Resource::of_core({here, 0}), Resource::tile(here)}) {
        const std::string text =
            message_of<BusyError>([&] { device.lease(resource, "the owner"); });
        EXPECT_TRUE(contains(text, {"kernel 'sleeper.cpp'", "the owner"})) << text;
    }
    queue.finish();
    EXPECT_TRUE(device.lease(Resource::tile(here), "the owner").valid());
}

TEST(Lease, ABusyCoreNamesBothKernels) {
    Device device("tiny");
    const Launch first = sleep_on({here, 0});
    device.launch({&first, 1});
    const Launch second{
        Kernel::builtin("wait_forever"), {{here, 0}}, {device.doorbell(), number(1)}};
    const std::string text = message_of<BusyError>([&] { device.launch({&second, 1}); });
    EXPECT_TRUE(contains(text, {"is busy", "'wait_forever'", "'sleeper.cpp'"})) << text;
    device.finish();
    EXPECT_EQ(holders(device).size(), 1u) << "the doorbell";
}

TEST(Lease, OfACircularBufferKeepsBuffersOutFromTheMomentItIsQueued) {
    Device device("tiny");
    const Launch launch = sleep_with_buffer({here, 0});
    Queue queue = device.queue();
    queue.run({&launch, 1});
    queue.run({&launch, 1});  // launches share it, one after another
    const Buffer beside = device.allocate(64, Placement::in_l1(here));
    EXPECT_EQ(beside.address(), base + 128);
    const std::string text =
        message_of<BusyError>([&] { device.lease(Resource::l1(here, base, 64), "the story"); });
    EXPECT_TRUE(contains(text, {"the story", "circular buffer 0 of kernel 'sleeper.cpp'"})) << text;
    queue.finish();
    EXPECT_EQ(device.allocate(64, Placement::in_l1(here)).address(), base);
}

TEST(Lease, OfACircularBufferIsKeptOutByBuffers) {
    Device device("tiny");
    const Buffer first = device.allocate(64, Placement::in_l1(here));
    const Launch launch = sleep_with_buffer({here, 0});
    Queue queue = device.queue();
    const std::string text = message_of<BusyError>([&] { queue.run({&launch, 1}); });
    EXPECT_TRUE(contains(text, {"circular buffer 0", "'sleeper.cpp'", "a buffer of 64 bytes"}))
        << text;
    EXPECT_THROW(device.launch({&launch, 1}), BusyError);
    EXPECT_TRUE(queue.empty());
    // In a buffer that the launch is given it may lie.
    Launch own = launch;
    const Buffer room = device.allocate(128, Placement::in_l1({1, 0}));
    own.cores = {{{1, 0}, 0}};
    EXPECT_THROW(device.launch({&own, 1}), BusyError);
    own.kernel = precompiled([] { return make_kernel("given", "Buffer", ""); });
    own.arguments = {room};
    EXPECT_EQ(device.run({&own, 1}).cores.size(), 1u);
}

TEST(Lease, SetupWritesIntoNoRangeAndNoSemaphoreOfOthers) {
    Device device("tiny");
    const Semaphore semaphore = device.semaphore(7);
    Launch launch = sleep_on({here, 0});
    launch.setup = {{semaphore.address, {1}}};
    std::string text = message_of<BusyError>([&] { device.launch({&launch, 1}); });
    EXPECT_TRUE(contains(text, {"kernel 'sleeper.cpp'", "semaphores of the device"})) << text;
    const Lease story = device.lease(Resource::l1(here, base, 64), "the story");
    launch.setup = {{base + 60, {1, 2}}};
    text = message_of<BusyError>([&] { device.launch({&launch, 1}); });
    EXPECT_TRUE(contains(text, {"the setup of kernel 'sleeper.cpp'", "the story"})) << text;
    launch.setup = {{base + 60, {1}}};
    launch.lease = story;
    EXPECT_EQ(device.run({&launch, 1}).cores.size(), 1u);
}

TEST(Lease, ProgramsOfOneTileTakePlaceOneAfterAnother) {
    Device device("wormhole");
    const Launch one = sleep_with_buffer({here, 0});
    const Launch other = sleep_with_buffer({here, 1});
    Queue queues[] = {device.queue(), device.queue()};
    queues[0].run({&one, 1});
    queues[1].run({&other, 1});
    const auto first = queues[0].finish();
    const auto second = queues[1].finish();
    EXPECT_GE(second.start, first.end);
    device.launch({&one, 1});
    const std::string text = message_of<BusyError>([&] { device.launch({&other, 1}); });
    EXPECT_TRUE(contains(text, {"circular buffers and semaphores of tile (0, 0)"})) << text;
    device.abort();
    EXPECT_TRUE(holders(device).empty());
    EXPECT_EQ(device.run({&other, 1}).cores.size(), 1u);
}

TEST(Lease, FlagsAreTheFirstThatNobodyHas) {
    Device device("kpu");
    EXPECT_EQ(device.flag(), 0u);
    Lease mine = device.lease(Resource::flag(1), "the owner");
    EXPECT_EQ(device.flag(), 2u);
    const std::string text =
        message_of<BusyError>([&] { device.lease(Resource::flag(2), "the owner"); });
    EXPECT_TRUE(contains(text, {"flag 2", "the owner", "the host"})) << text;
    mine.release();
    EXPECT_EQ(device.flag(), 1u);
}

TEST(Lease, IsInSnapshots) {
    Device device("tiny");
    Lease story = device.lease(Resource::l1(here, base, 64), "the story");
    const Launch launch = sleep_with_buffer({{1, 0}, 0});
    Queue queue = device.queue();
    queue.run({&launch, 1});
    queue.run({&launch, 1});
    device.advance_to(Cycle{20});
    device.semaphore();
    device.flag();
    const auto before = holders(device);
    EXPECT_EQ(before.size(), 5u);
    const Snapshot middle = device.snapshot();
    queue.finish();
    const Cycle end = device.cycle();

    Device other("tiny");
    const Lease lost = other.lease(Resource::l1({1, 1}, base, 64), "lost");
    other.restore(middle);
    EXPECT_FALSE(lost.valid());
    EXPECT_EQ(holders(other), before);
    EXPECT_EQ(other.allocate(64, Placement::in_l1({1, 0})).address(), base + 128);
    EXPECT_EQ(other.flag(), 1u);
    EXPECT_EQ(other.queues().size(), 1u);
    other.queues().front().finish();
    EXPECT_EQ(other.cycle(), end);
    EXPECT_EQ(other.allocate(64, Placement::in_l1({1, 0})).address(), base);
    // Nobody there has a handle of the story's lease.
    const Holding orphan{Resource::l1(here, base, 64), "the story"};
    other.release(orphan);
    EXPECT_THROW(other.release(orphan), AddressError);

    // Here the handle is good as before: the same number, resource and holder.
    device.restore(middle);
    EXPECT_TRUE(story.valid());
    EXPECT_EQ(holders(device), before);
    story.release();
    EXPECT_EQ(holders(device).size(), 4u);
    queue.finish();
    EXPECT_EQ(device.cycle(), end);
}

TEST(Lease, OfALaunchThatWasAbortedOrFailedIsOver) {
    Device device("tiny");
    Launch launch = sleep_with_buffer({here, 0});
    Queue queue = device.queue();
    queue.run({&launch, 1});
    device.abort();
    EXPECT_TRUE(holders(device).empty());
    launch.kernel = precompiled([] {
        return make_kernel("fails", "std::uint32_t", "*l1<std::uint32_t>(0xF0000001) = 1;");
    });
    EXPECT_THROW(device.run({&launch, 1}), KernelFault);
    EXPECT_TRUE(holders(device).empty());
}

TEST(Serial, IsNeverThatOfAnotherDevice) {
    Device first("tiny");
    const Semaphore semaphore = first.semaphore(3);
    const std::uint64_t serial = first.serial();
    first.close();
    EXPECT_THROW(first.serial(), Error);
    for (int i = 0; i < 8; ++i) {
        Device next("tiny");
        EXPECT_NE(next.serial(), serial);
        const std::string text = message_of<ArgumentError>([&] { next.ring(semaphore, here); });
        EXPECT_TRUE(contains(text, {"belongs to another device"})) << text;
        const Launch launch{precompiled([] { return make_kernel("given_one", "Semaphore", ""); }),
                            {{here, 0}},
                            {semaphore}};
        EXPECT_THROW(next.launch({&launch, 1}), ArgumentError);
    }
}

}  // namespace
}  // namespace tilewright
