// NumPy arrays in and out of the module.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <span>
#include <utility>
#include <vector>

namespace tilewright::python {

/// A contiguous array of one dimension, to be read.
template <class T>
using ArrayIn =
    nanobind::ndarray<const T, nanobind::ndim<1>, nanobind::c_contig, nanobind::device::cpu>;
template <class T>
using ArrayOut = nanobind::ndarray<nanobind::numpy, T, nanobind::ndim<1>>;

template <class T>
std::span<const T> span_of(const ArrayIn<T>& array) {
    return {array.data(), array.size()};
}

/// An array that owns its elements.
template <class T>
ArrayOut<T> to_array(std::vector<T> values) {
    auto* const kept = new std::vector<T>(std::move(values));
    const nanobind::capsule owner(kept,
                                  [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return ArrayOut<T>(kept->data(), {kept->size()}, owner);
}

template <class T>
ArrayOut<T> to_array(std::span<const T> values) {
    return to_array(std::vector<T>(values.begin(), values.end()));
}

}  // namespace tilewright::python
