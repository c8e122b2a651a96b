// Small pieces of what users do, one of each kind, the same in every run: for counting the
// instructions that they take of the host (benchmarks/compare.py) and for timing them.
//
//     cmake --build build/release --target workloads && build/release/bin/workloads scale_add
//
// Without a name it lists them. What is printed at the end is simulated, and so a check.
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tilewright/graph/program.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"
#include "zmachine/protocol.hpp"

namespace {

using namespace tilewright;

/// Cycles of the chip, or whatever else shows that the work was done.
using Work = std::function<std::uint64_t()>;

std::vector<std::byte> numbers(std::size_t count) {
    std::vector<float> values(count);
    std::mt19937 random(1);
    for (float& value : values) value = static_cast<float>(random() % 3) - 1;
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

/// Devices opened and closed.
std::uint64_t opening() {
    std::uint64_t tiles = 0;
    for (int i = 0; i < 100; ++i) tiles += Device("blackhole").config().tile_count();
    return tiles;
}

/// A million numbers, scaled and added on 64 tiles.
std::uint64_t scale_add() {
    constexpr std::uint16_t side = 8;
    constexpr std::uint32_t count = 1u << 20, part = count / (side * side);
    Device device("blackhole");
    const Buffer x = device.allocate(std::uint64_t{4} * count);
    const Buffer y = device.allocate(std::uint64_t{4} * count);
    x.write(numbers(count));
    y.write(numbers(count));
    const Kernel kernel = Kernel::builtin("scale_add");
    std::vector<Launch> launches;
    for (std::uint16_t row = 0; row < side; ++row) {
        for (std::uint16_t column = 0; column < side; ++column) {
            const std::int64_t first = std::int64_t{row * side + column} * part;
            launches.push_back(
                {.kernel = kernel,
                 .cores = {{{column, row}, 0}},
                 .arguments = {x, y, std::int64_t{2}, std::int64_t{0}, first, std::int64_t{part}}});
        }
    }
    return device.run(launches).cycles;
}

/// Thirty commands of the story that ships.
std::uint64_t story() {
    constexpr std::uint32_t area = 0x20000;  // firmware/abi.hpp: l1_user_base
    std::ifstream file(TILEWRIGHT_STORY, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) throw std::runtime_error("cannot read " TILEWRIGHT_STORY);
    Device device("blackhole");
    const Buffer game = device.allocate(text.size());
    game.write(std::as_bytes(std::span(text)));
    const Buffer output = device.allocate(4 + zmachine::output_bytes);
    const Kernel kernel = Kernel::builtin("zmachine");
    const auto batch = [&](std::uint32_t instructions) {
        device.run(kernel, {{}},
                   {game, output, static_cast<std::int64_t>(text.size()),
                    std::int64_t{instructions}, std::int64_t{12}, std::int64_t{0}});
    };
    batch(0);
    batch(zmachine::run_to_prompt);
    const std::string command = "look";
    for (int i = 0; i < 30; ++i) {
        device.write_l1({}, area + offsetof(zmachine::Machine, input),
                        std::as_bytes(std::span(command)));
        const std::uint32_t ready[] = {1, static_cast<std::uint32_t>(command.size())};
        device.write_l1({}, area + offsetof(zmachine::Control, input_ready),
                        std::as_bytes(std::span(ready)));
        batch(zmachine::run_to_prompt);
    }
    return static_cast<std::uint64_t>(device.cycle());
}

/// A random graph of ten thousand tasks that do nothing.
std::uint64_t graph() {
    constexpr std::uint32_t count = 10'000;
    std::mt19937 random(1);
    Graph tasks(Dependencies::edges);
    const std::vector<std::uint64_t> arguments(4);  // of `add`, with nothing to add
    for (TaskId t = 0; t < count; ++t) tasks.add(0, arguments);
    for (TaskId t = 1; t < count; ++t) {
        for (std::uint32_t e = 1 + random() % 3; e-- > 0;) {
            tasks.add_edge(t - 1 - random() % std::min<std::uint32_t>(t, 200), t);
        }
    }
    Device device("ascend");
    GraphProgram program(device, tasks);
    return program.run().cycles;
}

std::uint64_t matmul(const char* preset, std::uint64_t side, const MatmulOptions& options,
                     const Placement& placement) {
    Device device(preset);
    const std::uint64_t bytes = 4 * side * side;
    const Buffer a = device.allocate(bytes, placement), b = device.allocate(bytes, placement),
                 c = device.allocate(bytes, placement);
    a.write(numbers(side * side));
    b.write(numbers(side * side));
    return device.matmul(a, b, c, {side, side, side}, options).cycles;
}

/// 512 x 512 x 512 in float32 on systolic arrays.
std::uint64_t arrays() {
    return matmul("kpu", 512, {}, {});
}

/// 256 x 256 x 256 on compute engines.
std::uint64_t engines() {
    return matmul("blackhole", 256, {.fidelity_phases = 2}, Placement::interleaved(4096));
}

const std::map<std::string, Work> all = {{"arrays", arrays}, {"engines", engines},
                                         {"graph", graph},   {"opening", opening},
                                         {"story", story},   {"scale_add", scale_add}};

}  // namespace

int main(int argc, char** argv) {
    const auto chosen = argc == 2 ? all.find(argv[1]) : all.end();
    if (chosen == all.end()) {
        for (const auto& [name, work] : all) std::puts(name.c_str());
        return argc == 1 ? 0 : 2;
    }
    std::printf("%s: %llu\n", chosen->first.c_str(),
                static_cast<unsigned long long>(chosen->second()));
    return 0;
}
