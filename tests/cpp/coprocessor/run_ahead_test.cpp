// Cores that push instructions run ahead of the engine. Nothing of that is to be seen: a core that
// waits for its turn before each push, as it does while an order observer is told of them all,
// gives the same, with any quantum and wherever the run is cut.

#include <gtest/gtest.h>

#include <random>

#include "coprocessor/board.hpp"

namespace tilewright::test {
namespace {

constexpr std::uint32_t data = 0x1'0000;  // in L1, of thread 0

class RandomKernel {
public:
    RandomKernel(std::uint32_t seed, unsigned thread) : random_(seed), thread_(thread) {
        const std::uint32_t add = add_one();
        kernel_.store_macro(0, 1 + draw(3)).store_macro(1, 1 + draw(4));
        for (const std::uint32_t nop : {2u, 3u, 4u, 6u}) {
            kernel_.store_macro(nop, word(tensix::Op::nop));
        }
        for (const std::uint32_t loop : {5u, 7u, 8u}) kernel_.store_macro(loop, add);
        kernel_.push(tensix::Op::setdmareg, {{"half", 16}, {"value", (data >> 4) + 16 * thread}});
        const std::uint32_t steps = 60 + draw(60);
        for (std::uint32_t i = 0; i < steps; ++i) step();
        if (draw(2) == 0) kernel_.wait();
        kernel_.load(reg::general + 4, 18);
    }
    Kernel take() { return std::move(kernel_); }

private:
    std::uint32_t draw(std::uint32_t below) {
        return static_cast<std::uint32_t>(random_()) % below;
    }

    static std::uint32_t add_one() {
        return word(tensix::Op::adddmareg,
                    {{"left", 1}, {"right", 1}, {"immediate", 1}, {"result", 1}});
    }
    /// By a store or in the stream.
    void push(std::uint32_t what) {
        if (draw(2) == 0) {
            kernel_.push_in_stream(what);
        } else {
            kernel_.store(reg::instructions, what);
        }
    }

    void step() {
        using enum tensix::Op;
        const std::uint32_t semaphore = 1u << draw(2);
        switch (draw(16)) {
            case 0:
            case 1:
                for (std::uint32_t n = draw(30); n != 0; --n) push(word(nop));
                break;
            case 2:
                for (std::uint32_t n = draw(12); n != 0; --n) push(add_one());
                break;
            case 3:
                push(word(muldmareg));
                break;
            case 4:
                push(word(sempost, {{"semaphores", semaphore}}));
                break;
            case 5:
                push(word(semget, {{"semaphores", semaphore}}));
                break;
            case 6:
                push(word(stallwait, {{"conditions", 1}, {"blocks", draw(2) == 0 ? 0x1ff : 0x20}}));
                break;
            case 7:
                push(word(mop, {{"looped", 1}}));
                break;
            case 8:
                push(word(replay, {{"load", 1}, {"execute", draw(2)}, {"count", 2}}));
                push(add_one());
                push(word(setdmareg, {{"half", 4}, {"value", draw(100)}}));
                replays_ = true;
                break;
            case 9:
                if (replays_) push(word(replay, {{"count", 2}}));
                break;
            case 10:  // as the engine counts pages
                push(word(storeind,
                          {{"address", 8}, {"offset", 60}, {"reg", 1}, {"size", 1}, {"l1", 1}}));
                break;
            case 11:
                kernel_.store(reg::semaphores + 4 * draw(2), draw(2));
                break;
            case 12:
                kernel_.load(draw(2) == 0 ? reg::semaphores + 4 * draw(2) : reg::general + 4, 8);
                break;
            case 13:
                kernel_.store(reg::configuration + 4 * draw(16), draw(1000));
                break;
            case 14:
                kernel_.load(draw(3) == 0 ? reg::done : reg::macros_done, 9);
                break;
            default:
                kernel_.pause(static_cast<int>(draw(40)));
        }
    }

    std::mt19937 random_;
    unsigned thread_;
    bool replays_ = false;
    Kernel kernel_;
};

struct Result {
    Chip::Outcome outcome;
    std::uint64_t now = 0;
    std::vector<riscv::HartState> harts;
    std::vector<std::byte> l1;
    std::map<std::string, std::uint64_t> counters;
    bool operator==(const Result&) const = default;
};

struct Way {
    std::uint32_t quantum = 1024;
    bool told = false;      ///< each push waits for its turn
    std::uint64_t cut = 0;  ///< every so many cycles
    bool restored = false;  ///< and goes on on another chip
};

ChipConfig config_of(const Way& way) {
    ChipConfig config = Board::config(true);
    config.quantum_cycles = way.quantum;
    return config;
}

Result run(std::uint32_t seed, const Way& way) {
    auto chip = std::make_unique<Chip>(config_of(way));
    if (way.told) chip->set_checks({.races = true});
    for (unsigned thread = 0; thread < 3; ++thread) {
        Kernel kernel = RandomKernel(3 * seed + thread, thread).take();
        chip->launch(1 + thread, assembled_kernel(kernel.end(), "kernel").image(), {});
    }
    Result result;
    for (std::uint64_t stop = way.cut;;) {
        result.outcome = chip->run(way.cut != 0 ? stop : ~0ull, {}, false);
        if (result.outcome == Chip::Outcome::core_ended) continue;
        if (result.outcome != Chip::Outcome::reached) break;
        stop += way.cut;
        if (!way.restored) continue;
        const auto image = saved(*chip);
        ArchiveReader archive(image);
        chip = std::make_unique<Chip>(config_of(way));
        chip->load(archive, [](auto, const auto&) {});
        EXPECT_EQ(saved(*chip), image);
    }
    result.now = chip->now();
    for (std::uint32_t core = 1; core <= 3; ++core) result.harts.push_back(chip->core(core).hart);
    result.l1.resize(1024);
    chip->read({MemoryKind::tile_l1, 0, data}, result.l1);
    chip->count([&](std::string name, std::string_view, std::string_view, std::uint64_t count) {
        if (name != "simulator.events") result.counters.emplace(std::move(name), count);
    });
    return result;
}

class RunAhead : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RunAhead, IsNotToBeSeen) {
    const std::uint32_t seed = GetParam();
    const Result expected = run(seed, {.told = true});
    EXPECT_TRUE(expected.outcome == Chip::Outcome::ended ||
                expected.outcome == Chip::Outcome::deadlocked);
    const auto compare = [&](const Way& way, const char* what) {
        const Result result = run(seed, way);
        EXPECT_EQ(result.outcome, expected.outcome) << what;
        EXPECT_EQ(result.now, expected.now) << what;
        EXPECT_EQ(result.harts, expected.harts) << what;
        EXPECT_EQ(result.l1, expected.l1) << what;
        EXPECT_EQ(result.counters, expected.counters) << what;
    };
    compare({}, "ahead");
    compare({.quantum = 1}, "a quantum of 1");
    compare({.quantum = 17}, "a quantum of 17");
    compare({.quantum = 1 << 20}, "a long quantum");
    compare({.cut = 7 + seed % 13}, "cut");
    compare({.cut = 50 + seed, .restored = true}, "restored");
    compare({.quantum = 64, .told = true}, "told, with another quantum");
}

INSTANTIATE_TEST_SUITE_P(Random, RunAhead, testing::Range(0u, 24u));

// A push that is on its way keeps the place it was made at: the fault is told there.
TEST(RunAheadFaults, AreToldWhereTheInstructionWasPushed) {
    Board board;
    Kernel kernel;
    kernel.pause(4).push_in_stream(0xff00'0000).pause(100);
    board.launch(2, kernel);
    ASSERT_EQ(board.run(), Chip::Outcome::faulted);
    EXPECT_EQ(board.chip.fault().pc, abi::image_base + 4 * (2 + 4));  // li is two instructions
}

}  // namespace
}  // namespace tilewright::test
