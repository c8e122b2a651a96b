// Kernels that the build compiles (kernel_tests_main.cpp), so that tests find them in the cache.
#pragma once

#include <vector>

namespace tilewright {

/// What makes the kernels that the tests of this program name with `precompiled`.
inline std::vector<void (*)()>& precompiled_kernels() {
    static std::vector<void (*)()> all;
    return all;
}

/// Lists `Make` while the program starts. As it is a template, a call of `precompiled` is enough
/// for that, whether or not it is ever reached: a kernel can stand in the test that runs it.
template <class Make>
inline const bool listed = [] {
    precompiled_kernels().push_back([] { static_cast<void>(Make{}()); });
    return true;
}();

/// What `make` returns: a kernel, or several, or launches of some. It is a lambda that captures
/// nothing, and of the function around it uses constants only: the build calls it without that.
template <class Make>
auto precompiled(Make make) {
    static_cast<void>(&listed<Make>);
    return make();
}

}  // namespace tilewright
