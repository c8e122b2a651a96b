// Code for the cores: an ELF image with the types of its parameters.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/riscv/elf_error.hpp"
#include "tilewright/runtime/buffer.hpp"
#include "tilewright/runtime/compiler.hpp"

namespace tilewright {

class Image;

/// An immutable kernel; copies share the image and its decoded code. Any device may run it.
class TILEWRIGHT_API Kernel {
public:
    /// From the bytes of an ELF file. ElfError if it is not an executable for these cores.
    static Kernel from_elf(std::span<const std::byte> elf, std::string name);
    /// From an ELF file. ElfError if it is missing or damaged.
    static Kernel from_elf_file(const std::filesystem::path& path);
    /// One of the kernels that come with the library, by name; ConfigError lists them otherwise.
    static Kernel builtin(std::string_view name);
    static std::vector<std::string> builtin_names();
    /// Compile C++ (runtime/compiler.hpp). CompileError carries the compiler's own text.
    static Kernel from_file(const std::filesystem::path& source,
                            const CompileOptions& options = {});
    static Kernel from_source(std::string_view text, std::string name,
                              const CompileOptions& options = {});

    const std::string& name() const;
    /// Letters of abi::Parameter; none if the kernel takes raw words (no signature section).
    const std::optional<std::string>& signature() const;
    std::span<const std::byte> elf() const;
    const std::shared_ptr<const Image>& image() const { return image_; }

private:
    explicit Kernel(std::shared_ptr<const Image> image);
    std::shared_ptr<const Image> image_;
    std::optional<std::string> signature_;
};

/// A launch argument (firmware/arguments.hpp says which parameters it fits).
using Argument = std::variant<std::int64_t, std::uint64_t, double, Buffer, Semaphore>;

/// The words a kernel finds in its argument area. ArgumentError names the kernel and the argument
/// whose type or size does not fit, or the count that was expected.
TILEWRIGHT_API std::vector<std::uint32_t> encode_arguments(const Kernel& kernel,
                                                           std::span<const Argument> args);

}  // namespace tilewright
