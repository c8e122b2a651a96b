// Cores in polling loops of plain loads: parked while the words that they read stay as they are.
//
// A parked core leaves the event queue. When one of its words is written, the first cycle is known
// in which the loop, had it spun, would have looked at the new value; the core comes back to the
// queue for that cycle and is brought to it with the words as they were. So cycles and instructions
// are those of spinning.
#pragma once

#include <cstdint>

#include "tilewright/tile/tile.hpp"

namespace tilewright {

/// True if the core, which stands where a polling loop begins to load, was parked. Throws
/// EndlessWait if nothing can ever wake it.
bool park_polling(Tile& tile, std::uint32_t processor);
/// The first look at a new value is due in `cycle`: up to there everything is as it was.
void resume_polling(Tile& tile, std::uint32_t processor, std::uint64_t cycle);
/// One of its words may have changed, as the writer says.
void polled_word_written(Tile& tile, std::uint32_t processor, std::uint64_t address,
                         std::uint64_t bytes, const Writer& writer);

}  // namespace tilewright
