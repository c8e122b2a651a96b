// The exception of the kernel compiler.
#pragma once

#include "tilewright/base/error.hpp"

namespace tilewright {

/// A kernel does not compile, or there is no compiler; the message carries the compiler's own text.
class TILEWRIGHT_API CompileError : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
