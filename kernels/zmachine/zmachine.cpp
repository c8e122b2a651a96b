// The kernel: one batch of a Z-machine story on one core, all of its state in the tile's L1.
//
// The first batch brings the story from DRAM over the network; the host asks for it by a control
// block whose status is `fresh`. What a batch prints is written to DRAM at its end: a word of
// length, then the text. Input the host puts into L1 between batches; see protocol.hpp.
#include <cstdint>

#include "interpreter.hpp"
#include "tilewright/kernel.hpp"

namespace {

using tilewright::kernel::Buffer;

void zmachine(Buffer story, Buffer output, std::uint32_t story_bytes, std::uint32_t instructions,
              std::uint32_t seed, std::uint32_t strict) {
    namespace zm = tilewright::zmachine;
    namespace kernel = tilewright::kernel;
    zm::Machine& m = *kernel::l1<zm::Machine>(kernel::l1_user_base);
    if (m.control.status == zm::Status::fresh) {
        // A story that is too long is refused below, unread.
        if (story_bytes <= zm::max_story_bytes) story.read(0, m.memory, story_bytes);
        kernel::noc_async_read_barrier();
        zm::open_story(m, story_bytes, seed, strict != 0);
    }
    zm::run_batch(m, instructions);
    output.write(0, &m.output, sizeof m.output.length + m.output.length);
    kernel::noc_async_write_barrier();
}

}  // namespace

TILEWRIGHT_KERNEL(zmachine)
