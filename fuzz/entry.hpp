// What each fuzzer is made of: a function that takes bytes. It aborts where something is wrong.
#pragma once

#include <cstddef>
#include <cstdint>

/// Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
