// Engines alone on the chip against the same engines event by event: random commands that share
// links, overwrite each other's bytes and wait for each other, stopped at random cycles.
#include <gtest/gtest.h>

#include <random>

#include "runtime/assembled_kernel.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

ChipConfig random_config(std::mt19937& random) {
    const auto pick = [&](std::initializer_list<std::uint32_t> values) {
        return values.begin()[random() % values.size()];
    };
    ChipConfig config = preset("kpu");
    config.dram_bank_bytes = config.host_memory_region_bytes = 1 << 20;
    config.burst_bytes = pick({64, 100, 256, 1024});
    config.dma_bytes_per_cycle = pick({16, 64, 128, 1000});
    config.sram_bytes_per_cycle = pick({32, 64, 100});
    config.dram_bytes_per_cycle = pick({20, 47, 100, 200}) + (random() % 2 == 0 ? 0.37 : 0.0);
    config.dram_row_miss_cycles = 100 + random() % 50;
    config.dram_row_hit_cycles = random() % 100;
    config.systolic_rows = config.systolic_columns = 4;
    return config;
}

// Each command adds to a flag of its own and may wait for those of earlier ones, so all end.
std::vector<std::pair<EngineId, EngineCommand>> random_commands(const Chip& chip,
                                                                std::mt19937& random) {
    std::vector<std::pair<EngineId, EngineCommand>> commands;
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto at = [&](MemoryKind kind, std::uint32_t count) {
        return chip.map().address(kind, below(count), 4 * below(1000));
    };
    const auto anywhere = [&] {
        switch (below(4)) {
            case 0:
                return at(MemoryKind::dram, 2);
            case 1:
                return at(MemoryKind::l3, 1);
            case 2:
                return at(MemoryKind::host, 1);
            default:
                return at(MemoryKind::scratchpad, 2);
        }
    };
    while (commands.size() < 40) {
        EngineCommand command;
        const auto number = static_cast<std::uint32_t>(commands.size());
        EngineId engine;
        switch (below(4)) {
            case 0: {
                engine = {EngineKind::dma, below(2)};
                const std::uint64_t bytes = 1 + below(700);
                const std::uint64_t rows = 1 + below(8);
                command.work = DmaCopy{.source = anywhere(),
                                       .destination = anywhere(),
                                       .bytes = bytes,
                                       .rows = rows,
                                       .source_stride = bytes + below(2) * below(300),
                                       .destination_stride = bytes + below(2) * below(300)};
                break;
            }
            case 1:
                engine = {EngineKind::block_mover, below(3)};
                command.work = BlockMove{
                    .source = at(MemoryKind::l3, 1),
                    .destination = at(MemoryKind::scratchpad, 2),
                    .height = 1 + below(30),
                    .width = 1 + below(30),
                    .transform = below(2) == 0 ? Transform::identity : Transform::transpose};
                break;
            case 2:
                engine = {EngineKind::streamer, below(3)};
                command.work = StreamMove{.l2 = at(MemoryKind::scratchpad, 2),
                                          .l1 = at(MemoryKind::l1_buffer, 1),
                                          .height = 1 + below(20),
                                          .width = 1 + below(20),
                                          .order = static_cast<StreamMove::Order>(below(2)),
                                          .direction = static_cast<StreamMove::Direction>(below(2)),
                                          .l2_stride = 100};
                break;
            default: {
                engine = {EngineKind::systolic_array, below(2)};
                ArrayMatmul product;
                product.a = at(MemoryKind::scratchpad, 1);
                product.b = at(MemoryKind::l1_buffer, 1);
                product.result = product.sums = at(MemoryKind::scratchpad, 2);
                product.m = 1 + below(12);
                product.n = 1 + below(12);
                product.k = 1 + below(12);
                product.dataflow = static_cast<Dataflow>(below(3));
                product.accumulate = below(2) == 0;
                product.activation = below(2) == 0 ? Activation::none : Activation::silu;
                command.work = product;
            }
        }
        command.done_flag = number;
        if (number != 0 && below(3) == 0) {
            command.wait_flag = below(number);
            command.wait_value = 1;
        }
        try {
            chip.engines().plan(engine, command);
            commands.emplace_back(engine, command);
        } catch (const AddressError&) {  // source and destination overlap
        }
    }
    return commands;
}

constexpr MemoryKind kinds[] = {MemoryKind::host, MemoryKind::dram,       MemoryKind::l3,
                                MemoryKind::l2,   MemoryKind::scratchpad, MemoryKind::l1_buffer};

std::vector<std::byte> engines_and_memories(const Chip& chip) {
    ArchiveWriter archive;
    archive(chip.engines().state());
    for (std::uint32_t bank = 0; bank < 2; ++bank) archive(chip.dram_bank(bank));
    for (const MemoryKind kind : kinds) {
        for (std::uint32_t i = 0; i < chip.map().window(kind).count; ++i) {
            std::vector<std::byte> bytes(
                std::min<std::uint64_t>(chip.map().window(kind).bytes, 1 << 14));
            chip.read({kind, i, 0}, bytes);
            archive(bytes);
        }
    }
    return archive.take();
}

std::vector<std::byte> saved(const Chip& chip) {
    ArchiveWriter archive;
    chip.save(archive);
    return archive.take();
}

void fill_and_submit(Chip& chip, unsigned seed) {
    std::mt19937 random(seed);
    for (const MemoryKind kind : kinds) {
        for (std::uint32_t i = 0; i < chip.map().window(kind).count; ++i) {
            std::vector<float> numbers(2000);
            for (float& number : numbers) number = static_cast<float>(random() % 1000) / 8;
            chip.write({kind, i, 0}, std::as_bytes(std::span(numbers)));
        }
    }
    for (const auto& [engine, command] : random_commands(chip, random)) {
        chip.submit(engine, command);
    }
}

TEST(EngineRun, CyclesValuesAndCountersAreThoseOfEventsOneByOne) {
    riscv::test::Program endless;
    endless.add(riscv::Op::jal, {.imm = 0});
    const Kernel busy = assembled_kernel(endless, "busy");
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        const ChipConfig config = random_config(random);
        Chip alone(config);
        Chip watched(config);  // a core that runs might look at the memories at any time
        watched.launch(0, busy.image(), {});
        fill_and_submit(alone, seed);
        fill_and_submit(watched, seed);
        for (std::uint64_t cycle = 1; alone.engines().busy() != 0; cycle += 1 + random() % 700) {
            alone.run(cycle, {});
            watched.run(cycle, {});
            ASSERT_EQ(engines_and_memories(alone), engines_and_memories(watched))
                << "seed " << seed << " at " << cycle;
        }
        EXPECT_EQ(watched.engines().busy(), 0U);
        EXPECT_EQ(alone.engines().flag(39), 1U);
    }
}

TEST(EngineRun, WhereItIsStoppedMakesNoDifference) {
    for (unsigned seed = 100; seed < 110; ++seed) {
        std::mt19937 random(seed);
        const ChipConfig config = random_config(random);
        Chip leaping(config);
        Chip stepping(config);
        fill_and_submit(leaping, seed);
        fill_and_submit(stepping, seed);
        std::uint64_t cycle = 0;
        while (leaping.engines().busy() != 0) {
            const std::uint64_t next = cycle + 1 + random() % 900;
            leaping.run(next, {});
            while (cycle < next) stepping.run(++cycle, {});
            ASSERT_EQ(saved(leaping), saved(stepping)) << "seed " << seed << " at " << cycle;
        }
    }
}

}  // namespace
}  // namespace tilewright
