// Walks over the pages of a tensor, or of one of its shards: `for (const auto& page : t.pages())`.
#pragma once

#include <cstdint>

#include "tilewright/metalium/coordinates.h"

namespace tensor_accessor {

/// What an iterator's arrow leads to: a page for as long as the expression lasts.
template <typename T>
struct Arrow {
    T value;
    TILEWRIGHT_DEVICE const T* operator->() const { return &value; }
};

class Page {
public:
    TILEWRIGHT_DEVICE Page(std::uint64_t address, std::uint32_t id) : address_(address), id_(id) {}
    TILEWRIGHT_DEVICE std::uint64_t noc_addr() const { return address_; }
    /// Its number in the tensor.
    TILEWRIGHT_DEVICE std::uint32_t page_id() const { return id_; }

private:
    std::uint64_t address_;
    std::uint32_t id_;
};

/// Pages from `start` up to `end`, every `step`th of them.
template <typename Accessor>
class Pages {
public:
    class iterator {
    public:
        TILEWRIGHT_DEVICE iterator(const Pages& pages, std::uint32_t id)
            : pages_(&pages), id_(id) {}
        TILEWRIGHT_DEVICE Page operator*() const {
            return {pages_->accessor_.get_noc_addr(id_, 0, pages_->noc_), id_};
        }
        TILEWRIGHT_DEVICE Arrow<Page> operator->() const { return {**this}; }
        TILEWRIGHT_DEVICE std::uint32_t page_id() const { return id_; }
        TILEWRIGHT_DEVICE iterator& operator++() { return *this += 1; }
        TILEWRIGHT_DEVICE iterator& operator+=(std::uint32_t pages) {
            id_ += pages * pages_->step_;
            if (id_ > pages_->end_) id_ = pages_->end_;
            return *this;
        }
        TILEWRIGHT_DEVICE iterator operator+(std::uint32_t pages) const {
            return iterator(*this) += pages;
        }
        TILEWRIGHT_DEVICE bool operator==(const iterator& other) const { return id_ == other.id_; }
        TILEWRIGHT_DEVICE auto operator<=>(const iterator& other) const {
            return id_ <=> other.id_;
        }

    private:
        const Pages* pages_;
        std::uint32_t id_;
    };
    using const_iterator = iterator;

    TILEWRIGHT_DEVICE Pages(const Accessor& accessor, std::uint32_t start, std::uint32_t end,
                            std::uint32_t step, std::uint8_t noc)
        : accessor_(accessor),
          start_(start < end ? start : end),
          end_(end),
          step_(step),
          noc_(noc) {}
    TILEWRIGHT_DEVICE iterator begin() const { return {*this, start_}; }
    TILEWRIGHT_DEVICE iterator end() const { return {*this, end_}; }

private:
    const Accessor& accessor_;
    std::uint32_t start_;
    std::uint32_t end_;
    std::uint32_t step_;
    std::uint8_t noc_;
};

/// The places `start` to `end` of a shard that hold a page: shards at the edge of a tensor may have
/// others.
template <typename Accessor>
class ShardPages {
public:
    class iterator {
    public:
        TILEWRIGHT_DEVICE iterator(const ShardPages& pages, std::uint32_t place)
            : pages_(&pages), place_(place) {
            skip();
        }
        TILEWRIGHT_DEVICE Page operator*() const {
            return {pages_->accessor_.get_noc_addr_in_shard(pages_->shard_, place_), id_};
        }
        TILEWRIGHT_DEVICE Arrow<Page> operator->() const { return {**this}; }
        TILEWRIGHT_DEVICE std::uint32_t page_id() const { return id_; }
        TILEWRIGHT_DEVICE iterator& operator++() { return *this += 1; }
        TILEWRIGHT_DEVICE iterator& operator+=(std::uint32_t places) {
            place_ += places;
            skip();
            return *this;
        }
        TILEWRIGHT_DEVICE iterator operator+(std::uint32_t places) const {
            return iterator(*this) += places;
        }
        TILEWRIGHT_DEVICE bool operator==(const iterator& other) const {
            return place_ == other.place_;
        }
        TILEWRIGHT_DEVICE auto operator<=>(const iterator& other) const {
            return place_ <=> other.place_;
        }

    private:
        TILEWRIGHT_DEVICE void skip() {
            while (place_ < pages_->end_ &&
                   !pages_->accessor_.page_of_shard(pages_->shard_, place_, id_)) {
                ++place_;
            }
            if (place_ > pages_->end_) place_ = pages_->end_;
        }

        const ShardPages* pages_;
        std::uint32_t place_;
        std::uint32_t id_ = 0;
    };
    using const_iterator = iterator;

    TILEWRIGHT_DEVICE ShardPages(const Accessor& accessor, std::uint32_t shard, std::uint32_t start,
                                 std::uint32_t end)
        : accessor_(accessor), shard_(shard), start_(start), end_(end) {}
    TILEWRIGHT_DEVICE iterator begin() const { return {*this, start_}; }
    TILEWRIGHT_DEVICE iterator end() const { return {*this, end_}; }

private:
    const Accessor& accessor_;
    std::uint32_t shard_;
    std::uint32_t start_;
    std::uint32_t end_;
};

}  // namespace tensor_accessor
