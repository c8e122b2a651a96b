#include "tensix/unpack.hpp"

#include <algorithm>
#include <span>

#include "tensix/address_counters.hpp"
#include "tensix/dst.hpp"
#include "tensix/sources.hpp"
#include "tensix/unpack_number.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::string_view mnemonic = "UNPACR";
constexpr std::uint32_t block_size = 16;  ///< numbers that share an exponent
/// SrcA and Dst begin at this row of unpacker 0's addresses.
constexpr std::uint32_t rows_before = 4;

/// All that an instruction's configuration says.
struct Plan {
    unsigned unpacker;
    UnpackFormats formats;
    std::uint64_t first_bit;   ///< of the numbers, in L1
    std::uint64_t row_stride;  ///< bits from one row of L1 to the next
    unsigned row_width;        ///< numbers in a row of L1
    std::uint32_t count;
    std::uint32_t first_exponent;  ///< address of the first exponent, times 16
    bool shared_exponent_forced;
    std::uint8_t forced_exponent;
    std::uint32_t out;  ///< the first number's place: 16 times the row, plus the column
    bool zero;
    bool transpose;
};

/// Numbers of section 0 or 1, which describes the unpacker.
struct Section {
    const ConfigView& config;
    unsigned number;
    std::uint32_t operator()(unsigned word, unsigned low, unsigned width) const {
        return config.in_section(number, word, low, width);
    }
};

/// Which of up to eight contexts an instruction uses: places and formats of its input.
unsigned context_of(const Context& context, const op::unpacr& i) {
    if (i.contexts == 0) return 0;
    const unsigned base =
        i.context_counter != 0 ? context.own().unpack_context[i.unpacker] : i.context;
    const ThreadField& offset =
        i.unpacker == 0 ? thread_config::context_offset0 : thread_config::context_offset1;
    const unsigned number = (base + context.config.own(offset)) & 7;
    if (i.unpacker == 1 && number >= 2) {
        refuse(mnemonic, "context " + std::to_string(number) + " of unpacker 1; it has 0 and 1");
    }
    return number;
}

/// A register that holds a field of 16 bits for each of four contexts, two in a word.
std::uint32_t half_of_context(const Section& section, unsigned word, unsigned number) {
    return section(word + (number & 3) / 2, 16 * (number & 1), 16);
}

UnpackFormats formats_of(const Context& context, const Section& section, const op::unpacr& i,
                         unsigned number) {
    UnpackFormats formats{};
    formats.in = static_cast<Format>(section(0, 0, 4));
    formats.out = static_cast<Format>(section(8, 0, 4));
    if (i.contexts != 0 && section(8, 14, 1) != 0) {
        const unsigned low = number < 4 ? 16 : 24;
        formats.in = static_cast<Format>(section(28 + (number & 3), low, 4));
        formats.out = static_cast<Format>(section(28 + (number & 3), low + 4, 4));
    }
    if (i.unpacker == 0) {
        const unsigned bit = number < 4 ? 4 + number : 16 + number;
        formats.to_dst = (i.contexts != 0 ? section(9, bit, 1) : section(8, 11, 1)) != 0;
    }
    formats.is_unsigned =
        context.config.is(i.unpacker == 0 ? config::a_unsigned : config::b_unsigned);
    formats.blackhole = context.blackhole();
    formats.short_fp8 = context.blackhole() && section(7, 22, 1) != 0;
    check_formats(formats);
    return formats;
}

void refuse_what_is_not_modelled(const Section& section, const op::unpacr& i, unsigned number) {
    const unsigned bit = number < 4 ? number : 12 + number;
    const bool uncompressed = (i.contexts != 0 ? section(9, bit, 1) : section(0, 4, 1)) != 0;
    if (!uncompressed) refuse(mnemonic, "compressed data are not modelled");
    if (i.row_search != 0) refuse(mnemonic, "row search is not modelled");
    if (i.broadcast != 0) refuse(mnemonic, "the broadcast of a row is not modelled");
    if (section(8, 12, 2) != 0 || section(8, 15, 1) != 0) {
        refuse(mnemonic, "upsampling is not modelled");
    }
    if (section(11, 0, 17) != 0) refuse(mnemonic, "a ring of addresses is not modelled");
}

/// Place in L1 of what is unpacked: exponents, then numbers.
void plan_input(const Context& context, const Section& section, const op::unpacr& i,
                unsigned number, Plan& plan) {
    const AddressCounters& xy =
        context.state.threads[i.contexts != 0 ? i.counter_context : context.thread]
            .counters[i.unpacker];
    const AddressCounters& zw = context.own().counters[i.unpacker];
    const auto of = [](const AddressCounters& counters, unsigned channel, std::size_t dimension) {
        return counters.channel[channel][dimension].value;
    };
    const std::uint32_t x_dim = i.contexts != 0 && i.unpacker == 0
                                    ? half_of_context(section, 22, number)
                                    : section(0, 16, 16);
    const std::uint32_t y_dim = section(1, 0, 8);
    const std::uint32_t z_dim = std::max(section(1, 16, 8), 1u);
    const std::uint32_t w_dim = std::max(section(2, 0, 8), 1u);
    const std::uint32_t x = of(xy, 0, counter_x);
    const std::uint32_t end = of(xy, 1, counter_x) + 1;
    if (end <= x) {
        refuse(mnemonic, "of numbers " + std::to_string(x) + " to " + std::to_string(end - 1));
    }
    plan.count = end - x;
    const std::uint32_t first =
        ((of(zw, 0, counter_w) * z_dim + of(zw, 0, counter_z)) * y_dim + of(xy, 0, counter_y)) *
            x_dim +
        x;

    const std::uint32_t base = section(12 + number, 0, 32) + section(28 + (number & 3), 0, 16);
    const std::uint32_t header = 1 + section(3, 24, 8);
    std::uint32_t address = (base + header) << 4;
    const unsigned bits = bits_of(plan.formats.in);
    if (is_block(plan.formats.in)) {
        plan.shared_exponent_forced = section(9, 8, 1) != 0;
        const ConfigField& forced =
            i.unpacker == 0 ? config::unpack0_shared_exponent : config::unpack1_shared_exponent;
        plan.forced_exponent = static_cast<std::uint8_t>(context.config(forced));
        plan.first_exponent = address * block_size + first;
        const bool has_exponents = bits == 8 || section(0, 5, 1) == 0;
        if (!plan.shared_exponent_forced && has_exponents) {
            const std::uint32_t blocks =
                (x_dim * y_dim * z_dim * w_dim + block_size - 1) / block_size;
            address += (blocks + 15) / 16 * 16;
        }
    }
    plan.first_bit = std::uint64_t{address} * 8 + std::uint64_t{first} * bits;
    // Blackhole reads rows of 32 numbers where they have 16 bits or more.
    plan.row_width = context.blackhole() && bits > 8 ? 32 : 16;
    plan.row_stride = std::uint64_t{bits} * plan.row_width;
    const bool scattered = section(8, 9, 1) != 0;
    if (scattered) {
        if (bits < 8)
            refuse(mnemonic, "rows apart from one another have numbers of 8 bits or more");
        plan.row_stride = std::uint64_t{section(8, 16, 4) << 4 | section(8, 20, 4) << 8 |
                                        section(8, 24, 4) << 12} *
                          8;
    }
    if ((scattered || plan.transpose) && plan.first_bit % 128 != 0) {
        refuse(mnemonic,
               "rows apart from one another, or a transpose, begin at a multiple of 16 "
               "bytes");
    }
    if (!scattered && i.unpacker == 0 && section(8, 16 + 4 * (number & 3), 4) != 0) {
        refuse(mnemonic, "a shift of columns is not modelled");
    }
}

/// Place in SrcA, SrcB or Dst.
void plan_output(const Context& context, const Section& section, const op::unpacr& i,
                 unsigned number, Plan& plan) {
    const ConfigView& config = context.config;
    const auto& counters = context.own().counters[i.unpacker].channel[1];
    const unsigned which = 2 * i.unpacker;
    const std::uint32_t bytes =
        config(i.unpacker == 0 ? config::unpack0_out_base : config::unpack1_out_base) +
        counters[counter_y].value * config(config::unpack_out_y_stride.at(which)) +
        counters[counter_z].value * config(config::unpack_out_z_stride.at(which)) +
        counters[counter_w].value * config(config::unpack_out_w_stride.at(which));
    const std::uint32_t size = std::max(bits_of(plan.formats.out) / 8, 1u);
    if (bytes % size != 0) {
        refuse(mnemonic, "output at byte " + std::to_string(bytes) + " of numbers of " +
                             std::to_string(size) + " bytes");
    }
    plan.out = bytes / size;
    if (i.contexts != 0 && i.unpacker == 0) {
        const std::uint32_t place = half_of_context(section, 20, number);
        const bool added = plan.formats.to_dst || config.is(config::unpack0_adds_counters);
        plan.out = added ? plan.out + place : place;
    }
}

Plan plan_of(const Context& context, const op::unpacr& i) {
    const Section section{context.config, i.unpacker};
    const unsigned number = context_of(context, i);
    if (i.contexts != 0 && i.counter_context >= thread_count) {
        refuse(mnemonic, "address counters of thread 3; there are 0 to 2");
    }
    refuse_what_is_not_modelled(section, i, number);
    Plan plan{};
    plan.unpacker = i.unpacker;
    plan.zero = i.zero != 0;
    plan.formats = formats_of(context, section, i, number);
    plan.transpose = i.unpacker == 0 && section(8, 8, 1) != 0;
    if (plan.formats.to_dst && plan.transpose) {
        refuse(mnemonic, "a transpose into Dst is undefined");
    }
    plan_input(context, section, i, number, plan);
    plan_output(context, section, i, number, plan);
    return plan;
}

/// Bits of L1 that lie in one byte, or in 2 or 4 whole ones.
std::uint32_t read_bits(const Context& context, std::uint64_t first, unsigned bits) {
    const auto address = static_cast<std::uint32_t>(first / 8);
    switch (bits) {
        case 32:
            return context.load<std::uint32_t>(address);
        case 16:
            return context.load<std::uint16_t>(address);
        default:
            return extract(context.load<std::uint8_t>(address), first % 8, bits);
    }
}

std::uint64_t first_bit_of(const Plan& plan, std::uint32_t index) {
    const unsigned bits = bits_of(plan.formats.in);
    return plan.first_bit + index % plan.row_width * bits +
           index / plan.row_width * plan.row_stride;
}

std::uint32_t read_number(const Context& context, const Plan& plan, std::uint32_t index) {
    const std::uint32_t number =
        read_bits(context, first_bit_of(plan, index), bits_of(plan.formats.in));
    std::uint8_t exponent = plan.forced_exponent;
    if (is_block(plan.formats.in) && !plan.shared_exponent_forced) {
        exponent = context.load<std::uint8_t>((plan.first_exponent + index) / block_size);
    }
    return plan.zero ? 0 : unpacked(plan.formats, number, exponent);
}

/// Reads 16 numbers from this one on, if they lie together and whole in L1, with one exponent.
bool read_row(const Context& context, const Plan& plan, std::uint32_t index, SourceRow& numbers) {
    const std::uint64_t first = first_bit_of(plan, index);
    if (index % block_size != 0 || first % 8 != 0) return false;
    const std::byte* const bytes = context.find(first / 8, row_size * bits_of(plan.formats.in) / 8);
    if (bytes == nullptr) return false;
    std::uint8_t exponent = plan.forced_exponent;
    if (is_block(plan.formats.in) && !plan.shared_exponent_forced) {
        const std::uint32_t place = plan.first_exponent + index;
        const std::byte* const shared = context.find(place / block_size, 1);
        if (place % block_size != 0 || shared == nullptr) return false;
        exponent = static_cast<std::uint8_t>(*shared);
    }
    if (plan.zero) {
        numbers.fill(0);
    } else {
        unpack_row(plan.formats, bytes, exponent, numbers);
    }
    return true;
}

// --- Writing: numbers that go to one row of SrcA, SrcB or Dst, from a column on ---

using Numbers = std::span<const std::uint32_t>;

void write_to_dst(const Context& context, const Plan& plan, unsigned row, unsigned column,
                  Numbers numbers) {
    Dst& dst = context.state.dst;
    if (bits_of(plan.formats.out) == 32) {
        for (const std::uint32_t number : numbers) write32(dst, row, column++, number);
    } else {
        for (const std::uint32_t number : numbers) {
            write16(dst, row, column++, static_cast<std::uint16_t>(number));
        }
    }
}

void write_to_a(const Context& context, const Plan& plan, unsigned row, unsigned column,
                Numbers numbers) {
    auto& rows = context.state.a.of_unpacker().rows;
    if (!plan.transpose) {
        std::copy(numbers.begin(), numbers.end(), rows[row].begin() + column);
        return;
    }
    const unsigned turned = row & 15;
    for (const std::uint32_t number : numbers) rows[(row & ~15u) | column++][turned] = number;
}

/// The row in which a place lies; TensixFault if there is none.
unsigned row_of(const Context& context, const Plan& plan, std::uint32_t place) {
    const bool from_address = context.config.own(thread_config::a_row_from_address) != 0;
    if (plan.unpacker == 1) {
        const std::uint32_t first = context.state.b.first_row[context.thread];
        return (place / row_size + first) & (source_rows - 1);
    }
    unsigned row = place / row_size - rows_before;
    if (plan.formats.to_dst) return row & (from_address ? 15 : dst_rows - 1);
    if (!from_address) {
        if (row >= row_size) {
            refuse(mnemonic, "row " + std::to_string(row) + " of a set of SrcA; it has 16");
        }
        row += context.state.a.first_row[context.thread];
    } else if (row >= source_rows && !context.blackhole()) {
        refuse(mnemonic, "row " + std::to_string(row) + " of SrcA; it has 64");
    }
    return row & (source_rows - 1);
}

/// Numbers from this one on that go to one row, up to `end`; returns the next one.
std::uint32_t unpack_into_row(const Context& context, const Plan& plan, std::uint32_t index,
                              std::uint32_t end) {
    const std::uint32_t place = plan.out + index;
    const unsigned column = place % row_size;
    const std::uint32_t count = std::min(std::uint32_t{row_size} - column, end - index);
    SourceRow buffer;
    unsigned row = 0;
    if (count == row_size && read_row(context, plan, index, buffer)) {
        row = row_of(context, plan, place);
    } else {
        for (std::uint32_t i = 0; i < count; ++i) {
            buffer[i] = read_number(context, plan, index + i);
            if (i == 0) row = row_of(context, plan, place);
        }
    }
    const Numbers numbers = Numbers(buffer).first(count);
    if (plan.unpacker == 1) {
        SourceRow& to = context.state.b.of_unpacker().rows[row];
        std::copy(numbers.begin(), numbers.end(), to.begin() + column);
    } else if (plan.formats.to_dst) {
        write_to_dst(context, plan, row, column, numbers);
    } else {
        write_to_a(context, plan, row, column, numbers);
    }
    return index + count;
}

/// Tell of the bytes of these numbers, and of their exponents.
void tell_reads(const Context& context, const Plan& plan, std::uint32_t from, std::uint32_t end) {
    const unsigned bits = bits_of(plan.formats.in);
    const bool in_one = plan.row_stride == std::uint64_t{plan.row_width} * bits;
    for (std::uint32_t first = from; first < end;) {
        const std::uint32_t next =
            in_one ? end : std::min(end, (first / plan.row_width + 1) * plan.row_width);
        const std::uint64_t begin = plan.first_bit + first % plan.row_width * bits +
                                    first / plan.row_width * plan.row_stride;
        const std::uint64_t last = begin + std::uint64_t{next - first} * bits;
        context.reading(static_cast<std::uint32_t>(begin / 8),
                        static_cast<std::uint32_t>((last + 7) / 8 - begin / 8));
        first = next;
    }
    if (!is_block(plan.formats.in) || plan.shared_exponent_forced) return;
    const std::uint32_t first = (plan.first_exponent + from) / block_size;
    context.reading(first, (plan.first_exponent + end - 1) / block_size + 1 - first);
}

void note_reads(const Context& context, const Plan& plan) {
    const unsigned bits = bits_of(plan.formats.in);
    const std::uint32_t last = plan.count - 1;
    const std::uint64_t last_bit = plan.first_bit + last % plan.row_width * bits +
                                   last / plan.row_width * plan.row_stride + bits;
    const auto begin = static_cast<std::uint32_t>(plan.first_bit / 8);
    context.effects.read[0] = {begin, static_cast<std::uint32_t>((last_bit + 7) / 8) - begin};
    context.effects.bytes_unpacked = (plan.count * bits + 7) / 8;
    if (is_block(plan.formats.in) && !plan.shared_exponent_forced) {
        const std::uint32_t first = plan.first_exponent / block_size;
        const std::uint32_t end = (plan.first_exponent + last) / block_size + 1;
        context.effects.read[1] = {first, end - first};
        context.effects.bytes_unpacked += end - first;
    }
}

void advance_counters(const Context& context, const op::unpacr& i) {
    for (unsigned thread = 0; thread < thread_count; ++thread) {
        const bool named = i.contexts != 0 && thread == i.counter_context;
        if (thread != context.thread && !named) continue;
        AddressCounters& counters = context.state.threads[thread].counters[i.unpacker];
        advance_counter(counters, 0, counter_y, i.y0);
        advance_counter(counters, 0, counter_z, i.z0);
        advance_counter(counters, 1, counter_y, i.y1);
        advance_counter(counters, 1, counter_z, i.z1);
    }
}

void next_context(const Context& context, const op::unpacr& i, unsigned from) {
    const unsigned count = 1u << Section{context.config, i.unpacker}(8, 6, 2);
    context.own().unpack_context[i.unpacker] =
        static_cast<std::uint8_t>(from + 1 >= count ? 0 : from + 1);
}

}  // namespace

void execute(const Context& context, const op::unpacr& i) {
    // The cache of rows of compressed data cannot be seen.
    if (i.flush_cache != 0) return;
    if (i.next_context != 0) {
        next_context(context, i, context.own().unpack_context[i.unpacker]);
        return;
    }
    const Plan plan = plan_of(context, i);
    // What would go to rows before the first is not read.
    constexpr std::uint32_t before = rows_before * row_size;
    const std::uint32_t first = i.unpacker == 0 && plan.out < before ? before - plan.out : 0;
    for (std::uint32_t index = first; index < plan.count;) {
        index = unpack_into_row(context, plan, index, plan.count);
    }
    if (!plan.zero && first < plan.count) tell_reads(context, plan, first, plan.count);
    note_reads(context, plan);
    if (i.contexts != 0 && i.context_counter != 0) {
        next_context(context, i, context_of(context, i));
    }
    advance_counters(context, i);
    const Section section{context.config, i.unpacker};
    if (i.set_valid != 0) {
        hand_over(context, i.unpacker, plan.formats.out);
    } else if (section(8, 10, 1) != 0) {
        Source& source = i.unpacker == 0 ? context.state.a : context.state.b;
        const ThreadField& set =
            i.unpacker == 0 ? thread_config::a_first_set : thread_config::b_first_set;
        std::uint8_t& first = source.first_row[context.thread];
        first = static_cast<std::uint8_t>((first + 16 + (context.config.own(set) << 4)) & 63);
    }
}

bool clears(Architecture architecture, const op::unpacr_nop& i) {
    return architecture == Architecture::blackhole || i.what == 1 || i.what == 5;
}

void execute(const Context& context, const op::unpacr_nop& i) {
    constexpr std::string_view name = "UNPACR_NOP";
    bool lowest = false;
    bool valid = false;
    if (context.blackhole()) {
        if (i.pop != 1 || i.clear_value > 1 || i.both_banks != 0 || i.one_format != 0 ||
            i.messages != 0 || i.stream != 0) {
            refuse(name, "only the clearing of a bank to 0 or to its lowest number is modelled");
        }
        lowest = i.clear_value == 1;
        valid = i.set_valid != 0;
    } else {
        if (i.what != 1 && i.what != 5 && i.what != 7) {
            refuse(name, "what=" + std::to_string(i.what) +
                             "; modelled are 1 (clear), 5 (clear to the lowest number) and 7 (set "
                             "valid)");
        }
        lowest = i.what == 5;
        valid = i.what == 7;
    }
    if (lowest && i.unpacker == 1) refuse(name, "SrcB is cleared to 0 only");
    Source& source = i.unpacker == 0 ? context.state.a : context.state.b;
    if (clears(context.architecture, i)) {
        SourceRow row;
        row.fill(lowest ? 0x7'ffff : 0);
        source.of_unpacker().rows.fill(row);
    }
    if (valid) {
        hand_over(context, i.unpacker,
                  static_cast<Format>(context.config.in_section(i.unpacker, 8, 0, 4)));
    }
}

}  // namespace tilewright::tensix
