// Functions of tensors that programs expect here.
#pragma once

#include <ttnn/tensor/tensor.hpp>

namespace ttnn {
using tt::tt_metal::create_device_tensor;
}
