// Compiled kernels are always kept on disk.
#pragma once

namespace tt::tt_metal::detail {

inline void EnablePersistentKernelCache() {}
inline void DisablePersistentKernelCache() {}

}  // namespace tt::tt_metal::detail
