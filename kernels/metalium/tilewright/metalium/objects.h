// What today's headers of classes lead to: the classes of namespace experimental, by their plain
// names.
#pragma once

#include "tilewright/metalium/prelude.h"

using experimental::AllocatorBank;
using experimental::AllocatorBankType;
using experimental::CircularBuffer;
using experimental::CircularBufferView;
using experimental::CoreLocalMem;
using experimental::DataflowBuffer;
using experimental::DfbScopedLock;
using experimental::Lock;
using experimental::MulticastEndpoint;
using experimental::Noc;
using experimental::noc_traits_t;
using experimental::NocOptions;
using experimental::NocOptVals;
using experimental::PrecomposedUnicastEndpoint;
using experimental::Semaphore;
using experimental::UnicastEndpoint;
using experimental::use;
