// Semaphores and mutexes.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// A mutex that exists; TensixFault otherwise: the hardware would wait for ever.
void check_mutex(Architecture architecture, std::string_view mnemonic, std::uint32_t mutex);

/// What a core's store to a semaphore does: one less for an odd value, else one more.
void step_semaphore(SyncState::Semaphore& semaphore, bool down);

void execute(const Context& context, const op::atgetm& i);
void execute(const Context& context, const op::atrelm& i);
void execute(const Context& context, const op::seminit& i);
void execute(const Context& context, const op::sempost& i);
void execute(const Context& context, const op::semget& i);

}  // namespace tilewright::tensix
