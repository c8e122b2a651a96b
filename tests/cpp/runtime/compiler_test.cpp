// The kernel compiler: what it makes, when its cache may answer, and what its errors say.
#include "tilewright/runtime/compiler.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "runtime/compile_cache.hpp"
#include "runtime/process.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/lines.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

constexpr char minimal[] = "extern \"C\" void kernel_main() {}\n";

std::string slurp(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class Compiler : public testing::Test {
protected:
    Compiler() {
        std::string name = (fs::temp_directory_path() / "compiler_test.XXXXXX").string();
        folder = mkdtemp(name.data());
        setup = {find_toolchain(TILEWRIGHT_TEST_ZIG),
                 {fs::path(TILEWRIGHT_BUILD_DIR) / "share" / "tilewright"},
                 folder / "cache"};
        // The start-up code as the build compiled it, which else every test would do again.
        const fs::path made = fs::path(TILEWRIGHT_BUILD_DIR) / "kernel-cache";
        if (fs::exists(made)) fs::copy(made, setup.cache, fs::copy_options::recursive);
    }
    ~Compiler() override { fs::remove_all(folder); }

    fs::path write(const std::string& name, const std::string& text) const {
        const fs::path path = folder / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
        // Well before any compilation: what changes during one is not cached.
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::seconds(2));
        return path;
    }

    Compiled compile(const fs::path& source, const CompileOptions& options = {}) const {
        return compile_kernel(std::span(&source, 1), options, setup);
    }
    Compiled compile_text(const std::string& text, const CompileOptions& options = {}) const {
        return compile_kernel_text(text, "text.cpp", options, setup);
    }

    std::string error_of(const std::string& text, const CompileOptions& options = {}) const {
        try {
            compile_text(text, options);
        } catch (const CompileError& error) {
            return error.what();
        }
        ADD_FAILURE() << "it compiled:\n" << text;
        return "";
    }

    static riscv::ElfImage image(const Compiled& compiled) {
        return riscv::parse_elf(compiled.elf, "compiled");
    }
    /// The signature section as text: a way to see which source was compiled.
    static std::string signature(const Compiled& compiled) {
        const riscv::ElfImage elf = image(compiled);
        const auto bytes = elf.section(abi::signature_section);
        return bytes ? std::string(reinterpret_cast<const char*>(bytes->data())) : "none";
    }
    static std::string kernel_with(const std::string& parameters) {
        return "#include \"tilewright/kernel.hpp\"\nusing namespace tilewright::kernel;\n"
               "static void body(" +
               parameters + ") {}\nTILEWRIGHT_KERNEL(body)\n";
    }

    /// All files of the cache that hold entries.
    std::vector<fs::path> entries() const {
        std::vector<fs::path> result;
        for (const auto& entry : fs::recursive_directory_iterator(setup.cache))
            if (entry.is_regular_file() && entry.path().extension() != ".elf")
                result.push_back(entry.path());
        return result;
    }

    fs::path folder;
    CompileSetup setup;
};

TEST_F(Compiler, MakesAnExecutableForTheImageWindow) {
    const Compiled compiled = compile(write("k.cpp", minimal));
    EXPECT_FALSE(compiled.from_cache);
    EXPECT_EQ(compiled.output, "");
    const riscv::ElfImage elf = image(compiled);
    EXPECT_EQ(elf.entry, abi::image_base);
    EXPECT_FALSE(riscv::image_bytes(elf, abi::image_base, abi::image_window_bytes).empty());
    EXPECT_EQ(slurp(compiled.path),
              std::string(reinterpret_cast<const char*>(compiled.elf.data()), compiled.elf.size()));
}

TEST_F(Compiler, WritesTheSignature) {
    EXPECT_EQ(signature(compile_text(kernel_with("Buffer, Buffer, float, std::uint32_t"))), "BBfu");
    EXPECT_EQ(signature(compile_text(kernel_with("bool, int, std::uint64_t, std::int64_t, double, "
                                                 "Semaphore"))),
              "uiUIdS");
    EXPECT_EQ(signature(compile_text(kernel_with(""))), "");
    EXPECT_EQ(signature(compile_text(minimal)), "none");
}

TEST_F(Compiler, RefusesParametersThatAreNoArguments) {
    EXPECT_TRUE(contains(error_of(kernel_with("char")), "a kernel parameter is"));
    EXPECT_TRUE(contains(error_of(kernel_with("int*")), "a kernel parameter is"));
}

TEST_F(Compiler, ErrorsCarryTheCompilersTextWithFileAndLine) {
    const std::string text = error_of("int fine;\nint broken = unknown_name;\n");
    EXPECT_TRUE(contains(text, "text.cpp:2:14: error:")) << text;
    EXPECT_TRUE(contains(text, "unknown_name")) << text;
    EXPECT_FALSE(contains(text, folder.string())) << text;

    const fs::path file = write("bad.cpp", "\n\n#error stop here\n");
    try {
        compile(file);
        FAIL();
    } catch (const CompileError& error) {
        EXPECT_TRUE(contains(error.what(), file.string() + ":3:2: error: stop here"))
            << error.what();
    }
}

TEST_F(Compiler, LinkErrorsExplainThemselves) {
    EXPECT_TRUE(contains(error_of("int nothing;\n"), "TILEWRIGHT_KERNEL(function)"));
    const std::string missing =
        error_of("void absent();\nextern \"C\" void kernel_main() {\n    absent();\n}\n");
    EXPECT_TRUE(contains(missing, "undefined symbol: absent()")) << missing;
    EXPECT_TRUE(contains(missing, "text.cpp:3")) << missing;
    const std::string large =
        error_of("volatile char big[3500];\nextern \"C\" void kernel_main() { big[3] = 1; }\n");
    EXPECT_TRUE(contains(large, "less than 1 KiB")) << large;
}

TEST_F(Compiler, GlobalsMayFillAllButTheStack) {
    EXPECT_NO_THROW(compile_text(
        "volatile char big[3000];\nextern \"C\" void kernel_main() { big[3] = 1; }\n"));
}

TEST_F(Compiler, WarningsAreGivenEachTime) {
    const std::string text = "static int unused;\n" + std::string(minimal);
    const Compiled first = compile_text(text);
    const Compiled again = compile_text(text);
    EXPECT_TRUE(contains(first.output, "text.cpp:1:12: warning:")) << first.output;
    EXPECT_TRUE(again.from_cache);
    EXPECT_EQ(again.output, first.output);
}

TEST_F(Compiler, DefinesAndIncludePathsReachTheSource) {
    write("include/part.hpp", "#define PARAMETERS float, NAME\n");
    const std::string text = "#include \"part.hpp\"\n" + kernel_with("PARAMETERS");
    const CompileOptions options{.defines = {"NAME=std::int64_t"},
                                 .include_paths = {folder / "include"}};
    EXPECT_EQ(signature(compile_text(text, options)), "fI");
    EXPECT_TRUE(contains(error_of(text), "'part.hpp' file not found"));
}

TEST_F(Compiler, ExtraFlagsAndOptimisationReachTheCompiler) {
    EXPECT_TRUE(contains(error_of("#warning careful\n", {.extra_flags = {"-Werror"}}), "careful"));
    const std::string text =
        "#ifdef __OPTIMIZE__\n#error optimised\n#endif\n" + std::string(minimal);
    EXPECT_NO_THROW(compile_text(text, {.optimisation = "0"}));
    EXPECT_TRUE(contains(error_of(text), "optimised"));
}

TEST_F(Compiler, TheIsaDecidesWhichInstructionsThereAre) {
    const std::string text = "#ifdef __riscv_zba\n#error has zba\n#endif\n" + std::string(minimal);
    EXPECT_TRUE(contains(error_of(text), "has zba"));
    EXPECT_NO_THROW(compile_text(text, {.isa = "rv32im_zicsr_zaamo_zalrsc"}));
    for (const char* wrong : {"", "rv64i", "rv32i_", "rv32iM", "rv32i_zba_", "x86"})
        EXPECT_TRUE(contains(error_of(minimal, {.isa = wrong}), "ISA string")) << wrong;
}

TEST_F(Compiler, MissingFilesAreNamed) {
    try {
        compile(folder / "absent.cpp");
        FAIL();
    } catch (const CompileError& error) {
        EXPECT_TRUE(contains(error.what(), "absent.cpp cannot be read")) << error.what();
    }
    EXPECT_THROW(compile(folder), CompileError);
    EXPECT_THROW(compile_kernel(std::span<const fs::path>{}, {}, setup), CompileError);
}

TEST_F(Compiler, SeveralSourcesBecomeOneKernel) {
    const std::vector<fs::path> sources{
        write("a.cpp", "int number();\nextern \"C\" void kernel_main() { number(); }\n"),
        write("b.cpp", "int number() { return 4; }\n")};
    const auto functions = image(compile_kernel(sources, {}, setup)).functions;
    EXPECT_TRUE(std::any_of(functions.begin(), functions.end(),
                            [](const auto& f) { return f.name == "number()"; }));
}

TEST_F(Compiler, DebugLinesNameTheSource) {
    const auto first_line = [&](const Compiled& compiled) {
        const riscv::ElfImage elf = image(compiled);
        const riscv::LineTable table(elf);
        for (const riscv::ElfFunction& f : elf.functions)
            if (f.name == "kernel_main") return table.find(f.address);
        return riscv::SourceLocation{};
    };
    const std::string text = "\n\n" + std::string(minimal);
    EXPECT_EQ(first_line(compile_text(text)),
              (riscv::SourceLocation{"text.cpp", 3, "kernel_main"}));
    const fs::path file = write("some/folder/k.cpp", text);
    EXPECT_EQ(first_line(compile(file)).file, file.string());
    const Compiled hidden = compile(file, {.hide_source_folder = true});
    EXPECT_EQ(first_line(hidden), (riscv::SourceLocation{"k.cpp", 3, "kernel_main"}));
    EXPECT_FALSE(contains(slurp(hidden.path), folder.string()));
}

TEST_F(Compiler, TheCacheAnswersForTheSameInputOnly) {
    const fs::path source = write("k.cpp", kernel_with("int"));
    EXPECT_FALSE(compile(source).from_cache);
    EXPECT_TRUE(compile(source).from_cache);
    EXPECT_FALSE(compile(source, {.defines = {"OTHER"}}).from_cache);
    EXPECT_FALSE(compile(source, {.isa = "rv32im_zicsr_zaamo_zalrsc"}).from_cache);
    write("k.cpp", kernel_with("float"));
    const Compiled changed = compile(source);
    EXPECT_FALSE(changed.from_cache);
    EXPECT_EQ(signature(changed), "f");
    write("k.cpp", kernel_with("int"));
    const Compiled back = compile(source);
    EXPECT_TRUE(back.from_cache);
    EXPECT_EQ(signature(back), "i");
}

TEST_F(Compiler, AChangedHeaderIsNoticedHoweverItIsReached) {
    write("inner one.hpp", "#define PARAMETERS int\n");
    write("outer.hpp", "#include \"inner one.hpp\"\n");
    const fs::path source = write("k.cpp", "#include \"outer.hpp\"\n" + kernel_with("PARAMETERS"));
    EXPECT_EQ(signature(compile(source)), "i");
    EXPECT_TRUE(compile(source).from_cache);
    write("inner one.hpp", "#define PARAMETERS Buffer\n");
    const Compiled changed = compile(source);
    EXPECT_FALSE(changed.from_cache);
    EXPECT_EQ(signature(changed), "B");
    fs::remove(folder / "inner one.hpp");
    EXPECT_THROW(compile(source), CompileError);
}

TEST_F(Compiler, AChangedKernelApiIsNoticed) {
    const fs::path device = folder / "device";
    fs::copy(setup.files.root, device, fs::copy_options::recursive);
    setup.files = {device};
    const std::string text = kernel_with("int");
    compile_text(text);
    EXPECT_TRUE(compile_text(text).from_cache);
    std::ofstream(device / "include/tilewright/kernel/l1.hpp", std::ios::app) << "// more\n";
    EXPECT_FALSE(compile_text(text).from_cache);
    std::ofstream(device / "runtime/start.cpp", std::ios::app) << "int grown;\n";
    EXPECT_FALSE(compile_text(text).from_cache);
}

TEST_F(Compiler, DamagedEntriesAreMadeAnew) {
    const Compiled good = compile_text(kernel_with("int"));
    for (const fs::path& entry : entries()) {
        std::string bytes = slurp(entry);
        bytes[bytes.size() / 2] ^= 1;
        std::ofstream(entry, std::ios::binary) << bytes;
    }
    std::ofstream(good.path) << "short";
    const Compiled again = compile_text(kernel_with("int"));
    EXPECT_FALSE(again.from_cache);
    EXPECT_EQ(again.elf, good.elf);
    EXPECT_EQ(slurp(again.path).size(), good.elf.size());
    EXPECT_TRUE(compile_text(kernel_with("int")).from_cache);
}

TEST_F(Compiler, ProcessesMayShareACache) {
    fs::remove_all(setup.cache);
    const fs::path source = write("k.cpp", kernel_with("int, float"));
    const std::string tool = std::string(TILEWRIGHT_BUILD_DIR) + "/bin/tilewright-cc";
    std::vector<std::future<ProcessResult>> runs;
    for (int i = 0; i < 4; ++i)
        runs.push_back(std::async(std::launch::async, [&, i] {
            return run_process(
                {tool, source.string(), "-o", (folder / (std::to_string(i) + ".elf")).string(),
                 "--toolchain", TILEWRIGHT_TEST_ZIG, "--device-dir", setup.files.root.string()},
                {{"TILEWRIGHT_CACHE", setup.cache.string()}});
        }));
    for (auto& run : runs) {
        const ProcessResult result = run.get();
        EXPECT_EQ(result.status, 0) << result.output;
    }
    const Compiled here = compile(source, {.hide_source_folder = true});
    EXPECT_TRUE(here.from_cache);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(slurp(folder / (std::to_string(i) + ".elf")), slurp(here.path));
    EXPECT_TRUE(fs::is_empty(setup.cache / "work"));
}

TEST_F(Compiler, ACacheThatCannotBeWrittenIsNamed) {
    setup.cache = write("file", "") / "below";
    EXPECT_TRUE(contains(error_of(minimal), "TILEWRIGHT_CACHE"));
    EXPECT_TRUE(contains(error_of(minimal), "Not a directory"));
}

/// The environment as it was, at the end.
class CacheFolder : public testing::Test {
protected:
    void SetUp() override {
        for (const char* name : names) {
            const char* value = std::getenv(name);
            before.emplace_back(value == nullptr ? std::nullopt
                                                 : std::optional<std::string>(value));
            unsetenv(name);
        }
        std::ofstream(scratch.path() / "file").put('\n');
        setenv("TMPDIR", scratch.path().c_str(), 1);
    }
    void TearDown() override {
        for (std::size_t i = 0; i < before.size(); ++i) {
            before[i] ? setenv(names[i], before[i]->c_str(), 1) : unsetenv(names[i]);
        }
    }
    static constexpr const char* names[] = {"TILEWRIGHT_CACHE", "XDG_CACHE_HOME", "HOME", "TMPDIR"};
    std::vector<std::optional<std::string>> before;
    ScratchFolder scratch{fs::temp_directory_path()};
    const fs::path temporary = scratch.path() / ("tilewright-" + std::to_string(getuid()));
};

TEST_F(CacheFolder, IsWhereItCanBeWrittenTo) {
    EXPECT_EQ(cache_folder(), temporary) << "no home";
    const std::string home = (scratch.path() / "home").string();
    setenv("HOME", home.c_str(), 1);
    EXPECT_EQ(cache_folder(), home + "/.cache/tilewright") << "made if it is not there";
    for (const std::string& bad : {(scratch.path() / "file").string(), std::string("/proc")}) {
        setenv("HOME", bad.c_str(), 1);
        EXPECT_EQ(cache_folder(), temporary) << bad;
        setenv("HOME", home.c_str(), 1);
        setenv("XDG_CACHE_HOME", bad.c_str(), 1);
        EXPECT_EQ(cache_folder(), temporary) << bad;
        setenv("TILEWRIGHT_CACHE", bad.c_str(), 1);
        EXPECT_EQ(cache_folder(), bad) << "what was named is not changed for something else";
        unsetenv("TILEWRIGHT_CACHE");
        unsetenv("XDG_CACHE_HOME");
    }
    unsetenv("HOME");
    setenv("TMPDIR", "/nonexistent", 1);
    EXPECT_EQ(cache_folder(), "/tmp/tilewright-" + std::to_string(getuid()));
}

TEST(ToolchainSearch, SaysWhatIsWrongWithWhatWasNamed) {
    const auto message = [](const fs::path& path) -> std::string {
        try {
            find_toolchain(path);
        } catch (const CompileError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_TRUE(contains(message("/absent/zig"), "no compiler at /absent/zig"));
    EXPECT_TRUE(contains(message("/bin/true"), "/bin/true is not an LLVM clang++"));
}

TEST(ToolchainSearch, NothingAtAllNamesTheExtraToInstall) {
    // In a process of its own, as the search reads the environment.
    const ProcessResult result = run_process(
        {std::string(TILEWRIGHT_BUILD_DIR) + "/bin/tilewright-cc", "k.cpp", "-o", "k.elf"},
        {{"PATH", "/absent"}, {"VIRTUAL_ENV", ""}, {"TILEWRIGHT_CXX", ""}});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(contains(result.output, "pip install tilewright[compiler]")) << result.output;
}

TEST(DeviceFilesSearch, NamesAFolderThatLacksThem) {
    // In a process of its own, as the search reads the environment.
    const ProcessResult result = run_process(
        {std::string(TILEWRIGHT_BUILD_DIR) + "/bin/tilewright-cc", "k.cpp", "-o", "k.elf"},
        {{"TILEWRIGHT_DEVICE_DIR", "/absent/folder"}});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(contains(result.output, "no device files in /absent/folder")) << result.output;
    EXPECT_TRUE(contains(result.output, "TILEWRIGHT_DEVICE_DIR")) << result.output;
}

TEST(DeviceFilesSearch, FindsThoseOfTheBuild) {
    if (std::getenv("TILEWRIGHT_DEVICE_DIR") != nullptr)
        GTEST_SKIP() << "TILEWRIGHT_DEVICE_DIR is set";
    EXPECT_EQ(fs::canonical(find_device_files().root),
              fs::canonical(fs::path(TILEWRIGHT_BUILD_DIR) / "share" / "tilewright"));
}

}  // namespace
}  // namespace tilewright
