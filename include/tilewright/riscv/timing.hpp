// The latencies of a core. What they mean for a program is said in code.hpp.
#pragma once

#include <cstdint>

namespace tilewright::riscv {

/// Latencies in cycles; the presets give the source of each number.
struct Timing {
    std::uint32_t load_near = 2;
    std::uint32_t load_far = 8;
    std::uint32_t load_device = 7;
    std::uint32_t load_direct = 100;
    std::uint32_t loads_in_flight = 4;
    std::uint32_t store_far = 5;
    std::uint32_t store_queue = 4;
    std::uint32_t atomic = 12;
    std::uint32_t multiply = 2;
    std::uint32_t divide_min = 6;
    std::uint32_t divide_max = 33;
    std::uint32_t divide_trivial = 2;
    std::uint32_t mispredict = 4;
    std::uint32_t fetch_cache = 4096;
    std::uint32_t fetch_miss = 1;
    std::uint32_t float_result = 4;
    std::uint32_t float_divide = 16;
    std::uint32_t wait_short = 64;
    bool operator==(const Timing&) const = default;
};

/// Calls field(name, value, least, most, unit, what it is) for each field of `t`, in their order.
/// Beside these limits, divide_max is not less than divide_min.
template <class T, class Visitor>
void visit_fields(T& t, Visitor&& field) {
    constexpr std::uint32_t most = 200;
    field("load_near", t.load_near, 1u, most, "cycles",
          "issue to use of a load from `near` memory");
    field("load_far", t.load_far, 1u, most, "cycles",
          "issue to use of a load from `far` memory or from the image window");
    field("load_device", t.load_device, 1u, most, "cycles",
          "issue to use of a load from a device register");
    field("load_direct", t.load_direct, 1u, 10'000u, "cycles",
          "issue to use of a load from `direct` memory, and what an atomic takes there if longer");
    field("loads_in_flight", t.loads_in_flight, 1u, 64u, "loads",
          "from `far` memory that begin within load_far - 1 cycles");
    field("store_far", t.store_far, 0u, most, "cycles",
          "a write of the store queue to `far` memory that is less than 16 bytes; a whole one "
          "takes 1");
    field("store_queue", t.store_queue, 1u, 64u, "writes", "that the store queue holds");
    field("atomic", t.atomic, 1u, most, "cycles", "issue to use of what an AMO, lr or sc returns");
    field("multiply", t.multiply, 1u, most, "cycles", "issue to use of a product");
    field("divide_min", t.divide_min, 1u, most, "cycles",
          "a division of a dividend of four bits; four bits more take 4 more");
    field("divide_max", t.divide_max, 1u, most, "cycles", "a division of the longest dividend");
    field("divide_trivial", t.divide_trivial, 1u, most, "cycles",
          "a division by 0 or 1, or with the signed overflow");
    field("mispredict", t.mispredict, 0u, most, "cycles",
          "bubble after a branch that went against its prediction");
    field("fetch_cache", t.fetch_cache, 0u, 1u << 20, "bytes",
          "of the instruction cache: a loop that is longer misses; 0: none does");
    field("fetch_miss", t.fetch_miss, 0u, most, "cycles",
          "for each 16 bytes that such a loop fetches again");
    field("float_result", t.float_result, 1u, most, "cycles", "issue to use of a float operation");
    field("float_divide", t.float_divide, 1u, most, "cycles",
          "issue to use of a float division or square root");
    field("wait_short", t.wait_short, 1u, 1'000'000u, "cycles", "when `wrs.sto` gives up");
}

}  // namespace tilewright::riscv
