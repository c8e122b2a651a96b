#include "runtime/translator.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "runtime/compile_cache.hpp"
#include "runtime/content_key.hpp"
#include "runtime/process.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/compiler.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

/// Raise it when the flags below change.
constexpr char recipe[] = "translation 1";

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

/// A shared object that is in memory, under a name of its own: the dynamic linker takes a name that
/// it knows for what it has loaded under it. The file may go once it is mapped.
std::shared_ptr<const riscv::Translation> load(const std::string& object) {
    try {
        const ScratchFolder scratch(fs::temp_directory_path());
        const fs::path file = scratch.path() / "translation.so";
        write_file_atomically(file, object);
        return riscv::Translation::load(file);
    } catch (const Error&) {
        return nullptr;  // as if it were not there: it is made again
    }
}

bool can_translate(const riscv::Code& code) {
    return !code.tells_calls() && code.bytes() <= Translator::most_text_bytes;
}

std::shared_ptr<const riscv::Translation> with_key(
    const std::shared_ptr<const riscv::Translation>& translation, const std::string& key) {
    return translation != nullptr && translation->key() == key ? translation : nullptr;
}

}  // namespace

TranslationMode translation_mode() {
    const char* const value = std::getenv("TILEWRIGHT_TRANSLATE");
    const std::string_view mode = value != nullptr ? value : "off";
    if (mode == "off" || mode.empty()) return TranslationMode::off;
    if (mode == "on") return TranslationMode::on;
    if (mode == "force") return TranslationMode::force;
    throw ConfigError("TILEWRIGHT_TRANSLATE is \"" + std::string(mode) +
                      "\"; expected off, on or force");
}

std::string translation_key(const riscv::Code& code, const riscv::ProgramEntries& entries) {
#if defined(__x86_64__)
    constexpr char host[] = "x86_64";
#elif defined(__aarch64__)
    constexpr char host[] = "aarch64";
#else
    constexpr char host[] = "another";
#endif
    return ContentKey()
        .add(recipe)
        .add(host)
        .add(riscv::translation_inputs(code, entries, window_places))
        .digest();
}

std::shared_ptr<const riscv::Translation> find_translation(const std::string& key,
                                                           const std::filesystem::path& cache) {
    const auto entry = CompileCache(cache).find(key);
    return entry ? with_key(load(entry->result), key) : nullptr;
}

std::optional<std::string> compile_translation(const std::string& source,
                                               const Toolchain& toolchain,
                                               const std::filesystem::path& scratch_parent,
                                               const std::atomic<bool>& cancelled) {
    const ScratchFolder scratch(scratch_parent);
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
        const ProcessResult run =
            run_process(command,
                        {{"ZIG_GLOBAL_CACHE_DIR", scratch.path().string()},
                         {"ZIG_LOCAL_CACHE_DIR", scratch.path().string()}},
                        {.time = Translator::most_compile_time, .cancelled = &cancelled});
        if (cancelled) return std::nullopt;
        if (run.killed) {
            throw CompileError(command.front() + " was killed: it took longer than " +
                               std::to_string(Translator::most_compile_time.count()) + " minutes");
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

std::shared_ptr<const riscv::Translation> make_translation(const riscv::Code& code,
                                                           const riscv::ProgramEntries& entries,
                                                           const Toolchain& toolchain,
                                                           const std::filesystem::path& cache,
                                                           const std::atomic<bool>& cancelled) {
    const std::string key = translation_key(code, entries);
    if (auto found = find_translation(key, cache)) return found;
    // With blocks of its own, made once for this.
    const riscv::Code scratch(code.text(), code.base(), code.isa(), code.timing());
    const auto object = compile_translation(riscv::translate(scratch, entries, window_places, key),
                                            toolchain, fs::temp_directory_path(), cancelled);
    if (!object) return nullptr;
    try {
        CompileCache(cache).store(key, {{}, {}, *object});
    } catch (const CompileError&) {
        static_cast<void>(cache);  // a folder that cannot be written to: made again next time
    }
    auto made = with_key(load(*object), key);
    if (made == nullptr)
        throw CompileError("what " + toolchain.description + " made cannot be loaded");
    return made;
}

// --- The translator of a device ------------------------------------------------------------------

Translator::~Translator() {
    cancelled_ = true;
    if (!thread_.joinable()) return;
    if (process_ != getpid()) {  // a fork has the object, not the thread
        thread_.detach();
        return;
    }
    changed_.notify_all();
    thread_.join();
}

Translator::Progress& Translator::progress_of(const std::shared_ptr<const Image>& image,
                                              const riscv::Code& code) {
    Progress& progress = progress_[&code];
    if (progress.image.lock() != image) progress = {image, 0, Stage::fresh};
    return progress;
}

void Translator::entered(const std::shared_ptr<const Image>& image, const riscv::Code& code) {
    if (mode_ != TranslationMode::force || !can_translate(code) || code.translation()) return;
    if (failed_) return;
    make({image, &code});
}

void Translator::ran(const std::shared_ptr<const Image>& image, const riscv::Code& code,
                     std::uint64_t instructions) {
    if (mode_ != TranslationMode::on || !can_translate(code)) return;
    Progress& progress = progress_of(image, code);
    progress.instructions += instructions;
    if (progress.stage == Stage::fresh && progress.instructions >= look_up_after) {
        progress.stage = Stage::looked_up;
        look_up({image, &code});
    }
    if (progress.stage != Stage::looked_up || progress.instructions < compile_after) return;
    progress.stage = Stage::queued;
    if (failed_ || code.translation()) return;
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() && process_ != getpid()) return;
    queue_.push_back({image, &code});
    if (!thread_.joinable()) {
        process_ = getpid();
        thread_ = std::thread([this] { work(); });
    }
    changed_.notify_all();
}

void Translator::look_up(const Wanted& wanted) {
    if (wanted.code->translation()) return;
    const riscv::Code& code = *wanted.code;
    const auto entries = riscv::program_entries(wanted.image->program(), code);
    if (auto found = find_translation(translation_key(code, entries), cache_folder())) {
        code.adopt(std::move(found));
    }
}

void Translator::set_compiler(fs::path compiler) {
    const std::lock_guard lock(mutex_);
    compiler_ = std::move(compiler);
}

/// Nothing if there is none: then programs are interpreted, and that is no failure.
std::optional<Toolchain> Translator::toolchain() {
    fs::path compiler;
    {
        const std::lock_guard lock(mutex_);
        compiler = compiler_;
    }
    try {
        return find_toolchain(compiler);
    } catch (const CompileError&) {
        failed_ = true;
        return std::nullopt;
    }
}

void Translator::make(const Wanted& wanted) {
    const auto compiler = toolchain();
    if (!compiler || compiler->host_compile.empty()) return;
    try {
        const auto entries = riscv::program_entries(wanted.image->program(), *wanted.code);
        auto made = make_translation(*wanted.code, entries, *compiler, cache_folder(), cancelled_);
        if (made != nullptr) wanted.code->adopt(std::move(made));
    } catch (const std::exception& error) {
        fail(error.what());
    }
}

void Translator::fail(std::string reason) {
    if (failed_.exchange(true)) return;
    const std::lock_guard lock(mutex_);
    failure_ = std::move(reason);
}

std::optional<std::string> Translator::take_failure() {
    const std::lock_guard lock(mutex_);
    return std::exchange(failure_, std::nullopt);
}

void Translator::work() {
    for (;;) {
        Wanted next;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return cancelled_ || !queue_.empty(); });
            if (cancelled_) return;
            next = std::move(queue_.front());
            queue_.pop_front();
        }
        if (!failed_) make(next);
    }
}

}  // namespace tilewright
