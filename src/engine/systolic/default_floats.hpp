// The host's float environment as the simulated units need it: a host program may have changed
// rounding or flush-to-zero, results must not.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace tilewright {

#if defined(__x86_64__)
// Floats are those of SSE here, and a pass is too short for the whole environment.
class DefaultFloats {
public:
    DefaultFloats() : before_(_mm_getcsr()) {
        constexpr unsigned raised = 0x3f;  // flags, which change nothing
        constexpr unsigned masked = 0x1f80;
        if ((before_ & ~raised) != masked) _mm_setcsr(masked);
        keep_order();
    }
    ~DefaultFloats() {
        keep_order();
        _mm_setcsr(before_);
    }
    DefaultFloats(const DefaultFloats&) = delete;
    DefaultFloats& operator=(const DefaultFloats&) = delete;

private:
    // What is computed between the two is read from memory after the one and written before the
    // other.
    static void keep_order() { asm volatile("" ::: "memory"); }

    unsigned before_;
};
#else
class DefaultFloats {
public:
    DefaultFloats() {
        std::fegetenv(&before_);
        std::fesetenv(FE_DFL_ENV);
    }
    ~DefaultFloats() { std::fesetenv(&before_); }
    DefaultFloats(const DefaultFloats&) = delete;
    DefaultFloats& operator=(const DefaultFloats&) = delete;

private:
    std::fenv_t before_{};
};
#endif

}  // namespace tilewright
