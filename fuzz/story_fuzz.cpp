// libFuzzer target: any bytes at all as a story, and lines typed at it. The interpreter refuses it
// or plays, and changes nothing but what a story may change.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "draws.hpp"
#include "entry.hpp"
#include "zmachine/intact.hpp"
#include "zmachine/interpreter.hpp"
#include "zmachine/tiny_story.hpp"

namespace {

using namespace tilewright::zmachine;

void type(Machine& m, std::string_view line) {
    std::copy(line.begin(), line.end(), m.input);
    m.control.input_length = static_cast<std::uint32_t>(line.size());
    m.control.input_ready = 1;
}

// A story as it is, or code for a small one whose tables lie where they can, with some of its bytes
// changed.
std::vector<std::uint8_t> story(Draws& draws) {
    if (!draws.flag()) {
        const auto rest = draws.rest();
        return {rest.begin(), rest.end()};
    }
    const auto version = draws.number<std::uint8_t>();
    std::vector<std::uint8_t> result = test::tiny_story({}, version);
    for (int changes = draws.between(0, 15); changes > 0; --changes) {
        result[draws.between<std::uint32_t>(0, test::tiny_code - 1)] = draws.number<std::uint8_t>();
    }
    const auto code = draws.rest();
    const std::size_t most = test::tiny_bytes - test::tiny_code;
    std::copy_n(code.begin(), std::min(code.size(), most), result.begin() + test::tiny_code);
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Draws draws(data, size);
    const std::vector<std::uint8_t> bytes = story(draws);
    const auto machine = std::make_unique<Machine>();
    Machine& m = *machine;
    std::copy_n(bytes.begin(), std::min<std::size_t>(bytes.size(), max_story_bytes), m.memory);
    open_story(m, static_cast<std::uint32_t>(bytes.size()), 12);
    const auto fresh = std::make_unique<Machine>(m);
    for (const std::string_view line : {"open locker", "take all", "look", ""}) {
        run_batch(m, 3'000);
        if (m.control.status == Status::error || m.control.status == Status::finished) break;
        m.control.time_passed = static_cast<std::uint32_t>(line.size());
        m.control.answer = m.control.time_passed % 3;
        type(m, line);
    }
    if (!test::damage(m, *fresh).empty()) std::abort();
    return 0;
}
