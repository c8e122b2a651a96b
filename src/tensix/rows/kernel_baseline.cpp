// Rows in plain C++, for every host.
#include "tensix/rows/kernel_body.hpp"

namespace tilewright::tensix {

const RowKernels baseline_rows{add_any_products, add_elements};

}  // namespace tilewright::tensix
