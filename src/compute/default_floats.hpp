// The host's float environment as the simulated units need it: a host program may have changed
// rounding or flush-to-zero, results must not.
#pragma once

#include <cfenv>

namespace tilewright {

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

}  // namespace tilewright
