// Circular buffers of a program; their configuration is all that a host has of them.
#pragma once

#include <tt-metalium/circular_buffer_config.hpp>
