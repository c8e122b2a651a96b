// Functions for the tasks of graphs: what worker cores run instead of the built-in ones.
//
//     tilewright-cc graph_tasks.cpp -o graph_tasks.elf
#include "tilewright/kernel/tasks.hpp"

using tilewright::kernel::float_of;
using tilewright::kernel::pointer_of;

namespace {

/// (x, y, out, n, a): out[i] = a * x[i] + y[i]
void axpy(std::int64_t* args) {
    const float* x = pointer_of<const float>(args[0]);
    const float* y = pointer_of<const float>(args[1]);
    auto* out = pointer_of<float>(args[2]);
    const auto count = static_cast<std::uint32_t>(args[3]);
    const float a = float_of(args[4]);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = a * x[i] + y[i];
}

/// (x, out, n): out[0] = the sum of x
void sum(std::int64_t* args) {
    const float* x = pointer_of<const float>(args[0]);
    const auto count = static_cast<std::uint32_t>(args[2]);
    float total = 0;
    for (std::uint32_t i = 0; i < count; ++i) total += x[i];
    *pointer_of<float>(args[1]) = total;
}

}  // namespace

TILEWRIGHT_TASKS({"axpy", axpy, tilewright::kernel::on_vector, 5},
                 {"sum", sum, tilewright::kernel::on_vector, 3})
