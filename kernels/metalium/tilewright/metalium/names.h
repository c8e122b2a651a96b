// The names of this kernel, as its host program gives them: arguments, circular buffers,
// semaphores, tensors, scratchpads. TILEWRIGHT_NAMES declares them, and is made when the kernel is
// compiled.
#pragma once

#include "tilewright/metalium/binding_tokens.h"
#include "tilewright/metalium/local_tensor.h"
#include "tilewright/metalium/named_arguments.h"

#ifdef TILEWRIGHT_NAMES
TILEWRIGHT_NAMES
#endif
