#include "ops/energy.hpp"

#include <cmath>

namespace tilewright::detail {

double mac_picojoules(DataType type) {
    switch (type) {
        case DataType::float32:
            return 3.7 + 0.9;
        case DataType::bfloat16:
        case DataType::float16:
            return 1.1 + 0.9;
        case DataType::int8:
            return 0.2 + 0.1;
        case DataType::int32:
            break;
    }
    return 3.1 + 0.1;
}

double sram_picojoules(std::uint64_t memory_bytes) {
    return 20.0 / 8 * std::sqrt(static_cast<double>(memory_bytes) / (32 * 1024));
}

}  // namespace tilewright::detail
