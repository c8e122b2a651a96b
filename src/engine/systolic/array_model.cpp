#include "tilewright/engine/systolic/array_model.hpp"

#include <string>
#include <type_traits>

#include "tilewright/base/error.hpp"

namespace tilewright {

namespace {

template <class T>
T multiply_add(T sum, T x, T y) {
    if constexpr (std::is_integral_v<T>) {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<U>(sum) + static_cast<U>(x) * static_cast<U>(y));
    } else {
        const T product = x * y;
        return sum + product;
    }
}

}  // namespace

template <class T>
ArrayModel<T>::ArrayModel(ArrayShape shape, Dataflow dataflow)
    : shape_(shape),
      dataflow_(dataflow),
      elements_(std::size_t{shape.rows} * shape.columns),
      collected_(shape.columns) {
    if (shape.rows == 0 || shape.columns == 0) {
        throw ArgumentError("an array needs at least one row and one column");
    }
}

template <class T>
void ArrayModel<T>::begin(std::span<const T> a, std::span<const T> b, std::span<T> sums,
                          std::uint32_t m, std::uint32_t n, std::uint32_t k) {
    a_ = a, b_ = b, sums_ = sums;
    m_ = m, n_ = n, k_ = k;
    load_cycles_ = shape_.rows;
    switch (dataflow_) {
        case Dataflow::output_stationary:
            used_rows_ = m, used_columns_ = n, length_ = k;
            load_cycles_ = 0;
            break;
        case Dataflow::weight_stationary:
            used_rows_ = k, used_columns_ = n, length_ = m;
            break;
        case Dataflow::input_stationary:
            used_rows_ = k, used_columns_ = m, length_ = n;
            break;
    }
    if (used_rows_ > shape_.rows || used_columns_ > shape_.columns || m == 0 || n == 0 || k == 0) {
        throw ArgumentError("a pass of " + std::to_string(m) + " x " + std::to_string(n) + " x " +
                            std::to_string(k) + " does not fit an array of " +
                            std::to_string(shape_.rows) + " x " + std::to_string(shape_.columns));
    }
    if (a.size() != std::size_t{m} * k || b.size() != std::size_t{k} * n ||
        sums.size() != std::size_t{m} * n) {
        throw ArgumentError("the operands of a pass do not have the sizes of its shape");
    }
    elements_.assign(elements_.size(), Element{});
    collected_.assign(collected_.size(), 0);
    if (dataflow_ == Dataflow::output_stationary) {
        for (std::uint32_t row = 0; row < m; ++row) {
            for (std::uint32_t column = 0; column < n; ++column) {
                at(row, column).held = sums[row * n + column];
                at(row, column).holds = true;
            }
        }
    }
    cycle_ = macs_ = 0;
    running_ = true;
}

// What the element of this row and column is to hold, when an operand stays: B, or A transposed.
template <class T>
T ArrayModel<T>::stationary(std::uint32_t row, std::uint32_t column) const {
    return dataflow_ == Dataflow::weight_stationary ? b_[row * n_ + column] : a_[column * k_ + row];
}

// The operand that stays comes in at the top, the lowest row first, and moves down a row each
// cycle.
template <class T>
void ArrayModel<T>::load_held() {
    for (std::uint32_t row = shape_.rows; row-- > 1;) {
        for (std::uint32_t column = 0; column < shape_.columns; ++column) {
            at(row, column).held = at(row - 1, column).held;
            at(row, column).holds = at(row - 1, column).holds;
        }
    }
    const std::uint32_t row = shape_.rows - 1 - static_cast<std::uint32_t>(cycle_);
    for (std::uint32_t column = 0; column < shape_.columns; ++column) {
        const bool used = row < used_rows_ && column < used_columns_;
        at(0, column).held = used ? stationary(row, column) : T{};
        at(0, column).holds = used;
    }
}

// What enters a row or column in this cycle: element number (cycle - row) of its stream.
template <class T>
typename ArrayModel<T>::Token ArrayModel<T>::left_input(std::uint32_t row) const {
    const std::uint64_t start = load_cycles_ + std::uint64_t{row};
    if (cycle_ < start || cycle_ - start >= length_) return {};
    const auto i = static_cast<std::uint32_t>(cycle_ - start);
    Token token{T{}, row < used_rows_, i + 1 == length_};
    if (!token.valid) return token;
    switch (dataflow_) {
        case Dataflow::output_stationary:
        case Dataflow::weight_stationary:
            token.value =
                dataflow_ == Dataflow::output_stationary ? a_[row * k_ + i] : a_[i * k_ + row];
            break;
        case Dataflow::input_stationary:
            token.value = b_[row * n_ + i];
            break;
    }
    return token;
}

template <class T>
typename ArrayModel<T>::Token ArrayModel<T>::top_input(std::uint32_t column) const {
    const std::uint64_t start = load_cycles_ + std::uint64_t{column};
    if (cycle_ < start || cycle_ - start >= length_) return {};
    const auto i = static_cast<std::uint32_t>(cycle_ - start);
    Token token{T{}, column < used_columns_, i + 1 == length_};
    if (!token.valid) return token;
    switch (dataflow_) {
        case Dataflow::output_stationary:
            token.value = b_[i * n_ + column];
            break;
        case Dataflow::weight_stationary:
            token.value = sums_[i * n_ + column];
            break;
        case Dataflow::input_stationary:
            token.value = sums_[column * n_ + i];
            break;
    }
    return token;
}

// Every register takes what its neighbour had: from the far corner on, so that each is read first.
template <class T>
void ArrayModel<T>::shift() {
    for (std::uint32_t row = shape_.rows; row-- > 0;) {
        for (std::uint32_t column = shape_.columns; column-- > 0;) {
            at(row, column).from_left =
                column == 0 ? left_input(row) : at(row, column - 1).from_left;
            at(row, column).from_above =
                row == 0 ? top_input(column) : at(row - 1, column).from_above;
        }
    }
}

template <class T>
void ArrayModel<T>::compute() {
    for (Element& e : elements_) {
        e.multiplied = e.from_left.valid && e.from_above.valid && e.holds;
        if (!e.multiplied) continue;
        ++macs_;
        if (dataflow_ == Dataflow::output_stationary) {
            e.held = multiply_add(e.held, e.from_left.value, e.from_above.value);
        } else {
            e.from_above.value = multiply_add(e.from_above.value, e.from_left.value, e.held);
        }
    }
}

// A sum leaves the lowest row of its column.
template <class T>
void ArrayModel<T>::collect(std::uint32_t column, const Token& sum) {
    if (!sum.valid) return;
    const std::uint32_t i = collected_[column]++;
    const bool weights_stay = dataflow_ == Dataflow::weight_stationary;
    sums_[weights_stay ? i * n_ + column : column * n_ + i] = sum.value;
}

template <class T>
bool ArrayModel<T>::step() {
    if (!running_) return false;
    if (cycle_ < load_cycles_) {
        load_held();
        ++cycle_;
        return true;
    }
    shift();
    compute();
    ++cycle_;
    if (dataflow_ != Dataflow::output_stationary) {
        for (std::uint32_t column = 0; column < shape_.columns; ++column) {
            collect(column, at(shape_.rows - 1, column).from_above);
        }
    }
    // The pass ends when the last of its control has gone through the far corner.
    const Element& corner = element(shape_.rows - 1, shape_.columns - 1);
    if (corner.from_left.last && corner.from_above.last) {
        running_ = false;
        if (dataflow_ == Dataflow::output_stationary) {
            for (std::uint32_t row = 0; row < m_; ++row) {
                for (std::uint32_t column = 0; column < n_; ++column) {
                    sums_[row * n_ + column] = at(row, column).held;
                }
            }
        }
    }
    return true;
}

template <class T>
std::uint64_t ArrayModel<T>::run() {
    while (step()) {
    }
    return cycle_;
}

template class ArrayModel<float>;
template class ArrayModel<std::int32_t>;

}  // namespace tilewright
