// Advice to the host's operating system about large fresh memory.
#pragma once

#include <cstddef>
#include <span>

namespace tilewright {

/// Ask that memory which nothing has written yet is backed by pages of 2 MiB where they fit: the
/// first write to each page stops for the operating system, and this makes it 512 times rarer. Only
/// speed depends on whether it is granted.
void prefer_huge_pages(std::span<std::byte> memory);

}  // namespace tilewright
