// The bytes of all of a chip's memories, and the one way to change them: whoever does says so
// first, and what depends on it (what snapshots look at, what has been written at all, who waits
// for a word) is seen to here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tilewright/base/dirty_chunks.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/arena.hpp"
#include "tilewright/memory/closed_ranges.hpp"
#include "tilewright/memory/memory_ref.hpp"
#include "tilewright/memory/shadow.hpp"

namespace tilewright {

/// By whom and when bytes are changed, for those who wait for them.
struct Writer {
    static constexpr std::uint32_t nobody = ~0u;  ///< as `core`: no core's doing

    std::uint64_t cycle = 0;  ///< in which the bytes change
    std::uint64_t turn = 0;   ///< with `component`: the place in the global order
    std::uint32_t component = 0;
    std::uint32_t core = nobody;     ///< whose store or command it is
    bool keeps_reservation = false;  ///< a plain store, which leaves the core's own reservation
};

/// Told of every write to an L1 that does not come from a core of its tile.
class L1Listener {
public:
    virtual ~L1Listener() = default;
    virtual void l1_written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                            const Writer& writer) = 0;
};

class Memories {
public:
    /// The memories of the map, and `locals` private ones of cores. Cores store to the first
    /// `direct_bytes` of the DRAM without telling.
    Memories(const AddressMap& map, std::uint32_t locals, std::uint64_t direct_bytes);

    const AddressMap& map() const { return map_; }
    std::byte* at(MemoryKind kind, std::uint32_t index) const {
        const auto k = static_cast<std::size_t>(kind);
        return first_[k] + index * map_.window(kind).bytes;
    }
    std::byte* at(const MemoryRef& place) const {
        return at(place.kind, place.index) + place.offset;
    }
    std::byte* l1(std::uint32_t tile) const { return at(MemoryKind::tile_l1, tile); }
    std::byte* dram(std::uint32_t bank) const { return at(MemoryKind::dram, bank); }
    std::byte* local(std::uint32_t number) const { return locals_ + number * local_stride; }
    static constexpr std::uint64_t local_stride = 64 * 1024;  ///< none is larger

    // --- Changing -------------------------------------------------------------------------------
    /// To be called before bytes of a memory of the map are changed.
    void will_write(const MemoryRef& place, std::uint64_t bytes, const Writer& writer) {
        will_write(at(place), bytes);
        if (place.kind == MemoryKind::tile_l1 && listener_ != nullptr) {
            listener_->l1_written(place.index, place.offset, bytes, writer);
        }
    }
    /// The same where nobody can be waiting, or the caller sees to them.
    void will_write(const std::byte* memory, std::uint64_t bytes) {
        arena_.touch(offset(memory), bytes);
        if (defined_ != nullptr) defined_->mark_written(offset(memory), bytes);
    }
    /// From now on cores may store there without telling.
    void open_to_stores(const std::byte* memory, std::uint64_t bytes) {
        arena_.touch(offset(memory), bytes);
    }
    /// These bytes hold nothing any more, as far as checks are concerned.
    void mark_undefined(const std::byte* memory, std::uint64_t bytes) {
        if (defined_ != nullptr) defined_->mark_unwritten(offset(memory), bytes);
    }
    void set_listener(L1Listener* listener) { listener_ = listener; }

    // --- Undefined memory -----------------------------------------------------------------------
    /// Whether it is known which bytes have been written. What may have been written when that
    /// begins counts as written, and so does what lies near it.
    void track_undefined(bool wanted);
    bool tracks_undefined() const { return defined_ != nullptr; }
    /// A byte of the range was written, as far as that is known.
    bool any_defined(const std::byte* memory, std::uint64_t bytes) const {
        return defined_ == nullptr || defined_->any_written(offset(memory), bytes);
    }

    // --- Memory that nobody may use -------------------------------------------------------------
    /// Whether it is known; none is in the beginning.
    void track_closed(bool wanted);
    bool tracks_closed() const { return closed_ != nullptr; }
    void close(const Closed& range) {
        if (closed_ != nullptr) closed_->close(offset(at(range.begin)), range);
    }
    void open(const MemoryRef& place, std::uint64_t bytes) {
        if (closed_ != nullptr) closed_->open(offset(at(place)), bytes);
    }
    /// As of ClosedRanges.
    void open_freed(
        const MemoryRef& place, std::uint64_t bytes,
        const std::function<bool(const Closed&)>& keep = [](const Closed&) { return false; }) {
        if (closed_ != nullptr) closed_->open_freed(offset(at(place)), bytes, keep);
    }
    /// The first range for which `is_it(range)` among these bytes; nullptr if none is known.
    template <class F>
    const Closed* closed(const std::byte* memory, std::uint64_t bytes, F&& is_it) const {
        return closed_ == nullptr ? nullptr : closed_->find(offset(memory), bytes, is_it);
    }

    // --- As a whole -----------------------------------------------------------------------------
    std::uint64_t size() const { return arena_.size(); }
    /// They stay mapped for as long as anybody holds this.
    std::shared_ptr<const void> keep() const { return arena_.keep(); }
    /// As of Arena. Cores must not run meanwhile.
    std::vector<Arena::Page> pages();
    void replace(std::span<const Arena::Page> pages);
    /// Is told of what cores store to the DRAM directly.
    DirtyChunks& direct_stored() { return direct_stored_; }

private:
    std::uint64_t offset(const std::byte* memory) const {
        return static_cast<std::uint64_t>(memory - arena_.data());
    }
    void collect_direct_stores();

    AddressMap map_;
    Arena arena_;
    std::array<std::byte*, memory_kind_count> first_{};  // by kind
    std::byte* locals_ = nullptr;
    DirtyChunks direct_stored_;             // that the arena was not told of
    std::unique_ptr<Shadow> defined_;       // while undefined memory is tracked
    std::unique_ptr<ClosedRanges> closed_;  // while closed memory is
    L1Listener* listener_ = nullptr;
};

}  // namespace tilewright
