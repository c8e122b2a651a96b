// The exceptions that any part of the library throws; those of one part are declared beside it
// (docs/errors.md lists all). Each message names the thing and what was expected.
#pragma once

#include <stdexcept>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// Base of everything the library throws on purpose.
class TILEWRIGHT_API Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A configuration, preset name or field that cannot be, or that lacks what was asked of the chip.
class TILEWRIGHT_API ConfigError : public Error {
public:
    using Error::Error;
};

/// An address, range, memory, tile, core or engine that does not exist.
class TILEWRIGHT_API AddressError : public Error {
public:
    using Error::Error;
};

/// An argument of the wrong number, type, size or value.
class TILEWRIGHT_API ArgumentError : public Error {
public:
    using Error::Error;
};

/// A memory of the chip, or of the host, has no room for what was to be put into it.
class TILEWRIGHT_API OutOfMemoryError : public Error {
public:
    using Error::Error;
};

/// What was asked for is in use: by another thread, kernel, command, view or holder.
class TILEWRIGHT_API BusyError : public Error {
public:
    using Error::Error;
};

/// A device, queue or buffer that was closed or freed, or whose device was.
class TILEWRIGHT_API ClosedError : public Error {
public:
    using Error::Error;
};

/// A call that makes sense, but not now: something else has to happen first.
class TILEWRIGHT_API StateError : public Error {
public:
    using Error::Error;
};

/// What the model, or this kind of memory or buffer, cannot do.
class TILEWRIGHT_API UnsupportedError : public Error {
public:
    using Error::Error;
};

/// A file of the host that cannot be read or written.
class TILEWRIGHT_API FileError : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
