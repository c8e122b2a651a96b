#include "tilewright/memory/arena.hpp"

#include <sys/mman.h>

#include <bit>
#include <string>

#include "tilewright/base/error.hpp"

namespace tilewright {

Arena::Arena(std::uint64_t bytes) {
    size_ = (bytes + chunk_bytes - 1) / chunk_bytes * chunk_bytes;
    void* mapping = mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        throw Error("the host refused " + std::to_string(size_ >> 20) +
                    " MiB of address space for the chip's memories (see `ulimit -v`)");
    }
    data_ = static_cast<std::byte*>(mapping);
    touched_.assign((chunk_count() + 63) / 64, 0);
}

Arena::~Arena() { munmap(data_, size_); }

std::uint64_t Arena::next_touched(std::uint64_t chunk) const {
    for (std::uint64_t word = chunk / 64; word < touched_.size(); ++word) {
        std::uint64_t bits = touched_[word];
        if (word == chunk / 64) bits &= ~std::uint64_t{0} << (chunk % 64);
        if (bits != 0) return word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
    }
    return chunk_count();
}

void Arena::clear() {
    for (std::uint64_t c = next_touched(0); c < chunk_count(); c = next_touched(c + 1)) {
        madvise(chunk(c).data(), chunk_bytes, MADV_DONTNEED);
    }
    touched_.assign(touched_.size(), 0);
}

}  // namespace tilewright
