// Looks for a compiler in the places that find_toolchain() promises, and learns how to call it.
#include "tilewright/runtime/toolchain.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include "runtime/content_key.hpp"
#include "runtime/process.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

constexpr int oldest_clang = 16;
constexpr int newest_clang_name = 30;  ///< clang++-N is looked for from here downwards

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool executable(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

/// A program by path, or by name along the PATH; empty if it is not there.
fs::path find_program(const fs::path& name) {
    if (name.has_parent_path()) return executable(name) ? fs::absolute(name) : fs::path{};
    const std::string list = variable("PATH");
    std::string_view rest = list;
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (!folder.empty() && executable(fs::path(folder) / name)) return fs::path(folder) / name;
    }
    return {};
}

/// Path, size and time of change: tells a replaced compiler without running it.
std::string identity_of(const fs::path& program) {
    std::error_code error;
    const fs::path file = fs::canonical(program, error);
    const auto size = fs::file_size(file, error);
    // 128 bits in libc++, of which std::to_string knows nothing.
    const auto time =
        static_cast<std::int64_t>(fs::last_write_time(file, error).time_since_epoch().count());
    return ContentKey()
        .add(file.string())
        .add(std::to_string(size))
        .add(std::to_string(time))
        .digest();
}

// Linux is where shared objects are ELF files.
#if defined(__linux__) && defined(__x86_64__)
constexpr char host_target[] = "x86_64-linux-none";
#elif defined(__linux__) && defined(__aarch64__)
constexpr char host_target[] = "aarch64-linux-none";
#else
constexpr char host_target[] = "";
#endif

Toolchain zig_toolchain(const fs::path& program) {
    std::error_code error;
    const fs::path file = fs::canonical(program, error);
    Toolchain result;
    result.zig = true;
    result.compile = {file.string(), "c++", "-target", "riscv32-linux-musl",
                      "-fno-sanitize=undefined"};
    result.link = {file.string(), "ld.lld", "--relax-gp"};
    if (*host_target != '\0') {
        result.host_compile = {file.string(), "cc", "-target", host_target,
                               "-fno-sanitize=undefined"};
        result.host_link = {file.string(), "ld.lld"};
    }
    result.root = file.parent_path() / "lib";
    result.identity = identity_of(file);
    result.description = "the clang in " + file.string();
    return result;
}

/// The number after `before` in a compiler's banner.
std::optional<int> number_after(std::string_view text, std::string_view before) {
    const auto at = text.find(before);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + before.size());
    int number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{})
        return std::nullopt;
    return number;
}

/// The folders between the two marks that `clang++ -v -E` prints, without clang's own, which it
/// adds by itself for any target.
std::vector<fs::path> header_folders(std::string_view text) {
    constexpr std::string_view begin = "#include <...> search starts here:\n";
    constexpr std::string_view end = "End of search list.";
    std::vector<fs::path> folders;
    const auto first = text.find(begin);
    if (first == std::string_view::npos) return folders;
    text.remove_prefix(first + begin.size());
    text = text.substr(0, text.find(end));
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const bool own = line.find("/lib/clang/") != std::string_view::npos;
        std::error_code error;
        if (!own && fs::is_directory(line, error)) folders.emplace_back(line);
    }
    return folders;
}

fs::path find_linker(const fs::path& compiler, int version) {
    std::error_code error;
    fs::path beside = fs::canonical(compiler, error).parent_path() / "ld.lld";
    if (executable(beside)) return beside;
    if (fs::path named = find_program("ld.lld-" + std::to_string(version)); !named.empty())
        return named;
    const fs::path plain = find_program("ld.lld");
    if (plain.empty()) return {};
    const auto found = number_after(run_process({plain.string(), "--version"}).output, "LLD ");
    return found.value_or(0) >= oldest_clang ? plain : fs::path{};
}

/// A system's clang++; otherwise `reason` says why it cannot be used.
std::optional<Toolchain> clang_toolchain(const fs::path& program, std::string& reason) {
    const ProcessResult banner =
        run_process({program.string(), "-v", "-E", "-x", "c++", "/dev/null"});
    const auto version = number_after(banner.output, "clang version ");
    if (banner.status != 0 || !version || banner.output.find("Apple") != std::string::npos) {
        reason = program.string() + " is not an LLVM clang++";
        return std::nullopt;
    }
    if (*version < oldest_clang) {
        reason = program.string() + " has version " + std::to_string(*version) + ", older than " +
                 std::to_string(oldest_clang);
        return std::nullopt;
    }
    const fs::path linker = find_linker(program, *version);
    if (linker.empty()) {
        reason = program.string() + " has no ld.lld of version " + std::to_string(oldest_clang) +
                 " or later with it";
        return std::nullopt;
    }
    Toolchain result;
    result.compile = {program.string(), "--target=riscv32-linux-gnu", "-nostdlibinc"};
    result.link = {linker.string()};
    if (*host_target != '\0') {
        result.host_compile = {program.string(), "-x", "c"};
        result.host_link = result.link;
    }
    result.clang_version = *version;
    result.system_headers = header_folders(banner.output);
    result.identity =
        ContentKey().add(identity_of(program)).add(identity_of(linker)).add(banner.output).digest();
    result.description =
        program.string() + " (clang " + std::to_string(*version) + ") with " + linker.string();
    return result;
}

bool named_zig(const fs::path& program) {
    return program.filename().string().starts_with("zig");
}

/// What the user named: it is used, or an error says why it cannot be.
Toolchain named_toolchain(const fs::path& name, const std::string& origin) {
    const fs::path program = find_program(name);
    if (program.empty())
        throw CompileError("no compiler at " + name.string() + " (" + origin +
                           "): expected a zig or a clang++ there");
    if (named_zig(program)) return zig_toolchain(program);
    std::string reason;
    if (auto clang = clang_toolchain(program, reason)) return *clang;
    throw CompileError(reason + " (" + origin + ")");
}

/// Where the Python package ziglang may have put its zig.
std::vector<fs::path> packaged_zigs() {
    std::vector<fs::path> result;
    std::error_code error;
    Dl_info library{};
    if (dladdr(reinterpret_cast<void*>(&find_toolchain), &library) != 0 &&
        library.dli_fname != nullptr) {
        // site-packages/tilewright/lib/libtilewright.so
        const fs::path file = fs::canonical(library.dli_fname, error);
        result.push_back(file.parent_path().parent_path().parent_path() / "ziglang" / "zig");
    }
    if (const std::string environment = variable("VIRTUAL_ENV"); !environment.empty())
        for (const auto& entry : fs::directory_iterator(fs::path(environment) / "lib", error))
            result.push_back(entry.path() / "site-packages" / "ziglang" / "zig");
    return result;
}

}  // namespace

Toolchain find_toolchain(const fs::path& preferred) {
    if (!preferred.empty()) return named_toolchain(preferred, "it was asked for");
    if (const std::string named = variable("TILEWRIGHT_CXX"); !named.empty())
        return named_toolchain(named, "the environment variable TILEWRIGHT_CXX names it");
    for (const fs::path& zig : packaged_zigs())
        if (executable(zig)) return zig_toolchain(zig);
    if (const fs::path zig = find_program("zig"); !zig.empty()) return zig_toolchain(zig);

    std::vector<fs::path> names{"clang++"};
    for (int version = newest_clang_name; version >= oldest_clang; --version)
        names.emplace_back("clang++-" + std::to_string(version));
    std::string refused;
    for (const fs::path& name : names) {
        const fs::path program = find_program(name);
        if (program.empty()) continue;
        std::string reason;
        if (auto clang = clang_toolchain(program, reason)) return *clang;
        refused += "; " + reason;
    }
    throw CompileError(
        "no compiler for kernels was found. Looked for: $TILEWRIGHT_CXX (not set), the Python "
        "package ziglang, zig on the PATH, clang++ of version " +
        std::to_string(oldest_clang) + " or later with ld.lld" + refused +
        ". To get one: pip install tilewright[compiler]");
}

}  // namespace tilewright
