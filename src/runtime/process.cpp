// posix_spawn with one pipe for all that the program prints.
#include "runtime/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "tilewright/base/error.hpp"

// Not every C library declares it.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace tilewright {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (std::string& s : strings) result.push_back(s.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& additions) {
    std::vector<std::string> result;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        bool replaced = false;
        for (const auto& [name, value] : additions)
            replaced |= text.starts_with(name) && text.substr(name.size()).starts_with('=');
        if (!replaced) result.emplace_back(text);
    }
    for (const auto& [name, value] : additions) {
        std::string variable = name;
        result.push_back(variable.append("=").append(value));
    }
    return result;
}

/// The two ends of a pipe, which other programs started meanwhile do not inherit.
class Pipe {
public:
    Pipe() {
        if (pipe(ends_.data()) != 0)
            throw CompileError(std::string("cannot open a pipe: ") + std::strerror(errno));
        for (const int end : ends_) fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        for (const int end : ends_)
            if (end >= 0) close(end);
    }

    int writer() const { return ends_[1]; }
    void close_writer() {
        close(ends_[1]);
        ends_[1] = -1;
    }
    /// Until nobody writes any more; or as soon as keep_waiting(), asked now and then, says no.
    template <class KeepWaiting>
    std::string read_all(KeepWaiting&& keep_waiting) const {
        std::string text;
        std::array<char, 4096> buffer;
        while (true) {
            constexpr int milliseconds = 20;
            pollfd readable{ends_[0], POLLIN, 0};
            if (poll(&readable, 1, milliseconds) == 0) {
                if (!keep_waiting()) return text;
                continue;
            }
            const ssize_t count = read(ends_[0], buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return text;
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment,
                          const ProcessLimits& limits) {
    std::vector<std::string> argument_copy = arguments;
    std::vector<std::string> variables = merged_environment(environment);
    const std::vector<char*> argv = pointers(argument_copy);
    const std::vector<char*> envp = pointers(variables);

    Pipe output;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.writer(), STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    const bool limited = limits.time.count() != 0 || limits.cancelled != nullptr;
    if (limited) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = 0;
    const int error =
        posix_spawnp(&child, argv.front(), &actions, &attributes, argv.data(), envp.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw CompileError("cannot start " + arguments.front() + ": " + std::strerror(error));
    output.close_writer();
    constexpr int background = 10;
    if (limits.in_background) setpriority(PRIO_PGRP, static_cast<id_t>(child), background);

    ProcessResult result;
    const auto start = std::chrono::steady_clock::now();
    const auto may_run = [&] {
        const bool late =
            limits.time.count() != 0 && std::chrono::steady_clock::now() - start > limits.time;
        return !late && (limits.cancelled == nullptr || !*limits.cancelled);
    };
    result.output = output.read_all([&] {
        result.killed = result.killed || !may_run();
        return !result.killed;
    });
    if (result.killed) kill(-child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            throw CompileError("lost track of " + arguments.front() + ": " + std::strerror(errno));
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace tilewright
