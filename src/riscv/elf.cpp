// Reading of ELF executables: headers, segments, sections and the functions of the symbol table.
//
// Offsets and sizes are 32-bit in the file and are added as 64-bit numbers here, so no sum wraps.
#include "tilewright/riscv/elf.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tilewright/base/text.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::size_t file_header_bytes = 52;
constexpr std::size_t program_header_bytes = 32;
constexpr std::size_t section_header_bytes = 40;
constexpr std::size_t symbol_bytes = 16;

constexpr std::uint32_t type_executable = 2;
constexpr std::uint32_t machine_riscv = 243;
constexpr std::uint32_t segment_load = 1;
constexpr std::uint32_t segment_executable = 1;
constexpr std::uint32_t segment_writable = 2;
constexpr std::uint32_t section_symbols = 2;
constexpr std::uint32_t section_no_bits = 8;
constexpr std::uint32_t symbol_function = 2;
constexpr std::uint32_t binding_local = 0;

/// Longer names are kept as they are: the demangler's effort has no useful bound.
constexpr std::size_t longest_demangled = 2000;

class Parser {
public:
    Parser(std::span<const std::byte> file, std::string_view name) : name_(name) {
        image_.name = name;
        image_.storage = std::make_shared<const std::vector<std::byte>>(file.begin(), file.end());
        file_ = *image_.storage;
        image_.bytes = file_;
    }

    ElfImage parse() {
        file_header();
        segments();
        sections();
        return std::move(image_);
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw ElfError(std::string(name_) + ": not a usable kernel executable: " + what);
    }

    /// The bytes [offset, offset + size) of the file, or an error that says whose they are.
    std::span<const std::byte> range(std::uint64_t offset, std::uint64_t size,
                                     const std::string& what) const {
        if (offset > file_.size() || size > file_.size() - offset)
            fail(what + " at " + hex(offset) + " with " + std::to_string(size) +
                 " bytes lies outside the file of " + std::to_string(file_.size()) + " bytes");
        return file_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
    }

    static std::uint32_t u8(std::span<const std::byte> bytes, std::size_t at) {
        return std::to_integer<std::uint32_t>(bytes[at]);
    }
    static std::uint32_t u16(std::span<const std::byte> bytes, std::size_t at) {
        return u8(bytes, at) | u8(bytes, at + 1) << 8;
    }
    static std::uint32_t u32(std::span<const std::byte> bytes, std::size_t at) {
        return u16(bytes, at) | u16(bytes, at + 2) << 16;
    }

    /// The text at `offset` of a string table, which must end within it.
    std::string_view text(std::span<const std::byte> table, std::uint32_t offset,
                          const std::string& what) const {
        if (offset < table.size()) {
            const auto* first = reinterpret_cast<const char*>(table.data()) + offset;
            const std::size_t room = table.size() - offset;
            if (const void* end = std::memchr(first, 0, room))
                return {first, static_cast<std::size_t>(static_cast<const char*>(end) - first)};
        }
        fail(what + " has a name at " + hex(offset) + " that its string table of " +
             std::to_string(table.size()) + " bytes does not hold");
    }

    void file_header() {
        constexpr std::array<std::uint8_t, 4> magic{0x7F, 'E', 'L', 'F'};
        if (file_.size() < file_header_bytes)
            fail("it has " + std::to_string(file_.size()) + " bytes, an ELF header alone has " +
                 std::to_string(file_header_bytes));
        if (std::memcmp(file_.data(), magic.data(), magic.size()) != 0)
            fail("it does not start with the ELF magic number");
        expect("the ELF class", u8(file_, 4), 1, "1 (32-bit)");
        expect("the byte order", u8(file_, 5), 1, "1 (little-endian)");
        expect("the ELF version", u8(file_, 6), 1, "1");
        expect("the file type", u16(file_, 16), type_executable, "2 (executable)");
        expect("the machine", u16(file_, 18), machine_riscv, "243 (RISC-V)");
        image_.entry = u32(file_, 24);
        image_.flags = u32(file_, 36);
    }

    void expect(const char* what, std::uint32_t found, std::uint32_t wanted,
                const char* wanted_text) const {
        if (found != wanted)
            fail(std::string(what) + " is " + std::to_string(found) + ", expected " + wanted_text);
    }

    void segments() {
        const std::uint32_t count = u16(file_, 44);
        if (count != 0)
            expect("the size of a program header", u16(file_, 42), program_header_bytes, "32");
        const auto table = range(u32(file_, 28), std::uint64_t{count} * program_header_bytes,
                                 "the table of program headers");
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto header = table.subspan(i * program_header_bytes, program_header_bytes);
            if (u32(header, 0) == segment_load) image_.segments.push_back(segment(header, i));
        }
        if (image_.segments.empty()) fail("it has no segment to load");
        refuse_overlaps();
        // What the program begins with is code, also where no flag says so.
        ElfSegment* first = nullptr;
        for (ElfSegment& s : image_.segments) {
            if (image_.entry - s.address >= s.bytes.size()) continue;
            if (first == nullptr || s.executable) first = &s;
        }
        if (first == nullptr)
            fail("the entry point " + hex(image_.entry) + " lies in no segment of the file");
        first->executable = true;
    }

    ElfSegment segment(std::span<const std::byte> header, std::uint32_t index) const {
        const std::string what = "segment " + std::to_string(index);
        ElfSegment result;
        result.bytes = range(u32(header, 4), u32(header, 16), what);
        result.address = u32(header, 8);
        result.load_address = u32(header, 12);
        result.memory_bytes = u32(header, 20);
        result.executable = (u32(header, 24) & segment_executable) != 0;
        result.writable = (u32(header, 24) & segment_writable) != 0;
        if (result.memory_bytes < result.bytes.size())
            fail(what + " holds " + std::to_string(result.bytes.size()) + " bytes for " +
                 std::to_string(result.memory_bytes) + " bytes of memory");
        constexpr std::uint64_t space = 1ull << 32;
        if (result.address + std::uint64_t{result.memory_bytes} > space ||
            result.load_address + std::uint64_t{result.bytes.size()} > space)
            fail(what + " at " + hex(result.address) + " with " +
                 std::to_string(result.memory_bytes) +
                 " bytes of memory exceeds the 32-bit address space");
        return result;
    }

    void refuse_overlaps() const {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> loads;
        for (const ElfSegment& s : image_.segments)
            if (!s.bytes.empty()) loads.emplace_back(s.load_address, s.bytes.size());
        std::sort(loads.begin(), loads.end());
        for (std::size_t i = 1; i < loads.size(); ++i)
            if (loads[i - 1].first + loads[i - 1].second > loads[i].first)
                fail("two segments are loaded over one another at " + hex(loads[i].first));
    }

    void sections() {
        const std::uint32_t count = u16(file_, 48);
        if (count == 0) return;
        expect("the size of a section header", u16(file_, 46), section_header_bytes, "40");
        const auto table = range(u32(file_, 32), std::uint64_t{count} * section_header_bytes,
                                 "the table of section headers");
        const auto header = [&](std::uint32_t index) {
            return table.subspan(index * section_header_bytes, section_header_bytes);
        };
        const auto bytes = [&](std::uint32_t index) {
            const auto h = header(index);
            if (u32(h, 4) == section_no_bits) return std::span<const std::byte>{};
            return range(u32(h, 16), u32(h, 20), "section " + std::to_string(index));
        };
        const std::uint32_t names_index = u16(file_, 50);
        if (names_index >= count)
            fail("the section names are in section " + std::to_string(names_index) + " of " +
                 std::to_string(count));
        const auto names = bytes(names_index);
        for (std::uint32_t i = 1; i < count; ++i)
            image_.sections.push_back(
                {text(names, u32(header(i), 0), "section " + std::to_string(i)), bytes(i)});
        for (std::uint32_t i = 1; i < count; ++i) {
            if (u32(header(i), 4) != section_symbols) continue;
            const std::uint32_t strings = u32(header(i), 24);
            if (strings >= count)
                fail("the symbol names are in section " + std::to_string(strings) + " of " +
                     std::to_string(count));
            symbols(bytes(i), bytes(strings));
        }
        std::stable_sort(
            image_.functions.begin(), image_.functions.end(),
            [](const ElfFunction& a, const ElfFunction& b) { return a.address < b.address; });
    }

    void symbols(std::span<const std::byte> table, std::span<const std::byte> names) {
        if (table.size() % symbol_bytes != 0)
            fail("the symbol table has " + std::to_string(table.size()) +
                 " bytes, expected a multiple of " + std::to_string(symbol_bytes));
        for (; !table.empty(); table = table.subspan(symbol_bytes)) {
            const bool defined = u16(table, 14) != 0;
            if (!defined) continue;
            const std::uint32_t info = u8(table, 12);
            const bool local = info >> 4 == binding_local;
            const bool function = (info & 0xF) == symbol_function;
            if (local && !function) continue;
            const std::string_view name = text(names, u32(table, 0), "a symbol");
            if (!local) image_.symbols.push_back({u32(table, 4), name});
            if (function) {
                image_.functions.push_back({u32(table, 4), u32(table, 8), demangled(name)});
            }
        }
    }

    static std::string demangled(std::string_view symbol) {
        std::string plain(symbol);
        if (!plain.starts_with("_Z") || plain.size() > longest_demangled) return plain;
        int status = 0;
        const std::unique_ptr<char, void (*)(void*)> text(
            abi::__cxa_demangle(plain.c_str(), nullptr, nullptr, &status), std::free);
        return text ? std::string(text.get()) : plain;
    }

    std::string_view name_;
    std::span<const std::byte> file_;
    ElfImage image_;
};

}  // namespace

std::optional<std::span<const std::byte>> ElfImage::section(std::string_view section_name) const {
    for (const ElfSection& candidate : sections)
        if (candidate.name == section_name) return candidate.bytes;
    return std::nullopt;
}

std::optional<std::uint32_t> ElfImage::symbol(std::string_view symbol_name) const {
    for (const ElfSymbol& candidate : symbols)
        if (candidate.name == symbol_name) return candidate.address;
    return std::nullopt;
}

const ElfFunction* ElfImage::function_at(std::uint32_t address) const {
    auto after = std::upper_bound(
        functions.begin(), functions.end(), address,
        [](std::uint32_t wanted, const ElfFunction& f) { return wanted < f.address; });
    // Symbols of one address come together; hand-written code may lack a size.
    while (after != functions.begin()) {
        --after;
        if (address - after->address < after->bytes) return &*after;
        if (after->address != address && after->bytes != 0) return nullptr;
    }
    return nullptr;
}

ElfImage parse_elf(std::span<const std::byte> file, std::string_view name) {
    return Parser(file, name).parse();
}

std::vector<std::byte> image_bytes(const ElfImage& image, std::uint32_t base, std::uint32_t limit) {
    std::uint64_t end = base;
    for (const ElfSegment& s : image.segments) {
        if (s.bytes.empty()) continue;
        const std::uint64_t last = s.load_address + std::uint64_t{s.bytes.size()};
        if (s.load_address < base || last > std::uint64_t{base} + limit)
            throw ElfError(image.name + ": a segment is loaded at " + hex(s.load_address) +
                           " with " + std::to_string(s.bytes.size()) +
                           " bytes, expected it within " + std::to_string(limit) + " bytes from " +
                           hex(base) + "; link it with the linker script of kernels");
        end = std::max(end, last);
    }
    std::vector<std::byte> result(static_cast<std::size_t>(end - base));
    for (const ElfSegment& s : image.segments)
        if (!s.bytes.empty())
            std::copy(s.bytes.begin(), s.bytes.end(),
                      result.begin() + static_cast<std::ptrdiff_t>(s.load_address - base));
    return result;
}

}  // namespace tilewright::riscv
