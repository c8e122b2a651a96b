#include "runtime/translator.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/compiler.hpp"
#include "tilewright/runtime/device_files.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

/// Nothing if there is none: then programs are interpreted, and that is no failure.
std::optional<Toolchain> toolchain(const fs::path& preferred) {
    try {
        auto found = find_toolchain(preferred);
        if (!found.host_compile.empty()) return found;
    } catch (const CompileError&) {
        return std::nullopt;
    }
    return std::nullopt;
}

std::vector<std::shared_ptr<const riscv::Translation>> find_shipped(
    const TranslatedProgram& program) {
    try {
        return find_translations(program, find_device_files().root / shipped_translations);
    } catch (const ConfigError&) {
        return {};  // there are no device files
    }
}

}  // namespace

TranslationMode parse_translation_mode(std::string_view name, std::string_view origin) {
    if (name == "off") return TranslationMode::off;
    if (name == "on") return TranslationMode::on;
    if (name == "force") return TranslationMode::force;
    throw ConfigError(std::string(origin) + " is \"" + std::string(name) +
                      "\"; expected off, on or force");
}

Translator::~Translator() {
    cancelled_ = true;
    if (!thread_.joinable()) return;
    if (is_foreign()) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

/// A fork has the object, but not the thread, and whoever held the mutex may not exist here.
bool Translator::is_foreign() const {
    return process_ != 0 && process_ != getpid();
}

// --- What cores run ------------------------------------------------------------------------------

Translator::Progress& Translator::progress_of(const std::shared_ptr<const Image>& image,
                                              const riscv::Code& code) {
    Progress& progress = progress_[&code];
    if (progress.image.lock() != image) progress = {image, 0, nullptr};
    return progress;
}

void Translator::entered(const std::shared_ptr<const Image>& image, const riscv::Code& code) {
    if (mode_ != TranslationMode::force || failed_ || code.tells_calls()) return;
    const std::lock_guard lock(mutex_);
    Progress& progress = progress_of(image, code);
    if (progress.known != nullptr) return;
    progress.known = look_up(*image, code);
    for (auto& functions : progress.known->plan.all_parts()) {
        Part part = new_part(image, progress.known, std::move(functions));
        make(part);
        adopt(part);
    }
}

void Translator::interpreted(const std::shared_ptr<const Image>& image, const riscv::Code& code,
                             std::uint32_t pc, std::uint64_t instructions) {
    if (mode_ != TranslationMode::on || code.tells_calls() || is_foreign()) return;
    const std::lock_guard lock(mutex_);
    if (made_some_) adopt_made();
    Progress& progress = progress_of(image, code);
    progress.instructions += instructions;
    if (progress.known == nullptr) {
        if (progress.instructions < look_up_after) return;
        progress.known = look_up(*image, code);
    }
    Known& known = *progress.known;
    known.plan.interpreted(pc, instructions);
    if (failed_ || known.compiling || !known.plan.may_be_due()) return;
    auto functions = known.plan.next_part(code.made_blocks());
    if (functions.empty()) return;
    known.compiling = true;
    start(new_part(image, progress.known, std::move(functions)));
}

/// The Code is shared: another device may have looked it up.
std::shared_ptr<Translator::Known> Translator::look_up(const Image& image,
                                                       const riscv::Code& code) {
    auto known = std::make_shared<Known>(image.program(), code);
    if (code.translations().empty()) {
        for (auto& shipped : find_shipped(known->program)) code.adopt(std::move(shipped));
        for (auto& made : find_translations(known->program, cache_folder())) {
            code.adopt(std::move(made));
            ++known->parts;
        }
    }
    for (const auto& translation : code.translations()) {
        known->plan.cover(translation->functions());
    }
    return known;
}

// --- Compiling -----------------------------------------------------------------------------------

void Translator::set_compiler(fs::path compiler) {
    const std::lock_guard lock(mutex_);
    compiler_ = std::move(compiler);
}

Translator::Part Translator::new_part(const std::shared_ptr<const Image>& image,
                                      const std::shared_ptr<Known>& known,
                                      std::vector<std::uint32_t> functions) const {
    return {image, known, std::move(functions), known->program.part_key(known->parts++), compiler_};
}

void Translator::start(Part part) {
    wanted_.push_back(std::move(part));
    if (working_) return;
    if (thread_.joinable()) thread_.join();
    process_ = getpid();
    working_ = true;
    thread_ = std::thread([this] { work(); });
}

void Translator::work() {
    for (;;) {
        Part part;
        {
            const std::lock_guard lock(mutex_);
            working_ = !wanted_.empty() && !cancelled_;
            if (!working_) return;
            part = std::move(wanted_.front());
            wanted_.pop_front();
        }
        make(part);
        const std::lock_guard lock(mutex_);
        made_.push_back(std::move(part));
        made_some_ = true;
    }
}

/// Without the mutex, in the thread.
void Translator::make(Part& part) {
    if (failed_) return;
    const auto compiler = toolchain(part.compiler);
    failed_ = !compiler;
    if (failed_) return;
    try {
        auto object = compile_translation(
            part.known->program, part.functions, part.key, *compiler,
            {.time = most_compile_time, .cancelled = &cancelled_, .in_background = true});
        if (!object) return;
        store_translation(*object, part.key, cache_folder());
        part.object = std::move(*object);
    } catch (const std::exception& error) {
        part.failure = error.what();
        failed_ = true;
    }
}

void Translator::adopt_made() {
    made_some_ = false;
    for (const Part& part : made_) {
        part.known->compiling = false;
        adopt(part);
    }
    made_.clear();
}

void Translator::adopt(const Part& part) {
    if (!part.object.empty()) {
        if (auto made = load_translation(part.object, part.key)) {
            return part.known->program.code->adopt(std::move(made));
        }
        failed_ = true;
        failure_ = "what the compiler made cannot be loaded from a temporary file";
    } else if (!part.failure.empty()) {
        failure_ = part.failure;
    }
}

std::optional<std::string> Translator::take_failure() {
    if (!failed_ || is_foreign()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (made_some_) adopt_made();
    return std::exchange(failure_, std::nullopt);
}

}  // namespace tilewright
