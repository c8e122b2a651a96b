#include "runtime/translation_files.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "runtime/compile_cache.hpp"
#include "runtime/content_key.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

/// Raise it when the flags below change.
constexpr char recipe[] = "translation 1";

#if defined(__x86_64__)
constexpr char host[] = "x86_64";
#elif defined(__aarch64__)
constexpr char host[] = "aarch64";
#else
constexpr char host[] = "another";
#endif

// Any x86-64 will do, so that a cache or a package can be used on another host.
constexpr const char* compile_flags[] = {"-std=gnu11",
                                         "-O2",
                                         "-g0",
                                         "-fPIC",
                                         "-ffreestanding",
                                         "-fomit-frame-pointer",
                                         "-fno-stack-protector",
                                         "-fno-unwind-tables",
                                         "-fno-asynchronous-unwind-tables",
                                         "-fvisibility=hidden",
                                         "-w",
                                         "-c"};

/// As tiles map them.
constexpr riscv::WindowPlaces window_places{.near = abi::local_base, .far = 0};

}  // namespace

TranslatedProgram::TranslatedProgram(const riscv::ElfImage& program, const riscv::Code& decoded)
    : elf(&program),
      code(&decoded),
      functions(riscv::program_functions(program, decoded)),
      key(ContentKey()
              .add(recipe)
              .add(host)
              .add(riscv::translation_inputs(program, decoded, window_places))
              .digest()) {}

std::uint32_t TranslatedProgram::instructions(std::uint32_t function) const {
    const auto next = std::ranges::upper_bound(functions, function);
    const std::uint32_t end = next == functions.end() ? code->base() + code->bytes() : *next;
    return (end - function) / 4;
}

std::vector<std::shared_ptr<const riscv::Translation>> find_translations(
    const TranslatedProgram& program, const fs::path& folder) {
    const CompileCache cache(folder);
    std::vector<std::shared_ptr<const riscv::Translation>> result;
    for (unsigned part = 0;; ++part) {
        const std::string key = program.part_key(part);
        const auto entry = cache.find(key);
        auto found = entry ? load_translation(entry->result, key) : nullptr;
        if (found == nullptr) return result;
        result.push_back(std::move(found));
    }
}

// Under a name of its own: the dynamic linker takes a name that it knows for what it has loaded
// under it. The file may go once it is mapped.
std::shared_ptr<const riscv::Translation> load_translation(const std::string& object,
                                                           const std::string& key) {
    try {
        const ScratchFolder scratch(fs::temp_directory_path());
        const fs::path file = scratch.path() / "translation.so";
        write_file_atomically(file, object);
        auto translation = riscv::Translation::load(file);
        return translation->key() == key ? translation : nullptr;
    } catch (const Error&) {
        return nullptr;
    }
}

void store_translation(const std::string& object, const std::string& key, const fs::path& folder) {
    try {
        CompileCache(folder).store(key, {{}, {}, object});
    } catch (const CompileError&) {
        return;
    }
}

std::optional<std::string> compile_translation(const TranslatedProgram& program,
                                               std::span<const std::uint32_t> functions,
                                               const std::string& key, const Toolchain& toolchain,
                                               const ProcessLimits& limits) {
    // With blocks of its own, made once for this.
    const riscv::Code& code = *program.code;
    const riscv::Code scratch(code.text(), code.base(), code.isa(), code.timing());
    return compile_shared_object(
        riscv::translate(scratch, riscv::program_entries(*program.elf, code), window_places, key,
                         functions),
        toolchain, limits);
}

std::optional<std::string> compile_shared_object(const std::string& source,
                                                 const Toolchain& toolchain,
                                                 const ProcessLimits& limits) {
    const ScratchFolder scratch(fs::temp_directory_path());
    const fs::path input = scratch.path() / "program.c";
    const fs::path object = scratch.path() / "program.o";
    const fs::path result = scratch.path() / "program.so";
    write_file_atomically(input, source);
    std::vector<std::string> compile = toolchain.host_compile;
    compile.insert(compile.end(), std::begin(compile_flags), std::end(compile_flags));
    compile.insert(compile.end(), {input.string(), "-o", object.string()});
    std::vector<std::string> link = toolchain.host_link;
    link.insert(link.end(), {"-shared", object.string(), "-o", result.string()});
    for (const auto& command : {compile, link}) {
        const ProcessResult run = run_process(command,
                                              {{"ZIG_GLOBAL_CACHE_DIR", scratch.path().string()},
                                               {"ZIG_LOCAL_CACHE_DIR", scratch.path().string()}},
                                              limits);
        if (limits.cancelled != nullptr && *limits.cancelled) return std::nullopt;
        if (run.killed) {
            const auto limit = std::chrono::duration_cast<std::chrono::minutes>(limits.time);
            throw CompileError(command.front() + " was killed: it took longer than " +
                               std::to_string(limit.count()) + " minutes");
        }
        if (run.status != 0) {
            throw CompileError(command.front() + " ended with status " +
                               std::to_string(run.status) + ": " + run.output);
        }
    }
    auto bytes = read_file(result);
    if (!bytes) throw CompileError(toolchain.host_link.front() + " made no file");
    return bytes;
}

}  // namespace tilewright
