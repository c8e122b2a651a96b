// Where blocks begin and end, and how they are made, kept and found.
#include "tilewright/riscv/code.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>

#include "block.hpp"
#include "execute.hpp"
#include "polling_loop.hpp"
#include "schedule.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {
namespace {

static_assert(std::endian::native == std::endian::little, "guest memory is used in place");

void check(const Timing& timing) {
    visit_fields(timing, [](const char* name, std::uint32_t value, std::uint32_t least,
                            std::uint32_t most, const char* unit, const char*) {
        if (value >= least && value <= most) return;
        throw ConfigError(std::string("timing.") + name + " is " + std::to_string(value) +
                          "; expected " + std::to_string(least) + " to " + std::to_string(most) +
                          " " + unit);
    });
    if (timing.divide_max >= timing.divide_min) return;
    throw ConfigError("timing.divide_max is " + std::to_string(timing.divide_max) +
                      "; expected at least timing.divide_min, " +
                      std::to_string(timing.divide_min));
}

std::uint64_t longest_block_of(const Timing& t) {
    const std::uint64_t each = std::uint64_t{t.load_near} + t.load_far + t.load_direct +
                               t.store_far + t.multiply + t.divide_max + t.divide_trivial +
                               t.float_result + t.float_divide;
    return each * Code::max_block + t.mispredict + t.atomic;
}

Block::Polls what_polls(const Code& code, std::uint32_t entry, std::span<const Decoded> block) {
    const auto loads = [](const Decoded& d) {
        return d.op != Op::illegal && row(d.op).unit == Unit::load;
    };
    if (std::ranges::none_of(block, loads)) return Block::Polls::no;
    const PollingLoop* loop = code.polling_loop(entry);
    if (loop == nullptr) return Block::Polls::no;
    std::uint32_t end = entry;
    for (const Decoded& d : block) end += d.bytes;
    const bool first = entry <= loop->first_load && loop->first_load < end;
    return first ? Block::Polls::first : Block::Polls::word;
}

Op carried_out_as(Op op, std::uint8_t rd) {
    if (rd != sink) return op;
    return op == Op::jal ? Op::j : op == Op::jalr ? Op::jr : op;
}

Forwarded forwarded(const Instruction& first, const Instruction& second) {
    const Format format = row(second.op).format;
    if (!writes_rd(row(first.op).format)) return Forwarded::none;
    if (reads_rs1(format) && second.rs1 == first.rd) return Forwarded::rs1;
    return reads_rs2(format) && second.rs2 == first.rd ? Forwarded::rs2 : Forwarded::none;
}

// Makes superinstructions, from the end, so that the jumps which end blocks take part; not those
// that are noted. Each instruction keeps what it needs to be carried out by itself.
void fuse(std::span<Instruction> block, bool counted) {
    for (std::size_t i = block.size(); i-- > 1;) {
        const Op second = carried_out_as(block[i].op, block[i].rd);
        if (block[i].handler != handler(second, counted)) continue;
        const void* both = superinstruction_handler(block[i - 1].op, second,
                                                    forwarded(block[i - 1], block[i]), counted);
        if (both != nullptr) block[--i].handler = both;
    }
}

// Leaves out what lies beyond the last boundary, so that blocks of long straight code meet.
void back_to_boundary(std::vector<Decoded>& block, std::uint32_t entry, std::uint32_t alignment) {
    const std::uint32_t apart = Code::max_block * alignment;
    std::uint32_t bytes = 0;
    for (const Decoded& d : block) bytes += d.bytes;
    const std::uint32_t beyond = (entry + bytes) % apart;
    if (beyond >= bytes) return;
    for (const std::uint32_t most = bytes - beyond; bytes > most && block.size() > 1;) {
        bytes -= block.back().bytes;
        block.pop_back();
    }
}

/// A jump back, without a link, over more than the instruction cache holds. Branches do not reach
/// so far from where a cache is worth its name.
bool loops_far_back(const Decoded& d, const Timing& timing) {
    if (d.op != Op::jal || d.operands.rd != 0 || timing.fetch_cache == 0) return false;
    const std::int64_t back = -std::int64_t{d.operands.imm};
    return back % 4 == 0 && back > std::int64_t{timing.fetch_cache} - std::int64_t{d.bytes};
}

bool is_return(const Operands& o) {
    return o.rd == 0 && o.rs1 == 1;
}

/// ra or t0, the registers that the calling convention keeps return addresses in.
bool is_link(std::uint8_t reg) {
    return reg == 1 || reg == 5;
}

}  // namespace

Code::Code(std::span<const std::byte> text, std::uint32_t base, Isa isa, Timing timing,
           std::optional<std::vector<std::uint32_t>> functions, bool counted)
    : base_(base),
      isa_(isa),
      timing_(timing),
      longest_block_(longest_block_of(timing)),
      halves_(text.size() / alignment() * alignment() / 2),
      table_(halves_.size()),
      functions_(std::move(functions)),
      counted_(counted) {
    check(timing);
    if (base % 4 != 0) {
        throw ConfigError("text base " + std::to_string(base) + " is not a multiple of 4");
    }
    if (text.size() > 0x1'0000'0000 - std::uint64_t{base}) {
        throw ConfigError("text of " + std::to_string(text.size()) + " bytes at " +
                          std::to_string(base) + " does not fit below 2^32");
    }
    if (!halves_.empty()) std::memcpy(halves_.data(), text.data(), halves_.size() * 2);
    loops_ = polling_loops(*this);
}

const PollingLoop* Code::polling_loop(std::uint32_t pc) const {
    const auto after = std::ranges::upper_bound(loops_, pc, {}, &PollingLoop::first);
    if (after == loops_.begin() || pc >= std::prev(after)->end) return nullptr;
    return &*std::prev(after);
}

std::optional<std::uint32_t> Code::word(std::uint32_t pc) const {
    const std::size_t index = (pc - base_) / 2;
    if (pc % alignment() != 0 || pc < base_ || index >= halves_.size()) return std::nullopt;
    const std::uint32_t first = halves_[index];
    if (instruction_bytes(first, isa_) == 2) return first;
    if (index + 1 >= halves_.size()) return std::nullopt;
    return first | std::uint32_t{halves_[index + 1]} << 16;
}

const Block* Code::new_block(std::uint32_t pc) const {
    if (!word(pc)) return nullptr;
    std::atomic<const Block*>& place = table_[(pc - base_) / 2];
    const std::lock_guard lock(making_);
    if (const Block* found = place.load(std::memory_order_relaxed)) return found;
    const Block* const made = make_block(pc);
    place.store(made, std::memory_order_release);
    made_.push_back((pc - base_) / 2);
    return made;
}

bool Code::update(std::span<const std::byte> text) {
    const std::size_t size = std::min(text.size(), halves_.size() * 2);
    if (size == 0 || std::memcmp(halves_.data(), text.data(), size) == 0) return false;
    std::memcpy(halves_.data(), text.data(), size);
    for (const std::size_t place : made_) table_[place].store(nullptr, std::memory_order_relaxed);
    made_.clear();
    arena_.release();
    translations_.clear();
    loops_ = polling_loops(*this);
    return true;
}

void Code::note_call(Instruction& jump, const Decoded& decoded, std::uint32_t pc) const {
    if (jump.op != Op::jal && jump.op != Op::jalr) return;
    const CallRecord::Kind kind = call_kind(decoded, pc);
    jump.rs2 = static_cast<std::uint8_t>(kind);
    if (kind == CallRecord::Kind::none) return;
    jump.handler = handler(jump.op == Op::jal ? Op::noted_jal : Op::noted_jalr, counted_);
}

/// A register jump that is no return may be a tail call: whether one is, its target says.
CallRecord::Kind Code::call_kind(const Decoded& jump, std::uint32_t pc) const {
    using Kind = CallRecord::Kind;
    if (!functions_) return Kind::none;
    const Operands& o = jump.operands;
    if (is_link(o.rd)) return Kind::call;
    if (o.rd != 0) return Kind::none;
    if (jump.op == Op::jalr) return is_link(o.rs1) ? Kind::come_back : Kind::tail_call;
    const std::uint32_t target = pc + static_cast<std::uint32_t>(o.imm);
    const auto after = std::ranges::upper_bound(*functions_, pc);
    const bool own = after != functions_->begin() && *std::prev(after) == target;
    const bool function = std::ranges::binary_search(*functions_, target);
    return function && !own ? Kind::tail_call : Kind::none;
}

Block* Code::make_block(std::uint32_t entry) const {
    std::vector<Decoded> decoded;
    bool transfers = false;
    const auto next_loop = std::ranges::upper_bound(loops_, entry, {}, &PollingLoop::first);
    const std::uint32_t stop = next_loop == loops_.end() ? entry : next_loop->first;
    for (std::uint32_t pc = entry; const auto next = word(pc); pc += decoded.back().bytes) {
        if (pc == stop && !decoded.empty()) break;
        const Decoded d = decode(*next, isa_);
        const bool serialises = d.op != Op::illegal && is_serialising(row(d.op).unit);
        if (serialises && !decoded.empty()) break;
        decoded.push_back(d);
        transfers = d.op != Op::illegal && transfers_control(row(d.op).unit);
        if (serialises || transfers || d.op == Op::illegal || decoded.size() == max_block) break;
    }

    if (decoded.size() == max_block && !transfers) back_to_boundary(decoded, entry, alignment());
    const Schedule plan = schedule(decoded, timing_);
    const std::size_t steps = decoded.size() + (transfers ? 0 : 1);
    const std::size_t slots_at = sizeof(Block) + steps * sizeof(Instruction);
    auto* memory = static_cast<std::byte*>(
        arena_.allocate(slots_at + plan.slots.size() * sizeof(Slot), alignof(Block)));
    auto* block = new (memory) Block;
    auto* instructions = reinterpret_cast<Instruction*>(memory + sizeof(Block));
    auto* slots = reinterpret_cast<Slot*>(memory + slots_at);

    for (std::size_t i = 0; i < decoded.size(); ++i) {
        const Op op = decoded[i].op;
        const Operands& o = decoded[i].operands;
        std::int32_t imm = o.imm;
        if (op == Op::auipc) {
            const std::uint32_t pc = entry + plan.slots[i].offset;
            imm = static_cast<std::int32_t>(pc + static_cast<std::uint32_t>(imm));
        } else if (op != Op::illegal && row(op).unit == Unit::load) {
            const std::uint32_t slack = plan.slots[i].slack;
            imm = pack_access(imm, timing_.load_far > slack ? timing_.load_far - slack : 0);
        } else if (op != Op::illegal && row(op).unit == Unit::store) {
            imm = pack_access(imm, plan.slots[i].stall);
        } else if (op != Op::illegal && row(op).format == Format::float_fused) {
            imm |= o.rs3 << 8;
        }
        const std::uint8_t rd = o.rd == 0 ? sink : o.rd;
        new (instructions + i)
            Instruction{handler(carried_out_as(op, rd), counted_), op, rd, o.rs1, o.rs2, imm};
    }
    if (!transfers) {
        new (instructions + decoded.size())
            Instruction{handler(Op::fall_through, counted_), Op::fall_through, sink, 0, 0, 0};
    }
    for (std::size_t i = 0; i < plan.slots.size(); ++i) new (slots + i) Slot(plan.slots[i]);

    const auto count = static_cast<std::uint32_t>(decoded.size());
    block->entry = entry;
    block->count = count;
    block->counted_at = (entry - base_) / 2;
    block->fall_target = entry + plan.slots[count].offset;
    block->taken_cost = block->fall_cost = plan.cost;
    block->bound = plan.bound;
    block->slots = slots;
    block->polls = what_polls(*this, entry, decoded);
    block->serialising = decoded[0].op != Op::illegal && is_serialising(row(decoded[0].op).unit);
    block->function = functions_ && std::ranges::binary_search(*functions_, entry);
    if (transfers) {
        note_call(instructions[count - 1], decoded.back(), entry + plan.slots[count - 1].offset);
    }
    if (transfers && loops_far_back(decoded.back(), timing_)) {
        block->far_back = true;
        instructions[count - 1].handler = handler(Op::fence, counted_);  // off the fast path
    }
    fuse(std::span(instructions, decoded.size()), counted_);
    block->plain = instructions[0].handler;
    if (block->polls != Block::Polls::no) instructions[0].handler = handler(Op::poll, counted_);
    if (transfers) {
        const Op op = decoded.back().op;
        const Operands& o = decoded.back().operands;
        const std::uint32_t pc = block->fall_target - decoded.back().bytes;
        block->taken_target = pc + static_cast<std::uint32_t>(o.imm);
        const Unit unit = row(op).unit;
        const bool known_place = unit == Unit::branch || unit == Unit::jump;
        if (known_place && o.imm > 0) {
            block->place = block->place_if_not_taken = BranchHistory::place(pc);
        }
        if (unit == Unit::jump_register && !is_return(o)) {
            block->taken_cost += timing_.mispredict;
        }
    }
    const auto progress = [&](std::uint32_t cost) { return std::uint64_t{count} << 32 | cost; };
    const std::uint32_t wrong = transfers ? timing_.mispredict : 0;
    block->taken_progress = {progress(block->taken_cost + wrong), progress(block->taken_cost)};
    block->fall_progress = {progress(block->fall_cost), progress(block->fall_cost + wrong)};
    for (const auto& translation : translations_) take_translation(*block, *translation);
    return block;
}

void Code::adopt(std::shared_ptr<const Translation> translation) const {
    if (functions_ || counted_) return;
    const std::lock_guard lock(making_);
    translations_.push_back(std::move(translation));
    for (const std::size_t place : made_) {
        // The arena that the block lies in is this object's own.
        auto& block = const_cast<Block&>(*table_[place].load(std::memory_order_relaxed));
        take_translation(block, *translations_.back());
    }
}

std::vector<std::uint32_t> Code::made_blocks() const {
    const std::lock_guard lock(making_);
    std::vector<std::uint32_t> result;
    for (const std::size_t place : made_) {
        result.push_back(base_ + static_cast<std::uint32_t>(2 * place));
    }
    return result;
}

std::vector<std::byte> Code::text() const {
    std::vector<std::byte> bytes(halves_.size() * 2);
    if (!bytes.empty()) std::memcpy(bytes.data(), halves_.data(), bytes.size());
    return bytes;
}

std::vector<std::shared_ptr<const Translation>> Code::translations() const {
    const std::lock_guard lock(making_);
    return translations_;
}

void Code::take_translation(Block& block, const Translation& translation) {
    if (block.translated.load(std::memory_order_relaxed) != nullptr || !is_plain(block)) return;
    const TranslatedEntry* const entry = translation.find(block.entry);
    if (entry == nullptr) return;
    block.translated.store(entry, std::memory_order_release);
    __atomic_store_n(&block.instructions()->handler, handler(Op::translated, false),
                     __ATOMIC_RELEASE);
}

bool is_plain(const Block& block) {
    if (block.polls != Block::Polls::no) return false;
    const std::span instructions(block.instructions(), block.count);
    return std::ranges::all_of(instructions, [](const Instruction& i) {
        if (i.op == Op::illegal || is_float_operation(i.op)) return false;
        const Unit unit = row(i.op).unit;
        return !is_serialising(unit) && unit != Unit::coprocessor;
    });
}

}  // namespace tilewright::riscv
