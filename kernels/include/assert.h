// assert() in kernels, also for <cassert>: as `check`, a fault at the line of what does not hold,
// with its text in the output of the run. Programs that define NDEBUG leave it out, as everywhere.
// (No #pragma once: NDEBUG may change between two times that this is included.)
#include "tilewright/kernel/check.hpp"

#undef assert
#ifdef NDEBUG
#define assert(...) static_cast<void>(0)
#else
#define assert(...)                 \
    (static_cast<bool>(__VA_ARGS__) \
         ? static_cast<void>(0)     \
         : ::tilewright::kernel::fail("assertion failed: " #__VA_ARGS__))
#endif
