// Between row-major matrices and tiles with faces, in place, as programs of 2024 do it.
#pragma once

#include <cstdint>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/tilize_utils.hpp>
#include <vector>

template <class T>
void tilize(std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    input = tilize_nfaces(input, m, n);
}
template <class T>
void untilize(std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    input = untilize_nfaces(input, m, n);
}
