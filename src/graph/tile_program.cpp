#include "tilewright/graph/tile_program.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/graph_layout.hpp"

namespace tilewright {

std::vector<std::uint64_t> program_arguments(std::span<const CoreWords> arguments) {
    graph::ProgramCall call{};  // `program` is filled in when the graph is written to a device
    std::array<bool, graph::max_program_cores> named{};
    std::vector<std::uint32_t> words(sizeof call / 4);
    for (const CoreWords& of_core : arguments) {
        const std::string processor = "processor " + std::to_string(of_core.processor);
        if (of_core.processor >= graph::max_program_cores) {
            throw ArgumentError("arguments of a program: " + processor + "; expected 0 to " +
                                std::to_string(graph::max_program_cores - 1));
        }
        if (std::exchange(named[of_core.processor], true)) {
            throw ArgumentError("arguments of a program: " + processor + " is given twice");
        }
        if (of_core.words.size() > abi::max_argument_words) {
            throw ArgumentError("arguments of a program: " + std::to_string(of_core.words.size()) +
                                " words for " + processor + "; a launch has room for " +
                                std::to_string(abi::max_argument_words));
        }
        call.arguments[of_core.processor] =
            static_cast<std::uint32_t>(words.size() | of_core.words.size() << 16);
        words.insert(words.end(), of_core.words.begin(), of_core.words.end());
    }
    std::memcpy(words.data(), &call, sizeof call);
    words.resize((words.size() + 1) / 2 * 2);
    std::vector<std::uint64_t> result(words.size() / 2);
    std::memcpy(result.data(), words.data(), words.size() * 4);
    return result;
}

}  // namespace tilewright
