// The conventions of firmware/abi.hpp as a chip takes them.
#pragma once

#include "tilewright/firmware/abi.hpp"
#include "tilewright/tile/conventions.hpp"

namespace tilewright::firmware {

inline constexpr Conventions conventions{
    .l1_user_base = abi::l1_user_base,
    .synchronising_begin = abi::semaphore_base,
    .synchronising_end = abi::mailbox_base + abi::max_processors * abi::mailbox_stride,
    .declared_begin = abi::program_semaphore_base,
    .declared_end =
        abi::program_semaphore_base + abi::program_semaphore_count * abi::program_semaphore_stride,
    .arguments_base = abi::arguments_base,
    .arguments_stride = abi::arguments_stride,
    .call_image = abi::environment_call_image,
    .begin_program = abi::environment_begin_program,
};

}  // namespace tilewright::firmware
