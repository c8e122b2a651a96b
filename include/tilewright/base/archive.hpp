// Serialisation of plain structs: one function `fields(archive, value)` beside each struct lists
// its members, and serves for writing and for reading. Bytes are little-endian.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "tilewright/base/error.hpp"

namespace tilewright {

/// A snapshot that is damaged, or of another chip.
class TILEWRIGHT_API SnapshotError : public Error {
public:
    using Error::Error;
};

static_assert(std::endian::native == std::endian::little, "archives are written as they lie");

/// An enum that is saved says with `constexpr E last_of(E)` beside it which of its values is the
/// last; the first is 0.
template <class T>
concept SavedEnum = std::is_enum_v<T> && requires(T value) {
    { last_of(value) } -> std::same_as<T>;
};

template <class T>
concept Scalar = std::is_arithmetic_v<T> || SavedEnum<T>;

class ArchiveWriter {
public:
    template <class... T>
    void operator()(const T&... values) {
        (put(values), ...);
    }
    void raw(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    /// Like raw(), without a copy of its own: the bytes must stay as they are until the archive's
    /// pieces are read.
    void refer(std::span<const std::byte> bytes) {
        references_.push_back({bytes_.size(), bytes});
        referred_ += bytes.size();
    }
    std::size_t size() const { return bytes_.size() + referred_; }
    /// Call `use` with spans that are, one after another, all that was written.
    template <class Use>
    void each_piece(Use&& use) const {
        const std::span<const std::byte> own = bytes_;
        std::size_t at = 0;
        for (const Reference& reference : references_) {
            if (reference.at != at) use(own.subspan(at, reference.at - at));
            use(reference.bytes);
            at = reference.at;
        }
        if (at != own.size()) use(own.subspan(at));
    }
    /// All that was written, in one piece.
    std::vector<std::byte> take() {
        if (references_.empty()) return std::move(bytes_);
        std::vector<std::byte> all;
        all.reserve(size());
        each_piece([&](std::span<const std::byte> piece) {
            all.insert(all.end(), piece.begin(), piece.end());
        });
        return all;
    }

private:
    template <Scalar T>
    void put(T value) {
        raw(std::as_bytes(std::span(&value, 1)));
    }
    template <class T, std::size_t N>
    void put(const std::array<T, N>& values) {
        for (const T& value : values) put(value);
    }
    template <class T>
    void put(const std::vector<T>& values) {
        put(static_cast<std::uint64_t>(values.size()));
        if constexpr (Scalar<T> || std::is_same_v<T, std::byte>) {
            raw(std::as_bytes(std::span(values)));
        } else {
            for (const T& value : values) put(value);
        }
    }
    void put(const std::string& text) {
        put(static_cast<std::uint64_t>(text.size()));
        raw(std::as_bytes(std::span(text)));
    }
    template <class T>
    requires std::is_class_v<T>
    void put(const T& value) {
        // `fields` takes a mutable reference so that one function serves both ways.
        fields(*this, const_cast<T&>(value));
    }

    struct Reference {
        std::size_t at;  ///< how many of bytes_ come before it
        std::span<const std::byte> bytes;
    };

    std::vector<std::byte> bytes_;
    std::vector<Reference> references_;
    std::size_t referred_ = 0;  ///< bytes of all references
};

/// Throws SnapshotError when the bytes end too soon, or are none of an enum's values.
class ArchiveReader {
public:
    explicit ArchiveReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    template <class... T>
    void operator()(T&... values) {
        (get(values), ...);
    }
    std::span<const std::byte> raw(std::uint64_t count) {
        if (count > rest_.size()) {
            throw SnapshotError("snapshot: ends " + std::to_string(count - rest_.size()) +
                                " bytes too soon");
        }
        const auto bytes = rest_.first(count);
        rest_ = rest_.subspan(count);
        return bytes;
    }
    bool at_end() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

private:
    template <Scalar T>
    void get(T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            value = raw(1)[0] != std::byte{0};
        } else {
            std::memcpy(&value, raw(sizeof value).data(), sizeof value);
            if constexpr (std::is_enum_v<T>) {
                if (value > last_of(T{})) throw SnapshotError("snapshot: a value of no meaning");
            }
        }
    }
    template <class T, std::size_t N>
    void get(std::array<T, N>& values) {
        for (T& value : values) get(value);
    }
    template <class T>
    void get(std::vector<T>& values) {
        std::uint64_t count = 0;
        get(count);
        if (count > rest_.size()) raw(count);  // every element takes at least one byte
        if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::byte>) {
            const auto bytes = raw(count * sizeof(T));
            values.resize(count);
            if (count != 0) std::memcpy(values.data(), bytes.data(), bytes.size());
        } else {
            values.clear();
            for (std::uint64_t i = 0; i < count; ++i) get(values.emplace_back());
        }
    }
    void get(std::string& text) {
        std::uint64_t count = 0;
        get(count);
        const auto bytes = raw(count);
        text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    template <class T>
    requires std::is_class_v<T>
    void get(T& value) { fields(*this, value); }

    std::span<const std::byte> rest_;
};

}  // namespace tilewright
