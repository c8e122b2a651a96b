// Threaded dispatch: each handler ends with a jump to the address kept in the next instruction.
// Cycles and instructions are added when a block is left; loads and divisions add their penalties.
#include "execute.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "float_operations.hpp"
#include "handlers.hpp"
#include "tilewright/riscv/translation.hpp"

// Labels as values are an extension that GCC and Clang share.
#pragma GCC diagnostic ignored "-Wpedantic"

namespace tilewright::riscv {
namespace {

using std::int32_t;
using std::int64_t;
using std::uint32_t;
using std::uint64_t;

int32_t as_signed(uint32_t v) {
    return static_cast<int32_t>(v);
}
uint32_t as_unsigned(int32_t v) {
    return static_cast<uint32_t>(v);
}

/// What a load from direct memory costs beyond its slack.
uint32_t direct_penalty(const Context& c, const Block& block, const Instruction& at) {
    const uint32_t slack = block.slots[&at - block.instructions()].slack;
    return c.load_direct > slack ? c.load_direct - slack : 0;
}

/// The word goes to the coprocessor's port, if it fits for certain.
bool push(const Context& c, const Block& block, const Instruction& at, uint64_t progress,
          uint32_t word) {
    PushPort* const port = c.port;
    if (port == nullptr || port->count >= port->room) return false;
    const Slot& slot = block.slots[&at - block.instructions()];
    port->push(
        {c.cycles + static_cast<uint32_t>(progress) + slot.issue, word, block.entry + slot.offset});
    return true;
}

bool is_dirty(const Context& c, uint32_t address) {
    return c.direct_marks[(address - c.direct.base) >> DirtyChunks::shift] != 0;
}

/// The windows begin where the block's translation has them.
bool suits(const Context& c, const Block& block) {
    const WindowPlaces& places = block.translated.load(std::memory_order_acquire)->places;
    return c.near.base == places.near && c.far.base == places.far;
}

constexpr uint32_t smallest = 0x8000'0000;

uint32_t quotient(uint32_t a, uint32_t b) {
    if (b == 0) return ~0u;
    if (a == smallest && b == ~0u) return smallest;
    return as_unsigned(as_signed(a) / as_signed(b));
}
uint32_t remainder(uint32_t a, uint32_t b) {
    if (b == 0) return a;
    if (a == smallest && b == ~0u) return 0;
    return as_unsigned(as_signed(a) % as_signed(b));
}
uint32_t magnitude(uint32_t a) {
    return as_signed(a) < 0 ? 0u - a : a;
}

uint32_t or_combine_bytes(uint32_t v) {
    v |= (v & 0x7F7F'7F7F) << 1 | (v & 0xFEFE'FEFE) >> 1;
    v |= (v & 0x3F3F'3F3F) << 2 | (v & 0xFCFC'FCFC) >> 2;
    v |= (v & 0x0F0F'0F0F) << 4 | (v & 0xF0F0'F0F0) >> 4;
    return v;
}

struct Superinstruction {
    Op first;
    Op second;
    std::array<const void*, 3> handlers;  ///< by Forwarded
};
struct Labels {
    const void* const* handlers = nullptr;  ///< by Op
    std::span<const Superinstruction> superinstructions;
};

/// The loop. With `labels` it only hands out where its handlers are. There is one more for
/// profiles, so that they cost nothing where nobody makes one.
template <bool counted>
Exit loop(Context* c, Labels* labels) {
    static const void* const table[] = {
#define TILEWRIGHT_INSTRUCTION(name, ...) &&op_##name,
#include "instructions.def"
#undef TILEWRIGHT_INSTRUCTION
        &&op_illegal, &&op_fall_through, &&op_stop,       &&op_poll,       &&op_j,
        &&op_jr,      &&op_noted_jal,    &&op_noted_jalr, &&op_translated,
    };
    static_assert(std::size(table) == op_count);
    static const Superinstruction superinstructions[] = {
#define TILEWRIGHT_SUPERINSTRUCTION(first, second)                \
    {Op::first,                                                   \
     Op::second,                                                  \
     {&&super_##first##_##second, &&super_##first##_rs1_##second, \
      &&super_##first##_rs2_##second}},
#include "superinstructions.def"
#undef TILEWRIGHT_SUPERINSTRUCTION
    };
    if (labels != nullptr) {
        *labels = {table, superinstructions};
        return Exit::stop;
    }

    HartState* const hart = c->hart;
    uint32_t* const x = registers(*hart);
    uint32_t result = 0;  // of the instruction before, where it is forwarded
    [[maybe_unused]] constexpr Forwarded forwarded = Forwarded::none;
    const Block* block = c->block;
    const Instruction* at = c->at;
    // Cycles since the call in the lower half, instructions in the upper one: one addition for
    // both. An instruction takes a cycle or more, and no block 2^31 of them, so that neither
    // overflows.
    uint64_t progress = 0;
    [[maybe_unused]] PlaceCounts* here =
        c->counts != nullptr ? c->counts + block->counted_at : nullptr;
    constexpr uint64_t most = uint64_t{1} << 31;
    auto check = static_cast<uint32_t>(c->check > c->cycles ? std::min(c->check - c->cycles, most)
                                                            : uint64_t{0});
    Exit exit = Exit::slow;
    if (const void* const begin = c->begin) {
        c->begin = nullptr;
        goto* begin;
    }
    DISPATCH();

op_lui:
op_auipc:
    DO_lui;
    NEXT();
op_addi:
    DO_addi;
    NEXT();
op_slti:
    RESULT(as_signed(A) < at->imm ? 1 : 0);
op_sltiu:
    RESULT(A < IMM ? 1 : 0);
op_xori:
    RESULT(A ^ IMM);
op_ori:
    RESULT(A | IMM);
op_andi:
    DO_andi;
    NEXT();
op_slli:
    DO_slli;
    NEXT();
op_srli:
    DO_srli;
    NEXT();
op_srai:
    RESULT(as_unsigned(as_signed(A) >> (IMM & 31)));
op_add:
    DO_add;
    NEXT();
op_sub:
    RESULT(A - B);
op_sll:
    RESULT(A << (B & 31));
op_slt:
    RESULT(as_signed(A) < as_signed(B) ? 1 : 0);
op_sltu:
    DO_sltu;
    NEXT();
op_xor_:
    DO_xor_;
    NEXT();
op_srl:
    RESULT(A >> (B & 31));
op_sra:
    RESULT(as_unsigned(as_signed(A) >> (B & 31)));
op_or_:
    DO_or_;
    NEXT();
op_and_:
    DO_and_;
    NEXT();

op_lb:
    DO_lb;
    NEXT();
op_lh:
    LOAD(std::int16_t, 1);
    NEXT();
op_lw:
op_flw:
    DO_lw;
    NEXT();
op_lbu:
    DO_lbu;
    NEXT();
op_lhu:
    LOAD(std::uint16_t, 1);
    NEXT();
op_sb:
    DO_sb;
    NEXT();
op_sh:
    STORE(std::uint16_t, 1);
    NEXT();
op_sw:
op_fsw:
    DO_sw;
    NEXT();

op_mul:
    DO_mul;
    NEXT();
op_mulh:
    RESULT(static_cast<uint32_t>(int64_t{as_signed(A)} * as_signed(B) >> 32));
op_mulhsu:
    RESULT(static_cast<uint32_t>(int64_t{as_signed(A)} * int64_t{B} >> 32));
op_mulhu:
    RESULT(static_cast<uint32_t>(uint64_t{A} * B >> 32));
op_div:
    DIVIDE(quotient(a, b), magnitude(a), a == smallest && b == ~0u);
op_divu:
    DIVIDE(b == 0 ? ~0u : a / b, a, false);
op_rem:
    DIVIDE(remainder(a, b), magnitude(a), a == smallest && b == ~0u);
op_remu:
    DIVIDE(b == 0 ? a : a % b, a, false);

op_sh1add:
    RESULT((A << 1) + B);
op_sh2add:
    DO_sh2add;
    NEXT();
op_sh3add:
    RESULT((A << 3) + B);
op_andn:
    RESULT(A & ~B);
op_orn:
    RESULT(A | ~B);
op_xnor:
    RESULT(~(A ^ B));
op_clz:
    RESULT(as_unsigned(std::countl_zero(A)));
op_ctz:
    RESULT(as_unsigned(std::countr_zero(A)));
op_cpop:
    RESULT(as_unsigned(std::popcount(A)));
op_sext_b:
    RESULT(as_unsigned(static_cast<std::int8_t>(A)));
op_sext_h:
    RESULT(as_unsigned(static_cast<std::int16_t>(A)));
op_zext_h:
    RESULT(static_cast<std::uint16_t>(A));
op_min:
    RESULT(as_signed(A) < as_signed(B) ? A : B);
op_minu:
    RESULT(A < B ? A : B);
op_max:
    RESULT(as_signed(A) < as_signed(B) ? B : A);
op_maxu:
    RESULT(A < B ? B : A);
op_rol:
    RESULT(std::rotl(A, as_signed(B & 31)));
op_ror:
    RESULT(std::rotr(A, as_signed(B & 31)));
op_rori:
    RESULT(std::rotr(A, as_signed(IMM & 31)));
op_orc_b:
    RESULT(or_combine_bytes(A));
op_rev8:
    RESULT(__builtin_bswap32(A));

op_beq:
    DO_beq;
op_bne:
    DO_bne;
op_blt:
    DO_blt;
op_bge:
    DO_bge;
op_bltu:
    DO_bltu;
op_bgeu:
    DO_bgeu;
op_fall_through:
    FALL();

op_jal:
    DO_jal;
op_jalr:
    DO_jalr;
op_j:
    DO_j;
op_jr:
    DO_jr;
op_noted_jal:
    JAL(LINK, NOTE);
op_noted_jalr:
    JALR(LINK, NOTE);

// `at` is first at the one instruction, then at the other, so that whatever stops or leaves the
// block does so at its own instruction. A result that the second one needs is forwarded in a
// register of the host: through `x` it would be late by what the host's store buffer takes.
#define TILEWRIGHT_SUPERINSTRUCTION(first, second)                       \
    super_##first##_##second : DO_##first;                               \
    ++at;                                                                \
    DO_##second;                                                         \
    NEXT();                                                              \
    super_##first##_rs1_##second : DO_##first;                           \
    ++at;                                                                \
    {                                                                    \
        [[maybe_unused]] constexpr Forwarded forwarded = Forwarded::rs1; \
        DO_##second;                                                     \
    }                                                                    \
    NEXT();                                                              \
    super_##first##_rs2_##second : DO_##first;                           \
    ++at;                                                                \
    {                                                                    \
        [[maybe_unused]] constexpr Forwarded forwarded = Forwarded::rs2; \
        DO_##second;                                                     \
    }                                                                    \
    NEXT();
#include "superinstructions.def"
#undef TILEWRIGHT_SUPERINSTRUCTION

op_fmadd_s:
op_fmsub_s:
op_fnmsub_s:
op_fnmadd_s:
op_fadd_s:
op_fsub_s:
op_fmul_s:
op_fdiv_s:
op_fsqrt_s:
op_fsgnj_s:
op_fsgnjn_s:
op_fsgnjx_s:
op_fmin_s:
op_fmax_s:
op_fcvt_w_s:
op_fcvt_wu_s:
op_fmv_x_w:
op_fclass_s:
op_feq_s:
op_flt_s:
op_fle_s:
op_fcvt_s_w:
op_fcvt_s_wu:
op_fmv_w_x:
op_fence:
op_fence_i:
op_ecall:
op_ebreak:
op_csrrw:
op_csrrs:
op_csrrc:
op_csrrwi:
op_csrrsi:
op_csrrci:
op_lr_w:
op_sc_w:
op_amoswap_w:
op_amoadd_w:
op_amoxor_w:
op_amoand_w:
op_amoor_w:
op_amomin_w:
op_amomax_w:
op_amominu_w:
op_amomaxu_w:
op_wrs_nto:
op_wrs_sto:
op_illegal:
    goto leave;
op_ttinsn0:
op_ttinsn1:
op_ttinsn2:
    if (!push(*c, *block, *at, progress, as_unsigned(at->imm))) goto leave;
    NEXT();
// Superinstructions have their first result in `x`, too.
slow_store:
    if (at->op != Op::sw || c->port == nullptr ||
        x[at->rs1] + as_unsigned(access_offset(*at)) != c->port->address ||
        !push(*c, *block, *at, progress, x[at->rs2])) {
        goto leave;
    }
    NEXT();
slow:
    goto leave;
op_stop:
    exit = Exit::stop;
    goto leave;
op_translated:
    if (!suits(*c, *block)) goto * block->plain;
    exit = Exit::translated;
    goto leave;
new_fall:
    c->target = block->fall_target;
    c->cost = block->fall_cost;
    c->link = &block->fall;
    exit = Exit::transfer;
    goto leave;
new_taken:
    c->target = block->taken_target;
    c->cost = block->taken_cost;
    c->link = &block->taken;
    exit = Exit::transfer;
    goto leave;
new_jump:
    c->cost = block->taken_cost;
    c->link = nullptr;
    exit = Exit::transfer;
    goto leave;
op_poll:
at_boundary:
    exit = Exit::boundary;
leave:
    c->block = block;
    c->at = at;
    c->cycles += static_cast<uint32_t>(progress);
    c->retired += progress >> 32;
    return exit;
}

Exit run_loop(Context& context) {
    return context.counted ? loop<true>(&context, nullptr) : loop<false>(&context, nullptr);
}

Labels labels_of(bool counted) {
    Labels labels;
    counted ? loop<true>(nullptr, &labels) : loop<false>(nullptr, &labels);
    return labels;
}

/// False, and nothing is done, if its rounding mode is none.
bool carry_out_float(Context& context) {
    const Instruction& i = *context.at;
    uint32_t* const x = registers(*context.hart);
    const auto rs3 = static_cast<uint32_t>(i.imm) >> 8;
    const auto result = float_operation(i.op, {x[i.rs1], x[i.rs2], x[rs3]},
                                        static_cast<uint32_t>(i.imm) & 7, context.hart->fcsr);
    if (!result) return false;
    x[i.rd] = *result;
    ++context.at;
    return true;
}

/// Goes on where translated code has left off, if that block is made.
bool go_on(Context& c, const Block* block) {
    if (block == nullptr) return false;
    const std::uint32_t index = c.left_index & ~TranslatedEntry::resumes;
    c.block = block;
    c.at = block->instructions() + index;
    c.begin = c.left_index == TranslatedEntry::resumes ? block->plain : nullptr;
    return true;
}

const Block* made_block(const Context& c, std::uint32_t pc) {
    const std::uint32_t index = (pc - c.text_base) / 2;
    if (index >= c.text_halves || pc % 2 != 0) return nullptr;
    return c.table[index].load(std::memory_order_acquire);
}

/// Runs translated code from the block that the context stands before; whether the loop goes on.
bool run_translated(Context& c, Exit& exit) {
    const TranslatedEntry& entry = *c.block->translated.load(std::memory_order_acquire);
    const uint64_t room =
        c.check > c.cycles ? std::min(c.check - c.cycles, TranslatedEntry::most_cycles) : 0;
    const uint64_t progress =
        entry.enter(&c, registers(*c.hart), room << TranslatedEntry::count_bits, &entry);
    const uint64_t count = progress & TranslatedEntry::count_mask;
    c.cycles += progress >> TranslatedEntry::count_bits;
    c.retired += count;
    c.translated += count;
    if (!go_on(c, made_block(c, c.left_entry))) {
        exit = Exit::unmade;
        return false;
    }
    exit = Exit::boundary;
    return c.left_index != 0 || c.cycles < c.check;
}

}  // namespace

Exit execute(Context& context) {
    for (;;) {
        Exit exit = run_loop(context);
        if (exit == Exit::translated) {
            if (!run_translated(context, exit)) return exit;
        } else if (exit != Exit::slow || !is_float_operation(context.at->op) ||
                   !carry_out_float(context)) {
            return exit;
        }
    }
}

Exit execute_unmade(Context& context, const Block* block) {
    if (!go_on(context, block) || (context.left_index == 0 && context.cycles >= context.check)) {
        return Exit::boundary;
    }
    return execute(context);
}

const void* handler(Op op, bool counted) {
    return labels_of(counted).handlers[static_cast<std::size_t>(op)];
}

const void* superinstruction_handler(Op first, Op second, Forwarded forwarded, bool counted) {
    const Labels labels = labels_of(counted);
    const auto found = std::ranges::find_if(
        labels.superinstructions,
        [&](const Superinstruction& s) { return s.first == first && s.second == second; });
    if (found == labels.superinstructions.end()) return nullptr;
    return found->handlers[static_cast<std::size_t>(forwarded)];
}

}  // namespace tilewright::riscv
