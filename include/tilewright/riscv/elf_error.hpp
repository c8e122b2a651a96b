// The exception for files that are no executables for our cores.
#pragma once

#include "tilewright/base/error.hpp"

namespace tilewright {

/// A file that is not the executable it should be.
class TILEWRIGHT_API ElfError : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
