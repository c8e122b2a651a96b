// The exceptions that end a run before its work is done.
#pragma once

#include "tilewright/base/error.hpp"

namespace tilewright {

/// Kernels wait for what nothing can bring any more; the message names each waiter.
class TILEWRIGHT_API DeadlockError : public Error {
public:
    using Error::Error;
};

/// A run used up the cycles it was allowed.
class TILEWRIGHT_API CycleLimitError : public Error {
public:
    using Error::Error;
};

/// The host asked a run to stop (Ctrl-C); the device stands where it was and can go on.
class TILEWRIGHT_API Interrupted : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
