// A table whose elements exist from when they are first needed: most cores of a large chip never
// run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tilewright/base/archive.hpp"

namespace tilewright {

/// `size` elements. One that does not exist reads as T().
template <class T>
class LazyTable {
public:
    explicit LazyTable(std::size_t size) : elements_(size) {}

    std::size_t size() const { return elements_.size(); }
    /// nullptr if it does not exist.
    T* find(std::size_t i) { return elements_[i].get(); }
    const T* find(std::size_t i) const { return elements_[i].get(); }
    /// Makes it if it does not exist.
    T& operator[](std::size_t i) {
        if (elements_[i] == nullptr) elements_[i] = std::make_unique<T>();
        return *elements_[i];
    }
    const T& operator[](std::size_t i) const {
        static const T none{};
        return elements_[i] != nullptr ? *elements_[i] : none;
    }
    /// Calls visit(index, element) for those that exist, in order.
    template <class Visitor>
    void for_each(Visitor&& visit) {
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            if (elements_[i] != nullptr) visit(i, *elements_[i]);
        }
    }
    template <class Visitor>
    void for_each(Visitor&& visit) const {
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            if (elements_[i] != nullptr) visit(i, std::as_const(*elements_[i]));
        }
    }

    /// Reads into an empty table of the right size.
    template <class Archive>
    friend void fields(Archive& archive, LazyTable& table) {
        std::vector<std::uint32_t> present;
        table.for_each(
            [&](std::size_t i, const T&) { present.push_back(static_cast<std::uint32_t>(i)); });
        archive(present);
        for (const std::uint32_t i : present) {
            if (i >= table.size()) {
                throw SnapshotError("snapshot: element " + std::to_string(i) + " of a table of " +
                                    std::to_string(table.size()));
            }
            archive(table[i]);
        }
    }

private:
    std::vector<std::unique_ptr<T>> elements_;
};

}  // namespace tilewright
