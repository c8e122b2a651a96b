// Gives the files of folders to the function of a fuzzer, without one: what was found once stays
// mended. It ends badly where the fuzzer would, with the name of the file.
//
//     config_fuzz_corpus FOLDER...
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "entry.hpp"

namespace {

std::size_t run_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const auto& path : files) {
        std::printf("%s\n", path.filename().c_str());
        std::fflush(stdout);  // which one it was, should it end here
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    return files.size();
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t files = 0;
    try {
        for (int i = 1; i < argc; ++i) files += run_folder(argv[i]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    if (files != 0) return 0;
    std::fprintf(stderr, "usage: %s FOLDER..., with files in them\n", argv[0]);
    return 2;
}
