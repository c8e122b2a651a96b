// The exceptions that the library throws. Each message names the thing and what was expected.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tilewright/base/units.hpp"

namespace tilewright {

/// Base of everything the library throws on purpose.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A configuration, preset name or field that cannot be.
class ConfigError : public Error {
public:
    using Error::Error;
};

/// An address, range, core, buffer or argument that does not exist or does not fit.
class AddressError : public Error {
public:
    using Error::Error;
};

/// Launch arguments of a number, type or size that the kernel does not take.
class ArgumentError : public AddressError {
public:
    using AddressError::AddressError;
};

/// A file that is not the executable it should be.
class ElfError : public Error {
public:
    using Error::Error;
};

/// Where a kernel was when it did what its core cannot do.
struct FaultSite {
    CoreId core;
    CoreAddress pc{};
    std::string place;    ///< "file:line in function, pc 0x..." as far as it is known
    std::string printed;  ///< what the kernel had printed
};

/// A kernel did something its core cannot do; the message carries core, pc, function and line.
class KernelFault : public Error {
public:
    using Error::Error;
    KernelFault(const std::string& message, FaultSite site)
        : Error(message), site_(std::move(site)) {}
    /// The parts of the message; none for a core that stands alone.
    const std::optional<FaultSite>& site() const { return site_; }

private:
    std::optional<FaultSite> site_;
};

/// Kernels wait for what nothing can bring any more; the message names each waiter.
class DeadlockError : public Error {
public:
    using Error::Error;
};

/// A run used up the cycles it was allowed.
class CycleLimitError : public Error {
public:
    using Error::Error;
};

/// A kernel does not compile; the message carries the compiler's own text.
class CompileError : public Error {
public:
    using Error::Error;
};

/// A graph of tasks that cannot run: a cycle, a function or a kind of worker that is not there,
/// accesses to the same bytes with no order between them.
class GraphError : public Error {
public:
    using Error::Error;
};

/// A snapshot that is damaged, or of another chip.
class SnapshotError : public Error {
public:
    using Error::Error;
};

/// A story file that cannot be played, or an instruction in it that cannot be carried out.
class StoryError : public Error {
public:
    using Error::Error;
};

/// The host asked a run to stop (Ctrl-C); the device stands where it was and can go on.
class Interrupted : public Error {
public:
    using Error::Error;
};

}  // namespace tilewright
