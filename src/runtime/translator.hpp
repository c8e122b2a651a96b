// Translates the programs of a device (riscv/translation.hpp) while the interpreter runs them.
//
//  - A program of which `look_up_after` instructions were interpreted is looked for among the
//    translations that ship and in the cache of compiled kernels; what is not there is compiled
//    when TranslationPlan says so, in a thread of its own, which works at a low priority and ends
//    when it has nothing left to do. What it has made is adopted when the program is next told of,
//    and used from the next block entry on. What is simulated does not depend on it.
//  - Without a compiler for the host nothing is compiled. One that fails is not asked again, and
//    take_failure() has what it said; one that takes longer than `most_compile_time` is killed. So
//    is one at work when the device is closed.
//  - The thread touches no Code and no loader, and a process that was forked keeps to what it has:
//    nothing waits there for a thread that it does not have.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "runtime/translation_plan.hpp"
#include "tilewright/chip/translation_port.hpp"
#include "tilewright/runtime/device_options.hpp"

namespace tilewright {

class Translator final : public TranslationPort {
public:
    static constexpr std::uint64_t look_up_after = std::uint64_t{1} << 18;
    /// On a busy host the compiler waits for others.
    static constexpr std::chrono::minutes most_compile_time{10};

    explicit Translator(TranslationMode mode) : mode_(mode) {}
    /// From now on; empty: as find_toolchain() finds one.
    void set_compiler(std::filesystem::path compiler);
    ~Translator() override;
    Translator(const Translator&) = delete;
    Translator& operator=(const Translator&) = delete;

    void entered(const std::shared_ptr<const Image>& image, const riscv::Code& code) override;
    void interpreted(const std::shared_ptr<const Image>& image, const riscv::Code& code,
                     std::uint32_t pc, std::uint64_t instructions) override;

    /// Why programs are not translated although they could be, once.
    std::optional<std::string> take_failure();

private:
    /// What is known once a program was looked up.
    struct Known {
        Known(const riscv::ElfImage& elf, const riscv::Code& code)
            : program(elf, code), plan(program) {}
        Known(const Known&) = delete;
        Known& operator=(const Known&) = delete;
        const TranslatedProgram program;
        TranslationPlan plan;
        unsigned parts = 0;  ///< in the cache
        bool compiling = false;
    };
    struct Progress {
        std::weak_ptr<const Image> image;
        std::uint64_t instructions = 0;
        std::shared_ptr<Known> known;
    };
    struct Part {
        std::shared_ptr<const Image> image;  ///< keeps the code
        std::shared_ptr<Known> known;
        std::vector<std::uint32_t> functions;
        std::string key;
        std::filesystem::path compiler;
        std::string object{};   ///< once it is made
        std::string failure{};  ///< or why it is not, if there is more to say than no compiler
    };

    bool is_foreign() const;
    Progress& progress_of(const std::shared_ptr<const Image>& image, const riscv::Code& code);
    static std::shared_ptr<Known> look_up(const Image& image, const riscv::Code& code);
    Part new_part(const std::shared_ptr<const Image>& image, const std::shared_ptr<Known>& known,
                  std::vector<std::uint32_t> functions) const;
    void start(Part part);
    void work();
    void make(Part& part);
    void adopt_made();
    void adopt(const Part& part);

    const TranslationMode mode_;
    std::atomic<bool> cancelled_ = false;
    std::atomic<bool> failed_ = false;  ///< or there is no compiler
    std::atomic<bool> made_some_ = false;
    std::atomic<int> process_ = 0;  ///< of the host, that started the thread
    std::mutex mutex_;              ///< guards what follows
    std::unordered_map<const riscv::Code*, Progress> progress_;
    std::deque<Part> wanted_;
    std::vector<Part> made_;
    bool working_ = false;  ///< the thread takes what is wanted
    std::thread thread_;
    std::optional<std::string> failure_;
    std::filesystem::path compiler_;
};

}  // namespace tilewright
