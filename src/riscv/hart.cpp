// run(): everything around the inner loop. Finds blocks, keeps the limits, carries out what needs
// the bus or the order of global time.
//
// Wherever this file has control, the hart stands before instruction `index_` of `block_`, and the
// Context counts cycles and instructions as of the entry of that block (penalties included).
#include "tilewright/riscv/hart.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "csr.hpp"
#include "execute.hpp"
#include "tilewright/riscv/code.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    return a + b < a ? ~std::uint64_t{0} : a + b;
}
constexpr std::uint64_t saturating_sub(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

/// More than any block of this timing can cost, device registers left out.
std::uint64_t longest_block(const Timing& t) {
    const std::uint64_t each = std::uint64_t{t.load_near} + t.load_far + t.load_direct +
                               t.multiply + t.divide_max + t.divide_trivial + t.float_result +
                               t.float_divide;
    return each * Code::max_block + t.mispredict + t.atomic;
}

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

class Runner {
public:
    Runner(HartState& hart, const Code& code, const MemoryMap& memory, Bus& bus,
           const Limits& limits, Fault& fault)
        : hart_(hart),
          code_(code),
          memory_(memory),
          bus_(bus),
          limits_(limits),
          fault_(fault),
          longest_(longest_block(code.timing())) {
        std::copy(hart.x.begin() + 1, hart.x.end(), context_.x.begin() + 1);
        if (code.isa().has(Extension::f)) {
            std::copy(hart.f.begin(), hart.f.end(), context_.x.begin() + first_float);
        }
        context_.fcsr = &hart.fcsr;
        context_.divide = DivideCost::of(code.timing());
        context_.table = code.table();
        context_.text_base = code.base();
        context_.load_direct = code.timing().load_direct;
        context_.text_halves = code.bytes() / 2;
        refresh_windows();
        resume();
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    /// Also on the way of an exception: no instruction writes a register before it is certain.
    ~Runner() {
        std::copy_n(context_.x.begin(), hart_.x.size(), hart_.x.begin());
        if (code_.isa().has(Extension::f)) {
            std::copy_n(context_.x.begin() + first_float, hart_.f.size(), hart_.f.begin());
        }
    }

    Stop run() {
        for (;;) {
            if (block_ != nullptr && index_ == block_->count) {
                enter(block_->fall_target, block_->fall_cost, &block_->fall);
            }
            if (retired() >= limits_.max_retired || cycles() >= limits_.max_cycles) {
                return stop(Stop::limit);
            }
            if (index_ == 0 && cycles() >= limits_.edge) return stop(Stop::edge);
            if (block_ == nullptr) {
                save();
                return fail(Cause::fetch_unmapped, entry_);
            }
            std::optional<Stop> stopped;
            const bool polls = index_ == 0 && block_->polls != Block::Polls::no;
            if (polls) stopped = poll();
            if (stopped) return *stopped;
            switch (polls ? step(block_->instructions()[0]) : advance()) {
                case Exit::boundary:
                case Exit::stop:
                    break;
                case Exit::transfer:
                    stopped = transfer();
                    break;
                case Exit::slow:
                    stopped = carry_out();
                    break;
            }
            if (stopped) return *stopped;
        }
    }

private:
    // --- Position -------------------------------------------------------------------------------

    std::uint32_t pc() const {
        return entry_ + (block_ != nullptr ? block_->slots[index_].offset : 0);
    }
    std::uint64_t cycles() const {
        return context_.cycles + (block_ != nullptr ? block_->slots[index_].issue : 0);
    }
    std::uint64_t retired() const { return context_.retired + index_; }

    void save() {
        hart_.x[2] = context_.x[2];
        hart_.pc = pc();
        hart_.block = entry_;
        hart_.cycles = cycles();
        hart_.retired = retired();
    }

    Stop stop(Stop reason) {
        save();
        return reason;
    }

    /// With the state saved before the instruction.
    Stop fail(Cause cause, std::uint32_t address) {
        fault_ = {cause, hart_.pc, address, code_.word(hart_.pc).value_or(0)};
        return Stop::fault;
    }

    void resume() {
        entry_ = hart_.block;
        index_ = 0;
        block_ = code_.block(entry_);
        const std::uint32_t offset = hart_.pc - hart_.block;
        while (block_ != nullptr && index_ < block_->count &&
               block_->slots[index_].offset < offset) {
            ++index_;
        }
        if (block_ == nullptr || index_ == block_->count ||
            block_->slots[index_].offset != offset) {
            entry_ = hart_.pc;
            index_ = 0;
            block_ = code_.block(entry_);
        }
        context_.cycles = hart_.cycles - (block_ != nullptr ? block_->slots[index_].issue : 0);
        context_.retired = hart_.retired - index_;
    }

    /// Leaves the block for a target.
    void enter(std::uint32_t target, std::uint32_t cost, std::atomic<const Block*>* link) {
        context_.cycles += cost;
        context_.retired += block_->count;
        entry_ = target;
        index_ = 0;
        block_ = code_.block(target);
        if (link != nullptr && block_ != nullptr) link->store(block_, std::memory_order_release);
    }

    void refresh_windows() {
        context_.near = Window(memory_.near);
        context_.far = Window(memory_.far);
        context_.far_store = Window(memory_.far_store);
        context_.image = Window(memory_.image);
        context_.direct = Window(memory_.direct);
        context_.direct_stored = memory_.direct_stored;
    }

    // --- The inner loop -------------------------------------------------------------------------

    /// Runs on; by a single instruction where the rest of the block might overstep a limit.
    Exit advance() {
        const Instruction* at = block_->instructions() + index_;
        const bool fits = limits_.max_retired - retired() >= block_->count - index_ &&
                          saturating_sub(limits_.max_cycles, context_.cycles) >= block_->bound;
        if (!fits && !transfers_control(row(at->op == Op::illegal ? Op::fence : at->op).unit)) {
            return step(*at);
        }
        context_.block = block_;
        context_.at = at;
        context_.check = next_check();
        const Exit exit = execute(context_);
        if (context_.call_count != 0) tell_calls();
        block_ = context_.block;
        entry_ = block_->entry;
        index_ = static_cast<std::uint32_t>(context_.at - block_->instructions());
        return exit;
    }

    Exit step(const Instruction& instruction) {
        Single single;
        single.instructions[0] = instruction;
        single.instructions[0].handler = handler(instruction.op);
        single.instructions[1] = {handler(Op::stop), Op::stop, sink, 0, 0, 0};
        single.header.slots = block_->slots + index_;
        context_.block = &single.header;
        context_.at = single.instructions;
        const Exit exit = execute(context_);
        if (exit == Exit::stop) ++index_;
        return exit;
    }

    /// Up to here every block can be run whole. An instruction takes a cycle or more, so that many
    /// cycles are also room for as many instructions.
    std::uint64_t next_check() const {
        const std::uint64_t left =
            saturating_sub(limits_.max_retired - context_.retired, Code::max_block);
        return std::min({limits_.edge, saturating_sub(limits_.max_cycles, longest_),
                         saturating_add(context_.cycles, left)});
    }

    std::optional<Stop> transfer() {
        if (context_.target % code_.alignment() != 0) {
            save();
            return fail(Cause::fetch_misaligned, context_.target);
        }
        const Instruction& i = block_->instructions()[index_];
        const bool jump = i.op == Op::jal || i.op == Op::jalr;
        const std::uint32_t link = block_->fall_target;
        if (jump) context_.x[i.rd] = link;
        enter(context_.target, context_.cost, context_.link);
        if (jump) note_call(static_cast<CallRecord::Kind>(i.rs2), link);
        return std::nullopt;
    }

    /// At the entry of the block that a jump of this kind has gone to.
    void note_call(CallRecord::Kind kind, std::uint32_t link) {
        const bool function = block_ != nullptr && block_->function;
        if (kind == CallRecord::Kind::none) return;
        if (kind == CallRecord::Kind::tail_call && !function) return;
        context_.calls[context_.call_count++] = {context_.cycles, entry_, link, context_.x[2],
                                                 kind};
        tell_calls();
    }

    void tell_calls() {
        bus_.changed_functions(std::span(context_.calls).first(context_.call_count));
        context_.call_count = 0;
    }

    // --- Instructions off the fast path
    // -----------------------------------------------------------

    /// Carries out the instruction that the hart stands before. A stop leaves it undone, except for
    /// those that stop because they are done (ecall, wrs).
    std::optional<Stop> carry_out() {
        const Instruction& i = block_->instructions()[index_];
        save();
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
                if (!take_turn()) return Stop::synchronise;
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
            case Op::illegal:
                return fail(Cause::illegal_instruction, hart_.pc);
            default:
                if (row(i.op).unit == Unit::atomic) return atomic(i);
                // A float operation whose rounding mode is not one.
                return fail(Cause::illegal_instruction, hart_.pc);
        }
    }

    std::optional<Stop> done() {
        ++index_;
        return std::nullopt;
    }
    std::optional<Stop> done(const Instruction& i, std::uint32_t result) {
        context_.x[i.rd] = result;
        return done();
    }
    /// The instruction stands alone, so that after it comes a block entry.
    Stop stop_after(Stop reason) {
        enter(block_->fall_target, block_->fall_cost, &block_->fall);
        return stop(reason);
    }

    bool take_turn() {
        if (hart_.cycles >= limits_.horizon) return false;
        bus_.turn(hart_.cycles);
        return true;
    }

    /// At the entry of a block that polls.
    std::optional<Stop> poll() {
        save();
        if (!take_turn()) return Stop::synchronise;
        if (block_->polls == Block::Polls::first && bus_.poll()) return Stop::poll;
        return std::nullopt;
    }

    /// The bus may change the memory map and the limits, and may throw.
    template <typename Call>
    auto ask_bus(Call call) {
        auto answer = call();
        refresh_windows();
        return answer;
    }

    std::optional<Stop> load(const Instruction& i) {
        const std::uint32_t address =
            context_.x[i.rs1] + static_cast<std::uint32_t>(load_offset(i));
        const std::uint32_t bytes = access_bytes(i.op);
        if (address % bytes != 0) return fail(Cause::load_misaligned, address);
        if (bus_.synchronising(address) && !take_turn()) return Stop::synchronise;
        const Access a = ask_bus([&] { return bus_.load(address, bytes, hart_.cycles); });
        if (a.cause != Cause::none) return fail(a.cause, address);
        const std::uint32_t latency = a.latency != 0 ? a.latency : code_.timing().load_far;
        context_.cycles += saturating_sub(latency, block_->slots[index_].slack);
        return done(i, extend_loaded(i.op, a.value));
    }

    std::optional<Stop> store(const Instruction& i) {
        const std::uint32_t address = context_.x[i.rs1] + static_cast<std::uint32_t>(i.imm);
        const std::uint32_t bytes = access_bytes(i.op);
        const std::uint32_t value =
            bytes == 4 ? context_.x[i.rs2] : context_.x[i.rs2] & ((1u << 8 * bytes) - 1);
        if (address % bytes != 0) return fail(Cause::store_misaligned, address);
        if (bus_.synchronising(address) && !take_turn()) return Stop::synchronise;
        const Cause cause =
            ask_bus([&] { return bus_.store(address, bytes, value, hart_.cycles); });
        if (cause == Cause::retry) return Stop::synchronise;
        if (cause != Cause::none) return fail(cause, address);
        return done();
    }

    /// The word at an aligned address of near memory, or nullptr.
    std::byte* near_word(std::uint32_t address) const {
        const std::uint32_t offset = address - memory_.near.base;
        if (offset / 4 >= memory_.near.bytes / 4) return nullptr;
        return memory_.near.host + offset;
    }

    std::optional<Stop> load_reserved(const Instruction& i) {
        const std::uint32_t address = context_.x[i.rs1];
        if (address % 4 != 0) return fail(Cause::load_misaligned, address);
        std::uint32_t value = 0;
        if (const std::byte* word = near_word(address)) {
            std::memcpy(&value, word, sizeof value);
        } else {
            if (!take_turn()) return Stop::synchronise;
            const Access a = ask_bus([&] { return bus_.load_reserved(address, hart_.cycles); });
            if (a.cause != Cause::none) return fail(a.cause, address);
            value = a.value;
        }
        hart_.reserved = true;
        hart_.reservation = address;
        return done(i, value);
    }

    std::optional<Stop> store_conditional(const Instruction& i) {
        const std::uint32_t address = context_.x[i.rs1];
        const std::uint32_t value = context_.x[i.rs2];
        if (address % 4 != 0) return fail(Cause::store_misaligned, address);
        std::byte* const word = near_word(address);
        if (word == nullptr && !take_turn()) return Stop::synchronise;
        const bool holds = hart_.reserved && hart_.reservation == address;
        if (holds && word != nullptr) {
            std::memcpy(word, &value, sizeof value);
        } else if (holds) {
            const Cause cause =
                ask_bus([&] { return bus_.store_conditional(address, value, hart_.cycles); });
            if (cause != Cause::none) return fail(cause, address);
        }
        hart_.reserved = false;
        return done(i, holds ? 0 : 1);
    }

    std::optional<Stop> atomic(const Instruction& i) {
        const std::uint32_t address = context_.x[i.rs1];
        const std::uint32_t operand = context_.x[i.rs2];
        const AtomicOp op = atomic_op(i.op);
        if (address % 4 != 0) return fail(Cause::store_misaligned, address);
        if (std::byte* const word = near_word(address)) {
            std::uint32_t old = 0;
            std::memcpy(&old, word, sizeof old);
            const std::uint32_t result = apply(op, old, operand);
            std::memcpy(word, &result, sizeof result);
            return done(i, old);
        }
        if (!take_turn()) return Stop::synchronise;
        const Access a = ask_bus([&] { return bus_.atomic(op, address, operand, hart_.cycles); });
        if (a.cause != Cause::none) return fail(a.cause, address);
        context_.cycles += saturating_sub(a.latency, code_.timing().atomic);
        return done(i, a.value);
    }

    std::optional<Stop> wait(Stop reason) {
        if (!take_turn()) return Stop::synchronise;
        if (hart_.reserved) return stop_after(reason);
        return done();
    }

    std::optional<Stop> access_csr(const Instruction& i) {
        const auto number = static_cast<std::uint32_t>(i.imm);
        const bool immediate = row(i.op).format == Format::csr_immediate;
        const std::uint32_t operand = immediate ? i.rs1 : context_.x[i.rs1];
        const std::optional<std::uint32_t> old = read_csr(hart_, code_.isa(), number);
        if (!old) return fail(Cause::illegal_instruction, hart_.pc);
        const bool sets = i.op == Op::csrrs || i.op == Op::csrrsi;
        const bool clears = i.op == Op::csrrc || i.op == Op::csrrci;
        if ((!sets && !clears) || i.rs1 != 0) {
            const std::uint32_t value = sets ? *old | operand : clears ? *old & ~operand : operand;
            if (!write_csr(hart_, code_.isa(), number, value)) {
                return fail(Cause::illegal_instruction, hart_.pc);
            }
        }
        return done(i, *old);
    }

    /// One instruction with a stop behind it, in place of the block that it is from.
    struct Single {
        Block header;
        Instruction instructions[2];
    };
    static_assert(sizeof(Single) == sizeof(Block) + 2 * sizeof(Instruction));

    HartState& hart_;
    const Code& code_;
    const MemoryMap& memory_;
    Bus& bus_;
    const Limits& limits_;
    Fault& fault_;
    std::uint64_t longest_;
    Context context_;
    std::uint32_t entry_ = 0;  ///< of block_, or where control went if there is no code
    std::uint32_t index_ = 0;
    const Block* block_ = nullptr;
};

}  // namespace

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

Stop run(HartState& hart, const Code& code, const MemoryMap& memory, Bus& bus, const Limits& limits,
         Fault& fault) {
    return Runner(hart, code, memory, bus, limits, fault).run();
}

}  // namespace tilewright::riscv
