// Decoder of `.debug_line`: one line-number program a compilation unit, run into a table of rows.
//
// Each unit is decoded on its own; where one does not make sense it is dropped, and the next is
// found by the length of the one before.
#include "tilewright/riscv/lines.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tilewright::riscv {
namespace {

using Bytes = std::span<const std::byte>;

/// Reads forwards and never past the end: from then on everything is zero and `ok` is false.
class Cursor {
public:
    explicit Cursor(Bytes bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return bytes_.empty(); }
    void fail() {
        ok_ = false;
        bytes_ = {};
    }

    Bytes take(std::uint64_t count) {
        if (count > bytes_.size()) {
            fail();
            return {};
        }
        const Bytes taken = bytes_.first(static_cast<std::size_t>(count));
        bytes_ = bytes_.subspan(static_cast<std::size_t>(count));
        return taken;
    }

    std::uint32_t fixed(std::uint32_t size) {
        std::uint32_t value = 0;
        std::uint32_t shift = 0;
        for (const std::byte b : take(size)) {
            value |= std::to_integer<std::uint32_t>(b) << shift;
            shift += 8;
        }
        return value;
    }
    std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
    std::uint32_t u32() { return fixed(4); }

    std::uint64_t unsigned_leb() {
        std::uint64_t value = 0;
        for (std::uint32_t shift = 0; ok_; shift += 7) {
            const std::uint8_t byte = u8();
            if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
            if ((byte & 0x80) == 0) break;
        }
        return value;
    }

    std::int64_t signed_leb() {
        std::uint64_t value = 0;
        std::uint32_t shift = 0;
        std::uint8_t byte = 0;
        do {
            byte = u8();
            if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
            shift += 7;
        } while (ok_ && (byte & 0x80) != 0);
        if ((byte & 0x40) != 0 && shift < 64) value |= ~std::uint64_t{0} << shift;
        return static_cast<std::int64_t>(value);
    }

    std::string_view text() {
        const void* end = bytes_.empty() ? nullptr : std::memchr(bytes_.data(), 0, bytes_.size());
        if (end == nullptr) {
            fail();
            return {};
        }
        const auto* first = reinterpret_cast<const char*>(bytes_.data());
        const auto length = static_cast<std::size_t>(static_cast<const char*>(end) - first);
        bytes_ = bytes_.subspan(length + 1);
        return {first, length};
    }

private:
    Bytes bytes_;
    bool ok_ = true;
};

struct File {
    std::string_view directory;
    std::string_view name;
};

struct Row {
    std::uint32_t address;
    std::uint32_t file;  ///< index into Table::files, or no_file
    std::uint32_t line;
};
constexpr std::uint32_t no_file = ~0u;

/// Rows of ascending address that lie together; the last one covers up to end_address.
struct Sequence {
    std::uint32_t first_address;
    std::uint32_t end_address;
    std::size_t first_row;
    std::size_t end_row;
};

struct Table {
    std::vector<File> files;
    std::vector<Row> rows;
    std::vector<Sequence> sequences;
};

/// Sections that hold the texts of version 5.
struct Strings {
    Bytes line;   ///< .debug_line_str
    Bytes debug;  ///< .debug_str
};

struct Header {
    std::uint16_t version = 0;
    std::uint8_t minimum_instruction = 0;
    std::int8_t line_base = 0;
    std::uint8_t line_range = 0;
    std::uint8_t opcode_base = 0;
    Bytes opcode_lengths;
    std::uint32_t first_file = 0;  ///< index in Table::files of the unit's file number 0
    std::uint32_t file_count = 0;
};

std::string_view text_at(Bytes table, std::uint32_t offset) {
    if (offset >= table.size()) return {};
    return Cursor(table.subspan(offset)).text();
}

/// One table of version 5, of directories or of files: the format first, then the entries.
struct Entry {
    std::string_view path;
    std::uint64_t directory = 0;
};
std::vector<Entry> entry_table(Cursor& in, const Strings& strings) {
    enum : std::uint64_t { path = 1, directory_index = 2 };
    enum : std::uint64_t {
        block = 0x09,
        data1 = 0x0B,
        data2 = 0x05,
        data4 = 0x06,
        data8 = 0x07,
        data16 = 0x1E,
        string = 0x08,
        strp = 0x0E,
        udata = 0x0F,
        line_strp = 0x1F
    };
    std::vector<std::pair<std::uint64_t, std::uint64_t>> format(in.u8());
    for (auto& [content, form] : format) {
        content = in.unsigned_leb();
        form = in.unsigned_leb();
    }
    const std::uint64_t count = in.unsigned_leb();
    // Every form takes at least a byte, so a false count ends with the section.
    if (format.empty() && count != 0) in.fail();
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        Entry entry;
        for (const auto& [content, form] : format) {
            std::string_view text;
            std::uint64_t number = 0;
            switch (form) {
                case string:
                    text = in.text();
                    break;
                case line_strp:
                    text = text_at(strings.line, in.u32());
                    break;
                case strp:
                    text = text_at(strings.debug, in.u32());
                    break;
                case udata:
                    number = in.unsigned_leb();
                    break;
                case data1:
                    number = in.u8();
                    break;
                case data2:
                    number = in.u16();
                    break;
                case data4:
                    number = in.u32();
                    break;
                case data8:
                    in.take(8);
                    break;
                case data16:
                    in.take(16);
                    break;
                case block:
                    in.take(in.unsigned_leb());
                    break;
                default:
                    in.fail();
            }
            if (content == path) entry.path = text;
            if (content == directory_index) entry.directory = number;
        }
        if (in.ok()) entries.push_back(entry);
    }
    return entries;
}

void files_version_5(Cursor& in, const Strings& strings, Table& table) {
    const std::vector<Entry> directories = entry_table(in, strings);
    for (const Entry& entry : entry_table(in, strings)) {
        const bool known = entry.directory < directories.size();
        table.files.push_back(
            {known ? directories[static_cast<std::size_t>(entry.directory)].path : "", entry.path});
    }
}

/// Before version 5 both tables count from 1, and directory 0 is where the compiler ran.
void files_version_2(Cursor& in, Table& table) {
    std::vector<std::string_view> directories{""};
    while (in.ok()) {
        const std::string_view directory = in.text();
        if (directory.empty()) break;
        directories.push_back(directory);
    }
    table.files.push_back({});
    while (in.ok()) {
        const std::string_view name = in.text();
        if (name.empty()) break;
        const std::uint64_t directory = in.unsigned_leb();
        in.unsigned_leb();  // time of change
        in.unsigned_leb();  // size
        const bool known = directory < directories.size();
        table.files.push_back(
            {known ? directories[static_cast<std::size_t>(directory)] : "", name});
    }
}

/// The header of a unit, with `in` left at the first opcode; nothing if it is of no use.
std::optional<Header> read_header(Cursor& in, const Strings& strings, Table& table) {
    Header header;
    header.version = in.u16();
    if (header.version < 2 || header.version > 5) return std::nullopt;
    if (header.version == 5) {
        const std::uint8_t address_bytes = in.u8();
        const std::uint8_t segment_bytes = in.u8();
        if (address_bytes != 4 || segment_bytes != 0) return std::nullopt;
    }
    Cursor rest(in.take(in.u32()));
    header.minimum_instruction = rest.u8();
    const std::uint8_t operations = header.version >= 4 ? rest.u8() : std::uint8_t{1};
    rest.u8();  // whether rows begin statements: every row has its line
    header.line_base = static_cast<std::int8_t>(rest.u8());
    header.line_range = rest.u8();
    header.opcode_base = rest.u8();
    if (operations != 1 || header.line_range == 0 || header.opcode_base == 0) return std::nullopt;
    header.opcode_lengths = rest.take(header.opcode_base - 1u);
    const std::size_t first = table.files.size();
    if (header.version == 5)
        files_version_5(rest, strings, table);
    else
        files_version_2(rest, table);
    if (!in.ok() || !rest.ok()) return std::nullopt;
    header.first_file = static_cast<std::uint32_t>(first);
    header.file_count = static_cast<std::uint32_t>(table.files.size() - first);
    return header;
}

/// The state machine of the standard, with the registers that lines need.
class Program {
public:
    Program(const Header& header, const ElfImage& image, Table& table)
        : header_(header), image_(image), table_(table), first_row_(table.rows.size()) {}

    void run(Cursor in) {
        while (!in.at_end() && in.ok()) {
            const std::uint8_t opcode = in.u8();
            if (opcode >= header_.opcode_base)
                special(opcode);
            else if (opcode == 0)
                extended(in);
            else
                standard(opcode, in);
        }
        table_.rows.resize(first_row_);  // rows after the last complete sequence
    }

private:
    void advance(std::uint64_t operations) {
        address_ += static_cast<std::uint32_t>(operations * header_.minimum_instruction);
    }
    void emit() {
        const bool known = file_ < header_.file_count;
        table_.rows.push_back(
            {address_, known ? header_.first_file + static_cast<std::uint32_t>(file_) : no_file,
             line_});
    }

    void special(std::uint8_t opcode) {
        const std::uint32_t adjusted = static_cast<std::uint32_t>(opcode - header_.opcode_base);
        advance(adjusted / header_.line_range);
        line_ += static_cast<std::uint32_t>(header_.line_base) + adjusted % header_.line_range;
        emit();
    }

    void standard(std::uint8_t opcode, Cursor& in) {
        switch (opcode) {
            case 1:
                emit();
                break;
            case 2:
                advance(in.unsigned_leb());
                break;
            case 3:
                line_ += static_cast<std::uint32_t>(in.signed_leb());
                break;
            case 4:
                file_ = in.unsigned_leb();
                break;
            case 8:
                advance((255u - header_.opcode_base) / header_.line_range);
                break;
            case 9:
                address_ += in.u16();
                break;
            default:
                // Operands of opcodes that do not matter here, or are not known yet.
                for (auto n = std::to_integer<unsigned>(header_.opcode_lengths[opcode - 1u]);
                     n != 0; --n)
                    in.unsigned_leb();
        }
    }

    void extended(Cursor& in) {
        Cursor operands(in.take(in.unsigned_leb()));
        switch (operands.u8()) {
            case 1:
                end_sequence();
                break;
            case 2:
                address_ = operands.u32();
                break;
            default:
                break;
        }
    }

    /// Keeps the sequence if it describes code that is in the program: the linker leaves those of
    /// functions that it dropped, at address 0.
    void end_sequence() {
        auto& rows = table_.rows;
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(first_row_);
        const bool useful =
            first != rows.end() && in_code(first->address) && rows.back().address <= address_ &&
            std::is_sorted(first, rows.end(),
                           [](const Row& a, const Row& b) { return a.address < b.address; });
        if (useful) {
            table_.sequences.push_back({first->address, address_, first_row_, rows.size()});
            first_row_ = rows.size();
        } else {
            rows.resize(first_row_);
        }
        address_ = 0;
        file_ = 1;
        line_ = 1;
    }

    bool in_code(std::uint32_t address) const {
        return std::any_of(image_.segments.begin(), image_.segments.end(),
                           [&](const ElfSegment& s) {
                               return s.executable && address - s.address < s.bytes.size();
                           });
    }

    const Header& header_;
    const ElfImage& image_;
    Table& table_;
    std::size_t first_row_;
    std::uint32_t address_ = 0;
    std::uint64_t file_ = 1;
    std::uint32_t line_ = 1;
};

Table decode(const ElfImage& image) {
    const auto section = [&](std::string_view name) {
        return image.section(name).value_or(Bytes{});
    };
    const Strings strings{section(".debug_line_str"), section(".debug_str")};
    Table table;
    Cursor in(section(".debug_line"));
    while (!in.at_end()) {
        // The 64-bit form starts with ~0 here, a length that no section has.
        Cursor unit(in.take(in.u32()));
        if (const auto header = read_header(unit, strings, table))
            Program(*header, image, table).run(unit);
    }
    std::sort(
        table.sequences.begin(), table.sequences.end(),
        [](const Sequence& a, const Sequence& b) { return a.first_address < b.first_address; });
    return table;
}

std::string joined(const File& file) {
    if (file.directory.empty() || file.directory == "." || file.name.starts_with('/'))
        return std::string(file.name);
    std::string path(file.directory);
    if (!path.ends_with('/')) path += '/';
    return path.append(file.name);
}

}  // namespace

struct LineTable::Decoded {
    Table table;
};

LineTable::LineTable(ElfImage image) : image_(std::move(image)) {}
LineTable::~LineTable() = default;

SourceLocation LineTable::find(std::uint32_t address) const {
    std::call_once(once_,
                   [&] { decoded_ = std::make_unique<const Decoded>(Decoded{decode(image_)}); });
    const Table& table = decoded_->table;
    SourceLocation result;
    if (const ElfFunction* function = image_.function_at(address)) result.function = function->name;
    const auto after = std::upper_bound(
        table.sequences.begin(), table.sequences.end(), address,
        [](std::uint32_t wanted, const Sequence& s) { return wanted < s.first_address; });
    if (after == table.sequences.begin()) return result;
    const Sequence& sequence = *std::prev(after);
    if (address >= sequence.end_address) return result;
    const auto first = table.rows.begin() + static_cast<std::ptrdiff_t>(sequence.first_row);
    const auto last = table.rows.begin() + static_cast<std::ptrdiff_t>(sequence.end_row);
    const Row& row =
        *std::prev(std::upper_bound(first, last, address, [](std::uint32_t wanted, const Row& r) {
            return wanted < r.address;
        }));
    if (row.file == no_file) return result;
    result.file = joined(table.files[row.file]);
    result.line = row.line;
    return result;
}

std::string to_string(const SourceLocation& location) {
    std::string text;
    if (!location.file.empty()) text = location.file;
    if (location.line != 0) text += ":" + std::to_string(location.line);
    if (!location.function.empty()) text += (text.empty() ? "in " : " in ") + location.function;
    return text;
}

}  // namespace tilewright::riscv
