// What the tests of kernels written for TT-Metalium share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/runtime/metalium_kernel.hpp"

namespace tilewright {

template <class Exception, class Action>
std::string text_of(Action&& action) {
    try {
        action();
    } catch (const Exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

inline void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in: " << text;
}

/// A kernel that is compiled for the core it runs on.
inline Kernel metalium_kernel(const ChipConfig& chip, const std::string& source, CoreId core,
                              MetaliumKernelOptions options = {}) {
    options.processor = static_cast<MetaliumProcessor>(core.processor);
    if (core.processor == 4) options.noc = 1;
    return compile_metalium_source(source, "kernel.cpp", options, chip);
}

inline Launch metalium_launch(const ChipConfig& chip, const std::string& source, CoreId core,
                              const std::vector<std::uint32_t>& arguments = {},
                              const MetaliumKernelOptions& options = {},
                              const std::vector<std::uint32_t>& common = {}) {
    return {metalium_kernel(chip, source, core, options),
            {core},
            metalium_arguments(arguments, common)};
}

}  // namespace tilewright
