// What fuzzers start from, a file each in DIRECTORY/<fuzzer>. Shipped kernels serve for ELF files.
//
//     write_seeds DIRECTORY
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "seeds.hpp"

using namespace tilewright;

namespace {

void write(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

void write_all(const std::filesystem::path& folder) {
    for (const std::string preset : {"tiny", "kpu"}) {
        const std::vector<Snapshot> all = snapshots(preset);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string name = preset + std::to_string(i);
            write(folder / "snapshot_fuzz" / name, all[i].bytes);
            if (preset == "tiny") {
                write(folder / "snapshot_changes_fuzz" / name, changes(all.front(), all[i]).bytes);
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    try {
        write_all(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return 1;
    }
    return 0;
}
