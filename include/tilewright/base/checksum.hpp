// Checksums and content keys (XXH3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tilewright {

/// 64 bits that tell damaged bytes from good ones; no protection against intent.
std::uint64_t checksum(std::span<const std::byte> bytes);

/// The same of bytes that come in parts.
class Checksum {
public:
    Checksum();
    ~Checksum();
    Checksum(const Checksum&) = delete;
    Checksum& operator=(const Checksum&) = delete;

    void add(std::span<const std::byte> bytes);
    std::uint64_t value() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tilewright
