// All that a kernel may call, in one include.
//
// A kernel is freestanding C++20: no heap, no exceptions, no operating system. It sees its tile's
// L1 from address 0, a private local memory with its globals and its stack, and the network.
#pragma once

#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/arguments.hpp"
#include "tilewright/kernel/buffer.hpp"
#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/kernel/coordinates.hpp"
#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/engines.hpp"
#include "tilewright/kernel/l1.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/print.hpp"
#include "tilewright/kernel/semaphore.hpp"
#include "tilewright/kernel/task.hpp"
#include "tilewright/kernel/zone.hpp"
