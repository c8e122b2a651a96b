// What the handlers of the inner loop consist of, for execute.cpp alone. They are macros because
// each handler must end in its own copy of the dispatch jump, and they work on the variables of
// loop(): c, hart, x, block, at, progress, check, result, and the constants `forwarded` and
// `counted`, for a profile, and `here`.
#pragma once

// Handlers of first instructions are changed by who brings a translation, while others run.
#define DISPATCH()                                             \
    do {                                                       \
        goto* __atomic_load_n(&at->handler, __ATOMIC_RELAXED); \
    } while (false)
#define NEXT()      \
    do {            \
        ++at;       \
        DISPATCH(); \
    } while (false)
#define A (forwarded == Forwarded::rs1 ? result : x[at->rs1])
#define B (forwarded == Forwarded::rs2 ? result : x[at->rs2])
#define IMM as_unsigned(at->imm)
#define SET(value) x[at->rd] = result = (value)
#define RESULT(value) \
    do {              \
        SET(value);   \
        NEXT();       \
    } while (false)

// For a profile; `here` is where the block is counted, nullptr if nobody wants one.
#define LEFT(against)                                     \
    do {                                                  \
        if constexpr (counted) {                          \
            if (here != nullptr) ++here->left[(against)]; \
        }                                                 \
    } while (false)
#define BEYOND(kind, cycles)                                                               \
    do {                                                                                   \
        const uint32_t penalty = (cycles);                                                 \
        progress += penalty;                                                               \
        if constexpr (counted) {                                                           \
            if (here != nullptr) {                                                         \
                here[block->slots[at - block->instructions()].offset / 2].kind += penalty; \
            }                                                                              \
        }                                                                                  \
    } while (false)

#define ENTER(next)                                                     \
    do {                                                                \
        if constexpr (counted) {                                        \
            if (here != nullptr) here = c->counts + (next)->counted_at; \
        }                                                               \
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
        progress += block->fall_progress[0];                             \
        LEFT(0);                                                         \
        ENTER(next);                                                     \
    } while (false)
// Adds what leaving the block by a branch costs, and notes how it went: without a branch of the
// host, which would be as hard to predict as the guest's.
#define GO_TAKEN                                                  \
    do {                                                          \
        std::uint8_t& known = hart->branches.taken[block->place]; \
        progress += block->taken_progress[known];                 \
        LEFT(known ^ 1);                                          \
        known = 1;                                                \
    } while (false)
#define GO_ON                                                                 \
    do {                                                                      \
        progress += block->fall_progress[hart->branches.taken[block->place]]; \
        LEFT(hart->branches.taken[block->place]);                             \
        hart->branches.taken[block->place_if_not_taken] = 0;                  \
    } while (false)
#define BRANCH(condition)                                                     \
    do {                                                                      \
        if (condition) {                                                      \
            const Block* next = block->taken.load(std::memory_order_acquire); \
            if (next == nullptr) [[unlikely]]                                 \
                goto new_taken;                                               \
            GO_TAKEN;                                                         \
            ENTER(next);                                                      \
        }                                                                     \
        const Block* next = block->fall.load(std::memory_order_acquire);      \
        if (next == nullptr) [[unlikely]]                                     \
            goto new_fall;                                                    \
        GO_ON;                                                                \
        ENTER(next);                                                          \
    } while (false)

#define LOAD(Type, shift)                                                                     \
    do {                                                                                      \
        const uint32_t address = A + as_unsigned(access_offset(*at));                         \
        std::byte* place;                                                                     \
        if (!hits<shift>(c->near, address, place)) {                                          \
            if (hits<shift>(c->far, address, place) || hits<shift>(c->image, address, place)) \
                [[likely]] {                                                                  \
                BEYOND(beyond, far_penalty(*at));                                             \
            } else {                                                                          \
                if (!hits<shift>(c->direct, address, place)) goto slow;                       \
                BEYOND(direct, direct_penalty(*c, *block, *at));                              \
            }                                                                                 \
        }                                                                                     \
        Type value;                                                                           \
        std::memcpy(&value, place, sizeof value);                                             \
        SET(as_unsigned(int32_t{value}));                                                     \
    } while (false)
#define STORE(Type, shift)                                                             \
    do {                                                                               \
        const uint32_t address = A + as_unsigned(access_offset(*at));                  \
        std::byte* place;                                                              \
        if (!hits<shift>(c->near, address, place)) {                                   \
            if (hits<shift>(c->far_store, address, place)) [[likely]] {                \
                BEYOND(beyond, far_penalty(*at));                                      \
            } else {                                                                   \
                if (!hits<shift>(c->direct, address, place) || !is_dirty(*c, address)) \
                    goto slow_store;                                                   \
            }                                                                          \
        }                                                                              \
        const auto value = static_cast<Type>(B);                                       \
        std::memcpy(place, &value, sizeof value);                                      \
    } while (false)
#define DIVIDE(value, size, overflows)                                \
    do {                                                              \
        const uint32_t a = A;                                         \
        const uint32_t b = B;                                         \
        BEYOND(beyond, c->divide.extra(size, b <= 1 || (overflows))); \
        RESULT(value);                                                \
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
        GO_TAKEN;                                                         \
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
        link; /* a statement: NOLINT(bugprone-macro-parentheses) */                         \
        progress += block->taken_progress[1];                                               \
        LEFT(0);                                                                            \
        then(next);                                                                         \
        ENTER(next);                                                                        \
    } while (false)

// What the instructions of superinstructions.def do; branches and jumps go on by themselves.
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
