// Adaptive quadrature by tasks that add tasks: the integral of 4 / (1 + x^2) from a to b, by
// Simpson's rule, halved where one parabola and two differ by more than the tolerance.
//
// The nodes of the recursion are numbered as in a binary heap: those of node i are 2 i + 1 and
// 2 i + 2. areas[i] is what node i found.
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"

using namespace tilewright::kernel;

namespace {

enum Function : std::uint32_t { integrate, sum };

float f(float x) {
    return 4.0f / (1.0f + x * x);
}

float parabola(float a, float b) {
    return (b - a) / 6.0f * (f(a) + 4.0f * f((a + b) * 0.5f) + f(b));
}

std::int64_t word(float value) {
    return __builtin_bit_cast(std::uint32_t, value);
}

/// (areas, node, a, b, tolerance)
void integrate_node(std::int64_t* args) {
    const std::int64_t node = args[1];
    const float a = float_of(args[2]);
    const float b = float_of(args[3]);
    const float tolerance = float_of(args[4]);
    const float middle = (a + b) * 0.5f;
    const float two = parabola(a, middle) + parabola(middle, b);
    const float difference = two - parabola(a, b);
    pointer_of<float>(args[0])[node] = two;
    if (difference <= tolerance && -difference <= tolerance) return;
    const float half = tolerance * 0.5f;
    const std::uint32_t left =
        add_task(integrate, {args[0], 2 * node + 1, word(a), word(middle), word(half)});
    const std::uint32_t right =
        add_task(integrate, {args[0], 2 * node + 2, word(middle), word(b), word(half)});
    // Whoever waits for this node waits for its sum.
    add_task(sum, {args[0], node}, {left, right}, {.continues = true});
}

/// (areas, node)
void sum_nodes(std::int64_t* args) {
    auto* areas = pointer_of<float>(args[0]);
    areas[args[1]] = areas[2 * args[1] + 1] + areas[2 * args[1] + 2];
}

}  // namespace

TILEWRIGHT_TASKS({"integrate", integrate_node, on_vector}, {"sum", sum_nodes, on_vector})
