// tilewright-translate: translates a kernel that ships to machine code of the host, when the
// package is built (riscv/translation.hpp). Where the compiler makes no shared objects it does
// nothing.
#include <getopt.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "runtime/compile_cache.hpp"
#include "runtime/content_key.hpp"
#include "runtime/translation_files.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/runtime/compiler.hpp"

namespace {

namespace fs = std::filesystem;

constexpr char help[] =
    "usage: tilewright-translate KERNEL.elf --isa ISA -o FOLDER --list FILE [options]\n"
    "\n"
    "Translates a kernel for cores of this instruction set, with the timing that presets have by\n"
    "default, and puts it into FOLDER by its content.\n"
    "\n"
    "  -o, --output FOLDER    where the translation goes\n"
    "      --list FILE        gets its name there; what an older one names is removed\n"
    "      --isa ISA          of the cores that run it\n"
    "      --functions FILE   only these functions, a name a line; # begins a comment\n"
    "      --toolchain FILE   the zig or clang++ to use (default: the first one found)\n"
    "  -h, --help             show this text\n";

struct Arguments {
    fs::path kernel;
    fs::path output;
    fs::path list;
    fs::path functions;
    fs::path toolchain;
    std::string isa = tilewright::default_isa;
};

/// The parsed command line; exits after --help and after a mistake.
Arguments parse(int argc, char** argv) {
    enum { isa = 256, list, functions, toolchain };
    const option long_options[] = {{"output", required_argument, nullptr, 'o'},
                                   {"isa", required_argument, nullptr, isa},
                                   {"list", required_argument, nullptr, list},
                                   {"functions", required_argument, nullptr, functions},
                                   {"toolchain", required_argument, nullptr, toolchain},
                                   {"help", no_argument, nullptr, 'h'},
                                   {nullptr, 0, nullptr, 0}};
    Arguments result;
    int choice = 0;
    while ((choice = getopt_long(argc, argv, "o:h", long_options, nullptr)) != -1) {
        switch (choice) {
            case 'o':
                result.output = optarg;
                break;
            case isa:
                result.isa = optarg;
                break;
            case list:
                result.list = optarg;
                break;
            case functions:
                result.functions = optarg;
                break;
            case toolchain:
                result.toolchain = optarg;
                break;
            case 'h':
                std::cout << help;
                std::exit(0);
            default:
                std::cerr << "tilewright-translate --help shows the options\n";
                std::exit(2);
        }
    }
    if (optind + 1 != argc || result.output.empty() || result.list.empty()) {
        std::cerr << "tilewright-translate: expected KERNEL.elf, -o FOLDER and --list FILE; --help "
                     "shows the options\n";
        std::exit(2);
    }
    result.kernel = argv[optind];
    return result;
}

std::string read(const fs::path& path) {
    auto text = tilewright::read_file(path);
    if (!text) throw tilewright::FileError(path.string() + " cannot be read");
    return *text;
}

std::vector<std::string> lines(const fs::path& path) {
    std::ifstream stream(path);
    std::vector<std::string> result;
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty() && line.front() != '#') result.push_back(line);
    }
    return result;
}

/// Where they begin, in ascending order. A name that the program lacks is an error: the list is
/// then older than the program.
std::vector<std::uint32_t> chosen(const tilewright::riscv::ElfImage& program,
                                  const tilewright::TranslatedProgram& all, const fs::path& list) {
    if (list.empty()) return all.functions;
    std::vector<std::uint32_t> result;
    for (const std::string& name : lines(list)) {
        const auto found =
            std::ranges::find(program.functions, name, &tilewright::riscv::ElfFunction::name);
        if (found == program.functions.end()) {
            throw tilewright::ConfigError(list.string() + ": " + program.name +
                                          " has no function " + name);
        }
        result.push_back(found->address);
    }
    std::ranges::sort(result);
    result.erase(std::ranges::unique(result).begin(), result.end());
    return result;
}

void translate(const Arguments& arguments) {
    const std::string elf = read(arguments.kernel);
    const tilewright::Image image(std::as_bytes(std::span(elf)),
                                  arguments.kernel.filename().string());
    const tilewright::riscv::Code& code = image.code(arguments.isa, {}, false, false);
    const tilewright::TranslatedProgram program(image.program(), code);
    const auto functions = chosen(image.program(), program, arguments.functions);
    const std::string key = program.part_key(0);
    const tilewright::CompileCache output(arguments.output);
    for (const std::string& older : lines(arguments.list)) {
        if (older != key) output.remove(older);
    }
    const auto toolchain = tilewright::find_toolchain(arguments.toolchain);
    std::string made;
    if (!toolchain.host_compile.empty()) {
        // A build after another has most of it in the cache: the key is that of all that matters.
        tilewright::ContentKey all;
        all.add(key).add(toolchain.identity);
        for (const std::uint32_t function : functions) all.add(std::to_string(function));
        const tilewright::CompileCache cache(tilewright::cache_folder());
        auto entry = cache.find(all.digest());
        if (!entry) {
            entry = {{}, {}, *compile_translation(program, functions, key, toolchain)};
            cache.store(all.digest(), *entry);
        }
        output.store(key, *entry);
        made = key + "\n";
    }
    tilewright::write_file_atomically(arguments.list, made);
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    try {
        translate(arguments);
    } catch (const std::exception& error) {
        std::cerr << "tilewright-translate: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
