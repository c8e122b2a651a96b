#include "stillwater/kpu/self_test.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "tilewright/base/error.hpp"

namespace stillwater::kpu {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr Size block = 4096;
constexpr Size small_memory = Size{1} << 20;

/// A range of a memory, whose contents come back when this goes.
class Range {
public:
    Range(KPUSimulator& sim, MemoryKind kind, Size id, Address offset, Size bytes)
        : sim_(sim), kind_(kind), id_(id), offset_(offset), saved_(read(bytes)) {}
    ~Range() { write(saved_); }
    Range(const Range&) = delete;
    Range& operator=(const Range&) = delete;

    Bytes read(Size bytes) const {
        Bytes data(bytes);
        sim_.read_memory(kind_, id_, offset_, data.data(), bytes);
        return data;
    }
    Bytes read() const { return read(saved_.size()); }
    void write(const Bytes& data) {
        sim_.write_memory(kind_, id_, offset_, data.data(), data.size());
    }
    Address address() const { return sim_.memory_base(kind_, id_) + offset_; }
    Address offset() const { return offset_; }
    Size id() const { return id_; }

private:
    KPUSimulator& sim_;
    MemoryKind kind_;
    Size id_;
    Address offset_;
    Bytes saved_;
};

// Bytes in which neighbours, and equal places of neighbouring blocks, differ.
Bytes pattern(Address from, Size bytes, std::uint8_t flip) {
    Bytes data(bytes);
    for (Size i = 0; i < bytes; ++i) {
        const std::uint64_t mixed = (from + i + 1) * 0x9e37'79b9'7f4a'7c15;
        data[i] = static_cast<std::uint8_t>((mixed >> 56) ^ flip);
    }
    return data;
}

std::vector<std::pair<Address, Size>> tested_ranges(Size capacity) {
    if (capacity <= small_memory) return {{0, capacity}};
    std::vector<std::pair<Address, Size>> ranges{{0, block}, {capacity - block, block}};
    for (Address at = block; at < capacity - block; at *= 2) ranges.push_back({at, block});
    return ranges;
}

bool memory_works(KPUSimulator& sim, MemoryKind kind, Size id) {
    return std::ranges::all_of(
        tested_ranges(sim.memory_capacity(kind, id)), [&](const auto& range) {
            Range memory(sim, kind, id, range.first, range.second);
            for (const std::uint8_t flip : {0x00, 0xff}) {
                const Bytes expected = pattern(range.first, range.second, flip);
                memory.write(expected);
                if (memory.read() != expected) return false;
            }
            return true;
        });
}

constexpr MemoryKind kinds[] = {
    MemoryKind::host,      MemoryKind::dram,       MemoryKind::l3,         MemoryKind::l2,
    MemoryKind::l1_buffer, MemoryKind::scratchpad, MemoryKind::page_buffer};

class SelfTest {
public:
    explicit SelfTest(KPUSimulator& sim) : sim_(sim) {}

    std::vector<std::string> run() {
        for (const MemoryKind kind : kinds) test_memories(kind);
        for (Size i = 0; i < sim_.get_dma_engine_count(); ++i) test_dma(i);
        for (Size i = 0; i < sim_.get_block_mover_count(); ++i) test_mover(i);
        for (Size i = 0; i < sim_.get_streamer_count(); ++i) test_streamer(i);
        for (Size i = 0; i < sim_.get_compute_tile_count(); ++i) test_tile(i);
        return std::move(failures_);
    }

private:
    static constexpr Size side = 8;  // of a matrix of float32
    static constexpr Size bytes = side * side * 4;

    void test_memories(MemoryKind kind) {
        for (Size id = 0; id < sim_.memory_count(kind); ++id) {
            if (memory_works(sim_, kind, id)) {
                good_.emplace_back(kind, id);
            } else {
                fail(user_name(kind), id, "a pattern does not come back as it was written");
            }
        }
    }

    void test_dma(Size id) {
        std::vector<std::pair<MemoryKind, Size>> large;
        std::ranges::copy_if(good_, std::back_inserter(large), [&](const auto& memory) {
            return sim_.memory_capacity(memory.first, memory.second) >= 2 * bytes;
        });
        if (large.empty()) return;
        // Far apart in the list: DRAM and something on the chip, if there is such.
        Range from(sim_, large.front().first, large.front().second, 0, bytes);
        Range to(sim_, large.back().first, large.back().second, bytes, bytes);
        const Bytes expected = pattern(id, bytes, 0);
        from.write(expected);
        sim_.start_dma_transfer(id, from.address(), to.address(), bytes);
        sim_.run_until_idle();
        if (to.read() != expected) fail("dma_engine", id, "a copy differs from what was copied");
    }

    void test_mover(Size id) {
        const auto l3 = good(MemoryKind::l3);
        const auto l2 = good(MemoryKind::l2);
        if (!l3 || !l2) return;
        Range from(sim_, MemoryKind::l3, *l3, 0, bytes);
        Range to(sim_, MemoryKind::l2, *l2, 0, bytes);
        const Bytes matrix = pattern(id, bytes, 0);
        from.write(matrix);
        sim_.start_block_transfer(id, *l3, 0, *l2, 0, side, side, 4, Transform::transpose);
        sim_.run_until_idle();
        if (to.read() != transposed(matrix)) {
            fail("block_mover", id, "a matrix does not arrive transposed");
        }
    }

    void test_streamer(Size id) {
        const auto l2 = good(MemoryKind::l2);
        const auto l1 = good(MemoryKind::l1_buffer);
        if (!l2 || !l1) return;
        Range matrix(sim_, MemoryKind::l2, *l2, 0, bytes);
        Range stream(sim_, MemoryKind::l1_buffer, *l1, 0, bytes);
        const Bytes expected = pattern(id, bytes, 0);
        matrix.write(expected);
        sim_.start_column_stream(id, *l2, 0, *l1, 0, side, side, 4, true);
        sim_.run_until_idle();
        if (stream.read() != transposed(expected)) {
            fail("streamer", id, "the columns of a matrix do not arrive in order");
            return;
        }
        sim_.start_column_stream(id, *l2, 0, *l1, 0, side, side, 4, false);
        sim_.run_until_idle();
        if (matrix.read() != expected) fail("streamer", id, "columns do not come back as a matrix");
    }

    // Products of small whole numbers, which are exact.
    void test_tile(Size id) {
        const auto pad = good(MemoryKind::scratchpad);
        if (!pad) return;
        std::array<float, side * side> a{}, b{}, expected{};
        for (Size i = 0; i < side * side; ++i) {
            a[i] = static_cast<float>(i % 7) - 3;
            b[i] = static_cast<float>(i % 5) - 2;
        }
        for (Size i = 0; i < side * side * side; ++i) {
            const Size row = i / (side * side), column = i / side % side, k = i % side;
            expected[row * side + column] += a[row * side + k] * b[k * side + column];
        }
        Range factors(sim_, MemoryKind::scratchpad, *pad, 0, 2 * bytes);
        Range product(sim_, MemoryKind::scratchpad, *pad, 2 * bytes, bytes);
        Bytes both = bytes_of(a);
        const Bytes second = bytes_of(b);
        both.insert(both.end(), second.begin(), second.end());
        factors.write(both);
        sim_.start_matmul(id, *pad, side, side, side, 0, bytes, 2 * bytes);
        sim_.run_until_idle();
        if (product.read() != bytes_of(expected)) fail("compute_tile", id, "a product is wrong");
    }

    static Bytes bytes_of(const std::array<float, side * side>& matrix) {
        Bytes data(bytes);
        std::memcpy(data.data(), matrix.data(), bytes);
        return data;
    }

    static Bytes transposed(const Bytes& matrix) {
        Bytes result(matrix.size());
        for (Size row = 0; row < side; ++row) {
            for (Size column = 0; column < side; ++column) {
                std::memcpy(&result[(column * side + row) * 4], &matrix[(row * side + column) * 4],
                            4);
            }
        }
        return result;
    }

    std::optional<Size> good(MemoryKind kind) const {
        const auto found =
            std::ranges::find_if(good_, [&](const auto& memory) { return memory.first == kind; });
        return found == good_.end() ? std::nullopt : std::optional(found->second);
    }

    void fail(const std::string& unit, Size id, const std::string& how) {
        failures_.push_back(unit + " " + std::to_string(id) + ": " + how);
    }

    KPUSimulator& sim_;
    std::vector<std::pair<MemoryKind, Size>> good_;
    std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> self_test(KPUSimulator& simulator) {
    if (!simulator.is_idle()) {
        throw tilewright::BusyError(
            "self test: commands are queued; run_until_idle() or reset() first");
    }
    return SelfTest(simulator).run();
}

}  // namespace stillwater::kpu
