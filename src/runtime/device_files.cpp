// Finds the device files by the environment or by where this library was loaded from.
#include "tilewright/runtime/device_files.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "tilewright/base/error.hpp"

namespace tilewright {

DeviceFiles find_device_files() {
    namespace fs = std::filesystem;
    fs::path root;
    std::string origin;
    if (const char* given = std::getenv("TILEWRIGHT_DEVICE_DIR");
        given != nullptr && *given != '\0') {
        root = given;
        origin = "the environment variable TILEWRIGHT_DEVICE_DIR names it";
    } else {
        Dl_info library{};
        if (dladdr(reinterpret_cast<void*>(&find_device_files), &library) == 0 ||
            library.dli_fname == nullptr)
            throw ConfigError(
                "cannot tell where libtilewright was loaded from; set TILEWRIGHT_DEVICE_DIR to the "
                "folder share/tilewright of the installation");
        std::error_code error;
        const fs::path file = fs::canonical(library.dli_fname, error);
        root = (error ? fs::path(library.dli_fname) : file).parent_path().parent_path() / "share" /
               "tilewright";
        origin = "it belongs beside the folder of " + std::string(library.dli_fname);
    }
    std::error_code error;
    if (!fs::is_directory(root / "runtime", error))
        throw ConfigError("no device files in " + root.string() + " (" + origin +
                          "): expected the folders include, runtime, lib and kernels there");
    return {root};
}

}  // namespace tilewright
