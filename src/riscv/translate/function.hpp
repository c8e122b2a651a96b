// A program cut into functions of blocks, as the translator writes them.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "riscv/block.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {

using RegisterSet = std::bitset<register_count>;

/// How control leaves a block for a place that is known.
struct Edge {
    std::uint32_t target = 0;
    bool call = false;  ///< keeps a return address
};

struct Node {
    const Block* block = nullptr;  ///< nullptr: there is no code, or it is not asked for
    bool plain = false;            ///< is_plain() and asked for, and so is written as C
    bool entry = false;  ///< where other functions may enter, and if it pays, the interpreter
    std::uint32_t function = 0;  ///< that it belongs to, by number
    std::uint32_t place = 0;     ///< of an entry, in its function
    /// About how many instructions are carried out from here until something is not plain.
    double length = 0;
    RegisterSet written;
    RegisterSet changed;  ///< on entry: registers that may differ from what memory has
    std::vector<Edge> edges;
};

struct Function {
    std::uint32_t first = 0;             ///< its lowest address
    std::vector<std::uint32_t> nodes;    ///< plain ones, by address
    std::vector<std::uint32_t> entries;  ///< by place
    std::vector<std::uint32_t> targets;  ///< its entries that jumps by table may go to
    RegisterSet used;
    RegisterSet written;
    /// Blocks elsewhere, or that are not plain, that it goes to: what `changed` is there.
    std::map<std::uint32_t, RegisterSet> beyond;
};

struct Functions {
    std::map<std::uint32_t, Node> nodes;  ///< by address
    std::vector<Function> functions;
};

/// Ends with a jump to a register that neither returns nor calls.
bool jumps_by_table(const Block& block);

/// All blocks of these functions, some of the entries', that control can reach from the entries
/// through known targets.
Functions find_functions(const Code& code, const ProgramEntries& entries,
                         std::span<const std::uint32_t> asked_for);

}  // namespace tilewright::riscv
