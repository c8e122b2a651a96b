#include <dlfcn.h>

#include "tilewright/base/error.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {
namespace {

/// What the C of a translation exports.
struct Exported {
    const TranslatedEntry* entries;
    const std::uint32_t* addresses;
    std::uint64_t count;  ///< with one in front that is none
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
    for (std::uint64_t i = 1; i < exported->count; ++i) {
        result->entries_.emplace(exported->addresses[i], exported->entries + i);
    }
    return result;
}

Translation::~Translation() {
    if (library_ != nullptr) dlclose(library_);
}

}  // namespace tilewright::riscv
