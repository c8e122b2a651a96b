// Values by key, in the order in which they were given.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tt::tt_metal::experimental {

template <class Key, class Value>
class Table {
public:
    using value_type = std::pair<Key, Value>;

    Table() = default;
    Table(std::initializer_list<value_type> entries) : entries_(entries) {}
    Table(std::vector<value_type> entries) : entries_(std::move(entries)) {}

    /// Adds an entry unless the key has one.
    template <class K, class... From>
    void emplace(K&& key, From&&... value) {
        Key made(std::forward<K>(key));
        if (!contains(made))
            entries_.emplace_back(std::move(made), Value(std::forward<From>(value)...));
    }
    void push_back(value_type entry) { entries_.push_back(std::move(entry)); }
    void insert(value_type entry) { emplace(std::move(entry.first), std::move(entry.second)); }
    void reserve(std::size_t entries) { entries_.reserve(entries); }

    Value& operator[](const Key& key) {
        if (!contains(key)) entries_.emplace_back(key, Value{});
        return find(key)->second;
    }
    /// Throws std::out_of_range if the key has no value.
    const Value& at(const Key& key) const {
        const auto found = find(key);
        if (found == end()) throw std::out_of_range("the table has no such key");
        return found->second;
    }
    auto find(const Key& key) const { return std::ranges::find(entries_, key, &value_type::first); }
    auto find(const Key& key) { return std::ranges::find(entries_, key, &value_type::first); }
    bool contains(const Key& key) const { return find(key) != end(); }

    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    auto begin() { return entries_.begin(); }
    auto end() { return entries_.end(); }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }

private:
    std::vector<value_type> entries_;
};

}  // namespace tt::tt_metal::experimental
