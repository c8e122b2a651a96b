// Where the files for the device are: kernel headers, start-up code, built-in kernels.
#pragma once

#include <filesystem>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// The folder share/tilewright of an installation, of the wheel or of a build tree.
struct DeviceFiles {
    std::filesystem::path root;

    std::filesystem::path include() const { return root / "include"; }
    std::filesystem::path runtime() const { return root / "runtime"; }
    std::filesystem::path compiler_rt() const { return root / "lib" / "libcompiler_rt.a"; }
    std::filesystem::path kernels() const { return root / "kernels"; }
};

/// $TILEWRIGHT_DEVICE_DIR, or share/tilewright beside the folder of the loaded libtilewright.
/// ConfigError if the folder is not there.
TILEWRIGHT_API DeviceFiles find_device_files();

}  // namespace tilewright
