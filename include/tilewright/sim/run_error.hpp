// The exceptions that end a run before its work is done.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/sim/run_report.hpp"

namespace tilewright {

/// Their message is short however many cores there are; what it tells is here as data, and in full.
class TILEWRIGHT_API RunError : public Error {
public:
    using Error::Error;
    RunError(const std::string& message, RunReport report)
        : Error(message), report_(std::make_shared<const RunReport>(std::move(report))) {}

    /// Empty where no kernels were looked at.
    const RunReport& report() const {
        static const RunReport none;
        return report_ ? *report_ : none;
    }
    const std::vector<CoreWait>& waits() const { return report().waits; }
    const std::vector<CoreRunning>& running() const { return report().running; }
    /// The message with nothing left out.
    std::string full_report() const { return report().full.empty() ? what() : report().full; }

private:
    std::shared_ptr<const RunReport> report_;
};

/// Kernels wait for what nothing can bring any more, asleep or repeating themselves; the message
/// names each waiter.
class TILEWRIGHT_API DeadlockError : public RunError {
public:
    using RunError::RunError;
};

/// A run used up the cycles it was allowed.
class TILEWRIGHT_API CycleLimitError : public RunError {
public:
    using RunError::RunError;
};

/// The host asked a run to stop (Ctrl-C); the device stands where it was and can go on.
class TILEWRIGHT_API Interrupted : public RunError {
public:
    using RunError::RunError;
};

/// The same error with more at the end of its message.
template <class E>
E with_more(const E& error, const std::string& more) {
    RunReport report = error.report();
    report.full = error.full_report() + more;
    return E(error.what() + more, std::move(report));
}

}  // namespace tilewright
