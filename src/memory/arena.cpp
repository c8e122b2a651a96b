#include "tilewright/memory/arena.hpp"

#include <sys/mman.h>

#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "tilewright/base/error.hpp"

// OpenBSD reserves nothing anyway, and DragonFly and FreeBSD lost the flag.
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

namespace tilewright {
namespace {

bool all_zero(const std::byte* page) {
    // Most pages that are not zero show it in their first words.
    for (std::uint64_t at = 0; at < Arena::page_bytes; at += 256) {
        std::array<std::uint64_t, 32> words;
        std::memcpy(words.data(), page + at, sizeof words);
        std::uint64_t any = 0;
        for (std::uint64_t word : words) any |= word;
        if (any != 0) return false;
    }
    return true;
}

constexpr int kind_of_mapping = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

// Gives memory back to the host, and zeros for it when it is touched again.
void forget(std::byte* memory, std::uint64_t bytes) {
#ifdef __linux__
    madvise(memory, bytes, MADV_DONTNEED);
#else
    // Elsewhere MADV_DONTNEED may keep what is there: a new mapping does not.
    void* const again =
        mmap(memory, bytes, PROT_READ | PROT_WRITE, kind_of_mapping | MAP_FIXED, -1, 0);
    if (again == MAP_FAILED) std::memset(memory, 0, bytes);
#endif
}

}  // namespace

Arena::Arena(std::uint64_t bytes) {
    size_ = (bytes + chunk_bytes - 1) / chunk_bytes * chunk_bytes;
    const std::uint64_t words = (chunk_count() + 63) / 64;
    const std::uint64_t all = size_ + words * sizeof(std::uint64_t);
    void* mapping = mmap(nullptr, all, PROT_READ | PROT_WRITE, kind_of_mapping, -1, 0);
    if (mapping == MAP_FAILED) {
        throw OutOfMemoryError("the host refused " + std::to_string(size_ >> 20) +
                               " MiB of address space for the chip's memories (see `ulimit -v`)");
    }
    mapping_ = {mapping, [all](void* memory) { munmap(memory, all); }};
    data_ = static_cast<std::byte*>(mapping);
    touched_ = {reinterpret_cast<std::uint64_t*>(data_ + size_), words};
}

std::uint64_t Arena::next_touched(std::uint64_t chunk) const {
    for (std::uint64_t word = chunk / 64; word < touched_.size(); ++word) {
        std::uint64_t bits = touched_[word];
        if (word == chunk / 64) bits &= ~std::uint64_t{0} << (chunk % 64);
        if (bits != 0) return word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
    }
    return chunk_count();
}

std::vector<Arena::Page> Arena::pages() const {
    std::vector<Page> found;
    for (std::uint64_t c = next_touched(0); c < chunk_count(); c = next_touched(c + 1)) {
        for (std::uint64_t at = c * chunk_bytes; at < (c + 1) * chunk_bytes; at += page_bytes) {
            if (!all_zero(data_ + at)) found.push_back({at, data_ + at});
        }
    }
    return found;
}

void Arena::replace(std::span<const Page> pages) {
    // Where something was and nothing will be: give the chunk back, or zero its other pages.
    auto page = pages.begin();
    for (std::uint64_t c = next_touched(0); c < chunk_count(); c = next_touched(c + 1)) {
        const std::uint64_t end = (c + 1) * chunk_bytes;
        while (page != pages.end() && page->offset < c * chunk_bytes) ++page;
        if (page == pages.end() || page->offset >= end) {
            forget(data_ + c * chunk_bytes, chunk_bytes);
            continue;
        }
        for (std::uint64_t at = c * chunk_bytes; at < end; at += page_bytes) {
            if (page != pages.end() && page->offset == at) {
                ++page;
            } else {
                std::memset(data_ + at, 0, page_bytes);
            }
        }
    }
    for (std::uint64_t& word : touched_) {
        if (word != 0) word = 0;  // what was never written takes no memory
    }
    for (const Page& p : pages) {
        touch(p.offset, page_bytes);
        std::memcpy(data_ + p.offset, p.bytes, page_bytes);
    }
}

}  // namespace tilewright
