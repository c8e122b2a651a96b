// Who has touched the bytes of a memory last: for each the last write, and the reads since, of each
// agent the last one.
//
// Pages of 256 bytes that are touched as a whole have one cell; others as many, all of one power of
// two, as it takes to tell apart what has been touched. Words through which agents synchronise are
// kept beside them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "tilewright/race/touch.hpp"

namespace tilewright::race {

struct Cell {
    Touch write;
    Touch read;  ///< one of the reads since
    std::unique_ptr<std::vector<Touch>> more;

    Cell() = default;
    Cell(const Cell& other) : write(other.write), read(other.read) {
        if (other.more != nullptr) more = std::make_unique<std::vector<Touch>>(*other.more);
    }
    Cell(Cell&&) noexcept = default;
    Cell& operator=(Cell&&) noexcept = default;
};

/// A word that somebody releases or acquires.
struct SyncWord {
    std::uint32_t index = 0;    ///< in its page
    bool synchronises = false;  ///< somebody has acquired it: it is in no race
    Clock released;             ///< what its value brings to whoever acquires it
};

class Shadow {
public:
    static constexpr std::uint64_t page_bytes = 256;

    /// Notes the touch. `before(earlier)` says whether an earlier one is in order with it. Returns
    /// one that is not, with `at` the first byte of it that was found; then nothing is noted there.
    template <class Before>
    const Touch* touch(std::uint64_t offset, std::uint64_t bytes, const Touch& touch,
                       Before&& before, std::uint64_t& at) {
        while (bytes != 0) {
            const std::uint64_t count = std::min(bytes, page_bytes - offset % page_bytes);
            Page& page = make_page(offset / page_bytes);
            const std::uint64_t grain = prepare(page, offset, count);
            for (std::uint64_t b = 0; b < count; b += grain) {
                at = offset + b;
                if (synchronises(page, at)) continue;
                Cell& cell = page.cells[at % page_bytes / grain];
                const Touch* const found =
                    touch.writes() ? write(cell, touch, before) : read(cell, touch, before);
                if (found != nullptr) return found;
            }
            if (count == page_bytes && touch.writes() && page.synchronising == 0 &&
                page.cells.size() != 1) {
                page.cells.resize(1);  // all are as the first one now
            }
            offset += count;
            bytes -= count;
        }
        return nullptr;
    }

    /// The last write of that byte, if there was one.
    const Touch* last_write(std::uint64_t offset) const;
    /// The word with that byte, if it is one of those; pointers are good until make_word().
    SyncWord* word(std::uint64_t offset);
    SyncWord& make_word(std::uint64_t offset);
    /// From now on it is in no race.
    void synchronise(std::uint64_t offset);
    /// f(word) for those in the range.
    template <class F>
    void for_each_word(std::uint64_t offset, std::uint64_t bytes, F&& f) {
        for (std::uint64_t page = offset / page_bytes; page * page_bytes < offset + bytes; ++page) {
            Page* const found = find(page);
            if (found == nullptr) continue;
            for (SyncWord& word : found->words) {
                const std::uint64_t at = page * page_bytes + 4 * word.index;
                if (at + 4 > offset && at < offset + bytes) f(word);
            }
        }
    }
    /// As if nobody had touched them.
    void forget(std::uint64_t offset, std::uint64_t bytes);

private:
    struct Page {
        std::uint64_t synchronising = 0;  // a bit for each word
        std::vector<SyncWord> words;      // by index
        std::vector<Cell> cells;          // all of the same length, a power of two
    };
    static constexpr std::uint64_t pages_in_chunk = 256;
    using Chunk = std::array<std::unique_ptr<Page>, pages_in_chunk>;

    static bool synchronises(const Page& page, std::uint64_t offset) {
        return (page.synchronising >> offset % page_bytes / 4 & 1) != 0;
    }
    Page* find(std::uint64_t number) const {
        const std::uint64_t chunk = number / pages_in_chunk;
        if (chunk >= chunks_.size() || chunks_[chunk] == nullptr) return nullptr;
        return (*chunks_[chunk])[number % pages_in_chunk].get();
    }
    Page& make_page(std::uint64_t number);
    /// Splits the page as far as the range needs it; returns the bytes of a cell.
    static std::uint64_t prepare(Page& page, std::uint64_t offset, std::uint64_t bytes) {
        std::uint64_t grain = page_bytes / page.cells.size();
        const std::uint64_t bits = offset | bytes | page_bytes;
        std::uint64_t wanted = bits & (~bits + 1);
        if (page.synchronising != 0) wanted = std::min<std::uint64_t>(wanted, 4);
        if (grain > wanted) split(page, grain = wanted);
        return grain;
    }
    static void split(Page& page, std::uint64_t grain);

    template <class Before>
    static const Touch* write(Cell& cell, const Touch& touch, Before&& before) {
        if (cell.write.number != 0 && !before(cell.write)) return &cell.write;
        if (cell.read.number != 0) {
            if (!before(cell.read)) return &cell.read;
            if (cell.more != nullptr) {
                for (const Touch& earlier : *cell.more) {
                    if (!before(earlier)) return &earlier;
                }
                cell.more.reset();
            }
            cell.read.number = 0;
        }
        cell.write = touch;
        return nullptr;
    }
    template <class Before>
    static const Touch* read(Cell& cell, const Touch& touch, Before&& before) {
        if (cell.write.number != 0 && !before(cell.write)) return &cell.write;
        const auto replaced = [&](const Touch& earlier) {
            return earlier.number == 0 ||
                   (earlier.agent == touch.agent && earlier.kind == touch.kind) || before(earlier);
        };
        if (replaced(cell.read)) {
            cell.read = touch;
            if (cell.more == nullptr) return nullptr;
            std::erase_if(*cell.more, replaced);
            if (cell.more->empty()) cell.more.reset();
            return nullptr;
        }
        if (cell.more == nullptr) cell.more = std::make_unique<std::vector<Touch>>();
        std::erase_if(*cell.more, replaced);
        cell.more->push_back(touch);
        return nullptr;
    }

    std::vector<std::unique_ptr<Chunk>> chunks_;
};

}  // namespace tilewright::race
