#include "tensix/vector_flags.hpp"

#include "tensix/lanes.hpp"
#include "tensix/number.hpp"

namespace tilewright::tensix {
namespace {

/// What the bits of all lanes become by one of the modes of SFPPOPC, from the flags and the top of
/// the stack.
std::uint32_t combined(std::uint32_t mode, std::uint32_t a, std::uint32_t b) {
    switch (mode) {
        case 1:
            return b;
        case 2:
            return ~b;
        case 3:
            return a & b;
        case 4:
            return a | b;
        case 5:
            return a & ~b;
        case 6:
            return a | ~b;
        case 7:
            return ~a & b;
        case 8:
            return ~a | b;
        case 9:
            return ~a & ~b;
        case 10:
            return ~a | ~b;
        case 11:
            return a ^ b;
        default:
            return ~(a ^ b);
    }
}

/// Compares vd with vc: into the flags (mode 1), or as all bits of vd (mode 8).
template <class Operands, class Compare>
void compare(const Context& context, std::string_view mnemonic, const Operands& i,
             Compare&& holds) {
    if (i.mode != 1 && i.mode != 8) refuse_mode(mnemonic, i.mode);
    check_result(context, mnemonic, i.vd);
    VectorState& vector = context.state.vector;
    each_lane(enabled_lanes(vector), [&](unsigned lane) {
        const bool result = holds(total_order(vector.registers[i.vd][lane]),
                                  total_order(vector.registers[i.vc][lane]));
        if (i.mode == 1) {
            set_flag(vector, lane, result);
        } else if (i.vd < written_registers) {
            vector.registers[i.vd][lane] = result ? ~0u : 0;
        }
    });
}

}  // namespace

void execute(const Context& context, const op::sfpsetcc& i) {
    constexpr std::uint32_t immediate = 1, clear = 8;
    check_result(context, "SFPSETCC", i.vd);
    VectorState& vector = context.state.vector;
    const auto& x = vector.registers[i.vc];
    each_lane(enabled_lanes(vector), [&](unsigned lane) {
        const auto value = static_cast<std::int32_t>(x[lane]);
        bool flag = false;
        if ((vector.use_flags >> lane & 1) != 0 && (i.mode & clear) == 0) {
            if ((i.mode & immediate) != 0) {
                flag = i.value != 0;
            } else {
                flag = i.mode == 0   ? value < 0
                       : i.mode == 2 ? value != 0
                       : i.mode == 4 ? value >= 0
                                     : value == 0;
            }
        }
        set_flag(vector, lane, flag);
    });
}

void execute(const Context& context, const op::sfpencc& i) {
    constexpr std::uint32_t invert = 1, from_bit0 = 2, flags_from_bit1 = 8;
    check_result(context, "SFPENCC", i.vd);
    VectorState& vector = context.state.vector;
    if ((i.mode & from_bit0) != 0) {
        vector.use_flags = (i.value & 1) != 0 ? all_lanes : 0;
    } else if ((i.mode & invert) != 0) {
        vector.use_flags = ~vector.use_flags;
    }
    const bool set = (i.mode & flags_from_bit1) == 0 || (i.value & 2) != 0;
    vector.flags = set ? all_lanes : 0;
}

void execute(const Context& context, const op::sfppushc& i) {
    if (i.mode != 0) refuse_mode("SFPPUSHC", i.mode);
    check_result(context, "SFPPUSHC", i.vd);
    VectorState& vector = context.state.vector;
    if (vector.depth == vector.stack.size()) {
        refuse("SFPPUSHC",
               "the stack of flags is full: it holds " + std::to_string(vector.stack.size()));
    }
    vector.stack[vector.depth++] = {vector.flags, vector.use_flags};
}

void execute(const Context& context, const op::sfppopc& i) {
    check_result(context, "SFPPOPC", i.vd);
    VectorState& vector = context.state.vector;
    const bool empty = vector.depth == 0;
    const VectorState::Saved top = empty ? VectorState::Saved{} : vector.stack[vector.depth - 1];
    if (i.mode == 0) {
        if (empty) refuse("SFPPOPC", "the stack of flags is empty");
        --vector.depth;
        vector.flags = top.flags;
        vector.use_flags = top.use_flags;
        return;
    }
    if (vector.depth == vector.stack.size()) {
        refuse("SFPPOPC", "mode " + std::to_string(i.mode) +
                              " while the stack of flags is full would spoil it");
    }
    if (i.mode <= 12) {
        vector.flags = combined(i.mode, vector.flags, top.flags);
        vector.use_flags = top.use_flags;
    } else if (i.mode == 13) {
        vector.flags = ~vector.flags;
    } else {
        vector.flags = i.mode == 14 ? all_lanes : 0;
        vector.use_flags = all_lanes;
    }
}

// The "else" of a branch: the lanes that came to it and did not take it.
void execute(const Context& context, const op::sfpcompc& i) {
    check_result(context, "SFPCOMPC", i.vd);
    VectorState& vector = context.state.vector;
    const VectorState::Saved top = vector.depth == 0 ? VectorState::Saved{all_lanes, all_lanes}
                                                     : vector.stack[vector.depth - 1];
    vector.flags = top.use_flags & vector.use_flags & top.flags & ~vector.flags;
}

void execute(const Context& context, const op::sfple& i) {
    compare(context, "SFPLE", i, [](std::int32_t x, std::int32_t y) { return x <= y; });
}

void execute(const Context& context, const op::sfpgt& i) {
    compare(context, "SFPGT", i, [](std::int32_t x, std::int32_t y) { return x > y; });
}

}  // namespace tilewright::tensix
