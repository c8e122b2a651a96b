// fmt's header of this name, or, with a fmt older than 11, what took its place.
#pragma once

#if __has_include_next(<fmt/base.h>)
#include_next <fmt/base.h>
#else
#include <fmt/core.h>
#endif
