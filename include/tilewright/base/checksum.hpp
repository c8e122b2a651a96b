// Checksums and content keys (XXH3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tilewright {

/// 64 bits that tell damaged bytes from good ones; no protection against intent.
std::uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace tilewright
