// A header of the vendor's: all of it is in another.
#pragma once

#include <ttnn/tensor/types.hpp>
