// Launch arguments: from values of the host to the words that the kernel unpacks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright::firmware {

/// The core address of a semaphore's word.
enum class SemaphoreAddress : std::uint32_t {};

/// Integers fit any integer parameter that can hold them, doubles any floating one. A kernel
/// without signature gets integers as one word, doubles as the bits of a float32.
using ArgumentValue =
    std::variant<std::int64_t, std::uint64_t, double, abi::BufferRef, SemaphoreAddress>;

/// The words that a kernel of this name and signature finds in its argument area. ArgumentError
/// names the kernel and the argument whose type or size does not fit, or the count that was
/// expected.
TILEWRIGHT_API std::vector<std::uint32_t> encode_arguments(
    const std::string& kernel, const std::optional<std::string>& signature,
    std::span<const ArgumentValue> values);

}  // namespace tilewright::firmware
