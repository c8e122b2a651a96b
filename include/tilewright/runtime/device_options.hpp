// How a device is simulated: nothing here changes what is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// Whether programs are translated to machine code of the host (riscv/translation.hpp).
enum class TranslationMode : std::uint8_t {
    off,
    on,     ///< programs that run long, while the interpreter goes on
    force,  ///< each one before its first instruction; for tests
};
/// "off", "on" or "force"; ConfigError, with `origin` for who says so, for anything else.
TILEWRIGHT_API TranslationMode parse_translation_mode(std::string_view name,
                                                      std::string_view origin);

struct DeviceOptions {
    /// Nothing: what $TILEWRIGHT_TRANSLATE says; on if it is not set.
    std::optional<TranslationMode> translate{};
    /// Threads of the host, the one that calls included: from 1 to 256. Nothing: what
    /// TILEWRIGHT_THREADS says, or 1. They start when a run first needs them; a process that was
    /// forked starts its own.
    std::optional<std::uint32_t> threads{};
};

}  // namespace tilewright
