// tilewright-riscv: runs a bare-metal program on a core without a chip.
#include <getopt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/checksum.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/riscv/standalone.hpp"
#include "tilewright/riscv/translation.hpp"

namespace {

using tilewright::riscv::ElfImage;
using tilewright::riscv::Standalone;
using tilewright::riscv::Translation;

constexpr char help[] =
    "usage: tilewright-riscv PROGRAM.elf [options]\n"
    "\n"
    "Runs a bare-metal RV32 program in machine mode until it writes to its symbol `tohost`.\n"
    "The exit code is 0 if it wrote 1, and half of any other odd number (255 if that is more).\n"
    "2: wrong arguments or files; 3: the limit was reached; 4: a trap found no handler;\n"
    "5: an even number was written, which asks for services that there are none of.\n"
    "\n"
    "      --isa ISA             instruction set (default rv32imafc_zicsr_zifencei_zawrs_zba_zbb)\n"
    "      --trap-misaligned     loads and stores that are not aligned trap (default: they are "
    "done)\n"
    "      --max-instructions N  give up after so many (default: never)\n"
    "      --signature FILE      write the words from begin_signature to end_signature, in hex\n"
    "      --write-c FILE        write the program as C and stop: a clang makes a shared object of "
    "it\n"
    "      --translation FILE    run by such an object: same results, faster\n"
    "      --stats               print instructions, cycles and speed to standard error\n"
    "  -h, --help                show this text\n"
    "\n"
    "example: tilewright-riscv rv32ui-p-add.elf --isa rv32i_zicsr_zifencei\n";

constexpr int bad_arguments = 2;
constexpr int limit_reached = 3;
constexpr int no_handler = 4;
constexpr int no_service = 5;

struct Arguments {
    std::string program;
    std::string isa = "rv32imafc_zicsr_zifencei_zawrs_zba_zbb";
    std::string signature;
    std::string c_file;
    std::string translation;
    std::uint64_t max_instructions = std::numeric_limits<std::uint64_t>::max();
    tilewright::riscv::Misaligned misaligned = tilewright::riscv::Misaligned::done;
    bool stats = false;
};

/// The parsed command line; exits after --help and after a mistake.
Arguments parse(int argc, char** argv) {
    enum { isa = 256, trap_misaligned, max_instructions, signature, c_file, translation, stats };
    const option long_options[] = {
        {"isa", required_argument, nullptr, isa},
        {"trap-misaligned", no_argument, nullptr, trap_misaligned},
        {"max-instructions", required_argument, nullptr, max_instructions},
        {"signature", required_argument, nullptr, signature},
        {"write-c", required_argument, nullptr, c_file},
        {"translation", required_argument, nullptr, translation},
        {"stats", no_argument, nullptr, stats},
        {"help", no_argument, nullptr, 'h'},
        {nullptr, 0, nullptr, 0}};
    Arguments result;
    int choice = 0;
    while ((choice = getopt_long(argc, argv, "h", long_options, nullptr)) != -1) {
        switch (choice) {
            case isa:
                result.isa = optarg;
                break;
            case trap_misaligned:
                result.misaligned = tilewright::riscv::Misaligned::traps;
                break;
            case max_instructions: {
                const char* end = optarg + std::strlen(optarg);
                const auto read = std::from_chars(optarg, end, result.max_instructions);
                if (read.ec != std::errc{} || read.ptr != end) {
                    std::cerr << "tilewright-riscv: --max-instructions is \"" << optarg
                              << "\"; expected a number\n";
                    std::exit(bad_arguments);
                }
                break;
            }
            case signature:
                result.signature = optarg;
                break;
            case c_file:
                result.c_file = optarg;
                break;
            case translation:
                result.translation = optarg;
                break;
            case stats:
                result.stats = true;
                break;
            case 'h':
                std::cout << help;
                std::exit(0);
            default:
                std::cerr << "tilewright-riscv --help shows the options\n";
                std::exit(bad_arguments);
        }
    }
    if (optind + 1 != argc) {
        std::cerr << "tilewright-riscv: expected one PROGRAM.elf; --help shows the options\n";
        std::exit(bad_arguments);
    }
    result.program = argv[optind];
    return result;
}

/// What is translated.
struct ImageParts {
    explicit ImageParts(const ElfImage& program, const Standalone& core)
        : image(&program),
          code(&core.code()),
          entries(program_entries(program, core.code())),
          places(core.window_places()) {}
    const ElfImage* image;
    const tilewright::riscv::Code* code;
    tilewright::riscv::ProgramEntries entries;
    tilewright::riscv::WindowPlaces places;
};

std::vector<std::byte> read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw tilewright::FileError(path + " cannot be read");
    const std::vector<char> text((std::istreambuf_iterator<char>(stream)), {});
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

void write_signature(const std::string& path, const ElfImage& image, const Standalone& core) {
    const auto begin = image.symbol("begin_signature");
    const auto end = image.symbol("end_signature");
    if (!begin || !end) {
        throw tilewright::ElfError(image.name +
                                   " has no symbols begin_signature and end_signature, which "
                                   "--signature needs");
    }
    std::ofstream stream(path);
    for (const std::uint32_t word : core.words(*begin, *end)) {
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), "%08x\n", word);
        stream << text.data();
    }
    stream.close();
    if (!stream) throw tilewright::FileError(path + " cannot be written");
}

/// By it a translation is known to be of this program, and of this version of the translator.
std::string key_of(const ImageParts& parts) {
    const std::string inputs = translation_inputs(*parts.image, *parts.code, parts.places);
    return std::to_string(tilewright::checksum(std::as_bytes(std::span(inputs))));
}

void write_c(const std::string& path, const ImageParts& parts) {
    std::ofstream stream(path);
    stream << translate(*parts.code, parts.entries, parts.places, key_of(parts),
                        parts.entries.functions);
    stream.close();
    if (!stream) throw tilewright::FileError(path + " cannot be written");
}

std::shared_ptr<const Translation> load_translation(const std::string& path,
                                                    const ImageParts& parts) {
    auto translation = Translation::load(std::filesystem::absolute(path));
    if (translation->key() != key_of(parts)) {
        throw tilewright::FileError(path + " is the translation of another program");
    }
    return translation;
}

void print_stats(const Standalone& core, double seconds) {
    const auto& hart = core.hart();
    std::cerr << "instructions " << hart.retired << "\ntranslated " << core.translated()
              << "\ncycles " << hart.cycles << "\nseconds " << seconds
              << "\ninstructions_per_second " << static_cast<double>(hart.retired) / seconds
              << "\n";
}

int run(const Arguments& arguments) {
    const auto image = tilewright::riscv::parse_elf(read(arguments.program), arguments.program);
    Standalone core(image, tilewright::riscv::parse_isa(arguments.isa), {}, arguments.misaligned);
    if (!arguments.c_file.empty()) {
        write_c(arguments.c_file, ImageParts(image, core));
        return 0;
    }
    if (!arguments.translation.empty()) {
        core.code().adopt(load_translation(arguments.translation, ImageParts(image, core)));
    }
    const auto start = std::chrono::steady_clock::now();
    const auto tohost = core.run(arguments.max_instructions);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (arguments.stats) print_stats(core, took.count());
    if (!arguments.signature.empty()) write_signature(arguments.signature, image, core);
    if (!tohost) {
        std::cerr << "tilewright-riscv: no write to tohost in " << arguments.max_instructions
                  << " instructions\n";
        return limit_reached;
    }
    if (*tohost % 2 == 0) {
        std::cerr << "tilewright-riscv: the program wrote " << *tohost
                  << " to tohost; expected an odd number\n";
        return no_service;
    }
    if (*tohost == 1) return 0;
    const std::uint32_t code = *tohost / 2;
    std::cerr << "tilewright-riscv: the program failed with " << code << '\n';
    return static_cast<int>(std::min<std::uint32_t>(code, 255));
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    try {
        return run(arguments);
    } catch (const tilewright::KernelFault& error) {
        std::cerr << "tilewright-riscv: " << error.what() << '\n';
        return no_handler;
    } catch (const std::exception& error) {
        std::cerr << "tilewright-riscv: " << error.what() << '\n';
        return bad_arguments;
    }
}
