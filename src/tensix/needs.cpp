#include "tensix/needs.hpp"

#include "tensix/sync.hpp"
#include "tensix/unpack.hpp"

namespace tilewright::tensix {
namespace {

Needs bank_of(unsigned unpacker, bool of_matrix) {
    Needs needs;
    if (of_matrix) {
        (unpacker == 0 ? needs.free_matrix_a : needs.free_matrix_b) = true;
    } else {
        (unpacker == 0 ? needs.unpack_a : needs.unpack_b) = true;
    }
    return needs;
}

Needs needs_of(const op::unpacr& i) {
    if (i.flush_cache != 0 || i.next_context != 0) return {};
    return bank_of(i.unpacker, false);
}

Needs needs_of(Architecture architecture, const op::unpacr_nop& i) {
    if (!clears(architecture, i)) return {};
    return bank_of(i.unpacker, i.unpack_bank == 0);
}

Needs needs_of(Architecture architecture, const op::atgetm& i) {
    check_mutex(architecture, "ATGETM", i.mutex);
    Needs needs;
    needs.mutex = static_cast<std::uint8_t>(i.mutex);
    return needs;
}

}  // namespace

Needs needs_of(Architecture architecture, const Instruction& instruction, std::uint32_t word) {
    Needs needs;
    switch (instruction.op) {
        case Op::mvmul:
        case Op::gapool:
        case Op::gmpool:
        case Op::elwmul:
        case Op::elwadd:
        case Op::elwsub:
            needs.matrix_a = needs.matrix_b = true;
            return needs;
        case Op::mova2d:
            needs.matrix_a = true;
            return needs;
        case Op::movb2d:
        case Op::movb2a:
        case Op::trnspsrcb:
            needs.matrix_b = true;
            return needs;
        case Op::unpacr:
            return needs_of(operands_of<op::unpacr>(architecture, word));
        case Op::unpacr_nop:
            return needs_of(architecture, operands_of<op::unpacr_nop>(architecture, word));
        case Op::atgetm:
            return needs_of(architecture, operands_of<op::atgetm>(architecture, word));
        default:
            return needs;
    }
}

Wait missing(const Needs& needs, const State& state, unsigned thread) {
    if (needs.matrix_a && !state.a.of_matrix().valid) return Wait::source_a;
    if (needs.matrix_b && !state.b.of_matrix().valid) return Wait::source_b;
    const auto taken = [](const Source& source, bool of_unpacker, bool of_matrix) {
        return (of_unpacker && source.of_unpacker().valid) ||
               (of_matrix && source.of_matrix().valid);
    };
    if (taken(state.a, needs.unpack_a, needs.free_matrix_a)) return Wait::bank_a;
    if (taken(state.b, needs.unpack_b, needs.free_matrix_b)) return Wait::bank_b;
    if (needs.mutex != Needs::no_mutex) {
        const unsigned holder = state.sync.mutexes[needs.mutex];
        if (holder != 0 && holder != thread + 1) return Wait::mutex;
    }
    return Wait::none;
}

std::string_view name_of(Wait wait) {
    constexpr std::array<std::string_view, wait_count> names{"nothing",
                                                             "SrcA",
                                                             "SrcB",
                                                             "a free bank of SrcA",
                                                             "a free bank of SrcB",
                                                             "a mutex",
                                                             "a condition",
                                                             "a semaphore",
                                                             "its unit",
                                                             "Dst",
                                                             "its last instruction"};
    return names[static_cast<std::size_t>(wait)];
}

std::string_view key_of(Wait wait) {
    constexpr std::array<std::string_view, wait_count> keys{
        "none",      "source_a",  "source_b", "bank_a", "bank_b", "mutex",
        "condition", "semaphore", "unit",     "dst",    "own"};
    return keys[static_cast<std::size_t>(wait)];
}

}  // namespace tilewright::tensix
