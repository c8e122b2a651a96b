#include "tilewright/runtime/kernel.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/firmware/signature.hpp"
#include "tilewright/runtime/device_files.hpp"

namespace tilewright {

Kernel::Kernel(std::shared_ptr<const Image> image)
    : image_(std::move(image)),
      signature_(firmware::signature(image_->program(), image_->name())) {}

Kernel Kernel::from_elf(std::span<const std::byte> elf, std::string name) {
    return Kernel(std::make_shared<Image>(elf, std::move(name)));
}

Kernel Kernel::from_elf_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) {
        throw ElfError("'" + path.string() +
                       "': cannot be read; expected the ELF file of a kernel");
    }
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    return from_elf(std::as_bytes(std::span(bytes)), path.stem().string());
}

std::vector<std::string> Kernel::builtin_names() {
    std::vector<std::string> names;
    std::error_code missing;  // then there are none
    for (const auto& entry :
         std::filesystem::directory_iterator(find_device_files().kernels(), missing)) {
        if (entry.path().extension() == ".elf") names.push_back(entry.path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

Kernel Kernel::builtin(std::string_view name) {
    const std::vector<std::string> names = builtin_names();
    if (std::ranges::find(names, name) == names.end()) {
        std::string known;
        for (const std::string& n : names) add_item(known, n);
        throw ConfigError("no built-in kernel '" + std::string(name) +
                          "'; expected one of: " + known);
    }
    return from_elf_file(find_device_files().kernels() / (std::string(name) + ".elf"));
}

Kernel Kernel::from_file(const std::filesystem::path& source, const CompileOptions& options) {
    return from_elf(compile_kernel(source, options).elf, source.stem().string());
}

Kernel Kernel::from_source(std::string_view text, std::string name, const CompileOptions& options) {
    const Compiled compiled = compile_kernel_text(text, name, options);
    return from_elf(compiled.elf, std::move(name));
}

const std::string& Kernel::name() const {
    return image_->name();
}
const std::optional<std::string>& Kernel::signature() const {
    return signature_;
}
std::span<const std::byte> Kernel::elf() const {
    return image_->elf();
}

}  // namespace tilewright
