// Runs a planned matmul on a device: the part that matmuls and convolutions share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ops/commands.hpp"
#include "runtime/device_state.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

/// Appends the commands of the next round and tells when the last ones will have ended; false if
/// there are no more. At least every eighth round, and the last, ends with
/// MatmulCommands::completion.
using NextCommands =
    std::function<bool(std::vector<MatmulCommands::Command>&, std::vector<FlagWait>& last)>;

/// Commands that go before those of the matmul, given the flag of each engine.
using Prologue = std::function<NextCommands(std::function<std::uint32_t(EngineId)> flag_of)>;

/// BusyError while an engine of the plan is busy, and nothing has happened then. Interrupted or
/// CycleLimitError stop everything on the device.
MatmulReport run_matmul(DeviceState& state, const MatmulPlan& plan, const MatmulOperands& operands,
                        std::uint64_t compulsory_bytes, const RunOptions& run,
                        const Prologue& prologue = {});

/// Where the bytes of a buffer lie. The state must outlive it.
Stretches stretches_of(const DeviceState& state, const Allocation& record);

/// ArgumentError or UnsupportedError unless the buffer has so many bytes and engines reach it.
void check_operand(const std::shared_ptr<DeviceState>& device, const std::string& what,
                   const Buffer& buffer, std::uint64_t bytes);

}  // namespace tilewright::detail
