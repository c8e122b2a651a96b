// Whole huge pages inside a range; its ends keep ordinary ones.
#include "tilewright/memory/huge_pages.hpp"

#include <sys/mman.h>

#include <memory>

namespace tilewright {

void prefer_huge_pages(std::span<std::byte> memory) {
#ifdef MADV_HUGEPAGE
    constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;
    void* start = memory.data();
    std::size_t bytes = memory.size();
    if (std::align(huge_page_bytes, huge_page_bytes, start, bytes) == nullptr) return;
    madvise(start, bytes / huge_page_bytes * huge_page_bytes, MADV_HUGEPAGE);
#else
    static_cast<void>(memory);  // other systems choose by themselves
#endif
}

}  // namespace tilewright
