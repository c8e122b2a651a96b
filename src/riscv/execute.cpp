// Threaded dispatch: each handler ends with a jump to the address kept in the next instruction.
// Cycles and instructions are added when a block is left; loads and divisions add their penalties.
#include "execute.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "float_operations.hpp"

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

bool is_dirty(const Context& c, uint32_t address) {
    return c.direct_marks[(address - c.direct.base) >> DirtyChunks::shift] != 0;
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

// Handlers, as macros because each must end in its own copy of the dispatch jump.
#define DISPATCH()          \
    do {                    \
        goto * at->handler; \
    } while (false)
#define NEXT()      \
    do {            \
        ++at;       \
        DISPATCH(); \
    } while (false)
#define A (chained == Chained::rs1 ? result : x[at->rs1])
#define B (chained == Chained::rs2 ? result : x[at->rs2])
#define IMM as_unsigned(at->imm)
#define SET(value) x[at->rd] = result = (value)
#define RESULT(value) \
    do {              \
        SET(value);   \
        NEXT();       \
    } while (false)

#define ENTER(next)                                                     \
    do {                                                                \
        block = (next);                                                 \
        at = block->instructions();                                     \
        if (static_cast<uint32_t>(progress) >= check) goto at_boundary; \
        DISPATCH();                                                     \
    } while (false)
#define FALL()                                                           \
    do {                                                                 \
        const Block* next = block->fall.load(std::memory_order_acquire); \
        if (next == nullptr) [[unlikely]]                                \
            goto new_fall;                                               \
        progress += block->fall_progress;                                \
        ENTER(next);                                                     \
    } while (false)
#define BRANCH(condition)                                                     \
    do {                                                                      \
        if (condition) {                                                      \
            const Block* next = block->taken.load(std::memory_order_acquire); \
            if (next == nullptr) [[unlikely]]                                 \
                goto new_taken;                                               \
            progress += block->taken_progress;                                \
            ENTER(next);                                                      \
        }                                                                     \
        FALL();                                                               \
    } while (false)

#define LOAD(Type, shift)                                                                     \
    do {                                                                                      \
        const uint32_t address = A + as_unsigned(load_offset(*at));                           \
        std::byte* place;                                                                     \
        if (!hits<shift>(c->near, address, place)) {                                          \
            if (hits<shift>(c->far, address, place) || hits<shift>(c->image, address, place)) \
                [[likely]] {                                                                  \
                progress += far_penalty(*at);                                                 \
            } else {                                                                          \
                if (!hits<shift>(c->direct, address, place)) goto slow;                       \
                progress += direct_penalty(*c, *block, *at);                                  \
            }                                                                                 \
        }                                                                                     \
        Type value;                                                                           \
        std::memcpy(&value, place, sizeof value);                                             \
        SET(as_unsigned(int32_t{value}));                                                     \
    } while (false)
#define STORE(Type, shift)                                                                       \
    do {                                                                                         \
        const uint32_t address = A + IMM;                                                        \
        std::byte* place;                                                                        \
        if (!hits<shift>(c->near, address, place) && !hits<shift>(c->far_store, address, place)) \
            [[unlikely]] {                                                                       \
            if (!hits<shift>(c->direct, address, place) || !is_dirty(*c, address)) goto slow;    \
        }                                                                                        \
        const auto value = static_cast<Type>(B);                                                 \
        std::memcpy(place, &value, sizeof value);                                                \
    } while (false)
#define DIVIDE(value, size, overflows)                            \
    do {                                                          \
        const uint32_t a = A;                                     \
        const uint32_t b = B;                                     \
        progress += c->divide.extra(size, b <= 1 || (overflows)); \
        RESULT(value);                                            \
    } while (false)

// For a noted jump that goes to the block `next`.
#define NOTE(next)                                                                       \
    do {                                                                                 \
        const auto kind = static_cast<CallRecord::Kind>(at->rs2);                        \
        if (kind != CallRecord::Kind::tail_call || (next)->function) {                   \
            c->calls[c->call_count++] = {c->cycles + static_cast<uint32_t>(progress),    \
                                         (next)->entry, block->fall_target, x[2], kind}; \
            if (c->call_count == most_calls) check = 0;                                  \
        }                                                                                \
    } while (false)

// `link` keeps the return address, `then(next)` is what is done beside going to the block `next`.
#define LINK SET(block->fall_target)
#define NOTHING(next)
#define NO_LINK
#define JAL(link, then)                                                   \
    do {                                                                  \
        const Block* next = block->taken.load(std::memory_order_acquire); \
        if (next == nullptr) [[unlikely]]                                 \
            goto new_taken;                                               \
        link;                                                             \
        progress += block->taken_progress;                                \
        then(next);                                                       \
        ENTER(next);                                                      \
    } while (false)
// The lowest bit of the target does not count; the base of the text is a multiple of 4.
#define JALR(link, then)                                                                    \
    do {                                                                                    \
        const uint32_t target = A + IMM;                                                    \
        const uint32_t index = (target - c->text_base) >> 1;                                \
        const Block* next = nullptr;                                                        \
        if (index < c->text_halves) next = c->table[index].load(std::memory_order_acquire); \
        if (next == nullptr) [[unlikely]] {                                                 \
            c->target = target & ~1u;                                                       \
            goto new_jump;                                                                  \
        }                                                                                   \
        link;                                                                               \
        progress += block->taken_progress;                                                  \
        then(next);                                                                         \
        ENTER(next);                                                                        \
    } while (false)

// What the instructions of pairs.def do; branches and jumps go on by themselves.
#define DO_lui SET(IMM)
#define DO_addi SET(A + IMM)
#define DO_andi SET(A& IMM)
#define DO_slli SET(A << (IMM & 31))
#define DO_srli SET(A >> (IMM & 31))
#define DO_add SET(A + B)
#define DO_sltu SET(A < B ? 1 : 0)
#define DO_xor_ SET(A ^ B)
#define DO_or_ SET(A | B)
#define DO_and_ SET(A& B)
#define DO_lb LOAD(std::int8_t, 0)
#define DO_lw LOAD(std::int32_t, 2)
#define DO_lbu LOAD(std::uint8_t, 0)
#define DO_sb STORE(std::uint8_t, 0)
#define DO_sw STORE(std::uint32_t, 2)
#define DO_mul SET(A* B)
#define DO_sh2add SET((A << 2) + B)
#define DO_beq BRANCH(A == B)
#define DO_bne BRANCH(A != B)
#define DO_blt BRANCH(as_signed(A) < as_signed(B))
#define DO_bge BRANCH(as_signed(A) >= as_signed(B))
#define DO_bltu BRANCH(A < B)
#define DO_bgeu BRANCH(A >= B)
#define DO_jal JAL(LINK, NOTHING)
#define DO_jalr JALR(LINK, NOTHING)
#define DO_j JAL(NO_LINK, NOTHING)
#define DO_jr JALR(NO_LINK, NOTHING)
struct Pair {
    Op first;
    Op second;
    std::array<const void*, 3> handlers;  ///< by Chained
};
struct Labels {
    const void* const* handlers = nullptr;  ///< by Op
    std::span<const Pair> pairs;
};

/// The loop. With `labels` it only hands out where its handlers are.
Exit loop(Context* c, Labels* labels) {
    static const void* const table[] = {
#define TILEWRIGHT_INSTRUCTION(name, ...) &&op_##name,
#include "instructions.def"
#undef TILEWRIGHT_INSTRUCTION
        &&op_illegal, &&op_fall_through, &&op_stop,      &&op_poll,
        &&op_j,       &&op_jr,           &&op_noted_jal, &&op_noted_jalr,
    };
    static_assert(std::size(table) == op_count);
    static const Pair pairs[] = {
#define TILEWRIGHT_PAIR(first, second) \
    {Op::first,                        \
     Op::second,                       \
     {&&pair_##first##_##second, &&pair_##first##_rs1_##second, &&pair_##first##_rs2_##second}},
#include "pairs.def"
#undef TILEWRIGHT_PAIR
    };
    if (labels != nullptr) {
        *labels = {table, pairs};
        return Exit::stop;
    }

    uint32_t* const x = registers(*c->hart);
    uint32_t result = 0;  // of the instruction before, where one is chained to it
    [[maybe_unused]] constexpr Chained chained = Chained::none;
    const Block* block = c->block;
    const Instruction* at = c->at;
    // Cycles since the call in the lower half, instructions in the upper one: one addition for
    // both. An instruction takes a cycle or more, and no block 2^31 of them, so that neither
    // overflows.
    uint64_t progress = 0;
    constexpr uint64_t most = uint64_t{1} << 31;
    auto check = static_cast<uint32_t>(c->check > c->cycles ? std::min(c->check - c->cycles, most)
                                                            : uint64_t{0});
    Exit exit = Exit::slow;
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

// Control is in the first of a pair; what stops or leaves the block stands at its own instruction.
// A result that the second one needs comes to it in a register of the host: through `x` it would
// come later by what the host's store buffer takes, and compiled code is full of such pairs.
#define TILEWRIGHT_PAIR(first, second)                             \
    pair_##first##_##second : DO_##first;                          \
    ++at;                                                          \
    DO_##second;                                                   \
    NEXT();                                                        \
    pair_##first##_rs1_##second : DO_##first;                      \
    ++at;                                                          \
    {                                                              \
        [[maybe_unused]] constexpr Chained chained = Chained::rs1; \
        DO_##second;                                               \
    }                                                              \
    NEXT();                                                        \
    pair_##first##_rs2_##second : DO_##first;                      \
    ++at;                                                          \
    {                                                              \
        [[maybe_unused]] constexpr Chained chained = Chained::rs2; \
        DO_##second;                                               \
    }                                                              \
    NEXT();
#include "pairs.def"
#undef TILEWRIGHT_PAIR

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
slow:
    goto leave;
op_stop:
    exit = Exit::stop;
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

}  // namespace

Exit execute(Context& context) {
    Exit exit = loop(&context, nullptr);
    while (exit == Exit::slow && is_float_operation(context.at->op)) {
        if (!carry_out_float(context)) return Exit::slow;
        exit = loop(&context, nullptr);
    }
    return exit;
}

const void* handler(Op op) {
    Labels labels;
    loop(nullptr, &labels);
    return labels.handlers[static_cast<std::size_t>(op)];
}

const void* pair_handler(Op first, Op second, Chained chained) {
    Labels labels;
    loop(nullptr, &labels);
    const auto found = std::ranges::find_if(labels.pairs, [&](const Pair& pair) {
        return pair.first == first && pair.second == second;
    });
    if (found == labels.pairs.end()) return nullptr;
    return found->handlers[static_cast<std::size_t>(chained)];
}

}  // namespace tilewright::riscv
