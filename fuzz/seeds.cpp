// Work under way on a small device, of all that a snapshot can hold.
#include "seeds.hpp"

#include "tilewright/engine/command.hpp"
#include "tilewright/runtime/kernel.hpp"
#include "tilewright/runtime/queue.hpp"

using namespace tilewright;

namespace {

Argument number(std::int64_t value) {
    return value;
}

// A ring of all tiles, and queues that wait for each other.
void start_kernels(Device& device) {
    const ChipConfig& chip = device.config();
    const std::uint32_t tiles = chip.tile_count();
    const Semaphore token = device.semaphore();
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    const std::vector<std::byte> bytes(4096, std::byte{7});
    Queue copies = device.queue(), work = device.queue();
    copies.write(data, bytes);
    work.wait(copies.record());
    std::vector<Launch> ring;
    for (std::uint32_t t = 0; t < tiles; ++t) {
        const TileId next = chip.tile_id((t + 1) % tiles);
        ring.push_back({Kernel::builtin("ring"),
                        {CoreId{chip.tile_id(t), 0}},
                        {token, number(next.x), number(next.y), number(t == 0), number(50)}});
    }
    work.run(ring);
}

// A product on an array that waits for both of its operands: one comes in by DMA, one through a
// block mover, which waits in turn; and a queue that copies a buffer beside them.
void start_engines(Device& device) {
    constexpr std::uint32_t n = 24, bytes = 4 * n * n;
    const AddressMap& map = device.map();
    const GlobalAddress source = map.address(MemoryKind::dram, 0);
    const GlobalAddress middle = map.address(MemoryKind::l3, 0);
    const GlobalAddress a = map.address(MemoryKind::scratchpad, 0);
    const GlobalAddress b = map.address(MemoryKind::scratchpad, 0, bytes);
    const GlobalAddress product = map.address(MemoryKind::scratchpad, 0, 2 * bytes);
    const GlobalAddress turned = map.address(MemoryKind::l2, 0);
    const std::uint32_t there = device.flag();
    device.write(source, std::vector<std::byte>(bytes, std::byte{7}));
    const auto copy = [&](std::uint32_t engine, GlobalAddress to) {
        const DmaCopy work{.source = source, .destination = to, .bytes = bytes};
        device.submit({EngineKind::dma, engine}, {.work = work, .done_flag = there});
    };
    copy(0, a);
    copy(1, b);
    copy(1, middle);
    BlockMove move{.source = middle, .destination = turned, .height = n, .width = n};
    move.transform = Transform::transpose;
    device.submit({EngineKind::block_mover, 0},
                  {.work = move, .wait_flag = there, .wait_value = 3});
    const ArrayMatmul work{.a = a, .b = b, .result = product, .m = n, .n = n, .k = n};
    device.submit({EngineKind::systolic_array, 0},
                  {.work = work, .wait_flag = there, .wait_value = 2});
    Placement top = Placement::interleaved();
    top.from_top = true;
    device.queue().copy(device.allocate(20000, top), device.allocate(20000, top));
}

bool has_engines(const Device& device) {
    return device.config().systolic_array_count > 0;
}

}  // namespace

void start_work(Device& device) {
    has_engines(device) ? start_engines(device) : start_kernels(device);
}

std::vector<Snapshot> snapshots(std::string_view preset) {
    Device device(preset);
    std::vector<Snapshot> result = {device.snapshot()};
    const bool engines = has_engines(device);
    start_work(device);
    result.push_back(device.snapshot());
    for (int i = 0; i < 3; ++i) {
        device.advance_to(device.cycle() + (engines ? 90 : 400));
        result.push_back(device.snapshot());
    }
    return result;
}
