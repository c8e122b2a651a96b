#include <dlfcn.h>

#include "tilewright/base/error.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {
namespace {

/// What the C of a translation exports. Each of the tables has one in front that is none.
struct Exported {
    const TranslatedEntry* entries;
    const std::uint32_t* addresses;
    const std::uint32_t* functions;
    std::uint64_t entry_count;
    std::uint64_t function_count;
};

}  // namespace

std::shared_ptr<const Translation> Translation::load(const std::filesystem::path& path) {
    std::shared_ptr<Translation> result(new Translation);
    result->library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (result->library_ == nullptr) {
        const char* const reason = dlerror();
        throw FileError(path.string() + " cannot be loaded: " + (reason != nullptr ? reason : ""));
    }
    const auto* const exported =
        static_cast<const Exported*>(dlsym(result->library_, "tilewright_translation"));
    const auto* const key =
        static_cast<const char*>(dlsym(result->library_, "tilewright_translation_key"));
    if (exported == nullptr || key == nullptr) {
        throw FileError(path.string() + " is no translation of a program");
    }
    result->key_ = key;
    result->functions_.assign(exported->functions + 1,
                              exported->functions + exported->function_count);
    for (std::uint64_t i = 1; i < exported->entry_count; ++i) {
        const TranslatedEntry* const entry = exported->entries + i;
        if (entry->enter != nullptr) result->entries_.emplace(exported->addresses[i], entry);
    }
    return result;
}

Translation::~Translation() {
    if (library_ != nullptr) dlclose(library_);
}

}  // namespace tilewright::riscv
