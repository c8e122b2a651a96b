// The compute engine in a tile: cores push instructions, wait for them, and meet at semaphores.

#include <gtest/gtest.h>

#include "coprocessor/board.hpp"
#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/race/race_check.hpp"

namespace tilewright::test {
namespace {

TEST(ComputeEngine, CoresPushAndWait) {
    Board board;
    Kernel kernel;
    kernel.push(tensix::Op::setdmareg, {{"half", 10}, {"value", 77}})
        .push(tensix::Op::adddmareg, {{"left", 5}, {"right", 3}, {"immediate", 1}, {"result", 6}})
        .wait()
        .load(reg::general + 4 * 6, 8)
        .store(reg::general + 4 * 7, 1234)
        .load(reg::general + 4 * 7, 9);
    board.launch(1, kernel);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(1, 8), 80u);
    EXPECT_EQ(board.x(1, 9), 1234u);
    const auto counters = board.counters();
    EXPECT_EQ(counters.at("compute_engine.0.t0.instructions"), 2u);
    EXPECT_EQ(counters.at("compute_engine.0.scalar_unit.busy_cycles"), 4u);
}

TEST(ComputeEngine, LoadsTakeWhatIsDocumented) {
    const auto cycles = [](std::uint32_t offset) {
        Board board;
        board.launch(1, Kernel().use(offset).use(offset).use(offset).use(offset));
        EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
        return board.chip.core(1).hart.cycles;
    };
    EXPECT_EQ(cycles(reg::semaphores), cycles(reg::done));
    EXPECT_EQ(cycles(reg::general), cycles(reg::configuration));
    EXPECT_EQ(cycles(reg::general) - cycles(reg::semaphores), 4u * (4 - 3));
}

TEST(ComputeEngine, AReservingLoadIsHeldLikeAPlainOne) {
    // The value of the load comes 10 cycles after it began.
    Board plain, reserving;
    plain.launch(1, Kernel().push(tensix::Op::loadind, {{"size", 1}}).wait());
    reserving.launch(1, Kernel().push(tensix::Op::loadind, {{"size", 1}}).wait_reserving());
    EXPECT_EQ(plain.run(), Chip::Outcome::ended) << plain.fault;
    EXPECT_EQ(reserving.run(), Chip::Outcome::ended) << reserving.fault;
    EXPECT_GE(reserving.chip.core(1).hart.cycles, plain.chip.core(1).hart.cycles);
}

TEST(ComputeEngine, ThreadsHaveRegistersOfTheirOwnAndProcessorZeroSeesAll) {
    Board board;
    for (std::uint32_t thread = 0; thread < 3; ++thread) {
        Kernel kernel;
        kernel.push(tensix::Op::setdmareg, {{"value", 10 + thread}}).wait();
        board.launch(1 + thread, kernel);
    }
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    Kernel reader;
    for (std::uint32_t t = 0; t < 3; ++t) reader.load(reg::general + 256 * t, 18 + t);
    reader.store(reg::instructions + reg::instructions_stride,
                 word(tensix::Op::setdmareg, {{"half", 2}, {"value", 5}}));
    for (int i = 0; i < 10; ++i) reader.load(reg::general + 256 + 4, 11);
    board.launch(0, reader);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    for (std::uint32_t t = 0; t < 3; ++t) EXPECT_EQ(board.x(0, 18 + t), 10 + t);
    EXPECT_EQ(board.x(0, 11), 5u);
}

TEST(ComputeEngine, ACoreThatPushesTooMuchWaits) {
    // Each instruction takes 3 cycles, a core pushes one every 3 to 5: 200 of them, with a start
    // that waits for another core.
    Board board;
    Kernel feeder, opener;
    feeder.push(tensix::Op::semwait, {{"conditions", 1}, {"semaphores", 1}, {"blocks", 0x1ff}});
    for (int i = 0; i < 60; ++i) {
        feeder.push(tensix::Op::adddmareg,
                    {{"left", 1}, {"right", 1}, {"immediate", 1}, {"result", 1}});
    }
    feeder.wait().load(reg::general + 4, 8);
    for (int i = 0; i < 400; ++i) opener.load(reg::semaphores, 8);
    opener.store(reg::semaphores, 0);
    board.launch(2, feeder);
    board.launch(3, opener);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(2, 8), 60u);
    EXPECT_GT(board.chip.core(2).hart.cycles, board.chip.core(3).hart.cycles);
    EXPECT_GT(board.counters().at("compute_engine.0.t1.waiting_cycles"), 1000u);
}

TEST(ComputeEngine, APollingCoreWakesInTheCycleInWhichItWouldHaveSeenTheSemaphore) {
    for (int delay = 20; delay < 30; ++delay) {
        Board parking(true), spinning(false);
        for (Board* board : {&parking, &spinning}) {
            Kernel poster, poller;
            for (int i = 0; i < delay; ++i) poster.push(tensix::Op::muldmareg);
            poster.push(tensix::Op::sempost, {{"semaphores", 4}}).wait();
            poller.poll(2);
            board->launch(1, poster);
            board->launch(3, poller);
            EXPECT_EQ(board->run(), Chip::Outcome::ended);
        }
        EXPECT_EQ(parking.chip.core(3).hart.cycles, spinning.chip.core(3).hart.cycles) << delay;
        EXPECT_EQ(parking.chip.core(1).hart.cycles, spinning.chip.core(1).hart.cycles) << delay;
        EXPECT_LT(parking.chip.core(3).polling.visits, 10u);
    }
}

TEST(ComputeEngine, MacrosAreExpandedBesideTheCore) {
    Board board;
    Kernel kernel;
    kernel.store_macro(0, 4).store_macro(1, 25);
    for (const std::uint32_t nop : {2u, 3u, 4u, 6u}) kernel.store_macro(nop, word(tensix::Op::nop));
    const std::uint32_t add =
        word(tensix::Op::adddmareg, {{"left", 1}, {"right", 1}, {"immediate", 1}, {"result", 1}});
    for (const std::uint32_t loop : {5u, 7u, 8u}) kernel.store_macro(loop, add);
    kernel.push(tensix::Op::mop, {{"looped", 1}})
        .load(reg::macros_done, 7)
        .load(reg::general + 4, 8)
        .wait()
        .load(reg::general + 4, 9);
    board.launch(3, kernel);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    // All was expanded while the last ones stood in the queues.
    EXPECT_GT(board.x(3, 8), 80u);
    EXPECT_LT(board.x(3, 8), 100u);
    EXPECT_EQ(board.x(3, 9), 100u);
}

TEST(ComputeEngine, ConfigurationIsStoredAndLoaded) {
    Board board;
    Kernel kernel;
    const std::uint32_t bank = 4 * tensix::config::words[1];
    kernel.store(reg::configuration + 4 * 20, 99)
        .store(reg::configuration + bank + 4 * 20, 98)
        .store(reg::configuration + 4 * 185, 97)  // of both banks
        .load(reg::configuration + 4 * 20, 8)
        .load(reg::configuration + bank + 4 * 20, 9)
        .load(reg::configuration + bank + 4 * 185, 11);
    board.launch(1, kernel);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(1, 8), 99u);
    EXPECT_EQ(board.x(1, 9), 98u);
    EXPECT_EQ(board.x(1, 11), 97u);
}

TEST(ComputeEngine, WritesToL1AreSeenByOthers) {
    // A core waits for a word of L1 that the engine's scalar unit stores.
    Board board;
    Kernel storer;
    for (int i = 0; i < 50; ++i) storer.push(tensix::Op::muldmareg);
    storer.push(tensix::Op::setdmareg, {{"half", 16}, {"value", 0x1000}})
        .push(tensix::Op::setdmareg, {{"half", 20}, {"value", 0xabc}})
        .push(tensix::Op::storeind,
              {{"address", 8}, {"offset", 60}, {"reg", 10}, {"size", 1}, {"l1", 1}})
        .wait();
    Program waiter;
    waiter.li(scratch, 0x10000);
    waiter.add(Op::lw, {.rd = 8, .rs1 = scratch, .imm = 0});
    waiter.add(Op::beq, {.rs1 = 8, .rs2 = 0, .imm = -4});
    board.launch(1, storer);
    board.chip.launch(4, assembled_kernel(waiter.addi(10, 0, 0).ecall(), "waiter").image(), {});
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(4, 8), 0xabcu);
    EXPECT_LT(board.chip.core(4).polling.visits, 10u);
}

TEST(ComputeEngine, FaultsAreThoseOfTheCoreThatPushed) {
    Board board;
    Kernel kernel;
    kernel.push(tensix::Op::loadreg, {{"address", 1}}).wait();
    board.launch(2, kernel);
    ASSERT_EQ(board.run(), Chip::Outcome::faulted);
    const std::string message = diagnose::fault(board.chip).what();
    EXPECT_NE(message.find("core (0, 0, 2)"), std::string::npos) << message;
    EXPECT_NE(message.find("LOADREG: device register 0xffb00004"), std::string::npos) << message;
    board.chip.abort();
    Kernel fine;
    fine.push(tensix::Op::nop).wait();
    board.launch(2, fine);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
}

// Nothing at its gate: the replay expander does not know the word, when core 1 is at work.
TEST(ComputeEngine, AFaultBeforeTheGateIsThatOfTheCoreThatPushed) {
    Board board;
    const std::uint32_t no_replay = word(tensix::Op::replay) | 1u << 2;
    Kernel pusher, opener;
    pusher.push(tensix::Op::semwait, {{"conditions", 1}, {"semaphores", 1}, {"blocks", 0x1ff}});
    for (int i = 0; i < 4; ++i) pusher.push(tensix::Op::nop);
    pusher.store(reg::instructions, no_replay).wait();
    opener.pause(200).store(reg::semaphores, 0).wait();
    board.launch(2, pusher);
    board.launch(1, opener);
    ASSERT_EQ(board.run(), Chip::Outcome::faulted);
    EXPECT_NE(board.fault.find("core (0, 0, 2)"), std::string::npos) << board.fault;
    EXPECT_NE(board.fault.find("REPLAY"), std::string::npos) << board.fault;
    EXPECT_NE(board.fault.find("T1, before its gate"), std::string::npos) << board.fault;
}

TEST(ComputeEngine, WhatIsUnderWayCanBeToldAfterAFault) {
    Board board;
    board.launch(2, Kernel().store(reg::instructions, 0xff00'0000).wait());
    ASSERT_EQ(board.run(), Chip::Outcome::faulted);
    EXPECT_NE(diagnose::busy(board.chip).find("T1: .tensix 0xff000000 cannot be carried out"),
              std::string::npos);
}

// Whenever the last word comes, also in a cycle that the engine has let pass already.
TEST(ComputeEngine, WhatIsPushedIsCarriedOutWithoutAnyoneWhoLooks) {
    for (int pause = 0; pause < 40; ++pause) {
        Board board;
        Kernel kernel;
        kernel.push(tensix::Op::loadind, {{"size", 1}, {"reg", 4}})
            .push(tensix::Op::muldmareg)
            .pause(pause)
            .push(tensix::Op::setdmareg, {{"half", 2}, {"value", 9}});
        board.launch(1, kernel);
        ASSERT_EQ(board.run(), Chip::Outcome::ended) << pause << board.fault;
        EXPECT_EQ(board.counters().at("compute_engine.0.t0.instructions"), 3u);
    }
}

// Processor 0 pushes to a thread whose queue is full, until a launch on the thread's core empties
// it.
TEST(ComputeEngine, ALaunchThatMakesRoomLetsGoOnWhoWaitsForIt) {
    Board board;
    Kernel pusher;
    const std::uint32_t queue = reg::instructions + reg::instructions_stride;
    pusher.store(queue, word(tensix::Op::semwait,
                             {{"conditions", 1}, {"semaphores", 1}, {"blocks", 0x1ff}}));
    for (int i = 0; i < 20; ++i) pusher.store(queue, word(tensix::Op::nop));
    board.launch(0, pusher);
    ASSERT_EQ(board.run(), Chip::Outcome::deadlocked);
    board.launch(2, Kernel());
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
}

TEST(ComputeEngine, OfReservedL1ItWritesSynchronisingWords) {
    Conventions conventions;
    conventions.l1_user_base = 0x2000;
    conventions.synchronising_begin = 0x1000;
    conventions.synchronising_end = 0x1100;
    const auto stores_to = [&](Board& board, std::uint32_t address) {
        Kernel kernel;
        kernel.push(tensix::Op::setdmareg, {{"value", address / 16}})
            .push(tensix::Op::setdmareg, {{"half", 2}, {"value", 7}})
            .push(tensix::Op::storeind, {{"offset", 60}, {"reg", 1}, {"size", 1}, {"l1", 1}});
        board.launch(1, kernel);
        return board.run();
    };
    Board board(true, conventions);
    EXPECT_EQ(stores_to(board, 0x1010), Chip::Outcome::ended) << board.fault;
    std::uint32_t found = 0;
    board.chip.read({MemoryKind::tile_l1, 0, 0x1010}, std::as_writable_bytes(std::span(&found, 1)));
    EXPECT_EQ(found, 7u);
    EXPECT_EQ(stores_to(board, 0x1100), Chip::Outcome::faulted);
    EXPECT_NE(board.fault.find("write to 0x1100 in reserved L1 (below 0x2000)"), std::string::npos)
        << board.fault;
}

TEST(ComputeEngine, AKernelCanEndWhileDataAreUnderWay) {
    // The value of the load comes 10 cycles after it began, when the core has nothing left to do.
    Board board;
    board.launch(1, Kernel().push(tensix::Op::loadind, {{"size", 1}}));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    Board waiting;
    waiting.launch(1, Kernel().push(tensix::Op::loadind, {{"size", 1}}).wait());
    EXPECT_EQ(waiting.run(), Chip::Outcome::ended) << waiting.fault;
    EXPECT_LE(board.chip.now(), waiting.chip.now());
    EXPECT_GE(board.chip.now(), 10u);
}

TEST(ComputeEngine, ADeadlockNamesWhatItsThreadsWaitFor) {
    Board board;
    board.launch(1, held_for_ever());
    ASSERT_EQ(board.run(), Chip::Outcome::deadlocked);
    const std::string message = diagnose::deadlock(board.chip).what();
    EXPECT_NE(message.find("T0 (unpack): NOP waits for semaphore 0, which is 0"), std::string::npos)
        << message;
}

TEST(ComputeEngine, InFullADeadlockHasALineForEachCoreThatItHolds) {
    Board board;
    for (const std::uint32_t core : {1u, 2u, 3u}) board.launch(core, held_for_ever());
    ASSERT_EQ(board.run(), Chip::Outcome::deadlocked);
    const DeadlockError error = diagnose::deadlock(board.chip);
    for (const std::string core : {"1", "2", "3"}) {
        EXPECT_NE(error.full_report().find("\n  core (0, 0, " + core + ") at"), std::string::npos)
            << error.full_report();
    }
    EXPECT_NE(std::string(error.what()).find("\n  3 cores, (0, 0, 1)"), std::string::npos)
        << error.what();
}

TEST(ComputeEngine, ACoreThatRepeatsItselfBesideOneThatIsHeldIsToldAsALivelock) {
    Board board;
    board.launch(1, held_for_ever());
    Program spins;
    spins.addi(8, 0, 1).add(Op::jal, {.imm = -4});
    board.chip.launch(4, assembled_kernel(spins, "spins").image(), {});
    ASSERT_EQ(board.run(4'000'000, true), Chip::Outcome::deadlocked);
    EXPECT_NE(board.fault.find("1 core repeats itself for ever and 1 core is held up"),
              std::string::npos)
        << board.fault;
}

TEST(ComputeEngine, ACoreThatWillBeLetGoOnIsNoPartOfALivelock) {
    // It is held for longer than it takes until somebody looks.
    Board board;
    Kernel held;
    held.store_macro(0, 127).store_macro(1, 127);
    for (const std::uint32_t nop : {2u, 3u, 4u, 6u}) held.store_macro(nop, word(tensix::Op::nop));
    const std::uint32_t slow = word(tensix::Op::muldmareg);
    for (const std::uint32_t loop : {5u, 7u, 8u}) held.store_macro(loop, slow);
    for (int i = 0; i < 12; ++i) held.push(tensix::Op::mop, {{"looped", 1}});
    board.launch(1, held.wait());
    Program spins;
    spins.addi(8, 0, 1).add(Op::jal, {.imm = -4});
    board.chip.launch(4, assembled_kernel(spins, "spins").image(), {});
    EXPECT_EQ(board.run(500'000, true), Chip::Outcome::reached) << board.fault;
    EXPECT_GT(board.counters().at("compute_engine.0.t0.instructions"), 90'000u);
}

// --- Order ---------------------------------------------------------------------------------------

constexpr std::uint32_t data = 0x1'0000;  // in L1

/// The engine, or a core that goes on when it says so, reads what another core stores.
struct Checked : Board {
    explicit Checked(Checks checks = {.races = true}) { chip.set_checks(checks); }
};

Kernel stores_data() {
    return Kernel().store_l1(data, 7);
}

TEST(ComputeEngine, ItsSemaphoresOrderCores) {
    for (const bool waits : {true, false}) {
        Checked board;
        Kernel reader;
        if (waits) {
            reader.poll(2);
        } else {
            reader.pause(300);
        }
        board.launch(1, stores_data().push(tensix::Op::sempost, {{"semaphores", 4}}));
        board.launch(3, reader.load_l1(data, 8));
        EXPECT_EQ(board.run(), waits ? Chip::Outcome::ended : Chip::Outcome::faulted)
            << board.fault;
        EXPECT_EQ(board.chip.race() != nullptr, !waits);
    }
}

TEST(ComputeEngine, WhatItReadsIsInOrderBehindWhoTellsItTo) {
    for (const bool waits : {true, false}) {
        Checked board;
        Kernel reader, writer = stores_data();
        if (waits) {
            reader.poll(2);
            writer.store(reg::semaphores + 8, 0);
        } else {
            reader.pause(300);
        }
        reader.push(tensix::Op::setdmareg, {{"value", data / 16}})
            .push(tensix::Op::loadind, {{"offset", 60}, {"reg", 4}, {"size", 1}})
            .wait();
        board.launch(1, writer);
        board.launch(3, reader);
        EXPECT_EQ(board.run(), waits ? Chip::Outcome::ended : Chip::Outcome::faulted)
            << board.fault;
        if (waits) continue;
        EXPECT_NE(board.fault.find("race on 4 bytes at 0x10000 of the L1 of tile (0, 0)"),
                  std::string::npos)
            << board.fault;
        EXPECT_NE(board.fault.find("a read by T2 of the compute engine of tile (0, 0), in cycle"),
                  std::string::npos)
            << board.fault;
        EXPECT_NE(board.fault.find("and a store by core (0, 0, 1) at"), std::string::npos)
            << board.fault;
        EXPECT_NE(board.fault.find(
                      "the core that tells the compute engine to do it has to wait for a signal"),
                  std::string::npos)
            << board.fault;
    }
}

Kernel makes_engine_store(std::uint32_t address) {
    return Kernel()
        .push(tensix::Op::setdmareg, {{"value", address / 16}})
        .push(tensix::Op::setdmareg, {{"half", 2}, {"value", 7}})
        .push(tensix::Op::storeind, {{"offset", 60}, {"reg", 1}, {"size", 1}, {"l1", 1}});
}

TEST(ComputeEngine, WhatItWritesIsInOrderBeforeWhoWaitsForIt) {
    for (const bool waits : {true, false}) {
        Checked board;
        Kernel kernel = makes_engine_store(data);
        if (waits) {
            kernel.wait();
        } else {
            kernel.pause(300);
        }
        board.launch(1, kernel.load_l1(data, 8));
        EXPECT_EQ(board.run(), waits ? Chip::Outcome::ended : Chip::Outcome::faulted)
            << board.fault;
        if (waits) continue;
        EXPECT_NE(board.fault.find("a write by T0 of the compute engine"), std::string::npos)
            << board.fault;
        EXPECT_NE(board.fault.find("or for the engine before it goes on or signals"),
                  std::string::npos)
            << board.fault;
    }
}

// The word that another core waits for brings what was done before it was written.
TEST(ComputeEngine, WhatItWritesReleases) {
    Checked board;
    const std::uint32_t signal = data + 64;
    Kernel kernel = makes_engine_store(data).wait();
    kernel.push(tensix::Op::setdmareg, {{"value", signal / 16}})
        .push(tensix::Op::storeind, {{"offset", 60}, {"reg", 1}, {"size", 1}, {"l1", 1}});
    board.launch(1, kernel);
    board.launch(4, Kernel().poll_l1(signal).load_l1(data, 8));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(4, 8), 7u);
}

// The end of a kernel is the end of what it told its thread to do.
TEST(ComputeEngine, WhatAKernelToldItIsInOrderBeforeWhatFollowsTheKernel) {
    Checked board;
    board.launch(1, makes_engine_store(data));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    RaceCheck& races = *board.chip.races();
    races.queue_saw_core(0, 1);
    races.act_as(0);
    board.launch(2, Kernel().load_l1(data, 8));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(2, 8), 7u);
}

TEST(ComputeEngine, ReadsOfWhatNothingHasWrittenAreFaults) {
    const auto reads = [](std::uint32_t address) {
        return Kernel()
            .push(tensix::Op::setdmareg, {{"value", address / 16}})
            .push(tensix::Op::loadind, {{"offset", 60}, {"reg", 4}, {"size", 1}})
            .wait();
    };
    Checked board({.unwritten_reads = true});
    board.launch(1, makes_engine_store(data));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    board.launch(2, reads(data));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    board.launch(2, reads(data + 16));
    EXPECT_EQ(board.run(), Chip::Outcome::faulted);
    EXPECT_NE(board.fault.find("core (0, 0, 2)"), std::string::npos) << board.fault;
    EXPECT_NE(
        board.fault.find("read of 4 bytes at 0x10010, which nothing has written (T1: LOADIND"),
        std::string::npos)
        << board.fault;
}

// -------------------------------------------------------------------------------------------------

TEST(ComputeEngine, IsInSnapshots) {
    const auto start = [](Board& board) {
        Kernel poster, poller;
        for (int i = 0; i < 80; ++i) poster.push(tensix::Op::muldmareg);
        poster.push(tensix::Op::sempost, {{"semaphores", 4}}).wait();
        poller.poll(2);
        board.launch(1, poster);
        board.launch(3, poller);
    };
    Board whole;
    start(whole);
    EXPECT_EQ(whole.run(), Chip::Outcome::ended);
    for (const std::uint64_t stop : {1ull, 30ull, 77ull, 150ull, 200ull}) {
        Board first, second;
        start(first);
        ASSERT_EQ(first.run(stop), Chip::Outcome::reached);
        const auto image = saved(first.chip);
        ArchiveReader archive(image);
        second.chip.load(archive, [](auto, const auto&) {});
        EXPECT_EQ(saved(second.chip), image);
        EXPECT_EQ(second.run(), Chip::Outcome::ended);
        for (const std::uint32_t core : {1u, 3u}) {
            EXPECT_EQ(second.chip.core(core).hart.cycles, whole.chip.core(core).hart.cycles)
                << stop;
        }
        for (const auto& [name, count] : whole.counters()) {
            if (name == "simulator.events") continue;
            EXPECT_EQ(second.counters()[name], count) << name;
        }
    }
}

TEST(ComputeEngine, WhatASnapshotMaySayOfItsCores) {
    Board board;
    board.launch(1, held_for_ever());
    ASSERT_EQ(board.run(), Chip::Outcome::deadlocked);
    const std::vector<std::byte> image = saved(board.chip);
    // Its event is due never; core 1 waits until it is done.
    std::vector<std::byte> due_and_waiting(8, std::byte{0xff});
    for (const int waits : {0, 2, 0, 0, 0}) due_and_waiting.push_back(std::byte(waits));
    const auto found = std::ranges::search(image, due_and_waiting).begin();
    ASSERT_NE(found, image.end());
    const auto at = static_cast<std::size_t>(found - image.begin());
    const auto loads_with = [&](std::size_t place, std::byte what) {
        std::vector<std::byte> changed = image;
        changed[at + place] = what;
        Board other;
        ArchiveReader archive(changed);
        try {
            other.chip.load(archive, [](auto, const auto&) {});
        } catch (const SnapshotError&) {
            return false;
        }
        return true;
    };
    EXPECT_TRUE(loads_with(8, std::byte{1}));    // processor 0 for room,
    EXPECT_TRUE(loads_with(8, std::byte{6}));    // or a word from processor 2,
    EXPECT_FALSE(loads_with(8, std::byte{2}));   // but for nothing else,
    EXPECT_FALSE(loads_with(12, std::byte{1}));  // and processor 4 never
    EXPECT_TRUE(loads_with(9, std::byte{11}));   // the last there is: room in processor 3's box
    EXPECT_FALSE(loads_with(9, std::byte{12}));
    std::vector<std::byte> past = image;
    std::fill_n(past.begin() + static_cast<std::ptrdiff_t>(at), 8, std::byte{0});
    Board other;
    ArchiveReader archive(past);
    EXPECT_THROW(other.chip.load(archive, [](auto, const auto&) {}), SnapshotError);
}

TEST(ComputeEngine, AKernelEndsWhenItsInstructionsHaveBeenCarriedOut) {
    Board board;
    Kernel kernel;
    for (int i = 0; i < 12; ++i) kernel.push(tensix::Op::muldmareg);
    kernel.push(tensix::Op::setdmareg, {{"half", 2}, {"value", 9}});
    board.launch(1, kernel);
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_GE(board.chip.now(), 12 * 3u);
    EXPECT_EQ(board.counters().at("compute_engine.0.t0.instructions"), 13u);
    // What another core finds then is what they left.
    board.launch(0, Kernel().load(reg::general + 4, 18));
    EXPECT_EQ(board.run(), Chip::Outcome::ended) << board.fault;
    EXPECT_EQ(board.x(0, 18), 9u);
}

TEST(ComputeEngine, IsThatOfAnArchitecture) {
    ChipConfig config = Board::config(true);
    config.architecture = tilewright::Architecture::generic;
    EXPECT_EQ(message_of<ConfigError>([&] { config.check(); }),
              "config field 'compute_engines': expected the architecture blackhole or wormhole, "
              "not generic");
    config.compute_engines = 0;
    EXPECT_NO_THROW(config.check());
    const auto named = [](const Chip& chip) {
        return std::ranges::count(chip.memory_map(0), "compute engine", &MemoryMapRow::name);
    };
    EXPECT_EQ(named(Chip(config)), 0);
    EXPECT_EQ(named(Board().chip), 1);
}

TEST(ComputeEngine, OtherCoresDoNotReachIt) {
    const auto refused = [](std::uint32_t core, const Kernel& kernel) {
        Board board;
        board.launch(core, kernel);
        EXPECT_EQ(board.run(), Chip::Outcome::faulted);
        EXPECT_NE(board.fault.find("where nothing is mapped"), std::string::npos) << board.fault;
        return board.fault;
    };
    const std::string queue = refused(4, Kernel().push(tensix::Op::nop));
    EXPECT_NE(queue.find("core (0, 0, 4)"), std::string::npos) << queue;
    EXPECT_NE(queue.find("store to"), std::string::npos) << queue;
    for (const std::uint32_t place :
         {std::uint32_t{reg::general}, std::uint32_t{reg::configuration},
          std::uint32_t{reg::semaphores}, std::uint32_t{reg::done},
          std::uint32_t{reg::macros_done}}) {
        refused(4, Kernel().load(place, 8));
        refused(4, Kernel().store(place, 0));
    }
    refused(4, Kernel().store_macro(1, 0));
    // Processor 0 has no thread of its own.
    refused(0, Kernel().load(reg::done, 8));
    refused(0, Kernel().load(reg::semaphores, 8));
    refused(0, Kernel().store_macro(1, 0));
    // And a thread's core reaches that of no other.
    refused(2, Kernel().store(reg::instructions + reg::instructions_stride, 0));
}

}  // namespace
}  // namespace tilewright::test
