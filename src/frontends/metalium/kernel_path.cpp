// Where kernels are looked for.
#include <cstdlib>
#include <mutex>
#include <system_error>

#include "frontends/metalium/program_state.hpp"

namespace tt::tt_metal {
namespace {

namespace fs = std::filesystem;

std::mutex root_mutex;
fs::path root_dir;

void add_environment(std::vector<fs::path>& folders, const char* name) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') folders.emplace_back(value);
}

void add_with_parents(std::vector<fs::path>& folders, fs::path folder) {
    for (; folder.has_relative_path(); folder = folder.parent_path()) folders.push_back(folder);
}

std::vector<fs::path> named_roots() {
    std::vector<fs::path> folders;
    add_environment(folders, "TT_METAL_KERNEL_PATH");
    add_environment(folders, "TT_METAL_HOME");
    const std::lock_guard lock(root_mutex);
    if (!root_dir.empty()) folders.push_back(root_dir);
    return folders;
}

}  // namespace

void SetRootDir(const std::string& folder) {
    const std::lock_guard lock(root_mutex);
    root_dir = folder;
}

namespace detail {

std::vector<fs::path> kernel_include_paths() {
    return named_roots();
}

fs::path find_kernel(const std::string& name) {
    fs::path path(name);
    std::error_code ignored;
    if (path.is_absolute()) {
        TT_FATAL(fs::is_regular_file(path, ignored), "kernel file '{}' does not exist", name);
        return path;
    }
    std::vector<fs::path> folders = named_roots();
    // A program that is started in a folder of its project, or from elsewhere, finds the kernels of
    // the project it was built in.
    add_with_parents(folders, fs::current_path(ignored));
    add_with_parents(folders, fs::read_symlink("/proc/self/exe", ignored).parent_path());
    std::string tried;
    for (const fs::path& folder : folders) {
        if (fs::is_regular_file(folder / path, ignored)) return (folder / path).lexically_normal();
        tried += "\n  " + folder.string();
    }
    TT_THROW("kernel file '{}' does not exist in any of:{}", name, tried);
}

}  // namespace detail
}  // namespace tt::tt_metal
