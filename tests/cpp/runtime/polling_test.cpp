// Polling loops of plain loads: parked or spinning, everything is equal but what it costs the host.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "precompiled.hpp"
#include "runtime/assembled_kernel.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/sim/observer.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using riscv::Op;
using riscv::test::Program;

constexpr std::uint32_t word_a = abi::l1_user_base;  // written by a neighbour
constexpr std::uint32_t word_b = word_a + 64;        // written over the network
constexpr std::uint32_t acknowledged = word_a + 128;
constexpr std::uint32_t results = word_a + 0x1000;
constexpr TileId here{0, 0};
constexpr TileId there{1, 1};

enum Register : std::uint32_t {
    seen_a = 5,
    seen_b,
    target,
    pointer_a,
    pointer_b,
    noc,
    pointer_result,
    scratch,
    scratch_2,
    round,
    rounds,
    delay,
};

class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
    bool chance(std::uint32_t of) { return below(of) == 0; }

private:
    std::mt19937 engine_;
};

std::int32_t back_to(const Program& p, std::size_t label) {
    return static_cast<std::int32_t>((label - p.words.size()) * 4);
}

void pause(Program& p, std::uint32_t iterations) {
    p.addi(delay, 0, static_cast<std::int32_t>(iterations + 1));
    const std::size_t top = p.words.size();
    p.addi(delay, delay, -1);
    p.add(Op::bne, {.rs1 = delay, .rs2 = 0, .imm = back_to(p, top)});
}

void filler(Program& p, Random& random) {
    for (std::uint32_t i = random.below(4); i > 0; --i) {
        if (random.chance(4)) {
            p.add(Op::divu, {.rd = scratch, .rs1 = target, .rs2 = pointer_a});
        } else if (random.chance(5)) {
            p.add(Op::fence);
        } else {
            p.addi(scratch_2, target, 3);
        }
    }
}

// Until word a (or b, or both) is at least `target`.
void wait(Program& p, Random& random) {
    const Op load_a = std::array{Op::lw, Op::lhu, Op::lbu, Op::lb}[random.below(4)];
    const std::size_t top = p.words.size();
    const auto look_a = [&] {
        filler(p, random);
        p.add(load_a, {.rd = seen_a, .rs1 = pointer_a});
        filler(p, random);
    };
    const auto look_b = [&] { p.add(Op::lw, {.rd = seen_b, .rs1 = pointer_b}); };
    const auto again = [&](std::uint32_t seen) {
        p.add(Op::bltu, {.rs1 = seen, .rs2 = target, .imm = back_to(p, top)});
    };
    switch (random.below(6)) {
        case 0:
            look_a(), again(seen_a);
            break;
        case 1:  // both, each in a block of its own
            look_a(), again(seen_a), look_b(), again(seen_b);
            break;
        case 2:  // either
            look_a();
            p.add(Op::bgeu, {.rs1 = seen_a, .rs2 = target, .imm = 12});
            look_b(), again(seen_b);
            break;
        case 3:  // their sum, from one block
            look_a(), look_b();
            p.add(Op::add, {.rd = scratch, .rs1 = seen_a, .rs2 = seen_b}), again(scratch);
            break;
        case 4:  // out in the middle
            look_a();
            p.add(Op::bgeu, {.rs1 = seen_a, .rs2 = target, .imm = 12});
            p.addi(scratch, 0, 1);
            p.add(Op::jal, {.imm = back_to(p, top)});
            break;
        default:  // one branch inside
            look_a();
            p.add(Op::beq, {.rs1 = seen_a, .rs2 = 0, .imm = 8});
            p.addi(scratch, seen_a, 1);
            look_b(), again(seen_b);
    }
}

void registers(Program& p, std::uint32_t last_round) {
    p.li(pointer_a, word_a).li(pointer_b, word_b).li(noc, abi::noc_registers);
    p.li(pointer_result, results).li(rounds, last_round).addi(round, 0, 0);
}

// `body` once for each round, which it finds in `round`.
void each_round(Program& p, const std::function<void()>& body) {
    const std::size_t top = p.words.size();
    p.addi(round, round, 1);
    p.addi(target, round, 0);
    body();
    p.add(Op::bltu, {.rs1 = round, .rs2 = rounds, .imm = back_to(p, top)});
    p.ecall();
}

// Write `round` to node and address over the network, and poll the counter if so wished.
void send(Program& p, TileId to, std::uint32_t address, abi::NocCommand command, bool barrier) {
    const auto put = [&](std::uint32_t reg, std::uint32_t value) {
        p.li(scratch, value);
        p.add(Op::sw, {.rs1 = noc, .rs2 = scratch, .imm = static_cast<std::int32_t>(reg)});
    };
    const bool adds = command == abi::NocCommand::atomic_add;
    put(abi::noc_register::remote_node, abi::node(abi::NodeSpace::tile, to.x, to.y));
    put(abi::noc_register::remote_address, address);
    p.add(Op::addi, {.rd = scratch_2, .rs1 = adds ? 0u : round, .imm = adds ? 1 : 0});
    p.add(Op::sw, {.rs1 = noc, .rs2 = scratch_2, .imm = abi::noc_register::value});
    put(abi::noc_register::command, static_cast<std::uint32_t>(command));
    if (!barrier) return;
    const auto counter = static_cast<std::int32_t>(adds ? abi::noc_register::atomics_pending
                                                        : abi::noc_register::writes_pending);
    const std::size_t top = p.words.size();
    p.add(Op::lw, {.rd = scratch, .rs1 = noc, .imm = counter});
    p.add(Op::bne, {.rs1 = scratch, .rs2 = 0, .imm = back_to(p, top)});
}

enum class Stores : std::uint8_t { atomic, plain };

struct Litmus {
    std::vector<Kernel> kernels;

    Litmus(std::uint32_t seed, Stores stores) {
        Random random(seed);
        const std::uint32_t last = 3 + random.below(5);
        const bool handshake = random.chance(2);

        Program waiter;
        registers(waiter, last);
        pause(waiter, random.below(300));
        each_round(waiter, [&] {
            wait(waiter, random);
            for (std::uint32_t csr : {0xC00u, 0xC02u}) {  // cycle, instret
                waiter.add(Op::csrrs, {.rd = scratch, .imm = static_cast<std::int32_t>(csr)});
                waiter.add(Op::sw, {.rs1 = pointer_result, .rs2 = scratch});
                waiter.addi(pointer_result, pointer_result, 4);
            }
            waiter.add(Op::sw, {.rs1 = pointer_result, .rs2 = seen_a});
            waiter.addi(pointer_result, pointer_result, 4);
            if (random.chance(2)) waiter.add(Op::fence);
            waiter.addi(scratch, pointer_a, acknowledged - word_a);
            if (stores == Stores::plain) {
                waiter.add(Op::sw, {.rs1 = scratch, .rs2 = round});
            } else {
                waiter.add(Op::amoswap_w, {.rs1 = scratch, .rs2 = round});
            }
        });

        Program neighbour;
        registers(neighbour, last);
        pause(neighbour, random.below(200));
        each_round(neighbour, [&] {
            pause(neighbour, random.below(random.chance(2) ? 12 : 900));
            if (stores == Stores::atomic) {
                neighbour.add(Op::amoswap_w, {.rs1 = pointer_a, .rs2 = round});
            } else {
                if (random.chance(2)) neighbour.add(Op::fence);
                neighbour.add(Op::sw, {.rs1 = pointer_a, .rs2 = round});
            }
            if (!handshake) return;
            const std::size_t top = neighbour.words.size();
            neighbour.add(Op::lw, {.rd = scratch,
                                   .rs1 = pointer_a,
                                   .imm = static_cast<std::int32_t>(acknowledged - word_a)});
            neighbour.add(Op::bltu, {.rs1 = scratch, .rs2 = round, .imm = back_to(neighbour, top)});
        });

        Program remote;
        registers(remote, last);
        pause(remote, random.below(500));
        const auto command =
            random.chance(2) ? abi::NocCommand::atomic_add : abi::NocCommand::write_inline;
        each_round(remote, [&] {
            pause(remote, random.below(300));
            send(remote, here, word_b, command, true);
        });
        kernels = {assembled_kernel(waiter, "waiter"), assembled_kernel(neighbour, "neighbour"),
                   assembled_kernel(remote, "remote")};
    }

    // Which of the two in the tile comes first in a cycle is part of what is tested.
    std::vector<Launch> launches(bool waiter_first) const {
        const std::uint16_t waiter = waiter_first ? 1 : 3;
        return {{kernels[0], {{here, waiter}}, {}},
                {kernels[1], {{here, 2}}, {}},
                {kernels[2], {{there, 0}}, {}}};
    }
};

struct Result {
    std::vector<std::uint64_t> numbers;
    std::vector<std::byte> memory;
    Counters counters;
    bool operator==(const Result&) const = default;
};

Result result_of(const Device& device, const Run& run) {
    Result result{{run.cycles}, std::vector<std::byte>(0x2000), device.counters()};
    for (const CoreReport& core : run.cores) {
        result.numbers.insert(result.numbers.end(),
                              {count(core.end), core.instructions, core.waiting_cycles});
    }
    device.read_l1(here, word_a, result.memory);
    result.counters.erase("simulator.events");
    return result;
}

ChipConfig tiny(std::uint32_t parks, std::uint32_t quantum = 1024) {
    ChipConfig config = preset("tiny");
    config.park_polling_loops = parks;
    config.quantum_cycles = quantum;
    return config;
}

const RunOptions limit{.cycle_limit = 1'000'000, .stop_requested = {}};

Result straight(const std::vector<Launch>& launches, const ChipConfig& config) {
    Device device(config);
    const Run run = device.run(launches, limit);
    return result_of(device, run);
}

TEST(Polling, ParkedAndSpinningAreEqual) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        const Litmus litmus(seed, seed % 2 == 0 ? Stores::atomic : Stores::plain);
        const auto launches = litmus.launches(seed % 4 < 2);
        EXPECT_EQ(straight(launches, tiny(1)), straight(launches, tiny(0))) << "seed " << seed;
        if (HasFailure()) return;
    }
}

TEST(Polling, WithoutRacesTheQuantumChangesNothing) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        const auto launches = Litmus(seed, Stores::atomic).launches(seed % 4 < 2);
        const Result expected = straight(launches, tiny(1));
        for (std::uint32_t quantum : {1u, 7u, 64u, 100'000u}) {
            EXPECT_EQ(straight(launches, tiny(1, quantum)), expected)
                << "seed " << seed << ", quantum " << quantum;
        }
    }
}

TEST(Polling, StoppingAndRestoringAnywhereChangesNothing) {
    for (std::uint32_t seed = 300; seed < 340; ++seed) {
        const auto launches = Litmus(seed, Stores::plain).launches(seed % 4 < 2);
        const Result expected = straight(launches, tiny(0));
        for (std::uint64_t step : {53u, 700u}) {
            Device device(tiny(1));
            device.launch(launches);
            std::uint64_t at = step;
            for (; device.advance_to(Cycle{at}); at += step) {
                Device copy(tiny(1));
                copy.restore(device.snapshot());
                if (at % 3 != 0) continue;
                EXPECT_EQ(result_of(copy, copy.finish(limit)), expected) << seed;
            }
            EXPECT_EQ(result_of(device, device.finish(limit)), expected) << seed;
        }
    }
}

// while (*a == 0);
Kernel wait_for_word(Op load, std::uint32_t address) {
    Program p;
    p.li(pointer_a, address);
    p.add(load, {.rd = seen_a, .rs1 = pointer_a});
    p.add(Op::beq, {.rs1 = seen_a, .rs2 = 0, .imm = -4});
    return assembled_kernel(p.ecall(), "wait_for_word");
}

struct Parked : Observer {
    std::uint32_t parked = 0;
    std::uint64_t woken = 0;
    void on_core(CoreId, CoreEvent event, Cycle cycle, CoreAddress) override {
        if (event == CoreEvent::parked) ++parked;
        if (event == CoreEvent::woken) woken = count(cycle);
    }
    void on_transfer(const TransferRecord&) override {}
    void on_dram(const DramRecord&) override {}
};

TEST(Polling, TheHostsWritesAreSeenInPhase) {
    // li, li, then iterations of a load (8 cycles to its use) and a branch: 2, 11, 20, ...
    const Kernel kernel = wait_for_word(Op::lw, word_a);
    Program other;  // as nothing but a doorbell waits for the host while nobody runs
    pause(other, 40);
    const Kernel busy = assembled_kernel(other.ecall(), "busy");
    for (std::uint64_t at = 20; at < 60; ++at) {
        std::vector<std::uint64_t> cycles;
        for (std::uint32_t parks : {1u, 0u}) {
            Parked seen;
            Device device(tiny(parks));
            device.observe(seen);
            const Launch both[] = {{kernel, {{here, 0}}, {}}, {busy, {{there, 0}}, {}}};
            device.launch(both);
            device.advance_to(Cycle{at});
            const std::uint32_t one = 1;
            device.write_l1(here, word_a, std::as_bytes(std::span(&one, 1)));
            cycles.push_back(count(device.finish(limit).cores.at(0).end));
            EXPECT_EQ(seen.parked, parks);
            // The first look from then on; behind it the branch goes against its prediction.
            const std::uint64_t look = 2 + (at - 2 + 8) / 9 * 9;
            EXPECT_EQ(seen.woken, parks == 1 ? look : 0);
            EXPECT_EQ(cycles.back(), look + 9 + 4 + 1);
        }
        EXPECT_EQ(cycles[0], cycles[1]);
    }
}

TEST(Polling, AParkedLoopCostsTheHostNothing) {
    Program writer;
    writer.li(pointer_a, word_a).li(delay, 2'000'000);
    writer.addi(delay, delay, -1);
    writer.add(Op::bne, {.rs1 = delay, .rs2 = 0, .imm = -4});
    writer.add(Op::amoswap_w, {.rs1 = pointer_a, .rs2 = pointer_a}).ecall();
    const Kernel waiting = wait_for_word(Op::lhu, word_a);
    const Kernel writing = assembled_kernel(writer, "writer");
    Device device("tiny");
    const Launch both[] = {{waiting, {{here, 0}}, {}}, {writing, {{here, 1}}, {}}};
    // The lower half of the written address is 0, so that the loop goes on: at once a deadlock.
    EXPECT_THROW(device.run(both), DeadlockError);
    const Launch word[] = {{wait_for_word(Op::lw, word_a), {{here, 0}}, {}}, both[1]};
    const std::uint32_t zero = 0;
    device.write_l1(here, word_a, std::as_bytes(std::span(&zero, 1)));
    const std::uint64_t before = device.counters().at("simulator.events");
    EXPECT_GT(device.run(word).cycles, 4'000'000u);
    EXPECT_LT(device.counters().at("simulator.events") - before, 10'000u);
}

std::string deadlock_of(Device& device, std::span<const Launch> launches) {
    try {
        device.run(launches, limit);
    } catch (const DeadlockError& error) {
        return error.what();
    }
    ADD_FAILURE() << "no deadlock";
    return "";
}

void expect_in(const std::string& text, std::initializer_list<std::string> parts) {
    for (const std::string& part : parts) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
}

TEST(Polling, DeadlocksNameLineWordsValuesAndLastWriter) {
    const Kernel kernel = precompiled([] {
        return make_kernel("stuck", "",
                           "auto* flags = l1<volatile std::uint32_t>(l1_user_base);\n"
                           "while (flags[0] != 7 || flags[16] != 8) {\n}");
    });
    const Kernel writer = precompiled([] {
        return make_kernel(
            "almost", "",
            "while (cycles() < 2000) {\n}\n*l1<volatile std::uint32_t>(l1_user_base) = 6;");
    });
    Device device("tiny");
    const Launch both[] = {{kernel, {{here, 1}}, {}}, {writer, {{here, 2}}, {}}};
    expect_in(deadlock_of(device, both),
              {"1 core waits", "core (0, 0, 1) at stuck.cpp:6", "the word at 0x20000 of its L1",
               "to change from 6", "last written by core (0, 0, 2) at cycle"});
    EXPECT_FALSE(device.busy());
}

TEST(Polling, CoresThatWaitForEachOtherAreADeadlock) {
    const Kernel first = wait_for_word(Op::lw, word_a);
    Device device("tiny");
    const Launch both[] = {{first, {{here, 0}}, {}},
                           {wait_for_word(Op::lbu, word_b), {{there, 3}}, {}}};
    expect_in(deadlock_of(device, both), {"2 cores wait", "core (0, 0, 0)", "core (1, 1, 3)"});
}

TEST(Polling, AWaitForWhatCannotHappenIsADeadlockWhileOthersRun) {
    Program forever;
    forever.add(Op::jal, {.imm = 0});
    const Launch busy{assembled_kernel(forever, "forever"), {{there, 0}}, {}};
    Program counter;  // no read is under way, and nobody else can begin one
    counter.li(noc, abi::noc_registers);
    counter.add(Op::lw, {.rd = scratch, .rs1 = noc, .imm = abi::noc_register::reads_pending});
    counter.add(Op::beq, {.rs1 = scratch, .rs2 = 0, .imm = -4}).ecall();
    Device device("tiny");
    const Launch never[] = {busy, {assembled_kernel(counter, "counter"), {{here, 0}}, {}}};
    expect_in(deadlock_of(device, never),
              {"whatever the others do", "core (0, 0, 0) at pc", "its reads over NoC 0"});
    const Launch local[] = {busy, {wait_for_word(Op::lw, abi::local_base), {{here, 0}}, {}}};
    expect_in(deadlock_of(device, local), {"reads only its own memory"});
    Program reserve;
    reserve.li(pointer_a, abi::local_base).add(Op::lr_w, {.rd = scratch, .rs1 = pointer_a});
    reserve.add(Op::wrs_nto).ecall();
    const Launch wrs[] = {busy, {assembled_kernel(reserve, "reserve"), {{here, 0}}, {}}};
    expect_in(deadlock_of(device, wrs), {"its own local memory, 0xffb00000"});
}

TEST(Polling, ADoorbellThatIsPolledIsWaitingForTheHost) {
    Device device("tiny");
    const Semaphore bell = device.doorbell();
    const Launch wait{wait_for_word(Op::lw, bell.address), {{there, 0}}, {}};
    device.launch({&wait, 1});
    EXPECT_TRUE(device.run_until_idle());
    Device copy("tiny");
    copy.restore(device.snapshot());
    EXPECT_TRUE(copy.run_until_idle());
    device.ring(bell, there);
    EXPECT_EQ(device.finish().cores.size(), 1u);
}

TEST(Polling, ALoopWithATimeOutRunsOut) {
    const Kernel kernel = precompiled([] {
        return make_kernel("patient", "",
                           "auto* flag = l1<volatile std::uint32_t>(l1_user_base);\n"
                           "const auto start = cycles();\n"
                           "while (*flag == 0 && cycles() - start < 5000) {\n}\n"
                           "std::uint32_t left = 500;\n"
                           "while (*flag == 0 && --left != 0) {\n}");
    });
    Device device("tiny");
    const Launch launch{kernel, {{here, 0}}, {}};
    EXPECT_GT(device.run({&launch, 1}, limit).cycles, 5000u);
}

}  // namespace
}  // namespace tilewright
