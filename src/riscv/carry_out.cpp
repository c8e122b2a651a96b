// The instructions that the inner loop leaves: those that need the bus or arbitration, CSR
// accesses, and the ones that stop the hart.
#include <algorithm>
#include <bit>
#include <cstring>

#include "csr.hpp"
#include "fetch.hpp"
#include "runner.hpp"

namespace tilewright::riscv {
namespace {

std::uint32_t access_bytes(Op op) {
    switch (op) {
        case Op::lb:
        case Op::lbu:
        case Op::sb:
            return 1;
        case Op::lh:
        case Op::lhu:
        case Op::sh:
            return 2;
        default:
            return 4;
    }
}

std::uint32_t extend_loaded(Op op, std::uint32_t value) {
    switch (op) {
        case Op::lb:
            return static_cast<std::uint32_t>(std::int32_t{static_cast<std::int8_t>(value)});
        case Op::lh:
            return static_cast<std::uint32_t>(std::int32_t{static_cast<std::int16_t>(value)});
        case Op::lbu:
            return value & 0xFF;
        case Op::lhu:
            return value & 0xFFFF;
        default:
            return value;
    }
}

AtomicOp atomic_op(Op op) {
    switch (op) {
        case Op::amoadd_w:
            return AtomicOp::add;
        case Op::amoxor_w:
            return AtomicOp::bit_xor;
        case Op::amoand_w:
            return AtomicOp::bit_and;
        case Op::amoor_w:
            return AtomicOp::bit_or;
        case Op::amomin_w:
            return AtomicOp::min;
        case Op::amomax_w:
            return AtomicOp::max;
        case Op::amominu_w:
            return AtomicOp::minu;
        case Op::amomaxu_w:
            return AtomicOp::maxu;
        default:
            return AtomicOp::swap;
    }
}

/// What a CSR access writes to a CSR that holds `old`.
std::uint32_t csr_value(const Instruction& i, const std::uint32_t* x, std::uint32_t old) {
    switch (i.op) {
        case Op::csrrwi:
            return i.rs1;
        case Op::csrrs:
            return old | x[i.rs1];
        case Op::csrrsi:
            return old | i.rs1;
        case Op::csrrc:
            return old & ~x[i.rs1];
        case Op::csrrci:
            return old & ~std::uint32_t{i.rs1};
        default:
            return x[i.rs1];
    }
}

/// The word at an aligned address of near memory, or nullptr.
std::byte* near_word(const Context& c, std::uint32_t address) {
    std::byte* place = nullptr;
    return hits<2>(c.near, address, place) ? place : nullptr;
}

/// Where an aligned access to direct memory goes, or nullptr.
std::byte* direct_place(const Context& c, std::uint32_t address, std::uint32_t bytes) {
    const auto shift = static_cast<std::size_t>(std::countr_zero(bytes));
    if ((address - c.direct.base) >> shift >= c.direct.limit[shift]) return nullptr;
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return reinterpret_cast<std::byte*>(c.direct.shift + address);
}

}  // namespace

/// Carries out the instruction that the hart stands before. A stop leaves it undone, except for
/// those that stop because they are done (ecall, wrs).
std::optional<Stop> Runner::carry_out() {
    const Instruction& i = block_->instructions()[index_];
    save();
    if (block_->serialising && limits_.plain_only) return Stop::synchronise;
    switch (i.op) {
        case Op::lb:
        case Op::lh:
        case Op::lw:
        case Op::lbu:
        case Op::lhu:
        case Op::flw:
            return load(i);
        case Op::sb:
        case Op::sh:
        case Op::sw:
        case Op::fsw:
            return store(i);
        case Op::lr_w:
            return load_reserved(i);
        case Op::sc_w:
            return store_conditional(i);
        case Op::fence:
        case Op::fence_i:
            if (!arbitrate()) return Stop::synchronise;
            return done();
        case Op::wrs_nto:
            return wait(Stop::wait);
        case Op::wrs_sto:
            return wait(Stop::wait_short);
        case Op::ecall:
            return stop_after(Stop::environment);
        case Op::ebreak:
            return fail(Cause::breakpoint, hart_.pc);
        case Op::csrrw:
        case Op::csrrs:
        case Op::csrrc:
        case Op::csrrwi:
        case Op::csrrsi:
        case Op::csrrci:
            return access_csr(i);
        case Op::ttinsn0:
        case Op::ttinsn1:
        case Op::ttinsn2:
            return instruct(i);
        case Op::jal:
            return loop_far_back();
        case Op::illegal:
            return fail(Cause::illegal_instruction, hart_.pc);
        default:
            if (row(i.op).unit == Unit::atomic) return atomic(i);
            // A float operation whose rounding mode is not one.
            return fail(Cause::illegal_instruction, hart_.pc);
    }
}

/// At the entry of a block that polls.
std::optional<Stop> Runner::poll() {
    save();
    if (!arbitrate()) return Stop::synchronise;
    if (block_->polls == Block::Polls::first && bus_.poll()) return Stop::poll;
    return std::nullopt;
}

std::uint64_t PlaceCounts::*Runner::kind_of(const Access& a) const {
    const Timing& timing = code_.timing();
    if (a.latency == 0 || a.latency == timing.load_far) return &PlaceCounts::beyond;
    return a.latency >= timing.load_direct ? &PlaceCounts::direct : &PlaceCounts::device;
}

std::optional<Stop> Runner::load(const Instruction& i) {
    const std::uint32_t address = x_[i.rs1] + static_cast<std::uint32_t>(access_offset(i));
    const std::uint32_t bytes = access_bytes(i.op);
    if (address % bytes != 0) return fail(Cause::load_misaligned, address);
    if (bus_.synchronising(address) && !arbitrate()) return Stop::synchronise;
    const Access a = bus_.load(address, bytes, hart_.cycles);
    if (a.cause == Cause::retry) return Stop::synchronise;
    if (a.cause != Cause::none) return fail(a.cause, address);
    const std::uint32_t latency = a.latency != 0 ? a.latency : code_.timing().load_far;
    lose(kind_of(a), saturating_sub(latency, block_->slots[index_].slack));
    return done(i, extend_loaded(i.op, a.value));
}

std::optional<Stop> Runner::store(const Instruction& i) {
    const std::uint32_t address = x_[i.rs1] + static_cast<std::uint32_t>(access_offset(i));
    const std::uint32_t bytes = access_bytes(i.op);
    const std::uint32_t value = bytes == 4 ? x_[i.rs2] : x_[i.rs2] & ((1u << 8 * bytes) - 1);
    if (address % bytes != 0) return fail(Cause::store_misaligned, address);
    if (std::byte* const place = direct_place(context_, address, bytes)) {
        dirty_->mark(address - context_.direct.base);  // the inner loop does the next ones there
        std::memcpy(place, &value, bytes);
        return done();
    }
    if (bus_.synchronising(address) && !arbitrate()) return Stop::synchronise;
    const Cause cause = bus_.store(address, bytes, value, hart_.cycles);
    if (cause == Cause::retry) return Stop::synchronise;
    if (cause != Cause::none) return fail(cause, address);
    if (bus_.queues_stores(address)) lose(&PlaceCounts::beyond, far_penalty(i));
    return done();
}

std::optional<Stop> Runner::instruct(const Instruction& i) {
    if (!arbitrate()) return Stop::synchronise;
    const auto word = static_cast<std::uint32_t>(i.imm);
    const Cause cause = bus_.instruct(word, hart_.cycles);
    if (cause == Cause::retry) return Stop::synchronise;
    if (cause != Cause::none) return fail(cause, hart_.pc);
    return done();
}

std::optional<Stop> Runner::load_reserved(const Instruction& i) {
    const std::uint32_t address = x_[i.rs1];
    if (address % 4 != 0) return fail(Cause::load_misaligned, address);
    std::uint32_t value = 0;
    if (const std::byte* word = near_word(context_, address)) {
        std::memcpy(&value, word, sizeof value);
    } else {
        if (!arbitrate()) return Stop::synchronise;
        const Access a = bus_.load_reserved(address, hart_.cycles);
        if (a.cause == Cause::retry) return Stop::synchronise;
        if (a.cause != Cause::none) return fail(a.cause, address);
        value = a.value;
    }
    hart_.reserved = true;
    hart_.reservation = address;
    return done(i, value);
}

std::optional<Stop> Runner::store_conditional(const Instruction& i) {
    const std::uint32_t address = x_[i.rs1];
    const std::uint32_t value = x_[i.rs2];
    if (address % 4 != 0) return fail(Cause::store_misaligned, address);
    std::byte* const word = near_word(context_, address);
    if (word == nullptr && !arbitrate()) return Stop::synchronise;
    const bool holds = hart_.reserved && hart_.reservation == address;
    if (holds && word != nullptr) {
        std::memcpy(word, &value, sizeof value);
    } else if (holds) {
        const Cause cause = bus_.store_conditional(address, value, hart_.cycles);
        if (cause != Cause::none) return fail(cause, address);
    }
    hart_.reserved = false;
    return done(i, holds ? 0 : 1);
}

std::optional<Stop> Runner::atomic(const Instruction& i) {
    const std::uint32_t address = x_[i.rs1];
    const std::uint32_t operand = x_[i.rs2];
    const AtomicOp op = atomic_op(i.op);
    if (address % 4 != 0) return fail(Cause::store_misaligned, address);
    if (std::byte* const word = near_word(context_, address)) {
        std::uint32_t old = 0;
        std::memcpy(&old, word, sizeof old);
        const std::uint32_t result = apply(op, old, operand);
        std::memcpy(word, &result, sizeof result);
        return done(i, old);
    }
    if (!arbitrate()) return Stop::synchronise;
    const Access a = bus_.atomic(op, address, operand, hart_.cycles);
    if (a.cause != Cause::none) return fail(a.cause, address);
    lose(kind_of(a), saturating_sub(a.latency, code_.timing().atomic));
    return done(i, a.value);
}

std::optional<Stop> Runner::wait(Stop reason) {
    if (!arbitrate()) return Stop::synchronise;
    if (hart_.reserved) return stop_after(reason);
    return done();
}

std::optional<Stop> Runner::access_csr(const Instruction& i) {
    const auto number = static_cast<std::uint32_t>(i.imm);
    const std::optional<std::uint32_t> old = read_csr(hart_, code_.isa(), number);
    if (!old) return fail(Cause::illegal_instruction, hart_.pc);
    const bool swaps = i.op == Op::csrrw || i.op == Op::csrrwi;
    if ((swaps || i.rs1 != 0) && !write_csr(hart_, code_.isa(), number, csr_value(i, x_, *old))) {
        return fail(Cause::illegal_instruction, hart_.pc);
    }
    return done(i, *old);
}

/// A jump that closes a loop longer than the instruction cache.
std::optional<Stop> Runner::loop_far_back() {
    const std::uint64_t retired_then = retired() + 1;
    const std::uint32_t lines =
        fetched_lines(block_->taken_target, block_->fall_target, retired_then - hart_.looped);
    const Timing& timing = code_.timing();
    context_.target = block_->taken_target;
    const std::uint32_t missed = timing.fetch_miss * missed_lines(lines, timing.fetch_cache);
    count_beyond(context_, *block_, block_->instructions()[index_], &PlaceCounts::beyond, missed);
    context_.cost = block_->taken_cost + missed;
    context_.link = &block_->taken;
    hart_.looped = retired_then;
    return transfer();
}

std::uint32_t apply(AtomicOp op, std::uint32_t old, std::uint32_t operand) {
    const auto signed_old = static_cast<std::int32_t>(old);
    const auto signed_operand = static_cast<std::int32_t>(operand);
    switch (op) {
        case AtomicOp::swap:
            return operand;
        case AtomicOp::add:
            return old + operand;
        case AtomicOp::bit_xor:
            return old ^ operand;
        case AtomicOp::bit_and:
            return old & operand;
        case AtomicOp::bit_or:
            return old | operand;
        case AtomicOp::min:
            return signed_old < signed_operand ? old : operand;
        case AtomicOp::max:
            return signed_old < signed_operand ? operand : old;
        case AtomicOp::minu:
            return std::min(old, operand);
        case AtomicOp::maxu:
            return std::max(old, operand);
    }
    return operand;
}

}  // namespace tilewright::riscv
