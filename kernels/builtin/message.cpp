// Writes a line of text into L1 and copies it to a buffer in DRAM over the network.
//
// Arguments: the buffer, which text, and the number of the batch that the text tells. The line ends
// with a zero byte; what it does not fill of the buffer stays as it was.
#include <array>
#include <cstdint>

#include "tilewright/kernel.hpp"

using namespace tilewright::kernel;

namespace {

constexpr std::array texts{"Hello from a RISC-V core", "Still the same core, still open",
                           "The chip keeps its state between runs"};

char* append(char* end, const char* text) {
    while (*text != '\0') *end++ = *text++;
    return end;
}

char* append(char* end, std::uint32_t number) {
    if (number >= 10) end = append(end, number / 10);
    *end++ = static_cast<char>('0' + number % 10);
    return end;
}

void message(Buffer destination, std::uint32_t text, std::uint32_t batch) {
    check(text < texts.size(), "message: no text of that number");
    char* const line = l1<char>(l1_user_base);
    char* end = append(line, texts[text]);
    end = append(append(end, ", tile ("), tile_x());
    end = append(append(end, ", "), tile_y());
    end = append(append(end, "), batch "), batch);
    *end++ = '\0';
    destination.write(0, line, static_cast<std::uint32_t>(end - line));
    noc_async_write_barrier();
}

}  // namespace

TILEWRIGHT_KERNEL(message)
