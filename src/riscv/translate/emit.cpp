// The C that stands for a program. What each macro of the prologue does is what the handlers of the
// interpreter do (handlers.hpp, execute.cpp); guest registers are local variables.
#include "riscv/translate/emit.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "riscv/execute.hpp"
#include "riscv/translate/function.hpp"
#include "tilewright/base/text.hpp"

namespace tilewright::riscv {
namespace {

/// Raise it when what is written here changes.
constexpr char version[] = "4";

constexpr char prologue[] = R"(
typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef short i16;
typedef unsigned u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;
_Static_assert(sizeof(u32) == 4 && sizeof(u64) == 8 && sizeof(void*) == 8, "sizes");
#define LIKELY(e) __builtin_expect(!!(e), 1)
#define ACCESSED(type) typedef type any_##type __attribute__((may_alias, aligned(1)));
ACCESSED(u8) ACCESSED(i8) ACCESSED(u16) ACCESSED(i16) ACCESSED(u32) ACCESSED(u64)
#define AT(type, place) (*(any_##type*)(place))
#define FIELD(type, offset) AT(type, (u64)c + (offset))
#define ROTATED(value, n) __builtin_rotateright32(value, n)
#define COLD __attribute__((preserve_most, noinline, cold))
#define CONVENTION __attribute__((preserve_none))
typedef CONVENTION u64 code(void* c, u32* x, u64 progress, u64 check, u32 place);
struct entry { u64 (*enter)(void* c, u32* x, u64 check, const struct entry* to); code* function; u32 place, near, far; };
#define FUNCTION(name) \
    CONVENTION static u64 name(void* c, u32* x, u64 progress, u64 check, u32 place)
#define TAIL __attribute__((musttail)) return
#define BYTES(window, log) FIELD(u32, window + LIMIT + 4 * (log))
#define HOST(window) FIELD(u64, window + HOST_PLACE)
#define SETUP                                                                       \
    u8* const taken = (u8*)x + TAKEN;                                               \
    const u32 n0 = BYTES(NEAR, 0), n1 = BYTES(NEAR, 1), n2 = BYTES(NEAR, 2);        \
    const u64 near = HOST(NEAR);                                                    \
    u32 index = 0, next = 0;
#define OFFSET(window, a) ((a) - FIELD(u32, window + BASE))
#define HITS(window, offset, log) (ROTATED(offset, log) < BYTES(window, log))
#define CYCLES(n) ((u64)(n) << COUNT)
/* What is neither near nor, of most programs, far: the place, or 0; what it costs is in the Context. */
COLD static u64 other_place(void* c, u32 a, u32 log, u64 slack_and_far) {
    const u32 further = a - FAR_BASE, in_image = OFFSET(IMAGE, a), in_direct = OFFSET(DIRECT, a);
    FIELD(u32, PENALTY) = (u32)slack_and_far;
    if (HITS(FAR, further, log)) return HOST(FAR) + further;
    if (HITS(IMAGE, in_image, log)) return HOST(IMAGE) + in_image;
    const u32 slack = (u32)(slack_and_far >> 32), latency = FIELD(u32, DIRECT_LATENCY);
    FIELD(u32, PENALTY) = latency > slack ? latency - slack : 0;
    return HITS(DIRECT, in_direct, log) ? HOST(DIRECT) + in_direct : 0;
}
COLD static u64 other_store_place(void* c, u32 a, u32 log, u64 stall) {
    const u32 further = OFFSET(STORE, a), in_direct = OFFSET(DIRECT, a);
    FIELD(u32, PENALTY) = (u32)stall;
    if (HITS(STORE, further, log)) return HOST(STORE) + further;
    FIELD(u32, PENALTY) = 0;
    if (!HITS(DIRECT, in_direct, log)) return 0;
    if (((const u8*)FIELD(u64, MARKS))[in_direct >> CHUNK] == 0) return 0;
    return HOST(DIRECT) + in_direct;
}
/* Accesses in different arms stay there: their addresses are then part of the instructions. */
#define APART __asm__ volatile("")
#define OTHER(find, log, penalties, number, leave)                                          \
    const u64 at = find(c, a, log, penalties);                                              \
    if (!at) { index = number; goto leave; }                                                \
    progress += CYCLES(FIELD(u32, PENALTY));
#define LOAD_NEAR(type, log, address, far, slack, number, leave, put)                       \
    {                                                                                       \
        const u32 a = address;                                                              \
        const u32 offset = a - NEAR_BASE;                                                   \
        if (LIKELY(ROTATED(offset, log) < n##log)) put (u32)(i32)AT(type, near + offset);   \
        else {                                                                              \
            OTHER(other_place, log, (u64)slack << 32 | far, number, leave)                  \
            put (u32)(i32)AT(type, at);                                                     \
            APART;                                                                          \
        }                                                                                   \
    }
#define LOAD(type, log, address, far, slack, number, leave, put)                            \
    {                                                                                       \
        const u32 a = address;                                                              \
        const u32 offset = a - NEAR_BASE, further = a - FAR_BASE;                           \
        if (LIKELY(ROTATED(offset, log) < n##log)) put (u32)(i32)AT(type, near + offset);   \
        else if (LIKELY(HITS(FAR, further, log))) {                                         \
            progress += CYCLES(far);                                                        \
            put (u32)(i32)AT(type, HOST(FAR) + further);                                    \
            APART;                                                                          \
        } else {                                                                            \
            OTHER(other_place, log, (u64)slack << 32 | far, number, leave)                  \
            put (u32)(i32)AT(type, at);                                                     \
        }                                                                                   \
    }
#define STORE_NEAR(type, log, address, stall, number, leave, value)                         \
    {                                                                                       \
        const u32 a = address;                                                              \
        const u32 offset = a - NEAR_BASE;                                                   \
        if (LIKELY(ROTATED(offset, log) < n##log)) AT(type, near + offset) = (type)(value); \
        else {                                                                              \
            OTHER(other_store_place, log, stall, number, leave)                             \
            AT(type, at) = (type)(value);                                                   \
            APART;                                                                          \
        }                                                                                   \
    }
#define STORE_TO(type, log, address, stall, number, leave, value)                           \
    {                                                                                       \
        const u32 a = address;                                                              \
        const u32 offset = a - NEAR_BASE, further = OFFSET(STORE, a);                       \
        if (LIKELY(ROTATED(offset, log) < n##log)) AT(type, near + offset) = (type)(value); \
        else if (LIKELY(HITS(STORE, further, log))) {                                       \
            progress += CYCLES(stall);                                                      \
            AT(type, HOST(STORE) + further) = (type)(value);                                \
            APART;                                                                          \
        } else {                                                                            \
            OTHER(other_store_place, log, stall, number, leave)                             \
            AT(type, at) = (type)(value);                                                   \
        }                                                                                   \
    }
/* Words of the stack that a block accesses one after another, by one test. */
#define FRAME(from, words)                                                                  \
    const u32 frame = from - NEAR_BASE;                                                     \
    if (LIKELY((u64)ROTATED(frame, 2) + words <= n2))
#define FRAME_WORD(offset) AT(u32, near + (frame + offset))
#define SIGNED(v) ((i32)(v))
static inline u32 least(u32 a, u32 b) { return a < b ? a : b; }
static inline u32 magnitude(u32 a) { return SIGNED(a) < 0 ? 0u - a : a; }
static inline u64 divide_cost(u32 size, u32 trivial) {
    const u32 top = 31u - (u32)__builtin_clz(size | 1);
    return CYCLES(trivial ? TRIVIAL : LEAST + least(top & ~3u, RANGE));
}
#define SMALLEST 0x80000000u
#define OVERFLOWS(a, b) (a == SMALLEST && b == ~0u)
static inline u32 div(u32 a, u32 b) {
    if (b == 0) return ~0u;
    return OVERFLOWS(a, b) ? SMALLEST : (u32)(SIGNED(a) / SIGNED(b));
}
static inline u32 rem(u32 a, u32 b) {
    if (b == 0) return a;
    return OVERFLOWS(a, b) ? 0 : (u32)(SIGNED(a) % SIGNED(b));
}
static inline u32 divu(u32 a, u32 b) { return b == 0 ? ~0u : a / b; }
static inline u32 remu(u32 a, u32 b) { return b == 0 ? a : a % b; }
static inline u32 clz(u32 a) { return a == 0 ? 32u : (u32)__builtin_clz(a); }
static inline u32 ctz(u32 a) { return a == 0 ? 32u : (u32)__builtin_ctz(a); }
static inline u32 orc_b(u32 v) {
    v |= (v & 0x7F7F7F7Fu) << 1 | (v & 0xFEFEFEFEu) >> 1;
    v |= (v & 0x3F3F3F3Fu) << 2 | (v & 0xFCFCFCFCu) >> 2;
    v |= (v & 0x0F0F0F0Fu) << 4 | (v & 0xF0F0F0F0u) >> 4;
    return v;
}
#define LEAVE(pc, number)               \
    {                                   \
        FIELD(u32, LEFT_ENTRY) = pc;    \
        FIELD(u32, LEFT_INDEX) = number;\
        return progress;                \
    }
static u64 enter(void* c, u32* x, u64 check, const struct entry* to) {
    return to->function(c, x, 0, check, to->place);
}
static const struct entry entries[];
static u16 places[];  /* numbers of entries, by half word of the text; 0: there is none */
#define DISPATCH                                                                      \
    {                                                                                 \
        const u32 half = (next - TEXT) >> 1;                                          \
        const u32 number = half < HALVES ? places[half] : 0;                          \
        if (number == 0) LEAVE(next, 0)                                               \
        TAIL entries[number].function(c, x, progress, check, entries[number].place);  \
    }
)";

// The table of places is filled when the object is loaded: of a large program it is nearly empty.
constexpr char epilogue[] = R"(
static u16 places[HALVES + 1];
__attribute__((constructor)) static void fill(void) {
    for (u32 i = 1; i < ENTRIES; ++i) places[(addresses[i] - TEXT) >> 1] = (u16)i;
}
#define EXPORTED __attribute__((visibility("default")))
EXPORTED const char tilewright_translation_key[] = KEY;
EXPORTED const struct { const struct entry* entries; const u32 *addresses, *functions; u64 entry_count, function_count; }
    tilewright_translation = {entries, addresses, functions, ENTRIES, FUNCTIONS};
)";
constexpr std::uint32_t most_entries = 0xFFFF;

constexpr std::uint8_t stack_pointer = 2;  // it is near where programs are fast

std::string number(std::uint64_t value) {
    return std::to_string(value);
}
std::string unsigned_number(std::uint32_t value) {
    return hex(value) + "u";
}

std::string definition(const char* name, std::uint64_t value) {
    return std::string("#define ") + name + " " + number(value) + "u\n";
}

/// Where things lie in the Context and the hart, and the numbers that the macros need.
std::string definitions(const Code& code, const WindowPlaces& places) {
    static_assert(std::is_standard_layout_v<Context> && std::is_standard_layout_v<Window>);
    const DivideCost divide = DivideCost::of(code.timing());
    return definition("NEAR", offsetof(Context, near)) + definition("FAR", offsetof(Context, far)) +
           definition("STORE", offsetof(Context, far_store)) +
           definition("IMAGE", offsetof(Context, image)) +
           definition("DIRECT", offsetof(Context, direct)) +
           definition("MARKS", offsetof(Context, direct_marks)) +
           definition("CHUNK", DirtyChunks::shift) + definition("BASE", offsetof(Window, base)) +
           definition("LIMIT", offsetof(Window, limit)) +
           definition("HOST_PLACE", offsetof(Window, host)) + definition("NEAR_BASE", places.near) +
           definition("FAR_BASE", places.far) + definition("TAKEN", offsetof(HartState, branches)) +
           definition("LEFT_ENTRY", offsetof(Context, left_entry)) +
           definition("LEFT_INDEX", offsetof(Context, left_index)) +
           definition("PENALTY", offsetof(Context, penalty)) +
           definition("DIRECT_LATENCY", offsetof(Context, load_direct)) +
           definition("COUNT", TranslatedEntry::count_bits) +
           definition("TRIVIAL", divide.trivial) + definition("LEAST", divide.least) +
           definition("RANGE", divide.range) + definition("TEXT", code.base()) +
           definition("HALVES", code.bytes() / 2);
}

std::string variable(std::uint32_t reg) {
    return reg == 0 ? "0u" : "r" + number(reg);
}

/// Cycles in the upper half and instructions in the lower one, as Block has them, the other way.
std::string progress(std::uint64_t block_progress) {
    return number((block_progress & 0xFFFF'FFFF) << TranslatedEntry::count_bits |
                  block_progress >> 32) +
           "ull";
}

class Emitter {
public:
    Emitter(const Code& code, const ProgramEntries& entries, const WindowPlaces& places,
            std::string_view key, std::span<const std::uint32_t> functions, double least)
        : code_(code),
          places_(places),
          key_(key),
          asked_for_(functions),
          least_run_(least),
          program_(find_functions(code, entries, functions)) {}

    std::string emit() {
        text_ = definitions(code_, places_);
        text_ += prologue;
        for (std::size_t i = 0; i < program_.functions.size(); ++i) {
            text_ += "FUNCTION(part" + number(i) + ");\n";
        }
        for (std::size_t i = 0; i < program_.functions.size(); ++i) {
            number_ = static_cast<std::uint32_t>(i);
            function(program_.functions[i]);
        }
        tables();
        return std::move(text_);
    }

private:
    void add(const std::string& line) {
        text_ += "    ";
        text_ += line;
        text_ += '\n';
    }
    static std::string label(const char* kind, std::uint32_t pc) {
        return kind + hex(pc).substr(2);
    }

    // --- Functions ------------------------------------------------------------------------------

    void function(const Function& f) {
        text_ += "FUNCTION(part" + number(number_) + ") {\n    SETUP\n";
        std::string variables;
        std::string loads;
        for (std::uint32_t r = 1; r < f.used.size(); ++r) {
            if (!f.used.test(r)) continue;
            add_item(variables, variable(r));
            loads += variable(r) + " = x[" + number(r) + "]; ";
        }
        if (!variables.empty()) add("u32 " + variables + ";");
        add("switch (place) {");
        for (std::size_t place = 0; place < f.entries.size(); ++place) {
            const std::string arm =
                place + 1 == f.entries.size() ? "default: " : "case " + number(place) + ": ";
            add(arm + loads + "goto " + label("b", f.entries[place]) + ";");
        }
        add("}");
        for (const std::uint32_t pc : f.nodes) block(f, program_.nodes.at(pc));
        for (const auto& [pc, changed] : f.beyond) beyond(pc, changed);
        // All leave here, with what may have been written anywhere: it keeps the C small.
        text_ += "leave: __attribute__((unused));\n";
        spill(f.written);
        add("LEAVE(next, index)");
        text_ += "}\n";
    }

    void spill(const RegisterSet& changed) {
        std::string line;
        for (std::uint32_t r = 1; r < sink; ++r) {
            if (changed.test(r)) line += "x[" + number(r) + "] = " + variable(r) + "; ";
        }
        if (!line.empty()) add(line);
    }

    void leave(std::uint32_t pc, const std::string& index) {
        add("LEAVE(" + unsigned_number(pc) + ", " + index + ")");
    }

    /// On to a block of another function, or out of translated code.
    void beyond(std::uint32_t pc, const RegisterSet& changed) {
        const Node& node = program_.nodes.at(pc);
        text_ += label("o", pc) + ":;\n";
        spill(changed);
        if (!node.plain) return leave(pc, "0");
        add("if (progress >= check)");
        leave(pc, "0");
        add("TAIL part" + number(node.function) + "(c, x, progress, check, " + number(node.place) +
            ");");
    }

    // --- Blocks ---------------------------------------------------------------------------------

    void block(const Function& f, const Node& node) {
        const Block& b = *node.block;
        leaves_ = false;
        text_ += label("b", b.entry) + ":;\n";
        for (std::uint32_t i = 0; i < b.count;) {
            const std::uint32_t end = end_of_frame_accesses(b, i);
            if (end - i > 1) {
                frame_accesses(f, node, i, end);
                i = end;
            } else {
                instruction(f, node, i++);
            }
        }
        if (!transfers_control(row(b.instructions()[b.count - 1].op).unit)) {
            advance(progress(b.fall_progress[0]));
            go(b.fall_target);
        }
        if (leaves_) {
            text_ += label("l", b.entry) + ":;\n";
            add("next = " + unsigned_number(b.entry) +
                "; index |= " + unsigned_number(TranslatedEntry::resumes) + "; goto leave;");
        }
    }

    void advance(const std::string& by) { add("progress += " + by + ";"); }

    void go(std::uint32_t target) {
        const Node& node = program_.nodes.at(target);
        if (!node.plain || node.function != number_) return add("goto " + label("o", target) + ";");
        add("if (__builtin_expect(progress >= check, 0)) { next = " + unsigned_number(target) +
            "; index = 0; goto leave; }");
        add("goto " + label("b", target) + ";");
    }

    std::string leave_here(const Block& b, std::uint32_t index) {
        leaves_ = true;
        return "{ index = " + number(index) + "; goto " + label("l", b.entry) + "; }";
    }

    void taken(const Block& b) {
        if (b.place == BranchHistory::backward) return advance(progress(b.taken_progress[1]));
        const std::string known = "taken[" + number(b.place) + "]";
        advance(progress(b.taken_progress[0]) + " - CYCLES(" +
                number(b.taken_progress[0] - b.taken_progress[1]) + ") * " + known);
        add(known + " = 1;");
    }
    void not_taken(const Block& b) {
        if (b.place == BranchHistory::backward) return advance(progress(b.fall_progress[1]));
        const std::string known = "taken[" + number(b.place) + "]";
        advance(progress(b.fall_progress[0]) + " + CYCLES(" +
                number(b.fall_progress[1] - b.fall_progress[0]) + ") * " + known);
        add(known + " = 0;");
    }

    // --- The stack ------------------------------------------------------------------------------

    static bool accesses_frame(const Instruction& i) {
        const bool word = i.op == Op::lw || i.op == Op::sw;
        return word && i.rs1 == stack_pointer && access_offset(i) % 4 == 0;
    }

    /// Behind the words of the stack that are accessed in a row from here on.
    static std::uint32_t end_of_frame_accesses(const Block& b, std::uint32_t first) {
        std::uint32_t end = first;
        while (end < b.count && accesses_frame(b.instructions()[end])) {
            if (b.instructions()[end++].rd == stack_pointer &&
                b.instructions()[end - 1].op == Op::lw)
                break;
        }
        return end;
    }

    void frame_accesses(const Function& f, const Node& node, std::uint32_t first,
                        std::uint32_t end) {
        const Block& b = *node.block;
        const std::span accesses(b.instructions() + first, end - first);
        const auto [low, high] = std::ranges::minmax(accesses, {}, access_offset);
        const std::int32_t from = access_offset(low);
        const std::int32_t words = (access_offset(high) - from) / 4 + 1;
        add("{ FRAME(r2 + " + unsigned_number(static_cast<std::uint32_t>(from)) + ", " +
            number(static_cast<std::uint32_t>(words)) + ") {");
        for (const Instruction& i : accesses) {
            const auto offset = static_cast<std::uint32_t>(access_offset(i) - from);
            const std::string word = "FRAME_WORD(" + number(offset) + ")";
            if (i.op == Op::sw) {
                add(word + " = " + variable(i.rs2) + ";");
            } else if (i.rd != sink) {
                add(variable(i.rd) + " = " + word + ";");
            }
        }
        add("} else {");
        for (std::uint32_t i = first; i < end; ++i) instruction(f, node, i);
        add("} }");
    }

    // --- Instructions ---------------------------------------------------------------------------

    void instruction(const Function& f, const Node& node, std::uint32_t index) {
        const Block& b = *node.block;
        const Instruction& i = b.instructions()[index];
        switch (row(i.op).unit) {
            case Unit::load:
                return load(b, i, index);
            case Unit::store:
                return store(b, i, index);
            case Unit::branch:
                return branch(b, i, index);
            case Unit::jump:
                return jump(b, i, index);
            case Unit::jump_register:
                return jump_register(f, node, i, index);
            case Unit::divide:
                return divide(i);
            default:
                if (i.rd != sink) add(variable(i.rd) + " = " + value(i) + ";");
        }
    }

    std::string address(const Instruction& i) {
        return variable(i.rs1) + " + " +
               unsigned_number(static_cast<std::uint32_t>(access_offset(i)));
    }

    void load(const Block& b, const Instruction& i, std::uint32_t index) {
        leaves_ = true;
        const char* type = i.op == Op::lb    ? "i8, 0"
                           : i.op == Op::lbu ? "u8, 0"
                           : i.op == Op::lh  ? "i16, 1"
                           : i.op == Op::lhu ? "u16, 1"
                                             : "u32, 2";
        add((i.rs1 == stack_pointer ? "LOAD_NEAR(" : "LOAD(") + std::string(type) + ", " +
            address(i) + ", " + number(far_penalty(i)) + ", " + number(b.slots[index].slack) +
            ", " + number(index) + ", " + label("l", b.entry) + ", " +
            (i.rd == sink ? std::string("(void)") : variable(i.rd) + " =") + ")");
    }

    void store(const Block& b, const Instruction& i, std::uint32_t index) {
        leaves_ = true;
        const char* type = i.op == Op::sb ? "u8, 0" : i.op == Op::sh ? "u16, 1" : "u32, 2";
        add((i.rs1 == stack_pointer ? "STORE_NEAR(" : "STORE_TO(") + std::string(type) + ", " +
            address(i) + ", " + number(far_penalty(i)) + ", " + number(index) + ", " +
            label("l", b.entry) + ", " + variable(i.rs2) + ")");
    }

    void divide(const Instruction& i) {
        const std::string a = variable(i.rs1);
        const std::string b = variable(i.rs2);
        const bool is_signed = i.op == Op::div || i.op == Op::rem;
        const std::string size = is_signed ? "magnitude(" + a + ")" : a;
        const std::string overflows =
            is_signed ? " || OVERFLOWS(" + a + ", " + b + ")" : std::string();
        add("progress += divide_cost(" + size + ", " + b + " <= 1" + overflows + ");");
        if (i.rd == sink) return;
        add(variable(i.rd) + " = " + std::string(row(i.op).mnemonic) + "(" + a + ", " + b + ");");
    }

    void branch(const Block& b, const Instruction& i, std::uint32_t index) {
        const std::string a = variable(i.rs1);
        const std::string c = variable(i.rs2);
        const std::string signed_a = "SIGNED(" + a + ")";
        const std::string signed_c = "SIGNED(" + c + ")";
        std::string condition;
        switch (i.op) {
            case Op::beq:
                condition = a + " == " + c;
                break;
            case Op::bne:
                condition = a + " != " + c;
                break;
            case Op::blt:
                condition = signed_a + " < " + signed_c;
                break;
            case Op::bge:
                condition = signed_a + " >= " + signed_c;
                break;
            case Op::bltu:
                condition = a + " < " + c;
                break;
            default:
                condition = a + " >= " + c;
        }
        add("if (" + condition + ") {");
        if (b.taken_target % code_.alignment() != 0) {
            add(leave_here(b, index));
        } else {
            taken(b);
            go(b.taken_target);
        }
        add("}");
        not_taken(b);
        go(b.fall_target);
    }

    void jump(const Block& b, const Instruction& i, std::uint32_t index) {
        if (b.taken_target % code_.alignment() != 0 || b.far_back) return add(leave_here(b, index));
        if (i.rd != sink) add(variable(i.rd) + " = " + unsigned_number(b.fall_target) + ";");
        taken(b);
        go(b.taken_target);
    }

    void jump_register(const Function& f, const Node& node, const Instruction& i,
                       std::uint32_t index) {
        const Block& b = *node.block;
        add("next = (" + variable(i.rs1) + " + " +
            unsigned_number(static_cast<std::uint32_t>(i.imm)) + ") & ~1u;");
        if (code_.alignment() != 2) add("if (next & 2) " + leave_here(b, index));
        if (i.rd != sink) add(variable(i.rd) + " = " + unsigned_number(b.fall_target) + ";");
        advance(progress(b.taken_progress[1]));
        if (jumps_by_table(b) && !f.targets.empty()) table_jump(f);
        spill(node.changed | node.written);
        add("if (progress >= check) LEAVE(next, 0)");
        add("DISPATCH");
    }

    /// Within the function, if it goes there, with the registers where they are.
    void table_jump(const Function& f) {
        add("if (progress < check) switch (next) {");
        for (const std::uint32_t pc : f.targets) {
            add("case " + unsigned_number(pc) + ": goto " + label("b", pc) + ";");
        }
        add("}");
    }

    static std::string value(const Instruction& i) {
        const std::string a = variable(i.rs1);
        const std::string b = variable(i.rs2);
        std::string imm = unsigned_number(static_cast<std::uint32_t>(i.imm));
        const std::string shift = number(static_cast<std::uint32_t>(i.imm) & 31);
        const std::string sa = "SIGNED(" + a + ")";
        const std::string sb = "SIGNED(" + b + ")";
        const auto select = [&](const std::string& condition, const std::string& yes,
                                const std::string& no) {
            return condition + " ? " + yes + " : " + no;
        };
        switch (i.op) {
            case Op::lui:
            case Op::auipc:
                return imm;
            case Op::addi:
                return a + " + " + imm;
            case Op::slti:
                return select(sa + " < " + "SIGNED(" + imm + ")", "1", "0");
            case Op::sltiu:
                return select(a + " < " + imm, "1", "0");
            case Op::xori:
                return a + " ^ " + imm;
            case Op::ori:
                return a + " | " + imm;
            case Op::andi:
                return a + " & " + imm;
            case Op::slli:
                return a + " << " + shift;
            case Op::srli:
                return a + " >> " + shift;
            case Op::srai:
                return "(u32)(" + sa + " >> " + shift + ")";
            case Op::add:
                return a + " + " + b;
            case Op::sub:
                return a + " - " + b;
            case Op::sll:
                return a + " << (" + b + " & 31)";
            case Op::slt:
                return select(sa + " < " + sb, "1", "0");
            case Op::sltu:
                return select(a + " < " + b, "1", "0");
            case Op::xor_:
                return a + " ^ " + b;
            case Op::srl:
                return a + " >> (" + b + " & 31)";
            case Op::sra:
                return "(u32)(" + sa + " >> (" + b + " & 31))";
            case Op::or_:
                return a + " | " + b;
            case Op::and_:
                return a + " & " + b;
            case Op::mul:
                return a + " * " + b;
            case Op::mulh:
                return "(u32)((i64)" + sa + " * " + sb + " >> 32)";
            case Op::mulhsu:
                return "(u32)((i64)" + sa + " * (i64)" + b + " >> 32)";
            case Op::mulhu:
                return "(u32)((u64)" + a + " * " + b + " >> 32)";
            case Op::sh1add:
                return "(" + a + " << 1) + " + b;
            case Op::sh2add:
                return "(" + a + " << 2) + " + b;
            case Op::sh3add:
                return "(" + a + " << 3) + " + b;
            case Op::andn:
                return a + " & ~" + b;
            case Op::orn:
                return a + " | ~" + b;
            case Op::xnor:
                return "~(" + a + " ^ " + b + ")";
            case Op::clz:
            case Op::ctz:
                return std::string(row(i.op).mnemonic) + "(" + a + ")";
            case Op::cpop:
                return "(u32)__builtin_popcount(" + a + ")";
            case Op::sext_b:
                return "(u32)(i32)(i8)" + a;
            case Op::sext_h:
                return "(u32)(i32)(i16)" + a;
            case Op::zext_h:
                return a + " & 0xFFFFu";
            case Op::min:
                return select(sa + " < " + sb, a, b);
            case Op::minu:
                return select(a + " < " + b, a, b);
            case Op::max:
                return select(sa + " < " + sb, b, a);
            case Op::maxu:
                return select(a + " < " + b, b, a);
            case Op::rol:
                return "__builtin_rotateleft32(" + a + ", " + b + " & 31)";
            case Op::ror:
                return "ROTATED(" + a + ", " + b + " & 31)";
            case Op::rori:
                return "ROTATED(" + a + ", " + shift + ")";
            case Op::orc_b:
                return "orc_b(" + a + ")";
            case Op::rev8:
                return "__builtin_bswap32(" + a + ")";
            default:
                throw std::logic_error("no plain instruction");
        }
    }

    // --- Tables ---------------------------------------------------------------------------------

    void tables() {
        std::string entries = "static const struct entry entries[] = {{0, 0, 0},\n";
        std::string addresses = "static const u32 addresses[] = {0,\n";
        std::uint32_t count = 1;
        for (const auto& [pc, node] : program_.nodes) {
            if (!node.entry) continue;
            entries += std::string(node.length >= least_run_ ? "{enter" : "{0") + ", part" +
                       number(node.function) + ", " + number(node.place) +
                       ", NEAR_BASE, FAR_BASE},\n";
            addresses += unsigned_number(pc) + ",\n";
            ++count;
        }
        if (count > most_entries) throw std::length_error("a translation has too many entries");
        std::string functions = "static const u32 functions[] = {0,\n";
        for (const std::uint32_t pc : asked_for_) functions += unsigned_number(pc) + ",\n";
        text_ += definition("ENTRIES", count) + definition("FUNCTIONS", asked_for_.size() + 1) +
                 "#define KEY \"" + key_ + "\"\n" + entries + "};\n" + addresses + "};\n" +
                 functions + "};\n" + epilogue;
    }

    const Code& code_;
    const WindowPlaces& places_;
    std::string key_;
    std::span<const std::uint32_t> asked_for_;
    double least_run_;
    Functions program_;
    std::string text_;
    std::uint32_t number_ = 0;  ///< of the function that is being written
    bool leaves_ = false;       ///< the block has instructions that may be left undone
};

}  // namespace

std::string translation_inputs(const ElfImage& program, const Code& code,
                               const WindowPlaces& places) {
    std::string text =
        std::string(version) + "\n" + definitions(code, places) + to_string(code.isa()) + "\n";
    // Of these the C knows nothing: it leaves what takes so long to the interpreter, or asks.
    Timing timing = code.timing();
    timing.load_device = timing.load_direct = timing.atomic = timing.fetch_miss =
        timing.float_result = timing.float_divide = timing.wait_short = 0;
    visit_fields(
        timing, [&](const char*, std::uint32_t value, auto&&...) { text += number(value) + "\n"; });
    for (const std::uint32_t pc : program_functions(program, code)) text += hex(pc) + " ";
    text += "\n";
    const auto append = [&](std::span<const std::byte> bytes) {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    for (const ElfSegment& segment : program.segments) append(segment.bytes);
    append(code.text());
    return text;
}

std::string emit(const Code& code, const ProgramEntries& entries, const WindowPlaces& places,
                 std::string_view key, std::span<const std::uint32_t> functions, double least) {
    return Emitter(code, entries, places, key, functions, least).emit();
}

std::string translate(const Code& code, const ProgramEntries& entries, const WindowPlaces& places,
                      std::string_view key, std::span<const std::uint32_t> functions) {
    return emit(code, entries, places, key, functions, least_run);
}

}  // namespace tilewright::riscv
