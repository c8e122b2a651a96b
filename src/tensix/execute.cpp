#include "tilewright/tensix/execute.hpp"

#include "tensix/address_counters.hpp"
#include "tensix/configure.hpp"
#include "tensix/context.hpp"
#include "tensix/matrix.hpp"
#include "tensix/move.hpp"
#include "tensix/pack.hpp"
#include "tensix/row_counters.hpp"
#include "tensix/scalar.hpp"
#include "tensix/sources.hpp"
#include "tensix/sync.hpp"
#include "tensix/unpack.hpp"
#include "tensix/vector_dst.hpp"
#include "tensix/vector_flags.hpp"
#include "tensix/vector_float.hpp"
#include "tensix/vector_integer.hpp"
#include "tensix/vector_move.hpp"

namespace tilewright::tensix {
namespace {

// What has its effect in front of the units.
void execute(const Context&, const op::nop&) {}
void execute(const Context&, const op::dmanop&) {}
void execute(const Context&, const op::flushdma&) {}
void execute(const Context&, const op::stallwait&) {}
void execute(const Context&, const op::semwait&) {}
void execute(const Context&, const op::mop&) {
    refuse("MOP", "it never reaches a unit");
}
void execute(const Context&, const op::mop_cfg&) {
    refuse("MOP_CFG", "it never reaches a unit");
}
void execute(const Context&, const op::replay&) {
    refuse("REPLAY", "it never reaches a unit");
}

}  // namespace

Effects execute(State& state, Architecture architecture, L1Port& l1, unsigned thread,
                std::uint32_t word) {
    return execute(state, architecture, l1, thread, decode(architecture, word), word);
}

Effects execute(State& state, Architecture architecture, L1Port& l1, unsigned thread,
                const Instruction& instruction, std::uint32_t word) {
    Effects effects;
    const Context context{state, architecture, thread,
                          l1,    effects,      ConfigView(state, architecture, thread)};
    switch (instruction.op) {
#define BOTH(...)
#define EACH(...)
#define WORMHOLE(...)
#define BLACKHOLE(...)
#define TENSIX_INSTRUCTION(name, ...)                                \
    case Op::name:                                                   \
        execute(context, operands_of<op::name>(architecture, word)); \
        break;
#include "tilewright/tensix/instructions.def"
    }
    return effects;
}

}  // namespace tilewright::tensix
