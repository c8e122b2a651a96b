// y = a * x + y over int32 or float32 numbers, by one core of those that share the work.
//
// Each core takes `count` numbers from number `first` on. They come in blocks into one of two
// halves of L1, so that the network brings the next block while the core computes this one.
#include <algorithm>
#include <cstdint>

#include "tilewright/kernel.hpp"

using namespace tilewright::kernel;

namespace {

constexpr std::uint32_t block = 2048;    ///< numbers; four such blocks take 32 KiB of L1
constexpr std::uint32_t alignment = 64;  ///< bytes; both ends of a transfer agree modulo this

/// Which number format the words have.
enum Type : std::uint32_t { int32 = 0, float32 = 1 };

struct Half {
    std::uint32_t* x;
    std::uint32_t* y;
};

/// Where in L1 block n lies, if the first block starts with number `first` of its buffer.
Half half(std::uint32_t n, std::uint32_t first) {
    constexpr std::uint32_t room = block + alignment / 4;
    auto* base = l1<std::uint32_t>(l1_user_base) + (n & 1) * 2 * room + first % (alignment / 4);
    return {base, base + room};
}

/// Four numbers at a time: their loads overlap.
template <typename T>
void compute(T a, const T* __restrict x, T* __restrict y, std::uint32_t count) {
    std::uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const T x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
        const T y0 = y[i], y1 = y[i + 1], y2 = y[i + 2], y3 = y[i + 3];
        y[i] = a * x0 + y0;
        y[i + 1] = a * x1 + y1;
        y[i + 2] = a * x2 + y2;
        y[i + 3] = a * x3 + y3;
    }
    for (; i < count; ++i) y[i] = a * x[i] + y[i];
}

/// `scale` holds the bits of a number of type `type`.
void scale_add(Buffer x, Buffer y, std::uint32_t scale, std::uint32_t type, std::uint32_t first,
               std::uint32_t count) {
    check(type == int32 || type == float32, "scale_add: type is 0 for int32 or 1 for float32");
    const std::uint32_t blocks = (count + block - 1) / block;
    const auto length = [=](std::uint32_t n) { return std::min(block, count - n * block); };
    const auto fetch = [&](std::uint32_t n) {
        const Half to = half(n, first);
        const std::uint32_t offset = 4 * (first + n * block);
        x.read(offset, to.x, 4 * length(n));
        y.read(offset, to.y, 4 * length(n));
    };
    if (blocks != 0) fetch(0);
    for (std::uint32_t n = 0; n < blocks; ++n) {
        noc_async_read_barrier();
        if (n + 1 < blocks) {
            // The other half must have left L1 before new numbers land there.
            noc_async_writes_flushed();
            fetch(n + 1);
        }
        const Half now = half(n, first);
        if (type == int32) {
            // In unsigned arithmetic: overflow wraps, as NumPy's does.
            compute<std::uint32_t>(scale, now.x, now.y, length(n));
        } else {
            compute<float>(__builtin_bit_cast(float, scale), reinterpret_cast<float*>(now.x),
                           reinterpret_cast<float*>(now.y), length(n));
        }
        y.write(4 * (first + n * block), now.y, 4 * length(n));
    }
    noc_async_write_barrier();
}

}  // namespace

TILEWRIGHT_KERNEL(scale_add)
