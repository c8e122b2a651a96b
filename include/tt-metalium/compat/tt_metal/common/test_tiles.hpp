// The name that programs of 2024 include; what it declares is in today's header.
#pragma once

#include <tt-metalium/tilize_utils.hpp>
