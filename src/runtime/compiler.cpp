// Compiles each source to an object, links them with the start-up code, and keeps both in the
// cache.
#include "tilewright/runtime/compiler.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <optional>
#include <system_error>
#include <utility>

#include "runtime/compile_cache.hpp"
#include "runtime/content_key.hpp"
#include "runtime/isa_flags.hpp"
#include "runtime/process.hpp"
#include "runtime/vector_values.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

/// Version of all that the key cannot see: raise it when this file changes what it makes.
constexpr char recipe[] = "3";

/// A kernel with its objects takes about 100 KB.
constexpr std::uint64_t most_cached_bytes = std::uint64_t{512} << 20;

/// One translation unit: a file, or a text with a name.
struct Source {
    fs::path path;  ///< as the user wrote it; for a text its name
    std::optional<std::string> text;
    bool runtime = false;  ///< part of the start-up code, not of the user's program
};

struct Object {
    std::string bytes;
    std::string output;
    bool from_cache = false;
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
        text.replace(at, from.size(), to), at += to.size();
}

std::string prefix_map(const fs::path& folder, const std::string& as) {
    return "-ffile-prefix-map=" + folder.string() + "/=" + as;
}

/// Flags that make code for the bare core. Kernels see L1 from address 0, so null is an address
/// like any other. Names of built-in functions keep their meaning, so that a small memcpy is a few
/// instructions.
std::vector<std::string> core_flags() {
    return {"-std=c++20",
            "-ffreestanding",
            "-fbuiltin",
            "-fno-exceptions",
            "-fno-rtti",
            "-fno-threadsafe-statics",
            "-fno-unwind-tables",
            "-fno-asynchronous-unwind-tables",
            "-fno-stack-protector",
            "-fno-delete-null-pointer-checks",
            "-fomit-frame-pointer",
            "-ffunction-sections",
            "-fdata-sections",
            "-fno-pic",
            "-mcmodel=medlow",
            "-mabi=ilp32",
            "-gdwarf-4",
            "-gline-tables-only",
            "-fno-color-diagnostics",
            "-fdebug-compilation-dir=.",
            "-Wall",
            "-Wextra"};
}

/// The whole command but for the names of the input and the outputs.
std::vector<std::string> compile_command(const Source& source, const CompileOptions& options,
                                         const CompileSetup& setup) {
    std::vector<std::string> command = setup.toolchain.compile;
    const auto append = [&](const std::vector<std::string>& flags) {
        command.insert(command.end(), flags.begin(), flags.end());
    };
    const bool vectors = options.vector_values && !source.runtime;
    append(isa_flags(
        options.isa + (vectors ? vector_value_extensions(setup.toolchain) : std::string()),
        setup.toolchain));
    append(core_flags());
    // The registers are for those values alone, which cannot go through memory.
    if (vectors)
        append({"-Xclang", "-mvscale-min=4", "-Xclang", "-mvscale-max=4", "-fno-vectorize",
                "-fno-slp-vectorize", "-mno-implicit-float", "-mllvm", "-inline-threshold=2000"});
    for (const fs::path& folder : setup.toolchain.system_headers)
        append({"-isystem", folder.string()});
    if (!setup.toolchain.root.empty()) append({prefix_map(setup.toolchain.root, "toolchain/")});
    append({prefix_map(setup.files.include(), ""), prefix_map(setup.files.runtime(), "runtime/")});
    if (source.runtime) {
        // A memcpy whose loop is turned into a call of memcpy would not end.
        append({"-O2", "-fno-builtin"});
        return command;
    }
    if (options.hide_source_folder && source.path.has_parent_path())
        append({prefix_map(source.path.parent_path(), "")});
    append({"-O" + options.optimisation, "-I" + setup.files.include().string()});
    for (const fs::path& folder : options.include_paths) append({"-I" + folder.string()});
    append(
        {"-UNDEBUG"});  // zig defines it where it optimises: whether to assert is for users to say
    for (const std::string& define : options.defines) append({"-D" + define});
    append(options.extra_flags);
    return command;
}

/// zig wants folders for caches of its own. The scratch folder will do: for a single file that it
/// neither links nor builds a library for, nothing in them is worth keeping.
std::vector<std::pair<std::string, std::string>> environment(const ScratchFolder& scratch) {
    return {{"ZIG_GLOBAL_CACHE_DIR", scratch.path().string()},
            {"ZIG_LOCAL_CACHE_DIR", scratch.path().string()}};
}

/// The prerequisites in a dependency file for make.
std::vector<std::string> prerequisites(std::string_view text) {
    std::vector<std::string> result;
    // The target is an object's name of our own making, without a colon.
    text.remove_prefix(std::min(text.size(), text.find(':') + 1));
    std::string name;
    const auto finish = [&] {
        if (!name.empty()) result.push_back(std::exchange(name, {}));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (c == '\\' && (next == '\n' || next == '\r')) {
            finish();
            ++i;
        } else if ((c == '\\' && (next == ' ' || next == '#')) || (c == '$' && next == '$')) {
            name += next;
            ++i;
        } else if (c == ' ' || c == '\n' || c == '\r') {
            finish();
        } else {
            name += c;
        }
    }
    finish();
    return result;
}

/// The files that a compilation read, with their content. Nothing if one of them may have changed
/// since `start`: what was compiled is then not known.
std::optional<std::vector<CacheEntry::Dependency>> dependencies(const fs::path& list,
                                                                const ScratchFolder& scratch,
                                                                fs::file_time_type start) {
    std::vector<CacheEntry::Dependency> result;
    for (const std::string& name : prerequisites(read_file(list).value_or(""))) {
        if (name.starts_with(scratch.path().string())) continue;
        std::error_code error;
        const fs::path path = fs::absolute(name, error);
        const auto content = read_file(path);
        if (!content || fs::last_write_time(path, error) >= start) return std::nullopt;
        result.push_back({path.string(), content_digest(*content)});
    }
    return result;
}

[[noreturn]] void compile_failed(const fs::path& source, const std::string& output, int status) {
    throw CompileError(
        source.string() + " does not compile:\n" +
        (output.empty() ? "the compiler ended with status " + std::to_string(status) : output));
}

std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') text += '\\';
        text += c == '\n' ? ' ' : c;
    }
    return text + '"';
}

Object compile_object(const Source& source, const CompileOptions& options,
                      const CompileSetup& setup) {
    const CompileCache cache(setup.cache);
    std::vector<std::string> command = compile_command(source, options, setup);
    const auto text = source.text ? source.text : read_file(source.path);
    if (!text)
        throw CompileError(source.path.string() + " cannot be read; expected a C++ source file");
    const fs::path place = source.text ? source.path : fs::absolute(source.path);
    const std::string key = ContentKey()
                                .add(recipe)
                                .add(setup.toolchain.identity)
                                .add(command)
                                .add(place.string())
                                .add(*text)
                                .digest();
    if (auto entry = cache.find(key)) return {entry->result, entry->output, true};

    const ScratchFolder scratch(cache.folder() / "work");
    const fs::path object = scratch.path() / "kernel.o";
    const fs::path list = scratch.path() / "kernel.d";
    fs::path input = source.path;
    if (source.text) {
        input = scratch.path() / "source.cpp";
        write_file_atomically(input, "#line 1 " + quoted(source.path.string()) + "\n" + *text);
        command.push_back(prefix_map(scratch.path(), ""));
    }
    if (!setup.toolchain.system_headers.empty()) {
        // Headers of a 64-bit C library ask for this list of the 32-bit one, which may be absent.
        write_file_atomically(scratch.path() / "gnu" / "stubs-32.h", "");
        command.insert(command.end(), {"-isystem", scratch.path().string()});
    }
    command.insert(command.end(), {"-MMD", "-MF", list.string(), "-c", "-x", "c++", input.string(),
                                   "-o", object.string()});
    const auto start = fs::file_time_type::clock::now();
    ProcessResult run = run_process(command, environment(scratch));
    replace_all(run.output, scratch.path().string() + "/", "");
    if (run.status != 0) compile_failed(source.path, run.output, run.status);
    const auto bytes = read_file(object);
    if (!bytes) compile_failed(source.path, run.output + "there is no object file\n", run.status);
    if (const auto reached = dependencies(list, scratch, start))
        cache.store(key, {*reached, run.output, *bytes});
    return {*bytes, run.output, false};
}

Object link(const std::vector<Object>& objects, const std::vector<Source>& sources,
            const CompileOptions& options, const CompileSetup& setup) {
    const CompileCache cache(setup.cache);
    const auto script = read_file(setup.files.runtime() / "kernel.ld");
    const auto library = read_file(setup.files.compiler_rt());
    if (!script || !library)
        throw CompileError("the device files in " + setup.files.root.string() +
                           " are not complete: runtime/kernel.ld or lib/libcompiler_rt.a cannot "
                           "be read");
    const std::vector<std::string> flags{"-m",
                                         "elf32lriscv",
                                         "-static",
                                         "--gc-sections",
                                         "--discard-locals",
                                         "--nmagic",
                                         "--build-id=none",
                                         "--color-diagnostics=never"};
    ContentKey key;
    key.add(recipe).add(setup.toolchain.identity).add(setup.toolchain.link).add(flags);
    key.add(*script).add(content_digest(*library)).add(options.vector_values ? "vectors" : "");
    for (const Object& object : objects) key.add(content_digest(object.bytes));
    const std::string digest = key.digest();
    if (auto entry = cache.find(digest)) return {entry->result, entry->output, true};

    const ScratchFolder scratch(cache.folder() / "work");
    const fs::path out = scratch.path() / "kernel.elf";
    std::vector<std::string> command = setup.toolchain.link;
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(), {"-T", (setup.files.runtime() / "kernel.ld").string()});
    bool in_library = false;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        // Start-up code is linked like a library: only what is asked for, debug lines included.
        if (sources[i].runtime && !std::exchange(in_library, true))
            command.push_back("--start-lib");
        // A folder each, so that messages call the object by the name of its source.
        const fs::path file =
            scratch.path() / std::to_string(i) / sources[i].path.filename().replace_extension(".o");
        write_file_atomically(file, objects[i].bytes);
        command.push_back(file.string());
    }
    command.push_back("--end-lib");
    command.insert(command.end(), {setup.files.compiler_rt().string(), "-o", out.string()});
    ProcessResult run = run_process(command, environment(scratch));
    replace_all(run.output, scratch.path().string() + "/", "");
    if (run.output.find("undefined symbol: kernel_main") != std::string::npos)
        run.output +=
            "A kernel names its body with TILEWRIGHT_KERNEL(function), or defines extern \"C\" "
            "void kernel_main().\n";
    auto bytes = read_file(out);
    if (run.status != 0 || !bytes) compile_failed(sources.front().path, run.output, run.status);
    if (options.vector_values) replace_vector_copies(*bytes, sources.front().path.string());
    cache.store(digest, {{}, run.output, *bytes});
    cache.trim(most_cached_bytes);
    return {*bytes, run.output, false};
}

std::vector<Source> runtime_sources(const DeviceFiles& files) {
    std::vector<Source> result;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(files.runtime(), error))
        if (entry.path().extension() == ".cpp") result.push_back({entry.path(), {}, true});
    std::sort(result.begin(), result.end(),
              [](const Source& a, const Source& b) { return a.path < b.path; });
    if (result.empty())
        throw CompileError("no start-up code for kernels in " + files.runtime().string());
    return result;
}

Compiled compile(std::vector<Source> sources, const CompileOptions& options,
                 const CompileSetup& setup) {
    if (sources.empty()) throw CompileError("no source file to compile");
    for (const Source& source : runtime_sources(setup.files)) sources.push_back(source);

    // The compiler's processes work side by side; get() below brings the first failure.
    std::vector<std::future<Object>> pending;
    pending.reserve(sources.size());
    for (const Source& source : sources)
        pending.push_back(
            std::async(std::launch::async, [&] { return compile_object(source, options, setup); }));
    for (const auto& future : pending) future.wait();
    std::vector<Object> objects;
    objects.reserve(pending.size());
    for (auto& future : pending) objects.push_back(future.get());
    const Object program = link(objects, sources, options, setup);

    Compiled result;
    result.from_cache = program.from_cache;
    for (const Object& object : objects) {
        result.from_cache &= object.from_cache;
        result.output += object.output;
    }
    result.output += program.output;
    const auto bytes = std::as_bytes(std::span(program.bytes));
    result.elf.assign(bytes.begin(), bytes.end());
    result.path = setup.cache / "elf" / (content_digest(program.bytes) + ".elf");
    std::error_code error;
    if (fs::file_size(result.path, error) != program.bytes.size() || error)
        write_file_atomically(result.path, program.bytes);
    return result;
}

}  // namespace

fs::path cache_folder() {
    const auto variable = [](const char* name) -> fs::path {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    if (fs::path named = variable("TILEWRIGHT_CACHE"); !named.empty()) return named;
    const fs::path home = variable("HOME");
    fs::path caches = variable("XDG_CACHE_HOME");
    if (caches.empty() && !home.empty()) caches = home / ".cache";
    std::error_code error;
    if (!caches.empty()) {
        fs::path folder = caches / "tilewright";
        fs::create_directories(folder, error);
        if (!error && access(folder.c_str(), W_OK) == 0) return folder;
    }
    fs::path temporary = fs::temp_directory_path(error);
    if (error) temporary = "/tmp";
    return temporary / ("tilewright-" + std::to_string(getuid()));
}

CompileSetup find_compile_setup(const fs::path& compiler) {
    return {find_toolchain(compiler), find_device_files(), cache_folder()};
}

Compiled compile_kernel(std::span<const fs::path> sources, const CompileOptions& options,
                        const CompileSetup& setup) {
    std::vector<Source> list;
    for (const fs::path& path : sources) list.push_back({path, {}, false});
    return compile(std::move(list), options, setup);
}

Compiled compile_kernel_text(std::string_view text, const std::string& name,
                             const CompileOptions& options, const CompileSetup& setup) {
    return compile({{name, std::string(text), false}}, options, setup);
}

Compiled compile_kernel(const fs::path& source, const CompileOptions& options) {
    return compile_kernel(std::span(&source, 1), options, find_compile_setup(options.compiler));
}

Compiled compile_kernel_text(std::string_view text, const std::string& name,
                             const CompileOptions& options) {
    return compile_kernel_text(text, name, options, find_compile_setup(options.compiler));
}

}  // namespace tilewright
