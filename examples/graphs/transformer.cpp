// Functions of a transformer layer on float32, rows one after another. Arguments are (inputs...,
// output, sizes...).
#include <bit>
#include <cstdint>

#include "tilewright/kernel/tasks.hpp"

namespace {

using namespace tilewright::kernel;

float square_root(float x) {
    float root;
    asm("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
    return root;
}

/// 2^k e^r with |r| <= ln(2) / 2, where seven terms of the series are enough for a float.
float exponential(float x) {
    if (x < -87) return 0;
    const auto k = static_cast<std::int32_t>(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f));
    const float r = x - static_cast<float>(k) * 0.693147182f;
    float sum = 1;
    for (std::uint32_t term = 7; term != 0; --term) sum = 1 + r / static_cast<float>(term) * sum;
    return sum * std::bit_cast<float>((k + 127) << 23);
}

std::uint32_t size(std::int64_t argument) {
    return static_cast<std::uint32_t>(argument);
}

/// (a, b, out, rows, inner, columns, a_stride, b_stride, out_stride): out = a b.
void matmul(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    const float* b = pointer_of<const float>(args[1]);
    float* out = pointer_of<float>(args[2]);
    for (std::uint32_t i = 0; i < size(args[3]); ++i) {
        for (std::uint32_t j = 0; j < size(args[5]); ++j) {
            float sum = 0;
            for (std::uint32_t k = 0; k < size(args[4]); ++k) {
                sum += a[i * size(args[6]) + k] * b[k * size(args[7]) + j];
            }
            out[i * size(args[8]) + j] = sum;
        }
    }
}

/// (a, b, out, rows, inner, columns, a_stride, b_stride, out_stride, scale): out = scale a b^T.
void matmul_transposed(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    const float* b = pointer_of<const float>(args[1]);
    float* out = pointer_of<float>(args[2]);
    for (std::uint32_t i = 0; i < size(args[3]); ++i) {
        for (std::uint32_t j = 0; j < size(args[5]); ++j) {
            float sum = 0;
            for (std::uint32_t k = 0; k < size(args[4]); ++k) {
                sum += a[i * size(args[6]) + k] * b[j * size(args[7]) + k];
            }
            out[i * size(args[8]) + j] = float_of(args[9]) * sum;
        }
    }
}

/// (x, rows, columns): each row of x becomes its softmax.
void softmax(std::int64_t* args) {
    const std::uint32_t columns = size(args[2]);
    for (std::uint32_t i = 0; i < size(args[1]); ++i) {
        float* row = pointer_of<float>(args[0]) + i * columns;
        float largest = row[0];
        for (std::uint32_t j = 1; j < columns; ++j) largest = row[j] > largest ? row[j] : largest;
        float sum = 0;
        for (std::uint32_t j = 0; j < columns; ++j) sum += row[j] = exponential(row[j] - largest);
        for (std::uint32_t j = 0; j < columns; ++j) row[j] /= sum;
    }
}

/// (x, out, rows, columns): rows with mean 0 and variance 1.
void normalise(std::int64_t* args) {
    const std::uint32_t columns = size(args[3]);
    const auto count = static_cast<float>(columns);
    for (std::uint32_t i = 0; i < size(args[2]); ++i) {
        const float* x = pointer_of<const float>(args[0]) + i * columns;
        float* out = pointer_of<float>(args[1]) + i * columns;
        float mean = 0;
        for (std::uint32_t j = 0; j < columns; ++j) mean += x[j];
        mean /= count;
        float variance = 0;
        for (std::uint32_t j = 0; j < columns; ++j) variance += (x[j] - mean) * (x[j] - mean);
        const float scale = 1 / square_root(variance / count + 1e-5f);
        for (std::uint32_t j = 0; j < columns; ++j) out[j] = (x[j] - mean) * scale;
    }
}

/// (x, count): x becomes x / (1 + e^(-1.702 x)), the quick form of GELU.
void gelu(std::int64_t* args) {
    float* x = pointer_of<float>(args[0]);
    for (std::uint32_t i = 0; i < size(args[1]); ++i) x[i] /= 1 + exponential(-1.702f * x[i]);
}

/// (a, b, out, count): out = a + b.
void add(std::int64_t* args) {
    const float* a = pointer_of<const float>(args[0]);
    const float* b = pointer_of<const float>(args[1]);
    float* out = pointer_of<float>(args[2]);
    for (std::uint32_t i = 0; i < size(args[3]); ++i) out[i] = a[i] + b[i];
}

}  // namespace

TILEWRIGHT_TASKS({"matmul", matmul, on_cube}, {"matmul_transposed", matmul_transposed, on_cube},
                 {"softmax", softmax, on_vector}, {"normalise", normalise, on_vector},
                 {"gelu", gelu, on_vector}, {"add", add, on_vector})
