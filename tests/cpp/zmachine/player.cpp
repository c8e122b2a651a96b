// The one place where the tests compile the interpreter; see player.hpp.
#include "player.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include "zmachine/interpreter.hpp"

namespace tilewright::zmachine::test {

std::unique_ptr<Machine> open(std::span<const std::uint8_t> story, std::uint32_t seed) {
    auto m = std::make_unique<Machine>();
    std::copy_n(story.begin(), std::min<std::size_t>(story.size(), max_story_bytes), m->memory);
    open_story(*m, static_cast<std::uint32_t>(story.size()), seed);
    return m;
}

std::string run(Machine& m, std::uint32_t instructions) {
    run_batch(m, instructions);
    return {reinterpret_cast<const char*>(m.output.bytes), m.output.length};
}

std::string run_to_prompt(Machine& m) {
    std::string text = run(m, zmachine::run_to_prompt);
    while (m.control.status == Status::output_full) text += run(m, zmachine::run_to_prompt);
    return text;
}

void type(Machine& m, std::string_view line) {
    line = line.substr(0, max_input);
    std::copy(line.begin(), line.end(), m.input);
    m.control.input_length = static_cast<std::uint32_t>(line.size());
    m.control.input_ready = 1;
}

Played play(std::span<const std::uint8_t> story, const std::vector<std::string>& lines) {
    const auto m = open(story);
    std::string text = run_to_prompt(*m);
    for (const std::string& line : lines) {
        if (m->control.status != Status::waiting_for_line) break;
        type(*m, line);
        text += run_to_prompt(*m);
    }
    return {text, m->control.status};
}

std::optional<std::string> play_dfrotz(const std::filesystem::path& story,
                                       const std::vector<std::string>& lines) {
    namespace fs = std::filesystem;
    const char* program = fs::exists("/usr/games/dfrotz") ? "/usr/games/dfrotz" : "dfrotz";
    if (std::system(("command -v " + std::string(program) + " >/dev/null 2>&1").c_str()) != 0) {
        return std::nullopt;
    }
    const fs::path folder =
        fs::temp_directory_path() / ("tilewright-dfrotz-" + std::to_string(std::random_device{}()));
    fs::create_directory(folder);
    {
        std::ofstream input(folder / "input");
        for (const std::string& line : lines) input << line << '\n';
    }
    const std::string command = "cd '" + folder.string() + "' && " + program +
                                " -m -q -s 12 -w 80 '" + fs::absolute(story).string() +
                                "' < input > output 2> errors";
    // Its exit code says nothing: it also fails when the input ends before the story does.
    [[maybe_unused]] const int code = std::system(command.c_str());
    const Bytes output = read_file(folder / "output");
    fs::remove_all(folder);
    return std::string(output.begin(), output.end());
}

std::string without_white_space(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view(" \n\r\t").find(c) == std::string_view::npos) result += c;
    }
    return result;
}

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open " + path.string());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::optional<std::filesystem::path> published_story(std::string_view name) {
    const char* folder = std::getenv("TILEWRIGHT_STORIES");
    if (folder == nullptr) return std::nullopt;
    const auto path = std::filesystem::path(folder) / name;
    return std::filesystem::exists(path) ? std::optional(path) : std::nullopt;
}

std::filesystem::path source_folder() {
    return TILEWRIGHT_SOURCE_DIR;
}

std::filesystem::path own_story() {
    return source_folder() / "python/tilewright/stories/darksilicon.z3";
}

}  // namespace tilewright::zmachine::test
