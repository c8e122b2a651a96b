// The block once more on the scoreboard of schedule.cpp, now with far memory. What that adds is put
// down to the load whose result was missing, so that the parts add up to the whole if all accesses
// that may be far are; which of them are is known only when they are carried out.
#include "far_memory.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "schedule.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::uint32_t none = ~0u;
constexpr std::uint32_t block_bytes = 16;  // of L1: what one write of the store queue covers

/// The stack lies in near memory, as far as can be told without knowing addresses.
bool on_the_stack(const Decoded& d) {
    constexpr std::uint8_t stack_pointer = 2;
    return d.operands.rs1 == stack_pointer;
}

std::uint32_t stored_bytes(Op op) {
    if (op == Op::sb) return 1;
    return op == Op::sh ? 2 : 4;
}

/// Writes on their way to far memory, of which the last one may still grow.
class StoreQueue {
public:
    explicit StoreQueue(const Timing& timing) : timing_(timing), left_(timing.store_queue) {}

    /// A store that could be done at `cycle`; returns when the queue takes it.
    std::uint32_t take(const Decoded& d, std::uint32_t cycle) {
        const std::int32_t offset = d.operands.imm;
        const auto at = static_cast<std::uint32_t>(offset) % block_bytes;
        const std::uint32_t bytes = ((1u << stored_bytes(d.op)) - 1) << at;
        if (coalesces(d, offset)) {
            last_->offset = offset;
            last_->bytes |= bytes;
            last_->stored = cycle;
            return cycle;
        }
        if (last_) {
            const bool whole = last_->bytes == (1u << block_bytes) - 1;
            left_[oldest_] = std::max(last_->stored, drained_) + (whole ? 1 : timing_.store_far);
            drained_ = left_[oldest_];
            oldest_ = (oldest_ + 1) % static_cast<std::uint32_t>(left_.size());
        }
        const std::uint32_t taken = std::max(cycle, left_[oldest_]);
        last_ = Write{d.operands.rs1, offset, bytes, taken};
        return taken;
    }
    /// Addresses relative to that register mean others from now on.
    void changed(std::uint8_t reg) {
        if (last_ && last_->base == reg) last_->base = no_register;
    }

private:
    static constexpr std::uint8_t no_register = 0xFF;
    struct Write {
        std::uint8_t base;
        std::int32_t offset;  ///< of the last store to it
        std::uint32_t bytes;  ///< a bit for each
        std::uint32_t stored;
    };

    bool coalesces(const Decoded& d, std::int32_t offset) const {
        constexpr std::int32_t reach = 4;
        constexpr std::int32_t size = block_bytes;
        return last_ && last_->base == d.operands.rs1 && (offset - last_->offset + reach) >= 0 &&
               offset - last_->offset <= reach &&
               (offset & ~(size - 1)) == (last_->offset & ~(size - 1));
    }

    const Timing& timing_;
    std::optional<Write> last_;
    std::vector<std::uint32_t> left_;  ///< when the last store_queue writes left, as a ring
    std::uint32_t oldest_ = 0;
    std::uint32_t drained_ = 0;  ///< when the newest of them did
};

class Scoreboard {
public:
    Scoreboard(std::span<const Decoded> block, std::span<const Slot> slots, const Timing& timing)
        : block_(block),
          slots_(slots),
          timing_(timing),
          issue_(block.size()),
          waited_(block.size()),
          room_(block.size(), none),
          stores_(timing) {
        load_of_.fill(none);
    }

    FarMemory run() {
        FarMemory result;
        result.slack.resize(block_.size());
        result.stall.resize(block_.size());
        for (std::uint32_t i = 0; i < block_.size(); ++i) {
            const Decoded& d = block_[i];
            // As far behind the one before as with near memory.
            std::uint32_t issue = slots_[i].issue + shift_;
            if (d.op != Op::illegal) issue = need(sources(d), issue);
            const bool far = d.op != Op::illegal && !on_the_stack(d);
            const bool load = d.op != Op::illegal && row(d.op).unit == Unit::load;
            if (load && far) issue = start_load(i, issue);
            if (far && row(d.op).unit == Unit::store) {
                const std::uint32_t taken = stores_.take(d, issue);
                result.stall[i] = taken - issue;
                issue = taken;
            }
            issue_[i] = issue;
            shift_ = issue - slots_[i].issue;
            if (d.op != Op::illegal && writes_rd(row(d.op).format) && d.operands.rd != 0) {
                load_of_[d.operands.rd] = load ? i : none;
                stores_.changed(d.operands.rd);
            }
        }
        // The next block finds an empty scoreboard: what it may need is waited for.
        need(load_of_, slots_[block_.size()].issue + shift_);
        for (std::uint32_t i = 0; i < block_.size(); ++i) {
            const std::uint32_t hidden = waited_[i] != 0 ? timing_.load_far - waited_[i] : room_[i];
            result.slack[i] = std::max(hidden, timing_.load_near);
        }
        return result;
    }

private:
    /// The loads that bring what an instruction reads.
    std::array<std::uint32_t, 3> sources(const Decoded& d) const {
        const Format format = row(d.op).format;
        return {reads_rs1(format) ? load_of_[d.operands.rs1] : none,
                reads_rs2(format) ? load_of_[d.operands.rs2] : none,
                format == Format::float_fused ? load_of_[d.operands.rs3] : none};
    }

    /// When what these loads bring is there, for whom could go on at `cycle`.
    template <std::size_t count>
    std::uint32_t need(std::array<std::uint32_t, count> loads, std::uint32_t cycle) {
        std::ranges::sort(loads);  // the earlier one's result comes first
        for (const std::uint32_t load : loads) {
            if (load == none) break;
            const bool near = on_the_stack(block_[load]);
            cycle = wait(load, near ? timing_.load_near : timing_.load_far, cycle);
            room_[load] = std::min(room_[load], cycle - issue_[load]);
        }
        return cycle;
    }
    std::uint32_t wait(std::uint32_t load, std::uint32_t latency, std::uint32_t cycle) {
        const std::uint32_t ready = issue_[load] + latency;
        if (ready <= cycle) return cycle;
        waited_[load] += ready - cycle;
        return ready;
    }

    /// No more than loads_in_flight begin while the first of them has more than a cycle to go.
    std::uint32_t start_load(std::uint32_t i, std::uint32_t cycle) {
        if (loads_.size() >= timing_.loads_in_flight &&
            timing_.load_far > timing_.loads_in_flight) {
            const std::uint32_t first = loads_[loads_.size() - timing_.loads_in_flight];
            cycle = wait(first, timing_.load_far - 1, cycle);
        }
        loads_.push_back(i);
        return cycle;
    }

    std::span<const Decoded> block_;
    std::span<const Slot> slots_;
    const Timing& timing_;
    std::vector<std::uint32_t> issue_;
    std::vector<std::uint32_t> waited_;  ///< cycles that others waited for this load
    std::vector<std::uint32_t> room_;    ///< from its issue to whoever needs it first
    std::vector<std::uint32_t> loads_;
    std::array<std::uint32_t, register_count>
        load_of_{};  ///< which load a register's value is from
    StoreQueue stores_;
    std::uint32_t shift_ = 0;
};

}  // namespace

FarMemory far_memory(std::span<const Decoded> block, std::span<const Slot> slots,
                     const Timing& timing) {
    return Scoreboard(block, slots, timing).run();
}

}  // namespace tilewright::riscv
