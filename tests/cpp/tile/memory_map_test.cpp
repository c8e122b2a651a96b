// The memory map of a tile is a table of the chip, and the one in docs/architecture.md agrees with
// it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

ChipConfig with_direct_memory() {
    ChipConfig config = preset("tiny");
    config.direct_memory_bytes = 1 << 20;
    return config;
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 1; at < line.size();) {
        const std::size_t end = std::min(line.find('|', at), line.size());
        std::string cell = line.substr(at, end - at);
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(cell);
        at = end + 1;
    }
    return cells;
}

// The numbers in a cell that are written `0x1234_5678`.
std::vector<std::uint32_t> addresses_in(std::string cell) {
    std::erase(cell, '_');
    std::vector<std::uint32_t> found;
    for (std::size_t at = cell.find("`0x"); at != std::string::npos;
         at = cell.find("`0x", at + 1)) {
        std::uint32_t value = 0;
        std::from_chars(cell.data() + at + 3, cell.data() + cell.size(), value, 16);
        found.push_back(value);
    }
    return found;
}

struct Documented {
    std::string size;
    std::string loads;
    std::string stores;
};

std::map<std::uint32_t, Documented> documented() {
    std::ifstream file(TILEWRIGHT_SOURCE_DIR "/docs/architecture.md");
    std::map<std::uint32_t, Documented> rows;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) inside = line == "## One tile's memory map";
        if (!inside || !line.starts_with("| `0x")) continue;
        const auto cells = cells_of(line);
        for (const std::uint32_t base : addresses_in(cells.at(0))) {
            rows[base] = {cells.at(1), cells.at(3), cells.at(4)};
        }
    }
    return rows;
}

TEST(MemoryMap, IsInOrderAndOverlapsNowhere) {
    const Chip chip(with_direct_memory());
    std::uint64_t end = 0;
    for (const MemoryMapRow& row : chip.memory_map(0)) {
        EXPECT_GE(row.base, end) << row.name;
        EXPECT_GT(row.bytes, 0u) << row.name;
        end = row.base + row.bytes;
    }
    EXPECT_LE(end, std::uint64_t{1} << 32);
}

TEST(MemoryMap, IsWhatTheDocumentsSay) {
    const Chip chip(with_direct_memory());
    auto rows = documented();
    for (const MemoryMapRow& row : chip.memory_map(0)) {
        const auto found = rows.find(row.base);
        ASSERT_NE(found, rows.end()) << row.name << " is not in docs/architecture.md";
        const Documented& said = found->second;
        EXPECT_EQ(said.loads, row.loads) << row.name;
        EXPECT_EQ(said.stores, row.stores) << row.name;
        std::uint64_t number = 0;
        const std::string size = said.size;
        if (size.starts_with("+ ") && std::isdigit(static_cast<unsigned char>(size[2])) != 0 &&
            size.find("or") == std::string::npos) {
            std::from_chars(size.data() + 2, size.data() + size.size(), number);
            if (size.find("KiB") != std::string::npos) number <<= 10;
            if (size.find("MiB") != std::string::npos) number <<= 20;
            EXPECT_EQ(number, row.bytes) << row.name;
        }
        rows.erase(found);
    }
    for (const auto& [base, row] : rows) ADD_FAILURE() << "nothing lies at " << base;
}

}  // namespace
}  // namespace tilewright
