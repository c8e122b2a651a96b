// Block formats on the host.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <tt-metalium/bfloat8.hpp>
#include <tt-metalium/tilize_utils.hpp>

namespace tilewright::metalium {
namespace {

constexpr std::size_t block = tt::constants::FACE_WIDTH;
constexpr std::size_t numbers = tt::constants::TILE_HW;
constexpr std::size_t blocks = numbers / block;

constexpr std::size_t tile_words(std::uint32_t bits) {
    return (blocks + numbers * bits / 8) / 4;
}
/// Where a number of a tile, counted face by face, is found.
std::size_t place(std::size_t number, bool row_major) {
    if (!row_major) return number;
    const std::size_t face = number / tt::constants::FACE_HW,
                      rest = number % tt::constants::FACE_HW;
    const std::size_t row = face / 2 * tt::constants::FACE_HEIGHT + rest / block;
    return row * tt::constants::TILE_WIDTH + face % 2 * block + rest % block;
}

std::uint32_t exponent_of(float x) {
    return std::bit_cast<std::uint32_t>(x) >> 23 & 0xff;
}
/// Sign and magnitude under the shared exponent.
std::uint32_t shortened(float x, std::uint32_t shared, std::uint32_t bits) {
    const auto word = std::bit_cast<std::uint32_t>(x);
    if ((word & 0x7fff'ffff) == 0) return 0;
    const std::uint32_t mantissa = (word & 0x7f'ffff) | 1u << 23;
    const std::uint32_t kept = mantissa >> std::min(shared - exponent_of(x), 31u);
    const std::uint32_t dropped = 24 - (bits - 1), half = 1u << (dropped - 1);
    const std::uint32_t rest = kept & ((1u << dropped) - 1);
    std::uint32_t magnitude = kept >> dropped;
    magnitude += rest > half || (rest == half && (magnitude & 1) != 0) ? 1 : 0;
    magnitude = std::min(magnitude, (1u << (bits - 1)) - 1);
    return magnitude == 0 ? 0 : magnitude | word >> 31 << (bits - 1);
}

}  // namespace

void refuse_exponent_a(bool is_exp_a) {
    TT_FATAL(!is_exp_a, "block formats with exponents of 5 bits (is_exp_a) are not supported");
}

std::vector<std::uint32_t> pack_block_float(std::span<const float> data, std::uint32_t bits,
                                            bool row_major) {
    TT_FATAL(data.size() % numbers == 0, "{} numbers are no whole tiles of {}", data.size(),
             numbers);
    std::vector<std::uint32_t> packed(data.size() / numbers * tile_words(bits));
    for (std::size_t tile = 0; tile < data.size() / numbers; ++tile) {
        std::uint32_t* const exponents = packed.data() + tile * tile_words(bits);
        std::uint32_t* const magnitudes = exponents + blocks / 4;
        const auto number = [&](std::size_t i) {
            return data[tile * numbers + place(i, row_major)];
        };
        for (std::size_t b = 0; b < blocks; ++b) {
            std::uint32_t shared = 0;
            for (std::size_t i = 0; i < block; ++i)
                shared = std::max(shared, exponent_of(number(b * block + i)));
            exponents[b / 4] |= shared << b % 4 * 8;
            for (std::size_t i = b * block; i < (b + 1) * block; ++i) {
                const std::size_t bit = i * bits;
                magnitudes[bit / 32] |= shortened(number(i), shared, bits) << bit % 32;
            }
        }
    }
    return packed;
}

std::vector<float> unpack_block_float(std::span<const std::uint32_t> tiles, std::uint32_t bits,
                                      bool row_major) {
    const std::size_t words = tile_words(bits);
    TT_FATAL(tiles.size() % words == 0, "{} words are no whole tiles of {}", tiles.size(), words);
    std::vector<float> data(tiles.size() / words * numbers);
    for (std::size_t tile = 0; tile < tiles.size() / words; ++tile) {
        const std::uint32_t* const exponents = tiles.data() + tile * words;
        const std::uint32_t* const magnitudes = exponents + blocks / 4;
        for (std::size_t i = 0; i < numbers; ++i) {
            const std::size_t b = i / block, bit = i * bits;
            const std::uint32_t number = magnitudes[bit / 32] >> bit % 32 & ((1u << bits) - 1);
            const std::uint32_t magnitude = number & ((1u << (bits - 1)) - 1);
            const int exponent = static_cast<int>(exponents[b / 4] >> b % 4 * 8 & 0xff);
            // The highest bit of a magnitude stands for the shared exponent.
            const float x = std::ldexp(static_cast<float>(magnitude),
                                       exponent - 127 - static_cast<int>(bits - 2));
            data[tile * numbers + place(i, row_major)] = number >> (bits - 1) != 0 ? -x : x;
        }
    }
    return data;
}

}  // namespace tilewright::metalium

namespace {

std::size_t numbers_of_bfp8(std::uint32_t num_bytes) {
    constexpr std::uint32_t tile_bytes = 1088;
    TT_FATAL(num_bytes % tile_bytes == 0, "{} bytes are no whole tiles of {}", num_bytes,
             tile_bytes);
    return std::size_t{num_bytes} / tile_bytes * tt::constants::TILE_HW;
}

}  // namespace

std::vector<std::uint32_t> create_random_vector_of_bfp8(std::uint32_t num_bytes, bool is_exp_a,
                                                        int rand_max_float, int seed,
                                                        float offset) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    std::uniform_real_distribution<float> uniform(0, static_cast<float>(rand_max_float));
    std::vector<float> numbers(numbers_of_bfp8(num_bytes));
    for (float& number : numbers) number = uniform(random) + offset;
    return pack_as_bfp8_tiles<float>(numbers, true, is_exp_a);
}
std::vector<std::uint32_t> create_constant_vector_of_bfp8(std::uint32_t num_bytes, float value,
                                                          bool is_exp_a) {
    const std::vector<float> numbers(numbers_of_bfp8(num_bytes), value);
    return pack_as_bfp8_tiles<float>(numbers, true, is_exp_a);
}
