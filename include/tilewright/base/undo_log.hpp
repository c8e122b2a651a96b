// What bytes of the host's memory held before they were changed, so that they can hold it again.
#pragma once

#include <cstddef>
#include <cstring>
#include <ranges>
#include <vector>

namespace tilewright {

class UndoLog {
public:
    /// To be called before any of the bytes is changed.
    void save(std::byte* place, std::size_t bytes) {
        const std::size_t first = saved_.size();
        saved_.resize(first + bytes);
        std::memcpy(saved_.data() + first, place, bytes);
        pieces_.push_back({place, first, bytes});
    }
    /// All bytes are as they were when they were first saved; nothing is saved any more.
    void undo() {
        for (const Piece& piece : std::views::reverse(pieces_)) {
            std::memcpy(piece.place, saved_.data() + piece.first, piece.bytes);
        }
        clear();
    }
    void clear() {
        pieces_.clear();
        saved_.clear();
    }

private:
    struct Piece {
        std::byte* place;
        std::size_t first;  // in saved_
        std::size_t bytes;
    };
    std::vector<Piece> pieces_;
    std::vector<std::byte> saved_;
};

}  // namespace tilewright
