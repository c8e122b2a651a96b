// What ends a run of the compute engine.
#pragma once

#include "tilewright/base/error.hpp"

namespace tilewright::tensix {

/// An instruction or a configuration that the compute engine cannot carry out, or whose result the
/// hardware leaves open; the message names it and says what was expected.
class TensixFault : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright::tensix
