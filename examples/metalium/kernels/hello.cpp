// Prints the runtime argument and where it runs.
#include <cstdint>

#include "dataflow_api.h"
#include "debug/dprint.h"

void kernel_main() {
    const std::uint32_t number = get_arg_val<std::uint32_t>(0);
    DPRINT << "hello from kernel " << number << " at router (" << static_cast<uint>(my_x[noc_index])
           << ", " << static_cast<uint>(my_y[noc_index]) << ")" << ENDL();
}
