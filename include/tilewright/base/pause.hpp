// What a thread does between two looks at something that another one is about to change.
#pragma once

#include <cstdint>
#include <thread>

namespace tilewright {

inline void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// After so many looks: one that takes long may need this processor.
inline void pause_or_yield(std::uint32_t looks) {
    if (looks < 1000) {
        pause();
    } else {
        std::this_thread::yield();
    }
}

}  // namespace tilewright
