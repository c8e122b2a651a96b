// The name under which programs of 2024 include the enumeration library.
#pragma once
#pragma GCC system_header  // for include_next

#if __has_include_next(<magic_enum.hpp>)
#include_next <magic_enum.hpp>
#else
#include <magic_enum/magic_enum.hpp>
#endif
