// A story plays on a device that stays open: a thousand batches of a hundred Z-machine
// instructions, with all of the game in one DRAM buffer. Then the beginning is played again with a
// device that is opened and closed for each batch, and what persistence gains is told.
//
//     zork_on_blackhole STORY [--batches N] [--instructions N] [--reopened N] [--seed N]
//         [--input LINE]...
//
// Without a story: zork1.z3 of the folder that TILEWRIGHT_STORIES names. Lines are typed one after
// another, and from the first one on again: those given, or a walk around Zork's white house.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <tilewright/runtime/device.hpp>
#include <tilewright/zmachine/protocol.hpp>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>
#include <vector>

#include "kernels/zork_buffer.hpp"

using namespace tt::tt_metal;
namespace zm = tilewright::zmachine;

namespace {

constexpr int skipped = 77;

struct Options {
    std::string story;
    std::uint32_t batches = 1000;
    std::uint32_t instructions = 100;
    std::uint32_t reopened = 100;
    std::uint32_t seed = 1;  // of the random numbers
    std::vector<std::string> lines;
};

struct Cost {
    std::uint32_t batches = 0;
    double seconds = 0;
    std::uint64_t cycles = 0;
};

/// A device with the game's buffer on it, and the program that plays a batch.
class Table {
public:
    Table(const std::vector<char>& story, const Options& options)
        : mesh_(distributed::MeshDevice::create_unit_mesh(0)),
          buffer_(distributed::MeshBuffer::create(
              distributed::ReplicatedBufferConfig{.size = zork::pages * zork::page_bytes},
              distributed::DeviceLocalBufferConfig{.page_size = zork::page_bytes,
                                                   .buffer_type = BufferType::DRAM},
              mesh_.get())) {
        const std::string family = std::to_string(std::clamp<int>(story.front(), 3, 5));
        Program program = CreateProgram();
        constexpr CoreCoord core = {0, 0};
        CreateCircularBuffer(program, core,
                             CircularBufferConfig(sizeof(zm::Machine), {{0, tt::DataFormat::UInt8}})
                                 .set_page_size(0, sizeof(zm::Machine)));
        const KernelHandle kernel =
            CreateKernel(program, "kernels/zork.cpp", core,
                         DataMovementConfig{.defines = {{"STORY_FAMILY", family}}});
        SetRuntimeArgs(
            program, kernel, core,
            {static_cast<std::uint32_t>(buffer_->address()),
             static_cast<std::uint32_t>(story.size()), options.instructions, options.seed});
        workload_.add_program(distributed::MeshCoordinateRange(mesh_->shape()), std::move(program));
    }

    /// The first bytes of the buffer, as many as the vector has.
    void write(const std::vector<std::byte>& game) {
        distributed::EnqueueWriteMeshBuffer(queue(), buffer_, game, false);
    }
    void run() { distributed::EnqueueMeshWorkload(queue(), workload_, false); }
    /// Likewise, in whole pages.
    void read(std::vector<std::byte>& game) {
        queue().enqueue_read_shards({{.shard_coord = distributed::MeshCoordinate(0, 0),
                                      .host_data = game.data(),
                                      .region = BufferRegion(0, game.size())}},
                                    buffer_, true);
    }
    std::uint64_t cycle() const { return tilewright::count(mesh_->native().cycle()); }
    void close() { mesh_->close(); }

private:
    distributed::MeshCommandQueue& queue() { return mesh_->mesh_command_queue(); }

    std::shared_ptr<distributed::MeshDevice> mesh_;
    std::shared_ptr<distributed::MeshBuffer> buffer_;
    distributed::MeshWorkload workload_;
};

/// What the host knows of a game: the beginning of its buffer.
class Player {
public:
    explicit Player(const std::vector<std::string>& lines) : lines_(lines) {}

    /// Takes the text of the last batch, and types a line or refuses to save if that is asked for.
    /// True if the front of the buffer has changed and must be written before the next batch.
    bool answer(std::vector<std::byte>& game) {
        zm::Control control;
        std::memcpy(&control, game.data(), sizeof control);
        std::uint32_t length = 0;
        std::memcpy(&length, game.data() + zork::text_at, sizeof length);
        text += std::string(reinterpret_cast<const char*>(game.data()) + zork::text_at + 4, length);
        instructions = control.instructions;
        switch (control.status) {
            case zm::Status::finished:
                is_over = true;
                return false;
            case zm::Status::error:
                throw std::runtime_error(fmt::format("the story failed at {:#x} (error {})",
                                                     control.error_pc,
                                                     static_cast<unsigned>(control.error)));
            case zm::Status::saving:
            case zm::Status::restoring:
                control.answer = 0;
                break;
            case zm::Status::waiting_for_line:
            case zm::Status::waiting_for_key:
                type(control, game);
                break;
            default:
                return false;
        }
        std::memcpy(game.data(), &control, sizeof control);
        return true;
    }

    std::string text;
    std::uint64_t instructions = 0;
    bool is_over = false;

private:
    void type(zm::Control& control, std::vector<std::byte>& game) {
        const bool key = control.status == zm::Status::waiting_for_key;
        const std::string line = key ? "\n" : lines_[typed_++ % lines_.size()];
        std::memcpy(game.data() + offsetof(zm::Machine, input), line.data(), line.size());
        if (!key) text += line + "\n";
        control.input_ready = 1;
        control.input_length = static_cast<std::uint32_t>(line.size());
        control.terminator = 13;
    }

    const std::vector<std::string>& lines_;
    std::size_t typed_ = 0;
};

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::vector<std::byte> fresh_game(const std::vector<char>& story) {
    std::vector<std::byte> game(zork::pages * zork::page_bytes);
    std::memcpy(game.data() + zork::place_of(offsetof(zm::Machine, memory)), story.data(),
                story.size());
    return game;
}

/// One device for all batches: the host reads the buffer's first page, and writes it back when it
/// has typed something.
Cost play_kept_open(const Options& options, const std::vector<char>& story, Player& player) {
    const double start = now();
    Table table(story, options);
    table.write(fresh_game(story));
    std::vector<std::byte> front(zork::page_bytes);
    Cost cost;
    while (cost.batches < options.batches && !player.is_over) {
        table.run();
        table.read(front);
        ++cost.batches;
        if (player.answer(front)) table.write(front);
    }
    cost.cycles = table.cycle();
    table.close();
    cost.seconds = now() - start;
    return cost;
}

/// A device for each batch, to which all of the game goes and from which it comes back.
Cost play_reopened(const Options& options, const std::vector<char>& story, Player& player) {
    const double start = now();
    std::vector<std::byte> game = fresh_game(story);
    Cost cost;
    while (cost.batches < options.reopened && !player.is_over) {
        Table table(story, options);
        table.write(game);
        table.run();
        table.read(game);
        ++cost.batches;
        cost.cycles += table.cycle();
        table.close();
        player.answer(game);
    }
    cost.seconds = now() - start;
    return cost;
}

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (!word.starts_with("--")) {
            options.story = word;
            continue;
        }
        if (++i == count) throw std::runtime_error(word + ": expected a value");
        const auto number = [&] { return static_cast<std::uint32_t>(std::stoul(words[i])); };
        if (word == "--batches") {
            options.batches = number();
        } else if (word == "--instructions") {
            options.instructions = number();
        } else if (word == "--reopened") {
            options.reopened = number();
        } else if (word == "--seed") {
            options.seed = number();
        } else if (word == "--input") {
            options.lines.emplace_back(words[i], strnlen(words[i], zm::max_input));
        } else {
            throw std::runtime_error("there is no option " + word);
        }
    }
    if (options.lines.empty()) {
        options.lines = {"look", "north", "east", "south", "west", "wait", "inventory"};
    }
    const char* stories = std::getenv("TILEWRIGHT_STORIES");
    if (options.story.empty() && stories != nullptr) {
        options.story = std::string(stories) + "/zork1.z3";
    }
    return options;
}

std::vector<char> read_story(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::vector<char> story{std::istreambuf_iterator<char>(file), {}};
    if (story.empty() || story.size() > zm::max_story_bytes) {
        throw std::runtime_error(fmt::format("{}: {} bytes; expected a story of 1 to {}", path,
                                             story.size(), zm::max_story_bytes));
    }
    return story;
}

void tell(const char* how, const Cost& cost) {
    fmt::print("{:9} {:5} batches, each {:8.3f} ms of host time and {:8} cycles\n", how,
               cost.batches, 1e3 * cost.seconds / cost.batches, cost.cycles / cost.batches);
}

int play(const Options& options) {
    const std::vector<char> story = read_story(options.story);
    // Compiles the kernel, which is kept on disk from then on: no part of the comparison.
    Player nobody(options.lines);
    play_kept_open({.batches = 1, .instructions = 1}, story, nobody);

    Player kept(options.lines);
    const Cost open = play_kept_open(options, story, kept);
    fmt::print("{}\n=== persistence ===\n", kept.text);
    fmt::print("{} Z-machine instructions in batches of at most {}\n", kept.instructions,
               options.instructions);
    tell("kept open", open);
    if (options.reopened == 0) return 0;

    Player again(options.lines);
    const Cost reopened = play_reopened(options, story, again);
    tell("reopened", reopened);
    fmt::print("kept open, a batch takes {:.3f} of the host time and {:.3f} of the cycles\n",
               open.seconds / open.batches / (reopened.seconds / reopened.batches),
               static_cast<double>(open.cycles) / open.batches /
                   (static_cast<double>(reopened.cycles) / reopened.batches));
    if (kept.text.starts_with(again.text)) return 0;
    fmt::print("reopened, the story told something else:\n{}\n", again.text);
    return 1;
}

}  // namespace

int main(int count, char** words) {
    try {
        const Options options = parse(count, words);
        if (options.story.empty()) {
            fmt::print("no story: name one, or set TILEWRIGHT_STORIES to a folder with zork1.z3\n");
            return skipped;
        }
        return play(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "zork_on_blackhole: {}\n", error.what());
        return 1;
    }
}
