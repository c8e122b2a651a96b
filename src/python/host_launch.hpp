// From what Python hands over as launches and limits to what the runtime takes.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <variant>
#include <vector>

#include "host_device.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::python {

using CoreTuple = std::tuple<std::uint16_t, std::uint16_t, std::uint16_t>;
using HostArgument = std::variant<std::int64_t, std::uint64_t, double, HostBuffer, Semaphore>;
using HostWords = std::tuple<std::uint32_t, std::vector<std::uint32_t>>;  // address, words
using HostLaunch =
    std::tuple<Kernel, std::vector<CoreTuple>, std::vector<HostArgument>, std::vector<HostWords>>;

std::vector<Launch> to_launches(const std::vector<HostLaunch>& host_launches);

/// Runs stop for signals, such as Ctrl-C.
RunOptions options_with(std::optional<std::uint64_t> cycle_limit);

}  // namespace tilewright::python
