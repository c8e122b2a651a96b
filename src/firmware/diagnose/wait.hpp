// What a core waits for, and who could bring it.
#pragma once

#include <cstdint>

#include "firmware/diagnose/signallers.hpp"
#include "firmware/diagnose/wait_text.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright::diagnose {

/// Of a core that waits; with its words.
KnownWait look_at_wait(const Chip& chip, std::uint32_t core, Signallers& signallers);
/// Of a core that repeats itself for ever.
KnownWait look_at_lap(const Chip& chip, const CoreLap& lap, Signallers& signallers);

}  // namespace tilewright::diagnose
