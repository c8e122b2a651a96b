// tilewright-cc: compiles kernels ahead of time, in the same way as the library does at run time.
#include <getopt.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/compiler.hpp"

namespace {

namespace fs = std::filesystem;

constexpr char help[] =
    "usage: tilewright-cc SOURCE... -o OUT.elf [options]\n"
    "\n"
    "Compiles C++ sources into one kernel for the cores of a Tilewright chip.\n"
    "\n"
    "  -o, --output FILE      where the executable goes\n"
    "  -D NAME[=VALUE]        define a macro\n"
    "  -I FOLDER              look for headers there\n"
    "  -O LEVEL               optimise: 0, 1, 2 (default), 3, s, z\n"
    "  -X, --flag FLAG        hand a flag to the compiler as it is\n"
    "      --isa ISA          instruction set (default rv32im_zicsr_zaamo_zalrsc_zawrs_zba_zbb)\n"
    "      --vector-values    values of sfpi: for the core that computes on a compute engine\n"
    "      --toolchain FILE   the zig or clang++ to use (default: the first one found)\n"
    "      --device-dir DIR   the folder share/tilewright (default: that of this installation)\n"
    "  -h, --help             show this text\n"
    "\n"
    "example: tilewright-cc scale.cpp -o scale.elf -D FACTOR=3\n";

struct Arguments {
    std::vector<fs::path> sources;
    fs::path output;
    fs::path device_dir;
    tilewright::CompileOptions options;
};

/// The parsed command line; exits after --help and after a mistake.
Arguments parse(int argc, char** argv) {
    enum { isa = 256, vector_values, toolchain, device_dir };
    const option long_options[] = {{"output", required_argument, nullptr, 'o'},
                                   {"flag", required_argument, nullptr, 'X'},
                                   {"isa", required_argument, nullptr, isa},
                                   {"vector-values", no_argument, nullptr, vector_values},
                                   {"toolchain", required_argument, nullptr, toolchain},
                                   {"device-dir", required_argument, nullptr, device_dir},
                                   {"help", no_argument, nullptr, 'h'},
                                   {nullptr, 0, nullptr, 0}};
    Arguments result;
    result.options.hide_source_folder = true;
    int choice = 0;
    while ((choice = getopt_long(argc, argv, "o:D:I:O:X:h", long_options, nullptr)) != -1) {
        switch (choice) {
            case 'o':
                result.output = optarg;
                break;
            case 'D':
                result.options.defines.emplace_back(optarg);
                break;
            case 'I':
                result.options.include_paths.emplace_back(optarg);
                break;
            case 'O':
                result.options.optimisation = optarg;
                break;
            case 'X':
                result.options.extra_flags.emplace_back(optarg);
                break;
            case isa:
                result.options.isa = optarg;
                break;
            case vector_values:
                result.options.vector_values = true;
                break;
            case toolchain:
                result.options.compiler = optarg;
                break;
            case device_dir:
                result.device_dir = optarg;
                break;
            case 'h':
                std::cout << help;
                std::exit(0);
            default:
                std::cerr << "tilewright-cc --help shows the options\n";
                std::exit(2);
        }
    }
    result.sources.assign(argv + optind, argv + argc);
    if (result.sources.empty() || result.output.empty()) {
        std::cerr << "tilewright-cc: expected at least one SOURCE and -o OUT.elf; --help shows the "
                     "options\n";
        std::exit(2);
    }
    return result;
}

void write(const fs::path& path, const std::vector<std::byte>& bytes) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    stream.close();
    if (!stream) throw tilewright::FileError(path.string() + " cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    try {
        const auto files = arguments.device_dir.empty()
                               ? tilewright::find_device_files()
                               : tilewright::DeviceFiles{arguments.device_dir};
        const tilewright::CompileSetup setup{tilewright::find_toolchain(arguments.options.compiler),
                                             files, tilewright::cache_folder()};
        const auto compiled =
            tilewright::compile_kernel(arguments.sources, arguments.options, setup);
        std::cerr << compiled.output;
        write(arguments.output, compiled.elf);
    } catch (const std::exception& error) {
        std::cerr << "tilewright-cc: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
