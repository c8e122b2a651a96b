#include "tilewright/engine/systolic/activation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/systolic/names.hpp"
#include "tilewright/engine/systolic/data_type.hpp"

namespace tilewright {

namespace {

constexpr std::string_view names[] = {"none", "relu", "gelu", "sigmoid", "tanh", "silu"};

template <std::size_t N>
double polynomial(const double (&coefficients)[N], double x) {
    double sum = coefficients[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

// x = count * ln 2 + rest, |rest| <= 0.347; ln 2 in two parts, the first with room for the product.
struct Reduced {
    std::int64_t count;
    double rest;
};
Reduced reduce(double x) {
    const double halves = x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5);
    const auto count = static_cast<std::int64_t>(halves);
    const auto n = static_cast<double>(count);
    return {count, (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33};
}

// e^x - 1 for |x| <= 0.347: Taylor's series; the first term left out is below 3e-13 of the value.
double exp_minus_one_near_zero(double x) {
    constexpr double series[] = {1.0,       1.0 / 2,    1.0 / 6,     1.0 / 24,     1.0 / 120,
                                 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800};
    return polynomial(series, x) * x;
}

// e^x for |x| <= 700.
double exponential(double x) {
    const Reduced r = reduce(x);
    const double power = std::bit_cast<double>(static_cast<std::uint64_t>(1023 + r.count) << 52);
    return (1.0 + exp_minus_one_near_zero(r.rest)) * power;
}

// Beyond this the results are 0, 1 or x to the last bit of a float.
double limited(double x) {
    return std::clamp(x, -200.0, 200.0);
}

double sigmoid(double x) {
    return 1.0 / (1.0 + exponential(-limited(x)));
}

double hyperbolic_tangent(double x) {
    const double twice = 2.0 * limited(x);
    const double e =
        std::abs(twice) < 0.34 ? exp_minus_one_near_zero(twice) : exponential(twice) - 1.0;
    return e / (e + 2.0);
}

// The part of the normal distribution beyond |x|, so that small values keep all their digits.
// erfc(z) * e^(z*z) as a polynomial in t = (z - 3) / (z + 3): interpolated at the Chebyshev nodes
// of z = 0 to 11, relative error 5e-12.
double normal_tail(double x) {
    constexpr double tail[] = {
        0.1790011511810921,     -0.3262335600466744,   0.24560380177218424,
        -0.15011593625929728,   0.07166583531209801,   -0.024392504521335758,
        0.004269157512078334,   0.0007077994148528654, -0.0005971642936592235,
        4.4975118676558275e-05, 6.424496805371715e-05, -1.2104001405773418e-05,
        -7.922213459300892e-06, 1.212125763337004e-06, 7.775926399847237e-07};
    const double magnitude = std::min(std::abs(x), 20.0);
    const double z = magnitude * 0.7071067811865476;
    return 0.5 * exponential(-0.5 * magnitude * magnitude) *
           polynomial(tail, (z - 3.0) / (z + 3.0));
}

double normal_distribution(double x) {
    return x < 0 ? normal_tail(x) : 1.0 - normal_tail(x);
}

// x * share(x), where a share of zero wins over an infinite x.
template <class Share>
float scaled(float x, Share share) {
    if (x < -200.0F) return -0.0F;
    return static_cast<float>(double{x} * share(double{x}));
}

}  // namespace

std::string_view name_of(Activation activation) {
    return names[static_cast<std::size_t>(activation)];
}

Activation activation(std::string_view name) {
    return static_cast<Activation>(index_of(name, names, "activation"));
}

float activate(Activation activation, float x) {
    if (x != x) return with_one_nan(x);
    switch (activation) {
        case Activation::none:
            break;
        case Activation::relu:
            return x > 0 ? x : 0.0F;
        case Activation::gelu:
            return scaled(x, normal_distribution);
        case Activation::sigmoid:
            return static_cast<float>(sigmoid(x));
        case Activation::tanh:
            return static_cast<float>(hyperbolic_tangent(x));
        case Activation::silu:
            return scaled(x, sigmoid);
    }
    return x;
}

}  // namespace tilewright
