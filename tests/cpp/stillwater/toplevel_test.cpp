// A system with a KPU in it: its life, and a self test that finds every defect.
#include "stillwater/toplevel.hpp"

#include <gtest/gtest.h>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"

namespace stillwater {
namespace {

using tilewright::message_of;

kpu::SimulatorConfig small() {
    kpu::SimulatorConfig config;
    config.host_memory_region_capacity_mb = 1;
    config.memory_bank_capacity_mb = 1;
    return config;
}

TEST(SystemSimulator, OpensOnceAndAgainAndShutsDownTwice) {
    SystemSimulator system(small());
    EXPECT_FALSE(system.is_initialized());
    EXPECT_FALSE(system.run_self_test());
    EXPECT_EQ(system.failures(), std::vector<std::string>{"system: it is not initialized"});
    EXPECT_NE(message_of<tilewright::Error>([&] { system.kpu(); }).find("initialize()"),
              std::string::npos);
    for (int round = 0; round < 2; ++round) {
        EXPECT_TRUE(system.initialize());
        EXPECT_TRUE(system.initialize());
        EXPECT_TRUE(system.is_initialized());
        EXPECT_TRUE(system.run_self_test());
        EXPECT_TRUE(system.failures().empty());
        EXPECT_GT(system.kpu().get_current_cycle(), 0u);
        system.shutdown();
        system.shutdown();
        EXPECT_FALSE(system.is_initialized());
    }
}

TEST(SystemSimulator, OfAConfigurationThatCannotBeDoesNotOpen) {
    kpu::SimulatorConfig config = small();
    config.clock_mhz = 0;
    SystemSimulator system(config);
    EXPECT_THROW(system.initialize(), tilewright::ConfigError);
    EXPECT_FALSE(system.is_initialized());
}

TEST(SystemSimulator, FindsADefectInEveryUnitAndNamesIt) {
    for (const char* unit :
         {"host_memory", "memory_bank", "l3_tile", "l2_bank", "l1_buffer", "scratchpad",
          "page_buffer", "dma_engine", "block_mover", "streamer", "compute_tile"}) {
        SystemSimulator system(small());
        system.initialize();
        const std::uint64_t last = std::string(unit) == "host_memory" ? 0 : 1;
        system.inject_fault({.unit = unit, .index = last, .offset = 137, .bit = 6});
        EXPECT_FALSE(system.run_self_test()) << unit;
        ASSERT_EQ(system.failures().size(), 1u) << unit;
        const std::string name = std::string(unit) + " " + std::to_string(last) + ": ";
        EXPECT_EQ(system.failures()[0].substr(0, name.size()), name);
        system.kpu().clear_faults();
        EXPECT_TRUE(system.run_self_test()) << unit;
        EXPECT_THROW(system.inject_fault({.unit = unit, .index = 99}), tilewright::AddressError);
    }
}

TEST(SystemSimulator, IsNotTestedWhileItWorks) {
    SystemSimulator system(small());
    system.initialize();
    kpu::KPUSimulator& sim = system.kpu();
    sim.dma_l3_to_scratchpad(0, sim.get_l3_tile_base(0), sim.get_scratchpad_base(0), 64);
    EXPECT_THROW(system.run_self_test(), tilewright::BusyError);
    sim.run_until_idle();
    EXPECT_TRUE(system.run_self_test());
}

}  // namespace
}  // namespace stillwater
