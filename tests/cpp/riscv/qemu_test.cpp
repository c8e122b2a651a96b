// Random programs, run by qemu-riscv32 and by the interpreter: registers and memory must agree.
//
// Each program is a static Linux executable made here; it ends by writing its page and its
// registers to standard output. TILEWRIGHT_RANDOM_PROGRAMS sets how many programs are tried
// (default 200).
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "flat_machine.hpp"
#include "random_program.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word executable_text = 0x0040'0000;
constexpr Word page = 0x0080'0000;
constexpr Word registers = page + RandomProgram::page_bytes;
constexpr Word output_bytes = RandomProgram::page_bytes + 65 * 4;  // x, f, fcsr
constexpr Word linux_write = 64;
constexpr Word linux_exit = 93;

bool has_qemu() {
    return std::system("command -v qemu-riscv32 >/dev/null 2>&1") == 0;
}

void add_ending(Program& p) {
    p.li(RandomProgram::page_register, registers);
    for (Word r = 1; r < 31; ++r) {
        p.add(Op::sw, {.rs1 = 31, .rs2 = r, .imm = static_cast<std::int32_t>(4 * r)});
    }
    constexpr std::int32_t fcsr = 3;
    for (Word r = 0; r < 32; ++r) {
        p.add(Op::fsw, {.rs1 = 31, .rs2 = r, .imm = static_cast<std::int32_t>(4 * (32 + r))});
    }
    p.add(Op::csrrs, {.rd = 1, .imm = fcsr}).add(Op::sw, {.rs1 = 31, .rs2 = 1, .imm = 4 * 64});
    p.li(10, 1).li(11, page).li(12, output_bytes).li(17, linux_write).ecall();
    p.li(10, 0).li(17, linux_exit).ecall();
}

/// A 32-bit little-endian executable: one segment for the text, one for page and registers.
std::vector<std::byte> make_elf(const Program& program) {
    std::vector<std::byte> file;
    const auto half = [&](Word v) {
        file.push_back(static_cast<std::byte>(v));
        file.push_back(static_cast<std::byte>(v >> 8));
    };
    const auto word = [&](Word v) {
        half(v & 0xFFFF);
        half(v >> 16);
    };
    constexpr Word header_bytes = 52;
    constexpr Word segment_bytes = 32;
    constexpr Word text_offset = 0x1000;
    word(0x464C'457F);      // magic
    word(0x0001'0101);      // 32 bits, little endian, version 1, System V
    word(0), word(0);       // padding
    half(2), half(243);     // executable, RISC-V
    word(1);                // version
    word(executable_text);  // entry
    word(header_bytes);     // segments follow the header
    word(0), word(0);       // no sections, no flags
    half(header_bytes), half(segment_bytes), half(2);
    half(0), half(0), half(0);  // no sections
    const auto segment = [&](Word offset, Word address, Word in_file, Word in_memory, Word flags) {
        word(1);
        word(offset), word(address), word(address), word(in_file), word(in_memory), word(flags);
        word(0x1000);
    };
    segment(text_offset, executable_text, program.size(), program.size(), 5);
    segment(0, page, 0, 0x2000, 6);
    file.resize(text_offset);
    const auto text = program.bytes();
    file.insert(file.end(), text.begin(), text.end());
    return file;
}

/// What the program writes when qemu-riscv32 runs it.
std::vector<std::byte> run_in_qemu(const Program& program, const std::filesystem::path& path) {
    {
        const std::vector<std::byte> elf = make_elf(program);
        std::ofstream out(path, std::ios::binary);
        out.write(reinterpret_cast<const char*>(elf.data()),
                  static_cast<std::streamsize>(elf.size()));
    }
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    const std::string command = "qemu-riscv32 -cpu rv32,zba=true,zbb=true '" + path.string() + "'";
    std::vector<std::byte> output(output_bytes + 1);
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot start " + command);
    output.resize(std::fread(output.data(), 1, output.size(), pipe));
    const int status = pclose(pipe);
    if (status != 0) throw std::runtime_error("qemu-riscv32 ended with " + std::to_string(status));
    return output;
}

enum class Place { near, far, bus };

/// The same page by way of the bus alone.
class PageMachine : public FlatMachine {
public:
    explicit PageMachine(Place place) : bytes(2 * RandomProgram::page_bytes) {
        const Region all{page, 2 * RandomProgram::page_bytes, bytes.data()};
        memory = {};
        if (place == Place::near) memory.near = all;
        if (place == Place::far) memory.far = memory.far_store = all;
    }
    Access load(Word address, Word n, std::uint64_t) override {
        Access a;
        std::memcpy(&a.value, bytes.data() + (address - page), n);
        return a;
    }
    Cause store(Word address, Word n, Word value, std::uint64_t) override {
        std::memcpy(bytes.data() + (address - page), &value, n);
        return Cause::none;
    }
    Access atomic(AtomicOp op, Word address, Word operand, std::uint64_t cycle) override {
        const Access a = load(address, 4, cycle);
        store(address, 4, apply(op, a.value, operand), cycle);
        return a;
    }
    Access load_reserved(Word address, std::uint64_t cycle) override {
        return load(address, 4, cycle);
    }
    Cause store_conditional(Word address, Word value, std::uint64_t cycle) override {
        return store(address, 4, value, cycle);
    }

    std::vector<std::byte> bytes;
};

void compare_with_qemu(bool with_short) {
    if (!has_qemu()) GTEST_SKIP() << "qemu-riscv32 is not on PATH (Debian: qemu-user)";
    const char* wanted = std::getenv("TILEWRIGHT_RANDOM_PROGRAMS");
    const int programs = wanted != nullptr ? std::atoi(wanted) : 200;
    const auto path = std::filesystem::temp_directory_path() /
                      ("tilewright-random-program-" + std::to_string(getpid()));
    std::uint64_t compared = 0;
    for (int n = 0; n < programs && !testing::Test::HasFailure(); ++n) {
        SCOPED_TRACE("seed " + std::to_string(n));
        RandomProgram random =
            RandomProgramMaker(static_cast<std::uint64_t>(n), executable_text, page, with_short)
                .make(2000);
        add_ending(random.program);
        const std::vector<std::byte> expected = run_in_qemu(random.program, path);
        ASSERT_EQ(expected.size(), output_bytes);

        const Code code(random.program.bytes(), executable_text,
                        with_short ? everything_short() : everything(), {});
        for (const Place place : {Place::near, Place::far, Place::bus}) {
            PageMachine machine(place);
            machine.start(executable_text);
            ASSERT_EQ(machine.run(code), Stop::environment);
            ASSERT_EQ(machine.hart.x[17], linux_write);
            for (Word r = 1; r < 65; ++r) {
                if (r == 31) continue;  // holds an address of this ending
                Word theirs = 0;
                Word ours = 0;
                std::memcpy(&theirs, expected.data() + RandomProgram::page_bytes + 4 * r, 4);
                std::memcpy(&ours, machine.bytes.data() + RandomProgram::page_bytes + 4 * r, 4);
                EXPECT_EQ(ours, theirs) << (r == 64  ? std::string("fcsr")
                                            : r < 32 ? "x" + std::to_string(r)
                                                     : "f" + std::to_string(r - 32));
            }
            EXPECT_EQ(std::memcmp(machine.bytes.data(), expected.data(), output_bytes), 0);
            if (place == Place::near) compared += machine.hart.retired;
        }
    }
    std::filesystem::remove(path);
    testing::Test::RecordProperty("instructions", std::to_string(compared));
    if (programs >= 200) {
        EXPECT_GE(compared, 500'000u);
    }
}

TEST(Qemu, RandomProgramsAgree) {
    compare_with_qemu(false);
}

TEST(Qemu, RandomProgramsWithShortInstructionsAgree) {
    compare_with_qemu(true);
}

}  // namespace
}  // namespace tilewright::riscv::test
