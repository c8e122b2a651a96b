// The scoreboard over one block, run once when the block is decoded.
#include "schedule.hpp"

#include <algorithm>
#include <array>

#include "far_memory.hpp"

namespace tilewright::riscv {
namespace {

bool accesses_memory(const Decoded& d) {
    if (d.op == Op::illegal) return false;
    const Unit unit = row(d.op).unit;
    return unit == Unit::load || unit == Unit::store;
}

Lost reason_of(Unit unit) {
    switch (unit) {
        case Unit::multiply:
            return Lost::multiply;
        case Unit::divide:
            return Lost::divide;
        case Unit::floating:
        case Unit::float_divide:
            return Lost::floating;
        case Unit::atomic:
            return Lost::atomic;
        default:
            return Lost::near_load;
    }
}

/// Who has written each register last, for the reasons of stalls.
class Producers {
public:
    Producers(std::span<const Decoded> block, std::vector<Stall>* stalls)
        : block_(block), stalls_(stalls) {}

    void writes(std::uint32_t i, std::uint8_t rd) { last_[rd] = i; }
    /// Instruction i waits for the register that is ready last.
    void waits(std::uint32_t i, std::uint32_t cycles, std::uint8_t r) {
        if (stalls_ != nullptr && cycles != 0) note(i, last_[r], cycles);
    }
    /// Instruction i holds the issue for more than its cycle.
    void holds(std::uint32_t i, std::uint32_t cycles) {
        if (stalls_ != nullptr && cycles != 0) note(i, i, cycles);
    }

private:
    void note(std::uint32_t waits, std::uint32_t by, std::uint32_t cycles) {
        stalls_->push_back({waits, by, cycles, reason_of(row(block_[by].op).unit)});
    }

    std::span<const Decoded> block_;
    std::vector<Stall>* stalls_;
    std::array<std::uint32_t, register_count> last_{};
};

}  // namespace

DivideCost DivideCost::of(const Timing& timing) {
    DivideCost c;
    c.base = std::min(timing.divide_trivial, timing.divide_min);
    c.trivial = timing.divide_trivial - c.base;
    c.least = timing.divide_min - c.base;
    c.range = std::min(timing.divide_max - timing.divide_min, 28u);
    c.most = std::max(c.trivial, c.least + c.range);
    return c;
}

Schedule schedule(std::span<const Decoded> block, const Timing& timing,
                  std::vector<Stall>* stalls) {
    const DivideCost divide = DivideCost::of(timing);
    std::array<std::uint32_t, register_count> ready{};
    Schedule result;
    result.slots.resize(block.size() + 1);
    Producers producers(block, stalls);
    std::uint32_t next = 0;  // when the issue stage is free
    std::uint32_t penalties = 0;
    std::uint32_t offset = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const Decoded& d = block[i];
        std::uint32_t issue = next;
        if (d.op != Op::illegal) {
            const Row& r = row(d.op);
            std::uint8_t latest = 0;
            const auto reads = [&](std::uint8_t source) {
                if (ready[source] <= issue) return;
                issue = ready[source];
                latest = source;
            };
            if (reads_rs1(r.format)) reads(d.operands.rs1);
            if (reads_rs2(r.format)) reads(d.operands.rs2);
            if (r.format == Format::float_fused) reads(d.operands.rs3);
            const auto number = static_cast<std::uint32_t>(i);
            producers.waits(number, issue - next, latest);
            std::uint32_t occupied = 1;
            std::uint32_t latency = 1;
            switch (r.unit) {
                case Unit::load:
                    latency = timing.load_near;
                    break;
                case Unit::multiply:
                    latency = timing.multiply;
                    break;
                case Unit::divide:
                    occupied = latency = divide.base;
                    penalties += divide.most;
                    break;
                case Unit::floating:
                    latency = timing.float_result;
                    break;
                case Unit::float_divide:
                    latency = timing.float_divide;
                    break;
                case Unit::atomic:
                    occupied = latency = timing.atomic;
                    break;
                case Unit::alu:
                case Unit::store:
                case Unit::branch:
                case Unit::jump:
                case Unit::jump_register:
                case Unit::synchronise:
                case Unit::system:
                case Unit::coprocessor:
                    break;
            }
            next = issue + occupied;
            producers.holds(number, occupied - 1);
            if (writes_rd(r.format) && d.operands.rd != 0) {
                ready[d.operands.rd] = issue + latency;
                producers.writes(number, d.operands.rd);
            }
        }
        result.slots[i].issue = issue;
        result.slots[i].offset = offset;
        offset += d.bytes;
    }
    result.slots[block.size()].offset = offset;
    result.slots[block.size()].issue = next;
    result.cost = next;
    if (std::ranges::any_of(block, accesses_memory)) {
        const FarMemory far = far_memory(block, result.slots, timing);
        const std::uint32_t longest = std::max(timing.load_far, timing.load_direct);
        for (std::size_t i = 0; i < block.size(); ++i) {
            if (!accesses_memory(block[i])) continue;
            const bool load = row(block[i].op).unit == Unit::load;
            result.slots[i].slack = load ? far.slack[i] : 0;
            result.slots[i].stall = far.stall[i];
            penalties += far.stall[i];
            if (load && longest > far.slack[i]) penalties += longest - far.slack[i];
        }
    }
    result.bound = result.cost + timing.mispredict + penalties;
    return result;
}

}  // namespace tilewright::riscv
