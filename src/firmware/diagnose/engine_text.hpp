// What the threads of compute engines wait for, in the words of the kernels that feed them.
#pragma once

#include <string>

namespace tilewright::diagnose {

/// A description by Chip::describe_parts(): with the part of each thread, and what the semaphores
/// are for that kernels of the compute API use.
std::string with_parts_of_kernels(std::string description);

}  // namespace tilewright::diagnose
