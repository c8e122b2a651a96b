// Translations of kernels (riscv/translation.hpp): looked for among those that are shipped and in
// the cache of compiled kernels, and made by the compiler of kernels while the interpreter goes on.
//
//  - What has been made is found by content: translation_inputs(), and what made it.
//  - A program is looked for when `look_up_after` instructions of it have run, and compiled after
//    `compile_after`, in a thread of its own. It is then used from the next block entry on. What is
//    simulated does not depend on it.
//  - Without a compiler for the host nothing is translated. One that fails is not asked again, and
//    failure() has what it said; one that takes longer than `most_compile_time` is killed. So is
//    one at work when the device is closed.
//  - A damaged entry of the cache is made again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "tilewright/chip/translation_port.hpp"
#include "tilewright/riscv/translation.hpp"
#include "tilewright/runtime/toolchain.hpp"

namespace tilewright {

enum class TranslationMode : std::uint8_t {
    off,
    on,
    force,  ///< a program is translated before its first instruction; for tests
};
/// $TILEWRIGHT_TRANSLATE: off, on, force; ConfigError if it is anything else.
TranslationMode translation_mode();

/// A translation that is there already, or nullptr.
std::shared_ptr<const riscv::Translation> find_translation(const std::string& key,
                                                           const std::filesystem::path& cache);
std::string translation_key(const riscv::Code& code, const riscv::ProgramEntries& entries);
/// Compiles to a shared object. CompileError, with what the compiler said, if it cannot be;
/// nothing if it was cancelled.
std::optional<std::string> compile_translation(const std::string& source,
                                               const Toolchain& toolchain,
                                               const std::filesystem::path& scratch_parent,
                                               const std::atomic<bool>& cancelled);
/// Finds or makes, and keeps in the cache. As of compile_translation().
std::shared_ptr<const riscv::Translation> make_translation(const riscv::Code& code,
                                                           const riscv::ProgramEntries& entries,
                                                           const Toolchain& toolchain,
                                                           const std::filesystem::path& cache,
                                                           const std::atomic<bool>& cancelled);

class Translator final : public TranslationPort {
public:
    static constexpr std::uint64_t look_up_after = std::uint64_t{1} << 18;
    static constexpr std::uint64_t compile_after = std::uint64_t{1} << 27;
    static constexpr std::chrono::minutes most_compile_time{2};
    /// Larger programs are interpreted: the compiler takes about 2 ms of processor time for each
    /// instruction.
    static constexpr std::uint32_t most_text_bytes = 48 * 1024;

    explicit Translator(TranslationMode mode) : mode_(mode) {}
    /// From now on; empty: as find_toolchain() finds one.
    void set_compiler(std::filesystem::path compiler);
    ~Translator() override;
    Translator(const Translator&) = delete;
    Translator& operator=(const Translator&) = delete;

    void entered(const std::shared_ptr<const Image>& image, const riscv::Code& code) override;
    void ran(const std::shared_ptr<const Image>& image, const riscv::Code& code,
             std::uint64_t instructions) override;

    /// Why programs are not translated although they could be, once.
    std::optional<std::string> take_failure();

private:
    struct Wanted {
        std::shared_ptr<const Image> image;  ///< keeps the code
        const riscv::Code* code = nullptr;
    };
    enum class Stage : std::uint8_t { fresh, looked_up, queued };
    struct Progress {
        std::weak_ptr<const Image> image;
        std::uint64_t instructions = 0;
        Stage stage = Stage::fresh;
    };

    Progress& progress_of(const std::shared_ptr<const Image>& image, const riscv::Code& code);
    void look_up(const Wanted& wanted);
    void make(const Wanted& wanted);
    void fail(std::string reason);
    void work();
    std::optional<Toolchain> toolchain();

    TranslationMode mode_;
    std::unordered_map<const riscv::Code*, Progress> progress_;

    std::atomic<bool> cancelled_ = false;
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::deque<Wanted> queue_;
    std::optional<std::string> failure_;
    std::filesystem::path compiler_;
    std::thread thread_;
    int process_ = 0;  ///< of the host, that started the thread
};

}  // namespace tilewright
