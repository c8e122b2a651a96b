#include "tilewright/race/shadow.hpp"

namespace tilewright::race {

Shadow::Page& Shadow::make_page(std::uint64_t number) {
    const std::uint64_t chunk = number / pages_in_chunk;
    if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
    if (chunks_[chunk] == nullptr) chunks_[chunk] = std::make_unique<Chunk>();
    std::unique_ptr<Page>& page = (*chunks_[chunk])[number % pages_in_chunk];
    if (page == nullptr) {
        page = std::make_unique<Page>();
        page->cells.resize(1);
    }
    return *page;
}

void Shadow::split(Page& page, std::uint64_t grain) {
    std::vector<Cell> cells;
    cells.reserve(page_bytes / grain);
    const std::uint64_t copies = page_bytes / grain / page.cells.size();
    for (const Cell& cell : page.cells) {
        for (std::uint64_t i = 0; i < copies; ++i) cells.push_back(cell);
    }
    page.cells = std::move(cells);
}

const Touch* Shadow::last_write(std::uint64_t offset) const {
    const Page* const page = find(offset / page_bytes);
    if (page == nullptr) return nullptr;
    const Touch& write = page->cells[offset % page_bytes / (page_bytes / page->cells.size())].write;
    return write.number != 0 ? &write : nullptr;
}

SyncWord* Shadow::word(std::uint64_t offset) {
    Page* const page = find(offset / page_bytes);
    if (page == nullptr || page->words.empty()) return nullptr;
    const auto index = static_cast<std::uint32_t>(offset % page_bytes / 4);
    const auto at = std::ranges::lower_bound(page->words, index, {}, &SyncWord::index);
    return at != page->words.end() && at->index == index ? &*at : nullptr;
}

SyncWord& Shadow::make_word(std::uint64_t offset) {
    if (SyncWord* const known = word(offset)) return *known;
    const auto index = static_cast<std::uint32_t>(offset % page_bytes / 4);
    std::vector<SyncWord>& words = make_page(offset / page_bytes).words;
    const auto at = std::ranges::lower_bound(words, index, {}, &SyncWord::index);
    return *words.insert(at, {.index = index, .synchronises = false, .released = {}});
}

void Shadow::synchronise(std::uint64_t offset) {
    make_word(offset).synchronises = true;
    make_page(offset / page_bytes).synchronising |= std::uint64_t{1} << offset % page_bytes / 4;
}

void Shadow::forget(std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t end = offset + bytes;
    while (offset < end) {
        const std::uint64_t number = offset / page_bytes;
        const std::uint64_t chunk = number / pages_in_chunk;
        if (chunk >= chunks_.size()) return;
        if (chunks_[chunk] == nullptr) {
            offset = (chunk + 1) * pages_in_chunk * page_bytes;
            continue;
        }
        const std::uint64_t count = std::min(end - offset, page_bytes - offset % page_bytes);
        std::unique_ptr<Page>& page = (*chunks_[chunk])[number % pages_in_chunk];
        if (count == page_bytes) {
            page.reset();
        } else if (page != nullptr) {
            const std::uint64_t first = offset % page_bytes;
            split(*page, 1);
            for (std::uint64_t b = first; b < first + count; ++b) {
                page->cells[b] = Cell();
                page->synchronising &= ~(std::uint64_t{1} << b / 4);
            }
            std::erase_if(page->words, [&](const SyncWord& word) {
                return 4 * word.index + 4 > first && 4 * word.index < first + count;
            });
        }
        offset += count;
    }
}

}  // namespace tilewright::race
