// Functions with the arguments of those that ship, but results that stop at 10.
#include <cstdint>

#include "tilewright/kernel/tasks.hpp"

namespace {

using namespace tilewright::kernel;

constexpr float limit = 10;

float stop(float x) {
    return x < limit ? x : limit;
}

/// (a, b, out, n)
void add(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    const float* b = pointer_of<const float>(args[1]);
    float* out = pointer_of<float>(args[2]);
    for (std::int64_t i = 0; i < args[3]; ++i) out[i] = stop(a[i] + b[i]);
}

/// (a, s, out, n)
void add_scalar(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    float* out = pointer_of<float>(args[2]);
    for (std::int64_t i = 0; i < args[3]; ++i) out[i] = stop(a[i] + float_of(args[1]));
}

}  // namespace

TILEWRIGHT_TASKS({"add", add, on_vector}, {"add_scalar", add_scalar, on_vector})
