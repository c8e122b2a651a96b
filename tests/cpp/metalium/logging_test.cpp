// Log lines reach a file even if the program ends badly.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <tt-logger/tt-logger.hpp>

namespace {

TEST(Logging, ALineIsWrittenBeforeTheProgramGoesOn) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("tilewright-log-" + std::to_string(getpid()));
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
        if (std::freopen(file.c_str(), "w", stdout) == nullptr) _exit(1);
        log_error(tt::LogTest, "the reason: {}", 42);
        log_error(tt::LogGraphCompiler, "of 2024");
        _exit(0);  // as abort(): nothing is flushed
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::filesystem::remove(file);
    EXPECT_EQ(text,
              "error    |            Test | the reason: 42\n"
              "error    |   GraphCompiler | of 2024\n");
}

}  // namespace
