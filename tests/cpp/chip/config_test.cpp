// What a chip is told to be: boards, harvested lines, architecture, limits of fields.
#include "tilewright/chip/config.hpp"

#include <gtest/gtest.h>

#include <set>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

TEST(Config, EveryPresetCanBe) {
    for (const std::string& name : preset_names()) EXPECT_NO_THROW(preset(name).check()) << name;
}

TEST(Config, BoardsHaveTheGridThatProgramsSee) {
    const ChipConfig p150 = preset("p150");
    EXPECT_EQ(p150.architecture, Architecture::blackhole);
    EXPECT_EQ(p150.tile_columns(), 13u);
    EXPECT_EQ(p150.tile_rows(), 10u);
    EXPECT_EQ(p150.core_count(), 130u * 5);
    const ChipConfig n150 = preset("n150");
    EXPECT_EQ(n150.architecture, Architecture::wormhole);
    EXPECT_EQ(n150.tile_columns(), 8u);
    EXPECT_EQ(n150.tile_rows(), 8u);
    EXPECT_EQ(n150.tile_router(63), (Router{9, 9}));
}

TEST(Config, HarvestedLinesAreLeftOutOfTheGrid) {
    ChipConfig config = preset("blackhole");
    config.harvested_columns = {16, 4};
    config.harvested_rows = {2};
    config.check();
    EXPECT_EQ(config.tile_columns(), 12u);
    EXPECT_EQ(config.tile_rows(), 9u);
    EXPECT_EQ(config.tile_router(0), (Router{1, 3}));
    EXPECT_EQ(config.tile_router(3), (Router{5, 3}));  // column 4 is not there
    EXPECT_EQ(config.tile_router(12 * 9 - 1), (Router{15, 11}));
    std::set<std::pair<int, int>> routers;
    for (std::uint32_t tile = 0; tile < config.tile_count(); ++tile) {
        const Router r = config.tile_router(tile);
        EXPECT_TRUE(r.x != 16 && r.x != 4 && r.y != 2);
        EXPECT_TRUE(routers.insert({r.x, r.y}).second);
    }
    EXPECT_NE(config_hash(config), config_hash(preset("blackhole")));
}

TEST(Config, HarvestedLinesThatCannotBeAreNamed) {
    const auto refused = [](auto change) {
        ChipConfig config = preset("tiny");
        change(config);
        return message_of<ConfigError>([&] { config.check(); });
    };
    EXPECT_EQ(refused([](ChipConfig& c) { c.harvested_columns = {0}; }),
              "config field 'harvested_columns': expected numbers of tile_router_x, not 0");
    EXPECT_EQ(refused([](ChipConfig& c) {
                  c.harvested_rows = {1, 1};
              }),
              "config field 'harvested_rows': 1 is given twice");
    EXPECT_EQ(refused([](ChipConfig& c) {
                  c.harvested_columns = {2, 1};
              }),
              "config field 'harvested_columns': nothing of tile_router_x is left");
}

TEST(Config, ArchitectureIsAFieldOfItsOwn) {
    ChipConfig config = preset("wormhole");
    config.name = "mine";
    EXPECT_EQ(config.architecture, Architecture::wormhole);
    for (const auto architecture :
         {Architecture::generic, Architecture::blackhole, Architecture::wormhole}) {
        EXPECT_EQ(architecture_of(name(architecture)), architecture);
    }
    EXPECT_NE(message_of<ConfigError>([] { architecture_of("grayskull"); }).find("blackhole"),
              std::string::npos);
    config.architecture = Architecture::blackhole;
    EXPECT_NE(config_hash(config), config_hash(preset("wormhole")));
}

// Also those of the cores' timing, which the interpreter checks as well.
TEST(Config, EveryFieldIsHeldToItsOwnLimits) {
    for (const Field& field : scalar_fields(preset("full"))) {
        ChipConfig config = preset("full");
        EXPECT_NO_THROW(set_field(config, field.name, field.value)) << field.name;
        EXPECT_THROW(set_field(config, field.name, field.most * 2 + 1), ConfigError) << field.name;
        EXPECT_THROW(set_field(config, field.name, field.least - 1), ConfigError) << field.name;
        EXPECT_EQ(config, preset("full")) << field.name;
        EXPECT_FALSE(field.unit.empty()) << field.name;
        EXPECT_FALSE(field.text.empty()) << field.name;
    }
}

}  // namespace
}  // namespace tilewright
