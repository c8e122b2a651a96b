#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

State reset_state() {
    State state;
    state.dst.defined.fill(true);
    VectorState& vector = state.vector;
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        vector.registers[8][lane] = 0x3f56'594b;   // 0.8373
        vector.registers[10][lane] = 0x3f80'0000;  // 1
        vector.registers[11][lane] = 0xbf80'0000;  // -1
        vector.registers[12][lane] = 0x3b00'0000;
        vector.registers[13][lane] = 0xbf2c'c4c7;
        vector.registers[14][lane] = 0xbeb0'8ff9;
        vector.registers[15][lane] = static_cast<std::uint32_t>(2 * lane);
    }
    return state;
}

}  // namespace tilewright::tensix
