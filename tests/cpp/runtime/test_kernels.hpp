// Kernels that several tests use, compiled on the spot (and cached), and their arguments.
#pragma once

#include <string>

#include "tilewright/runtime/kernel.hpp"

namespace tilewright {

/// A kernel whose body is `body`, with the parameters `parameters`.
inline Kernel make_kernel(const std::string& name, const std::string& parameters,
                          const std::string& body) {
    return Kernel::from_source(
        "#include <cstdint>\n#include \"tilewright/kernel.hpp\"\n"
        "using namespace tilewright::kernel;\n"
        "static void " +
            name + "(" + parameters + ") {\n" + body + "\n}\n" + "TILEWRIGHT_KERNEL(" + name +
            ")\n",
        name + ".cpp");
}

inline Argument number(std::int64_t value) {
    return value;
}

}  // namespace tilewright
