// The exception for what a core cannot do.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/base/units.hpp"

namespace tilewright {

/// Where a kernel was when it did what its core cannot do.
struct FaultSite {
    CoreId core;
    CoreAddress pc{};
    std::string place;    ///< "file:line in function, pc 0x..." as far as it is known
    std::string printed;  ///< what the kernel had printed
};

/// A kernel did something its core cannot do; the message carries core, pc, function and line.
class TILEWRIGHT_API KernelFault : public Error {
public:
    using Error::Error;
    KernelFault(const std::string& message, FaultSite site)
        : Error(message), site_(std::move(site)) {}
    /// The parts of the message; none for a core without a chip.
    const std::optional<FaultSite>& site() const { return site_; }

private:
    std::optional<FaultSite> site_;
};

}  // namespace tilewright
