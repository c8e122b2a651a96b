// The worker program that comes with the library: arithmetic on arrays of float32 in direct memory.
#include "tilewright/kernel/tasks.hpp"

namespace {

using tilewright::kernel::float_of;
using tilewright::kernel::pointer_of;

/// (a, b, out, n): out[i] = combine(a[i], b[i]).
template <typename Combine>
void for_all(std::int64_t* args, Combine combine) {
    const float* a = pointer_of<const float>(args[0]);
    const float* b = pointer_of<const float>(args[1]);
    auto* out = pointer_of<float>(args[2]);
    const auto count = static_cast<std::uint32_t>(args[3]);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = combine(a[i], b[i]);
}

/// (a, b, out, n)
void add(std::int64_t* args) {
    for_all(args, [](float a, float b) { return a + b; });
}

/// (a, s, out, n)
void add_scalar(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    const float s = float_of(args[1]);
    auto* out = pointer_of<float>(args[2]);
    const auto count = static_cast<std::uint32_t>(args[3]);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = a[i] + s;
}

/// (a, b, out, n)
void mul(std::int64_t* args) {
    for_all(args, [](float a, float b) { return a * b; });
}

}  // namespace

TILEWRIGHT_TASKS({"add", add, tilewright::kernel::on_any, 4},
                 {"add_scalar", add_scalar, tilewright::kernel::on_any, 4},
                 {"mul", mul, tilewright::kernel::on_any, 4})
