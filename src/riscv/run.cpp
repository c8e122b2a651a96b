// run(): finds blocks, keeps the limits, and calls the inner loop for all that lies between.
#include <algorithm>
#include <span>

#include "runner.hpp"
#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv {
namespace {

/// One instruction with a stop behind it, in place of the block that it is from.
struct Single {
    Block header;
    Instruction instructions[2];
};
static_assert(sizeof(Single) == sizeof(Block) + 2 * sizeof(Instruction));

}  // namespace

Stop Runner::run() {
    std::optional<Stop> stopped;
    do {
        if (block_ != nullptr && index_ == block_->count) enter_next();
        if (retired() >= limits_.max_retired || cycles() >= limits_.max_cycles) {
            return stop(Stop::limit);
        }
        bool polls = false;
        if (index_ == 0) {
            if (context_.cycles >= limits_.edge) return stop(Stop::edge);
            if (block_ == nullptr) {
                save();
                return fail(Cause::fetch_unmapped, entry_);
            }
            if (block_->serialising) {
                stopped = carry_out();
                continue;
            }
            polls = block_->polls != Block::Polls::no;
            if (polls) stopped = poll();
            if (stopped) break;
        }
        switch (polls ? step(block_->instructions()[0]) : advance()) {
            case Exit::boundary:
            case Exit::stop:
            case Exit::translated:
            case Exit::unmade:
                break;
            case Exit::transfer:
                stopped = transfer();
                break;
            case Exit::slow:
                stopped = carry_out();
                break;
        }
    } while (!stopped);
    return *stopped;
}

// --- Position -----------------------------------------------------------------------------------

void Runner::resume() {
    entry_ = hart_.block;
    block_ = code_.block(entry_);
    const std::uint32_t offset = hart_.pc - hart_.block;
    if (offset != 0) {
        if (block_ != nullptr) {
            const std::span slots(block_->slots, block_->count);
            const auto at = std::ranges::lower_bound(slots, offset, {}, &Slot::offset);
            index_ = static_cast<std::uint32_t>(at - slots.begin());
        }
        if (block_ == nullptr || index_ == block_->count ||
            block_->slots[index_].offset != offset) {
            entry_ = hart_.pc;
            index_ = 0;
            block_ = code_.block(entry_);
        }
    }
    context_.cycles = hart_.cycles - (block_ != nullptr ? block_->slots[index_].issue : 0);
    context_.retired = hart_.retired - index_;
}

/// The one at entry_, to be found by `link` from now on.
void Runner::find_block(std::atomic<const Block*>* link) {
    block_ = code_.block(entry_);
    if (link != nullptr && block_ != nullptr) link->store(block_, std::memory_order_release);
}

// --- The inner loop -----------------------------------------------------------------------------

/// Runs on; by a single instruction where the rest of the block might overstep a limit.
Exit Runner::advance() {
    const Instruction* at = block_->instructions() + index_;
    const bool fits = limits_.max_retired - retired() >= block_->count - index_ &&
                      saturating_sub(limits_.max_cycles, context_.cycles) >= block_->bound;
    if (!fits && !transfers_control(row(at->op == Op::illegal ? Op::fence : at->op).unit)) {
        return step(*at);
    }
    context_.block = block_;
    context_.at = at;
    context_.check = next_check();
    Exit exit = execute(context_);
    while (exit == Exit::unmade) {
        const Block* const block = code_.block(context_.left_entry);
        if (block == nullptr) return leave_code();
        exit = execute_unmade(context_, block);
    }
    if (context_.call_count != 0) tell_calls();
    tell_pushes();
    block_ = context_.block;
    entry_ = block_->entry;
    index_ = static_cast<std::uint32_t>(context_.at - block_->instructions());
    return exit;
}

/// Translated code has gone where there is none.
Exit Runner::leave_code() {
    entry_ = context_.left_entry;
    index_ = 0;
    block_ = nullptr;
    return Exit::boundary;
}

Exit Runner::step(const Instruction& instruction) {
    Single single;
    single.instructions[0] = instruction;
    single.instructions[0].handler = handler(instruction.op, context_.counted);
    single.instructions[1] = {handler(Op::stop, context_.counted), Op::stop, sink, 0, 0, 0};
    single.header.entry = block_->entry;
    single.header.counted_at = block_->counted_at;
    single.header.slots = block_->slots + index_;
    context_.block = &single.header;
    context_.at = single.instructions;
    const Exit exit = execute(context_);
    tell_pushes();
    if (exit == Exit::stop) ++index_;
    return exit;
}

std::optional<Stop> Runner::transfer() {
    if (context_.target % code_.alignment() != 0) {
        save();
        return fail(Cause::fetch_misaligned, context_.target);
    }
    const Instruction& i = block_->instructions()[index_];
    const bool jump = i.op == Op::jal || i.op == Op::jalr;
    const bool falls = context_.link == &block_->fall;
    bool against = false;
    if (index_ < block_->count && !hart_.branches.note(block_->place, !falls)) {
        context_.cost += code_.timing().mispredict;
        against = true;
    }
    const std::uint32_t link = block_->fall_target;
    if (jump) x_[i.rd] = link;
    enter(context_.target, context_.cost, context_.link, against);
    if (jump) note_call(static_cast<CallRecord::Kind>(i.rs2), link);
    return std::nullopt;
}

/// At the entry of the block that a jump of this kind has gone to.
void Runner::note_call(CallRecord::Kind kind, std::uint32_t link) {
    const bool function = block_ != nullptr && block_->function;
    if (kind == CallRecord::Kind::none) return;
    if (kind == CallRecord::Kind::tail_call && !function) return;
    calls_[context_.call_count++] = {context_.cycles, entry_, link, x_[2], kind};
    tell_calls();
}

void Runner::tell_calls() {
    bus_.changed_functions(std::span(calls_).first(context_.call_count));
    context_.call_count = 0;
}

// --- The context --------------------------------------------------------------------------------

RunContext::RunContext() : context_(std::make_unique<Context>()) {}
RunContext::RunContext(const Code& code, const MemoryMap& memory) : RunContext() {
    set_code(code);
    set_memory(memory);
}
RunContext::RunContext(RunContext&&) noexcept = default;
RunContext& RunContext::operator=(RunContext&&) noexcept = default;
RunContext::~RunContext() = default;

void RunContext::set_code(const Code& code) {
    code_ = &code;
    context_->counted = code.counted();
    context_->counts = nullptr;
    context_->divide = DivideCost::of(code.timing());
    context_->load_direct = code.timing().load_direct;
    context_->table = code.table();
    context_->text_base = code.base();
    context_->text_halves = code.bytes() / 2;
}

void RunContext::set_counts(CodeCounts* counts) {
    context_->counts = counts != nullptr ? counts->places() : nullptr;
}

std::uint64_t RunContext::translated() const {
    return context_->translated;
}

void RunContext::set_translated(std::uint64_t instructions) {
    context_->translated = instructions;
}

void RunContext::set_memory(const MemoryMap& memory) {
    memory_ = memory;
    context_->near = Window(memory.near);
    context_->far = Window(memory.far);
    context_->far_store = Window(memory.far_store);
    context_->image = Window(memory.image);
    context_->direct = Window(memory.direct);
    context_->direct_marks =
        memory.direct_stored != nullptr ? memory.direct_stored->marks() : nullptr;
}

void RunContext::set_image(const Region& image) {
    memory_.image = image;
    context_->image = Window(image);
}

void RunContext::set_push_port(PushPort* port) {
    context_->port = port;
}

void RunContext::set_far_store_bytes(std::uint32_t bytes) {
    if (memory_.far_store.bytes == bytes) return;
    memory_.far_store.bytes = bytes;
    context_->far_store = Window(memory_.far_store);
}

Stop RunContext::run(HartState& hart, Bus& bus, const Limits& limits, Fault& fault) {
    return Runner(*context_, hart, *code_, bus, memory_.direct_stored, limits, fault).run();
}

Stop run(HartState& hart, const Code& code, const MemoryMap& memory, Bus& bus, const Limits& limits,
         Fault& fault) {
    return RunContext(code, memory).run(hart, bus, limits, fault);
}

}  // namespace tilewright::riscv
