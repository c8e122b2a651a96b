// The systolic array register by register, clocked cycle by cycle.
//
// It exists to be looked at and to hold the fast passes to: values, cycles and multiply-accumulates
// come out of registers that only know their neighbours. T is float (products and sums rounded
// separately) or std::int32_t (wrapping). A step takes time proportional to the number of elements:
// for large matmuls use multiply_accumulate() and array_cycles(), which agree with it bit by bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tilewright/engine/systolic/systolic.hpp"

namespace tilewright {

template <class T>
class ArrayModel {
public:
    /// A value on the move, and what the control that travels with it says.
    struct Token {
        T value{};
        bool valid = false;  ///< there is a value; false in bubbles and in unused rows
        bool last = false;   ///< the last of its stream
    };
    /// The registers of one processing element.
    struct Element {
        Token from_left;     ///< moves one column to the right each cycle
        Token from_above;    ///< moves one row down each cycle: an operand, or a sum on its way
        T held{};            ///< what stays: a sum, or an operand
        bool holds = false;  ///< there is something to multiply with
        bool multiplied = false;  ///< it did so in the cycle before
    };

    ArrayModel(ArrayShape shape, Dataflow dataflow);

    /// Begin a pass: row-major a (m x k), b (k x n) and sums (m x n), which it adds to. The pass
    /// must fit the array: ArgumentError otherwise. The spans must outlive the pass.
    void begin(std::span<const T> a, std::span<const T> b, std::span<T> sums, std::uint32_t m,
               std::uint32_t n, std::uint32_t k);
    /// One cycle; false, and nothing done, when the pass has ended (and the sums are written).
    bool step();
    /// Step to the end; returns the cycles of the pass.
    std::uint64_t run();

    std::uint64_t cycle() const { return cycle_; }  ///< of this pass
    std::uint64_t macs() const { return macs_; }    ///< multiply-accumulates of this pass so far
    const Element& element(std::uint32_t row, std::uint32_t column) const {
        return elements_[row * shape_.columns + column];
    }
    ArrayShape shape() const { return shape_; }

private:
    Element& at(std::uint32_t row, std::uint32_t column) {
        return elements_[row * shape_.columns + column];
    }
    void shift();
    void load_held();
    Token left_input(std::uint32_t row) const;
    Token top_input(std::uint32_t column) const;
    void compute();
    void collect(std::uint32_t column, const Token& sum);
    T stationary(std::uint32_t row, std::uint32_t column) const;

    ArrayShape shape_;
    Dataflow dataflow_;
    std::vector<Element> elements_;
    std::span<const T> a_, b_;
    std::span<T> sums_;
    std::uint32_t m_ = 0, n_ = 0, k_ = 0;
    // The pass as the array sees it: rows and columns in use, and the length of the streams.
    std::uint32_t used_rows_ = 0, used_columns_ = 0, length_ = 0;
    std::uint32_t load_cycles_ = 0;
    std::vector<std::uint32_t> collected_;  // of each column: sums that have left it
    std::uint64_t cycle_ = 0;
    std::uint64_t macs_ = 0;
    bool running_ = false;
};

extern template class ArrayModel<float>;
extern template class ArrayModel<std::int32_t>;

}  // namespace tilewright
