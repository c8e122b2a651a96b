// The pool of threads, and the log that takes changes of memory back.
#include "tilewright/base/work_pool.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/undo_log.hpp"

namespace tilewright {
namespace {

/// Jobs until each thread has had one; false if a part of a job was not done, or done twice.
bool all_take_part(WorkPool& pool) {
    constexpr std::size_t parts = 20;
    std::vector<std::atomic<bool>> took_part(pool.threads());
    const auto missing = [&] {
        return std::ranges::any_of(took_part, [](const auto& took) { return !took; });
    };
    do {
        std::array<int, parts> done{};
        std::atomic<std::size_t> next{0};
        auto work = [&](std::uint32_t thread) {
            took_part[thread] = true;
            for (std::size_t part = next++; part < parts; part = next++) ++done[part];
        };
        pool.start(work);
        work(0);
        pool.wait();
        if (std::ranges::count(done, 1) != parts) return false;
    } while (missing());
    return true;
}

TEST(WorkPool, EachPartIsDoneOnceAndAllTakePart) {
    for (const std::uint32_t threads : {1u, 2u, 3u, 8u}) {
        WorkPool pool(threads);
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(all_take_part(pool)) << threads;
    }
}

TEST(WorkPool, ThreadsThatSleepWakeUp) {
    WorkPool pool(2);
    EXPECT_TRUE(all_take_part(pool));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(all_take_part(pool));
}

TEST(WorkPool, ExceptionsComeOutOfWait) {
    WorkPool pool(3);
    std::atomic<bool> begun = false;
    auto work = [&](std::uint32_t) {
        begun = true;
        throw std::runtime_error("of another thread");
    };
    pool.start(work);
    while (!begun) std::this_thread::yield();
    EXPECT_EQ(message_of<std::runtime_error>([&] { pool.wait(); }), "of another thread");
    EXPECT_TRUE(all_take_part(pool));
}

TEST(WorkPool, RefusesOtherNumbers) {
    EXPECT_EQ(message_of<ConfigError>([] { WorkPool pool(0); }),
              "threads: expected 1 to 256, not 0");
    EXPECT_EQ(message_of<ConfigError>([] { WorkPool pool(257); }),
              "threads: expected 1 to 256, not 257");
}

#if !defined(__SANITIZE_THREAD__)  // which does not let a child start threads
TEST(WorkPool, ForkedProcessesStartTheirOwn) {
    WorkPool pool(3);
    EXPECT_TRUE(all_take_part(pool));
    const pid_t child = fork();
    if (child == 0) _exit(all_take_part(pool) ? 0 : 1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(all_take_part(pool));
}
#endif

TEST(UndoLog, BytesAreAsTheyWereFirst) {
    std::array<std::byte, 8> memory{};
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = std::byte(i);
    const auto before = memory;
    UndoLog log;
    log.save(memory.data(), 4);
    memory[1] = std::byte{100};
    log.save(memory.data() + 1, 5);  // of which one has changed
    memory.fill(std::byte{200});
    log.undo();
    EXPECT_TRUE(std::equal(memory.begin(), memory.begin() + 6, before.begin()));
    EXPECT_EQ(memory[6], std::byte{200});  // nobody saved it
    memory[0] = std::byte{1};
    log.undo();
    EXPECT_EQ(memory[0], std::byte{1});
}

}  // namespace
}  // namespace tilewright
