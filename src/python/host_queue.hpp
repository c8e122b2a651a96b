// A queue in the hands of Python. Its commands outlive it, and so does the memory they will fill.
#pragma once

#include <memory>

#include "host_device.hpp"
#include "tilewright/runtime/queue.hpp"

namespace tilewright::python {

struct HostQueue {
    Queue queue;
    std::shared_ptr<InUse> in_use;     ///< of its device
    std::shared_ptr<HostReads> reads;  ///< shared with its device; until the queue is empty
};

}  // namespace tilewright::python
