// Thread 1: a bitonic sorting network of the vector unit, for the largest or smallest k of many
// numbers.
//
// What is sorted lies in two tiles of Dst that follow one another: in each of 32 columns 64
// numbers, at places 0 to 63 from above. The two tiles behind them have a companion of each, its
// index, which moves with it. A vector has four places of eight columns, even or odd ones of the
// left or right half: the four quarters of a column's neighbours are sorted one after the other.
//
// Numbers are compared by sign and magnitude, as SFPSWAP does. Where two are equal, which index
// comes first depends on their ways through the network; it is the network of the vendor's
// kernels, phase by phase, so that it is the same one.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/vector.hpp"

namespace tilewright::kernel::tensix {

/// How equal numbers are ordered: by chance, or by their indices in ascending or descending order
/// where numbers ascend.
enum class Ties : std::uint8_t { any, ascending, descending };

/// What is sorted, known when a kernel is compiled.
struct Sorted {
    bool wide;         ///< Dst has 32 bits
    bool raw = false;  ///< bits that are no floats: they are not flushed
    bool indices = true;
    Ties ties = Ties::any;
};

namespace network {

inline constexpr std::uint32_t first_index = 4;  ///< register of the index of register 0
inline constexpr std::uint32_t places = 64;
inline constexpr std::uint32_t index_rows = 2 * tile_rows;  ///< from a number to its index

/// Of SFPSWAP: rows of lanes in which vd gets the smaller number.
inline constexpr std::uint32_t swap_all = 0, all_rows = 1, upper_rows = 2, even_rows = 3;

/// Rows of Dst from the first tile's: faces of a column lie 32 rows apart.
constexpr std::uint32_t row_of(std::uint32_t place) {
    return (place & 15) + (place >> 4) * 32;
}
/// First columns of the quarters.
inline constexpr std::uint32_t quarters[] = {0, 2, 16, 18};

/// SFPSWAP moves indices, or it does not; and it compares the other way round, or it does not.
TILEWRIGHT_DEVICE void compare_as(bool with_indices, bool reversed = false) {
    constexpr std::uint32_t lanes = 15, immediate = 1;
    issue(op::sfpconfig{.mode = immediate,
                        .vd = lanes,
                        .value = (with_indices ? 1u << 2 : 0) | (reversed ? 1u << 8 : 0)});
    issue(op::sfpnop{});
}

/// Where loads and stores count rows from.
TILEWRIGHT_DEVICE void go_to(std::uint32_t tile, std::uint32_t row) {
    configure_thread(thread_config::math_offset, matrix::first_row + tile * tile_rows + row);
}

template <Sorted sorted>
TILEWRIGHT_DEVICE void load_one(std::uint32_t reg, std::uint32_t row) {
    vector::load(reg, row, sorted.raw ? vector::int32 : vector::as_configured);
}
template <Sorted sorted>
TILEWRIGHT_DEVICE void load_index(std::uint32_t reg, std::uint32_t row) {
    vector::load(first_index + reg, index_rows + row, sorted.wide ? vector::int32 : vector::uint16);
}
template <Sorted sorted>
TILEWRIGHT_DEVICE void store_one(std::uint32_t reg, std::uint32_t row) {
    vector::store(reg, row, sorted.raw ? vector::int32 : vector::as_configured);
    if constexpr (sorted.indices) {
        vector::store(first_index + reg, index_rows + row,
                      sorted.wide ? vector::int32 : vector::uint16);
    }
}

/// Registers 0 to 3: places p, p + gap, p + far, p + far + gap.
struct Four {
    std::uint32_t gap;
    std::uint32_t far;
    constexpr std::uint32_t row(std::uint32_t reg) const {
        return row_of((reg & 1) * gap + (reg >> 1) * far);
    }
};
inline constexpr Four sixteen{.gap = 4, .far = 8};  ///< places that follow one another

template <Sorted sorted, Four four>
TILEWRIGHT_DEVICE void load_four() {
    for (std::uint32_t reg = 0; reg < 4; ++reg) load_one<sorted>(reg, four.row(reg));
    if constexpr (sorted.indices) {
        for (std::uint32_t reg = 0; reg < 4; ++reg) load_index<sorted>(reg, four.row(reg));
    }
}
template <Sorted sorted, Four four>
TILEWRIGHT_DEVICE void store_four() {
    for (std::uint32_t reg = 0; reg < 4; ++reg) store_one<sorted>(reg, four.row(reg));
}

/// In the rows that `mode` says `more` gets the larger number and `less` the smaller one, in others
/// the other way round; each with its index.
template <Sorted sorted>
TILEWRIGHT_DEVICE void exchange(std::uint32_t more, std::uint32_t less,
                                std::uint32_t mode = all_rows) {
    issue(op::sfpswap{.mode = mode, .vd = less, .vc = more});
    if constexpr (sorted.ties != Ties::any) {
        // In lanes where both are the same, indices are compared.
        issue(op::sfpxor{.vd = less, .vc = more});
        issue(op::sfpsetcc{.mode = 6, .vc = less});
        const std::uint32_t a = first_index + more, b = first_index + less;
        if constexpr (sorted.ties == Ties::ascending) {
            issue(op::sfpswap{.mode = mode, .vd = b, .vc = a});
        } else {
            issue(op::sfpswap{.mode = mode, .vd = a, .vc = b});
        }
        vector::all_lanes();
        issue(op::sfpxor{.vd = less, .vc = more});
    }
}
/// Register s then has places 4 r + s in its rows r.
TILEWRIGHT_DEVICE void transpose() {
    issue(op::sfptransp{});
}

/// Phase n sorts 2^(n + 1) places that are bitonic; phase 3 and later ones by their last four
/// steps. In phases 0 to 2 sequences descend and ascend in turn.
template <Sorted sorted, std::uint32_t phase>
TILEWRIGHT_DEVICE void sort_sixteen() {
    if constexpr (phase == 0) {
        transpose();
        exchange<sorted>(0, 1);
        exchange<sorted>(3, 2);
        transpose();
    } else if constexpr (phase == 1) {
        transpose();
        exchange<sorted>(0, 2, even_rows);
        exchange<sorted>(1, 3, even_rows);
        exchange<sorted>(0, 1, even_rows);
        exchange<sorted>(2, 3, even_rows);
        transpose();
    } else if constexpr (phase == 2) {
        exchange<sorted>(0, 1);
        if constexpr (sorted.ties == Ties::any) {
            exchange<sorted>(2, 3);
            issue(op::sfpswap{.mode = swap_all, .vd = 3, .vc = 2});
        } else {
            exchange<sorted>(3, 2);
        }
        transpose();
        exchange<sorted>(0, 2, upper_rows);
        exchange<sorted>(1, 3, upper_rows);
        exchange<sorted>(0, 1, upper_rows);
        exchange<sorted>(2, 3, upper_rows);
        transpose();
    } else {
        for (int half = 0; half < 2; ++half) {
            exchange<sorted>(0, 2);
            exchange<sorted>(1, 3);
            exchange<sorted>(0, 1);
            exchange<sorted>(2, 3);
            transpose();
        }
    }
}

/// Once from where go_to() has gone.
template <Sorted sorted, Four four, std::uint32_t phase>
[[gnu::noinline]] void sort_four() {
    load_four<sorted, four>();
    sort_sixteen<sorted, phase>();
    store_four<sorted, four>();
}
template <Sorted sorted, Four four, std::uint32_t phase>
TILEWRIGHT_DEVICE void sort_four_in(bool ascending) {
    if (ascending) compare_as(sorted.indices, true);
    sort_four<sorted, four, phase>();
    if (ascending) compare_as(sorted.indices);
}

/// Places that are `far` apart are compared, for each p below it in every 2 * far.
template <Sorted sorted, std::uint32_t far>
[[gnu::noinline]] void step_of_eight(bool ascending) {
    constexpr Four four{.gap = 4, .far = far};
    load_four<sorted, four>();
    if (ascending) {
        exchange<sorted>(2, 0);
        exchange<sorted>(3, 1);
    } else {
        exchange<sorted>(0, 2);
        exchange<sorted>(1, 3);
    }
    store_four<sorted, four>();
}
template <Sorted sorted, std::uint32_t far, class Ascends>
TILEWRIGHT_DEVICE void step(std::uint32_t tile, std::uint32_t column, Ascends ascends) {
    for (std::uint32_t place = 0; place < places; place += 8) {
        if ((place & far) != 0) continue;
        go_to(tile, row_of(place) + column);
        step_of_eight<sorted, far>(ascends(place));
    }
}

/// Steps from `first` down to 5, which compare places 2^(step - 1) apart and no less than 16, then
/// the last four.
template <Sorted sorted>
[[gnu::noinline]] void long_phase(std::uint32_t tile, std::uint32_t column, std::uint32_t phase,
                                  std::uint32_t first, std::uint32_t last, bool ascending) {
    const auto ascends = [=](std::uint32_t place) {
        return ((place >> (phase + 1) & 1) != 0) != ascending;
    };
    for (std::uint32_t s = first; s > last; --s) {
        if (s == 5) {
            step<sorted, 16>(tile, column, ascends);
        } else {
            step<sorted, 32>(tile, column, ascends);
        }
    }
    for (std::uint32_t place = 0; place < places; place += 16) {
        go_to(tile, row_of(place) + column);
        sort_four_in<sorted, sixteen, 3>(ascends(place));
    }
}

/// Places p and p + distance: the larger number goes to p, or the smaller one.
template <Sorted sorted, class Before>
TILEWRIGHT_DEVICE void merge_four(std::uint32_t distance_rows, bool smaller_first, Before before) {
    load_one<sorted>(0, 0);
    load_one<sorted>(1, distance_rows);
    if constexpr (sorted.indices) {
        load_index<sorted>(0, 0);
        load_index<sorted>(1, distance_rows);
    }
    before();
    if (smaller_first) {
        exchange<sorted>(1, 0);
    } else {
        exchange<sorted>(0, 1);
    }
    store_one<sorted>(0, 0);
    store_one<sorted>(1, distance_rows);
}

/// f(column) for each quarter.
template <Sorted sorted, class F>
TILEWRIGHT_DEVICE void for_each_quarter(F f) {
    stall(block::vector, until::matrix);
    compare_as(sorted.indices);
#pragma clang loop unroll(disable)
    for (const std::uint32_t column : quarters) f(column);
    compare_as(false);
    stall(block::matrix, until::vector);
    matrix::reset_counters();
}

constexpr std::uint32_t smaller_of(std::uint32_t a, std::uint32_t b) {
    return a < b ? a : b;
}
constexpr std::uint32_t larger_of(std::uint32_t a, std::uint32_t b) {
    return a < b ? b : a;
}

}  // namespace network

/// Phases `first` to `last` of the network, each with all its steps; of one phase from 4 on alone
/// the steps from `first_step` down to the one above `last_step`, then the last four. After phase n
/// sequences of 2^(n + 1) places are sorted in turn one way and the other, the first one descending
/// unless `ascending` (from phase 3 on).
template <Sorted sorted>
TILEWRIGHT_DEVICE void sort_columns(std::uint32_t tile, bool ascending, std::uint32_t first,
                                    std::uint32_t last, std::uint32_t first_step,
                                    std::uint32_t last_step) {
    using namespace network;
    const bool alone = first == last;
    for_each_quarter<sorted>([&](std::uint32_t column) {
        for (std::uint32_t phase = first; phase <= last; ++phase) {
            if (phase > 3) {
                long_phase<sorted>(tile, column, phase, alone ? first_step : phase + 1,
                                   alone ? last_step : 4, ascending);
                continue;
            }
            for (std::uint32_t place = 0; place < places; place += 16) {
                go_to(tile, row_of(place) + column);
                switch (phase) {
                    case 0:
                        sort_four<sorted, sixteen, 0>();
                        break;
                    case 1:
                        sort_four<sorted, sixteen, 1>();
                        break;
                    case 2:
                        sort_four<sorted, sixteen, 2>();
                        break;
                    default:
                        sort_four_in<sorted, sixteen, 3>(((place & 16) != 0) != ascending);
                }
            }
        }
    });
}

/// Of two sorted sequences of k places that are k * 2^round apart, one descending and one
/// ascending, the first gets the k larger (or smaller) numbers, the second the rest.
/// `before(place, start)` may change registers 0 and 1; `start` with the first four places of a
/// sequence.
template <Sorted sorted, class Before>
TILEWRIGHT_DEVICE void merge_columns(std::uint32_t tile, std::uint32_t round, std::uint32_t k,
                                     bool smaller_first, Before before) {
    using namespace network;
    const std::uint32_t length = smaller_of(k, 32);
    const std::uint32_t distance = smaller_of(length << round, 32);
    const std::uint32_t all = larger_of(places >> round, 2 * length);
    for_each_quarter<sorted>([&](std::uint32_t column) {
        std::uint32_t start = 0;
        for (std::uint32_t compared = 0; compared < all; start += 2 * distance) {
            for (std::uint32_t i = 0; i < length; i += 4, compared += 8) {
                go_to(tile, row_of(start + i) + column);
                merge_four<sorted>(row_of(distance), smaller_first, [&] { before(i == 0); });
            }
        }
    });
}

/// Sorts what merge_columns() left in the first of each two sequences of k = 2^log_k places, in
/// turn one way and the other; `half`: the first half of them only.
template <Sorted sorted>
TILEWRIGHT_DEVICE void rebuild_columns(std::uint32_t tile, bool ascending, std::uint32_t round,
                                       std::uint32_t k, std::uint32_t log_k, bool half) {
    using namespace network;
    const std::uint32_t all = larger_of(2 * k, places >> (round + 1)) >> (half ? 1 : 0);
    const std::uint32_t distance = smaller_of(k << (round + 1), 32);
    for_each_quarter<sorted>([&](std::uint32_t column) {
        if (log_k > 4) {
            long_phase<sorted>(tile, column, log_k - 1, log_k, 4, ascending);
            return;
        }
        bool turned = ascending;
        std::uint32_t place = 0;
        for (std::uint32_t compared = 0; compared < all; compared += 16, place += 32) {
            go_to(tile, row_of(place) + column);
            if (log_k == 4) {
                sort_four_in<sorted, sixteen, 3>(turned);
                turned = !turned;
            } else if (log_k == 3) {
                if (distance == 16) {
                    sort_four<sorted, Four{.gap = 4, .far = 16}, 2>();
                } else {
                    sort_four<sorted, Four{.gap = 4, .far = 32}, 2>();
                }
            } else if (log_k == 2) {
                // Four sequences of four, or two where there are no more.
                if (distance == 8) {
                    sort_four<sorted, Four{.gap = 8, .far = 16}, 1>();
                } else if (distance == 16) {
                    sort_four<sorted, Four{.gap = 16, .far = 32}, 1>();
                } else {
                    for (std::uint32_t reg = 0; reg < 2; ++reg) {
                        load_one<sorted>(reg, row_of(reg * 32));
                        if constexpr (sorted.indices) load_index<sorted>(reg, row_of(reg * 32));
                    }
                    sort_sixteen<sorted, 1>();
                    for (std::uint32_t reg = 0; reg < 2; ++reg) {
                        store_one<sorted>(reg, row_of(reg * 32));
                    }
                }
            }
        }
    });
}

}  // namespace tilewright::kernel::tensix
