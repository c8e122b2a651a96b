// Runs the tests. With --compile-kernels it compiles the kernels that they name with `precompiled`
// instead, which the build asks for: or else each test would wait for the compiler.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <future>
#include <string_view>
#include <thread>
#include <vector>

#include "precompiled.hpp"

namespace {

/// Whether all of them compile. What is written of those that do not begins with their names.
bool compile_kernels() {
    const auto& kernels = tilewright::precompiled_kernels();
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> good = true;
    const auto compile_one = [&] {
        const std::size_t i = next++;
        if (i >= kernels.size()) return false;
        try {
            kernels[i]();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            good = false;
        }
        return true;
    };
    compile_one();  // and, once for all others, the start-up code
    std::vector<std::future<void>> workers(std::max(1u, std::thread::hardware_concurrency()));
    for (std::future<void>& worker : workers) {
        worker = std::async(std::launch::async, [&] {
            while (compile_one()) continue;
        });
    }
    for (std::future<void>& worker : workers) worker.get();
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--compile-kernels")
        return compile_kernels() ? 0 : 1;
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
