// What the loops over tiles of vendor_tiles.cpp and own_tiles.cpp can do. A task is known to the
// compiler, as in programs; which one is asked for, and of which formats, tell the arguments.
#pragma once

#include <cstddef>
#include <iterator>
#include <tilewright/kernel.hpp>
#include <utility>

enum class Operation : std::uint8_t { matmul, block, add, sub, mul, copy, transpose };
/// Which numbers of the right tile stand for all.
enum class Shared : std::uint8_t { none, column, row, scalar };

struct Task {
    Operation operation;
    std::uint32_t phases = 1;  ///< of fidelity: 1 (LoFi) to 4
    bool wide = false;         ///< Dst has 32 bits
    Shared shared = Shared::none;
    constexpr bool operator==(const Task&) const = default;
};
inline constexpr Task tasks[] = {{Operation::matmul, 1},
                                 {Operation::matmul, 2},
                                 {Operation::matmul, 3},
                                 {Operation::matmul, 4},
                                 {Operation::matmul, 1, true},
                                 {Operation::matmul, 4, true},
                                 {Operation::block, 4},
                                 {Operation::add},
                                 {Operation::sub},
                                 {Operation::mul, 1},
                                 {Operation::mul, 2},
                                 {Operation::mul, 4},
                                 {Operation::add, 1, true},
                                 {Operation::sub, 1, true},
                                 {Operation::mul, 2, true},
                                 {Operation::add, 1, false, Shared::row},
                                 {Operation::sub, 1, false, Shared::scalar},
                                 {Operation::mul, 4, false, Shared::column},
                                 {Operation::copy},
                                 {Operation::copy, 1, true},
                                 {Operation::transpose}};

constexpr bool is_matmul(const Task& task) {
    return task.operation == Operation::matmul || task.operation == Operation::block;
}
constexpr bool is_copy(const Task& task) {
    return task.operation == Operation::copy || task.operation == Operation::transpose;
}
/// Rows, and columns, of the tiles that are in Dst at once.
constexpr std::uint32_t side(const Task& task) {
    return task.operation == Operation::block ? 2 : 1;
}

/// Pairs of tiles in L1, `in_bytes` each, from `a` and `b`; the results go to `c`. The formats are
/// those in L1, in SrcA and SrcB, as which packers read Dst, and of the results.
struct Work {
    std::uint32_t a, b, c, count;
    std::uint32_t in, source, dst, packed;
    std::uint32_t in_bytes, packed_bytes;
};

/// Calls run<task>(work) for the task that is wanted.
template <class Run>
void carry_out(const Task& wanted, Run run) {
    const auto find = [&]<std::size_t... i>(std::index_sequence<i...>) {
        return ((tasks[i] == wanted && (run.template operator()<tasks[i]>(), true)) || ...);
    };
    if (!find(std::make_index_sequence<std::size(tasks)>())) {
        tilewright::kernel::fail("no such task in tasks.hpp");
    }
}

/// The kernel's main function calls run<task>(work), which core 0, 1 or 2 of three does its part
/// in.
#define TILEWRIGHT_TASKS(run)                                                                  \
    static void tiles(std::uint32_t operation, std::uint32_t phases, bool wide,                \
                      std::uint32_t shared, std::uint32_t a, std::uint32_t b, std::uint32_t c, \
                      std::uint32_t count, std::uint32_t in, std::uint32_t source,             \
                      std::uint32_t dst, std::uint32_t packed, std::uint32_t in_bytes,         \
                      std::uint32_t packed_bytes) {                                            \
        const Task task{static_cast<Operation>(operation), phases, wide,                       \
                        static_cast<Shared>(shared)};                                          \
        const Work work{a, b, c, count, in, source, dst, packed, in_bytes, packed_bytes};      \
        carry_out(task, [&]<Task wanted>() { run<wanted>(work); });                            \
    }                                                                                          \
    TILEWRIGHT_KERNEL(tiles)
