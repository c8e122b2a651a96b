#include "tilewright/memory/shadow.hpp"

#include <algorithm>

namespace tilewright {
namespace {

// Calls f(word of 64 bytes, the bits of the range in it) until it returns true.
template <class F>
bool any_word(std::uint64_t offset, std::uint64_t bytes, F&& f) {
    while (bytes != 0) {
        const std::uint64_t first = offset % 64;
        const std::uint64_t count = std::min(bytes, 64 - first);
        const std::uint64_t bits = ~std::uint64_t{0} >> (64 - count) << first;
        if (f(offset / 64, bits)) return true;
        offset += count;
        bytes -= count;
    }
    return false;
}

constexpr std::uint64_t words_per_chunk = 64;

}  // namespace

Shadow::Chunk& Shadow::chunk(std::uint64_t number) {
    const auto [found, added] = chunks_.try_emplace(number);
    if (added) found->second.fill(written_ ? ~std::uint64_t{0} : 0);
    return found->second;
}

void Shadow::mark_written(std::uint64_t offset, std::uint64_t bytes) {
    any_word(offset, bytes, [&](std::uint64_t word, std::uint64_t bits) {
        const std::uint64_t number = word / words_per_chunk;
        if (!written_ || chunks_.contains(number)) chunk(number)[word % words_per_chunk] |= bits;
        return false;
    });
}

void Shadow::mark_unwritten(std::uint64_t offset, std::uint64_t bytes) {
    any_word(offset, bytes, [&](std::uint64_t word, std::uint64_t bits) {
        const std::uint64_t number = word / words_per_chunk;
        if (written_ || chunks_.contains(number)) chunk(number)[word % words_per_chunk] &= ~bits;
        return false;
    });
}

bool Shadow::any_written(std::uint64_t offset, std::uint64_t bytes) const {
    return any_word(offset, bytes, [&](std::uint64_t word, std::uint64_t bits) {
        const auto chunk = chunks_.find(word / words_per_chunk);
        return chunk == chunks_.end() ? written_
                                      : (chunk->second[word % words_per_chunk] & bits) != 0;
    });
}

}  // namespace tilewright
