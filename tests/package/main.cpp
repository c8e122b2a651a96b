// Runs a shipped kernel through the installed library, which must find its kernels by itself.
#include <array>
#include <iostream>
#include <string_view>
#include <tilewright/runtime/device.hpp>

int main() {
    tilewright::Device device("tiny");
    const tilewright::Buffer line = device.allocate(128);
    const auto run = device.run(tilewright::Kernel::builtin("message"), {{{1, 0}, 0}},
                                {line, std::int64_t{0}, std::int64_t{7}});
    std::array<char, 128> text{};
    line.read(std::as_writable_bytes(std::span(text)));
    std::cout << text.data() << ", " << run.cycles << " cycles\n";
    return std::string_view(text.data()).ends_with("tile (1, 0), batch 7") ? 0 : 1;
}
