// Functions of a blocked Cholesky factorisation A = L L^T on 32 x 32 blocks of float32, row by row.
#include <cstdint>

#include "tilewright/kernel/tasks.hpp"

namespace {

using namespace tilewright::kernel;

constexpr std::uint32_t n = 32;
using Block = float[n][n];

float square_root(float x) {
    float root;
    asm("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
    return root;
}

/// (a): a becomes its lower factor; what is above the diagonal becomes zero.
void potrf(std::int64_t* args) {
    Block& a = *pointer_of<Block>(args[0]);
    for (std::uint32_t j = 0; j < n; ++j) {
        for (std::uint32_t k = 0; k < j; ++k) {
            for (std::uint32_t i = j; i < n; ++i) a[i][j] -= a[i][k] * a[j][k];
        }
        const float diagonal = square_root(a[j][j]);
        a[j][j] = diagonal;
        for (std::uint32_t i = j + 1; i < n; ++i) a[i][j] /= diagonal;
        for (std::uint32_t i = 0; i < j; ++i) a[i][j] = 0;
    }
}

/// (l, a): a becomes a L^-T, l being a lower factor.
void trsm(std::int64_t* args) {
    const Block& l = *pointer_of<const Block>(args[0]);
    Block& a = *pointer_of<Block>(args[1]);
    for (auto& row : a) {
        for (std::uint32_t j = 0; j < n; ++j) {
            float x = row[j];
            for (std::uint32_t k = 0; k < j; ++k) x -= row[k] * l[j][k];
            row[j] = x / l[j][j];
        }
    }
}

/// (a, b, c): c becomes c - a b^T.
void gemm(std::int64_t* args) {
    const Block& a = *pointer_of<const Block>(args[0]);
    const Block& b = *pointer_of<const Block>(args[1]);
    Block& c = *pointer_of<Block>(args[2]);
    for (std::uint32_t i = 0; i < n; ++i) {
        for (std::uint32_t j = 0; j < n; ++j) {
            float sum = 0;
            for (std::uint32_t k = 0; k < n; ++k) sum += a[i][k] * b[j][k];
            c[i][j] -= sum;
        }
    }
}

}  // namespace

TILEWRIGHT_TASKS({"potrf", potrf, on_vector}, {"trsm", trsm, on_vector}, {"gemm", gemm, on_cube})
