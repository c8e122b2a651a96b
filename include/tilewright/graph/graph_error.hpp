// The exception of task graphs.
#pragma once

#include "tilewright/base/error.hpp"

namespace tilewright {

/// A graph of tasks that cannot run: a cycle, a function or a kind of worker that is not there,
/// accesses to the same bytes with no order between them.
class TILEWRIGHT_API GraphError : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
