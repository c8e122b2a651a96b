// Kernel: code for the cores, from C++, from ELF files or from the package. Compiling releases the
// GIL, since it starts other programs.
#include "tilewright/runtime/kernel.hpp"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "host_bytes.hpp"
#include "tilewright/runtime/compiler.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

CompileOptions make_options(std::vector<std::string> defines,
                            std::vector<std::filesystem::path> include_paths,
                            std::string optimisation, std::filesystem::path compiler,
                            std::optional<std::string> isa) {
    CompileOptions options;
    options.defines = std::move(defines);
    options.include_paths = std::move(include_paths);
    options.optimisation = std::move(optimisation);
    options.compiler = std::move(compiler);
    if (isa) options.isa = std::move(*isa);
    return options;
}

Kernel from_elf(nb::handle elf, std::string name) {
    const HostBytes bytes(elf, HostBytes::Access::read);
    return Kernel::from_elf(bytes.span(), std::move(name));
}

nb::bytes elf_of(const Kernel& kernel) {
    const auto elf = kernel.elf();
    return nb::bytes(elf.data(), elf.size());
}

}  // namespace

void bind_kernel(nb::module_& module) {
    nb::class_<CompileOptions>(module, "CompileOptions", "How a kernel is compiled.")
        .def(nb::new_(&make_options), "defines"_a, "include_paths"_a, "optimisation"_a,
             "compiler"_a, "isa"_a = nb::none());

    nb::class_<Kernel>(module, "Kernel", "An executable for the cores of any device.")
        .def_static("from_elf", &from_elf, "elf"_a, "name"_a)
        .def_static("from_elf_file", &Kernel::from_elf_file, "path"_a)
        .def_static("builtin", &Kernel::builtin, "name"_a)
        .def_static("builtin_names", &Kernel::builtin_names)
        .def_static("from_file", &Kernel::from_file, "path"_a, "options"_a,
                    nb::call_guard<nb::gil_scoped_release>())
        .def_static("from_source", &Kernel::from_source, "text"_a, "name"_a, "options"_a,
                    nb::call_guard<nb::gil_scoped_release>())
        .def_prop_ro("name", &Kernel::name)
        .def_prop_ro("signature", &Kernel::signature)
        .def_prop_ro("elf", &elf_of);

    module.def(
        "device_directory", [] { return find_device_files().root; },
        "Where kernel headers, start-up code and shipped kernels lie.");
    module.def(
        "compiler_description",
        [](const std::filesystem::path& compiler) { return find_toolchain(compiler).description; },
        "compiler"_a, "The compiler that would be used; CompileError if there is none.");
    module.def("cache_folder", &cache_folder, "Where compiled kernels are kept.");
}

}  // namespace tilewright::python
