// The interpreter compiled for the host, and what the tests do with it: open a story, type, read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zmachine/protocol.hpp"

namespace tilewright::zmachine::test {

using Bytes = std::vector<std::uint8_t>;

/// A machine on the heap, all zeros but for the story, opened.
std::unique_ptr<Machine> open(std::span<const std::uint8_t> story, std::uint32_t seed = 12);

/// One batch; gives what it printed.
std::string run(Machine& m, std::uint32_t instructions);

/// Batches to the next prompt or end, however often the output buffer fills.
std::string run_to_prompt(Machine& m);

void type(Machine& m, std::string_view line);

/// All that a story printed, and how it stood then.
struct Played {
    std::string text;
    Status status;
};

/// Opens a story and types the lines while it asks for some.
Played play(std::span<const std::uint8_t> story, const std::vector<std::string>& lines);

/// What Frotz prints for the same lines with the same seed; nothing if it is not installed.
std::optional<std::string> play_dfrotz(const std::filesystem::path& story,
                                       const std::vector<std::string>& lines);

std::string without_white_space(std::string_view text);

Bytes read_file(const std::filesystem::path& path);
std::vector<std::string> read_lines(const std::filesystem::path& path);

/// A story of the folder that $TILEWRIGHT_STORIES names; nothing if there is none.
std::optional<std::filesystem::path> published_story(std::string_view name);

/// The story that ships with the package, and what belongs to it.
std::filesystem::path own_story();
std::filesystem::path source_folder();

}  // namespace tilewright::zmachine::test
