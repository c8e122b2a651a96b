// A queue in the hands of Python: it keeps the memory that reads will fill.
#pragma once

#include <memory>
#include <vector>

#include "host_bytes.hpp"
#include "tilewright/runtime/queue.hpp"

namespace tilewright::python {

struct HostQueue {
    Queue queue;
    std::shared_ptr<bool> in_use;                    ///< of its device
    std::vector<std::shared_ptr<HostBytes>> filled;  ///< until the queue is empty
};

}  // namespace tilewright::python
