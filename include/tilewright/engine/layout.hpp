// The order in which a transfer goes through a matrix in memory. One side of a transfer reads in
// one order, the other writes in another; that is all there is to transposing and shuffling.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tilewright {

/// `rows` x `row_bytes` of memory, rows `stride` bytes apart, of which a transfer takes the bytes
/// one after another.
struct Layout {
    enum class Order : std::uint8_t {
        rows,      ///< row by row
        columns,   ///< column by column; an element is one step
        shuffled,  ///< row by row, in each the elements of its two halves by turns: 0, h, 1, h+1,
                   ///< ...
    };
    std::uint64_t rows = 1;
    std::uint64_t row_bytes = 0;
    std::uint64_t stride = 0;
    std::uint32_t element_bytes = 1;  ///< row_bytes is a multiple of it
    Order order = Order::rows;

    std::uint64_t bytes() const { return rows * row_bytes; }
    /// From the first byte to behind the last one.
    std::uint64_t extent() const { return bytes() == 0 ? 0 : (rows - 1) * stride + row_bytes; }
};

/// Bytes of a transfer that also follow each other in memory.
struct LayoutRun {
    std::uint64_t offset = 0;  ///< in memory, from the first byte of the layout
    std::uint64_t bytes = 0;
};

/// Where byte `at` of the transfer lies, and how many follow it there.
inline LayoutRun run_at(const Layout& l, std::uint64_t at) {
    if (l.order == Layout::Order::rows) {
        if (l.stride == l.row_bytes) return {at, l.bytes() - at};
        const std::uint64_t row = at / l.row_bytes;
        const std::uint64_t column = at % l.row_bytes;
        return {row * l.stride + column, l.row_bytes - column};
    }
    const std::uint64_t element = at / l.element_bytes;
    const std::uint64_t within = at % l.element_bytes;
    std::uint64_t row = 0;
    std::uint64_t column = 0;
    if (l.order == Layout::Order::columns) {
        row = element % l.rows;
        column = element / l.rows;
    } else {
        const std::uint64_t width = l.row_bytes / l.element_bytes;
        const std::uint64_t position = element % width;
        row = element / width;
        column = position % 2 == 0 ? position / 2 : (width + 1) / 2 + position / 2;
    }
    return {row * l.stride + column * l.element_bytes + within, l.element_bytes - within};
}

/// f(offset in memory, offset in the piece, bytes) for each run of the piece of `bytes` bytes that
/// begins at byte `from` of the transfer.
template <class F>
void for_each_run(const Layout& layout, std::uint64_t from, std::uint64_t bytes, F&& f) {
    if (layout.order == Layout::Order::rows && layout.stride != layout.row_bytes && bytes != 0) {
        LayoutRun run = run_at(layout, from);  // the others begin at the beginning of their row
        for (std::uint64_t done = 0;;) {
            const std::uint64_t n = std::min(run.bytes, bytes - done);
            f(run.offset, done, n);
            done += n;
            if (done == bytes) return;
            run = {run.offset + n + layout.stride - layout.row_bytes, layout.row_bytes};
        }
    }
    for (std::uint64_t done = 0; done < bytes;) {
        const LayoutRun run = run_at(layout, from + done);
        const std::uint64_t n = std::min(run.bytes, bytes - done);
        f(run.offset, done, n);
        done += n;
    }
}

}  // namespace tilewright
