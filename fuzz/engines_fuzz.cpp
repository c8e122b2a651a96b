// libFuzzer target: any bytes at all as commands for engines, with any flags around them, and as
// copies in a queue. Each is refused by name or done; a device that goes on from a snapshot taken
// on the way ends in the same cycle, with the same memory.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

#include "draws.hpp"
#include "entry.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace {

using namespace tilewright;

constexpr std::uint64_t cycle_limit = 300'000;

// Mostly in some memory, or near its end.
GlobalAddress address(Draws& bytes, const Device& device) {
    if (bytes.between(0, 15) == 0) {
        return GlobalAddress{bytes.number<std::uint64_t>()};
    }
    const auto kind = static_cast<MemoryKind>(bytes.between<int>(0, 7));
    const AddressMap::Window& window = device.map().window(kind);
    const auto index = bytes.between<std::uint64_t>(0, window.count);
    const auto offset = bytes.number<std::uint16_t>();
    return GlobalAddress{window.base + index * window.bytes + offset - (bytes.flag() ? 65536 : 0)};
}

std::uint32_t size(Draws& bytes) {
    return bytes.between(0, 15) == 0 ? bytes.number<std::uint32_t>() : bytes.number<std::uint8_t>();
}

template <class Enum>
Enum any(Draws& bytes, int most) {
    return static_cast<Enum>(bytes.between<int>(0, most + 1));
}

Work work(Draws& bytes, const Device& device) {
    const GlobalAddress a = address(bytes, device), b = address(bytes, device);
    switch (bytes.between(0, 3)) {
        case 0:
            return DmaCopy{a, b, size(bytes), size(bytes), size(bytes), size(bytes)};
        case 1:
            return BlockMove{a,           b,           size(bytes),
                             size(bytes), size(bytes), any<Transform>(bytes, 3),
                             size(bytes), size(bytes), size(bytes)};
        case 2:
            return StreamMove{a,
                              b,
                              size(bytes),
                              size(bytes),
                              size(bytes),
                              any<StreamMove::Order>(bytes, 1),
                              any<StreamMove::Direction>(bytes, 1),
                              size(bytes)};
        default:
            return ArrayMatmul{.a = a,
                               .b = b,
                               .result = address(bytes, device),
                               .sums = address(bytes, device),
                               .bias = address(bytes, device),
                               .m = size(bytes),
                               .n = size(bytes),
                               .k = size(bytes),
                               .a_stride = size(bytes),
                               .b_stride = size(bytes),
                               .result_stride = size(bytes),
                               .sums_stride = size(bytes),
                               .type = any<DataType>(bytes, 4),
                               .out = any<DataType>(bytes, 4),
                               .dataflow = any<Dataflow>(bytes, 2),
                               .activation = any<Activation>(bytes, 5),
                               .accumulate = bytes.flag(),
                               .has_bias = bytes.flag()};
    }
}

std::uint32_t flag(Draws& bytes) {
    const std::uint32_t number = bytes.between<std::uint32_t>(0, 5);
    return number < 4 ? number : number == 4 ? EngineCommand::no_flag : 5000;
}

void submit(Draws& bytes, Device& device) {
    const EngineId engine{any<EngineKind>(bytes, 3), bytes.between<std::uint32_t>(0, 9)};
    EngineCommand command{.work = work(bytes, device)};
    if (bytes.flag()) {
        command.wait_flag = flag(bytes);
        command.wait_value = bytes.between<std::uint32_t>(0, 2);
    }
    if (bytes.flag()) command.done_flag = flag(bytes);
    device.submit(engine, command);
}

Placement placement(Draws& bytes) {
    const auto number = bytes.between<std::uint32_t>(0, 2);
    switch (bytes.between(0, 4)) {
        case 0:
            return Placement::interleaved(64 * (1 + bytes.between(0u, 63u)));
        case 1:
            return Placement::in_bank(number);
        case 2:
            return Placement::in_all_l1(16 * (1 + bytes.between(0u, 63u)));
        case 3:
            return Placement::in_l1({});
        default:
            return Placement::in_memory(any<MemoryKind>(bytes, 7), number);
    }
}

void copy(Draws& bytes, Device& device, Queue& queue) {
    const auto any_size = [&] { return bytes.number<std::uint16_t>(); };
    const Buffer from = device.allocate(any_size(), placement(bytes));
    const Buffer to = device.allocate(any_size(), placement(bytes));
    queue.copy(to, bytes.flag() ? from : to, any_size(), any_size(), any_size());
}

// What the commands could reach, but for what lies far from the beginnings of memories.
std::vector<std::byte> contents(const Device& device) {
    std::vector<std::byte> all;
    for (std::uint32_t kind = 0; kind < memory_kind_count; ++kind) {
        const AddressMap::Window& window = device.map().window(static_cast<MemoryKind>(kind));
        for (std::uint64_t i = 0; i < window.count; ++i) {
            const std::size_t before = all.size();
            all.resize(before + std::min<std::uint64_t>(window.bytes, 1 << 17));
            device.read(GlobalAddress{window.base + i * window.bytes},
                        std::span(all).subspan(before));
        }
    }
    return all;
}

// The cycle in which all is done; nothing if it cannot be.
std::optional<Cycle> finish(Device& device) {
    try {
        for (Queue& queue : device.queues())
            queue.finish({.cycle_limit = cycle_limit, .stop_requested = {}});
        device.finish({.cycle_limit = cycle_limit, .stop_requested = {}});
        return device.cycle();
    } catch (const DeadlockError&) {
    } catch (const CycleLimitError&) {
    }
    return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
    Draws bytes(data, count);
    Device device("kpu");
    Queue queue = device.queue();
    for (std::uint32_t i = 0; i < 4; ++i) device.flag();
    for (int commands = 0; commands < 12 && bytes.left() > 0; ++commands) {
        try {
            bytes.between(0, 3) == 0 ? copy(bytes, device, queue) : submit(bytes, device);
        } catch (const AddressError&) {
        } catch (const ArgumentError&) {
        } catch (const OutOfMemoryError&) {
        } catch (const UnsupportedError&) {
            // What commands that are not in order must end in.
        }
    }
    try {
        device.advance_to(Cycle{bytes.between<std::uint64_t>(0, 2000)});
    } catch (const DeadlockError&) {
        return 0;
    }
    Device other("kpu");
    other.restore(device.snapshot());
    if (finish(device) != finish(other)) std::abort();
    if (contents(device) != contents(other)) std::abort();
    return 0;
}
