#include "tensix/pack.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "tensix/address_counters.hpp"
#include "tensix/dst.hpp"
#include "tensix/pack_number.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::string_view mnemonic = "PACR";
constexpr std::uint32_t block_size = 16;  ///< numbers that share an exponent

/// A packer's own registers: Wormhole has four packers, in both sections.
struct Section {
    const ConfigView& config;
    unsigned packer;
    std::uint32_t operator()(unsigned word, unsigned low, unsigned width) const {
        return config.in_section(packer / 2, packer % 2 == 0 ? 4 + word : 32 + word, low, width);
    }
};

/// What all packers of an instruction share.
struct Plan {
    PackFormats formats;
    bool accumulates;
    std::uint32_t count;  ///< numbers of each packer
    std::uint32_t first;  ///< 16 times the row of Dst, plus the column, before the packer's offset
    std::uint32_t rows_selected;  ///< Blackhole: a bit for each of four rows that are read together
    bool strided;                 ///< Blackhole: rows lie 16 apart
    bool zero;
    std::uint32_t out_offset;  ///< bytes
};

std::uint32_t counters_times_strides(const Context& context, unsigned channel,
                                     const ConfigField& base, const ConfigField& y,
                                     const ConfigField& z, const ConfigField& w) {
    const auto& counters = context.own().counters[2].channel[channel];
    const ConfigView& config = context.config;
    return config(base) + counters[counter_y].value * config(y) +
           counters[counter_z].value * config(z) + counters[counter_w].value * config(w);
}

PackFormats formats_of(const Context& context, const Section& section) {
    const ConfigView& config = context.config;
    PackFormats formats{};
    formats.intermediate = static_cast<Format>(config(config.is(config::dst_format_override)
                                                          ? config::dst_format_override_value
                                                          : config::dst_format));
    formats.out = static_cast<Format>(section(2, 4, 4));
    const auto in = static_cast<Format>(section(2, 8, 4));
    if (in != formats.intermediate) {
        refuse(mnemonic, "Dst is read as " + std::string(name_of(formats.intermediate)) +
                             ", the packer expects " + std::string(name_of(in)));
    }
    formats.wide = config.is(config::pack_reads_32_bits);
    formats.raw = config.is(config::pack_reads_raw);
    formats.is_unsigned = config.is(config::pack_reads_unsigned);
    formats.rounds_to_10_bits = config.is(config::pack_rounds_to_10_bits);
    formats.blackhole = context.blackhole();
    formats.short_fp8 = context.blackhole() && section(3, 23, 1) != 0;
    formats.relu_mode = config(config::relu_mode);
    formats.relu_threshold = config(config::relu_threshold);
    check_formats(formats);
    if (formats.intermediate == Format::int8 && config.is(config::descale)) {
        refuse(mnemonic, "the scaling of integers down is not modelled");
    }
    return formats;
}

void refuse_what_is_not_modelled(const Context& context, const Section& section,
                                 const op::pacr& i) {
    const auto refuse_if = [](bool asked, const char* what) {
        if (asked) refuse(mnemonic, std::string(what) + " is not modelled");
    };
    const ConfigView& config = context.config;
    refuse_if(section(2, 0, 1) == 0, "compression");
    refuse_if(section(2, 1, 1) != 0, "an offset from the core's registers");
    refuse_if(section(2, 16, 1) != 0, "packing from L1");
    refuse_if(section(3, 20, 1) != 0, "a threshold of exponents");
    const std::uint32_t kept = section(3, 0, 16);
    refuse_if(kept != 0 && kept != 0xffff, "downsampling");
    refuse_if(config.in_section(0, 37, 0, 17) != 0, "a ring of addresses");
    refuse_if(config.is(config::edge_uses_faces), "edge masking by faces");
    refuse_if(config.is(config::pack_planes_first.at(section.packer)),
              "edge masking of transposed planes");
    refuse_if(i.other_thread != 0, "another thread's counters");
    refuse_if(i.context_control != 0 || i.counter_context != 0 || i.config_context != 0,
              "a context");
    refuse_if(i.pad_rows != 0, "padding of rows");
    // `concat` says how rows are compressed, which they are not.
    refuse_if((config(config::stochastic_rounding) & 6) != 0, "stochastic rounding");
}

Plan plan_of(const Context& context, const Section& section, const op::pacr& i) {
    refuse_what_is_not_modelled(context, section, i);
    Plan plan{};
    plan.formats = formats_of(context, section);
    plan.zero = i.zero != 0;
    plan.accumulates = section(3, context.blackhole() ? 19 : 21, 1) != 0;
    const Format out = plan.formats.out;
    if (plan.accumulates && out != Format::fp32 && out != Format::bf16 && out != Format::fp16) {
        refuse(mnemonic, "accumulation in L1 of " + std::string(name_of(out)) +
                             "; it is of fp32, bf16 and fp16");
    }
    const auto& counters = context.own().counters[2];
    const std::uint32_t x = counters.channel[0][counter_x].value;
    const std::uint32_t end = counters.channel[1][counter_x].value;
    plan.count = i.flush != 0 ? 0 : end + 1 - x;
    if (end + 1 < x || plan.count > dst_rows * row_size) {
        refuse(mnemonic, "of numbers " + std::to_string(x) + " to " + std::to_string(end));
    }
    // Addresses are in bytes of the intermediate format, but for the column.
    const std::uint32_t size = std::max(bits_of(plan.formats.intermediate) / 8, 1u);
    const std::uint32_t column_mask = 16 / size - 1;
    const std::uint32_t bytes =
        counters_times_strides(context, 0, config::pack_base, config::pack_y_stride,
                               config::pack_z_stride, config::pack_w_stride) +
        x * (context.config(config::pack_x_stride) & 0xf);
    plan.first = (bytes / size & ~column_mask) + (x & column_mask);
    const std::uint32_t out_bytes =
        counters_times_strides(context, 1, config::pack_out_base, config::pack_out_y_stride,
                               config::pack_out_z_stride, config::pack_out_w_stride);
    // In units of 16 bytes; Wormhole drops the lower four bits of those again.
    plan.out_offset = context.blackhole() ? out_bytes >> 4 << 4 : (out_bytes & ~0xfu) << 4;
    plan.rows_selected = 1;
    if (context.blackhole()) {
        plan.rows_selected = i.packers == 0 ? 0xf : i.packers;
        plan.strided = i.strided != 0;
        const auto rows = static_cast<std::uint32_t>(std::popcount(plan.rows_selected));
        if (rows > 1 && plan.count != 0 && plan.count != row_size) {
            refuse(mnemonic, "several rows at once are whole rows of 16 numbers, not of " +
                                 std::to_string(plan.count));
        }
        plan.count *= rows;
        if (plan.strided &&
            !(context.config.is(config::dst_swizzle) && context.config.is(config::dst_remap))) {
            refuse(mnemonic,
                   "rows apart from one another need the remapped addresses of Dst "
                   "(DEST_ACCESS_CFG)");
        }
    }
    if (is_block(out) && plan.count % block_size != 0) {
        refuse(mnemonic, std::to_string(plan.count) + " numbers of " + std::string(name_of(out)) +
                             ", whose blocks have 16");
    }
    return plan;
}

/// Where the packer's first number goes when it does not go on from before.
void begin(const Context& context, const Section& section, const Plan& plan, PackerState& packer) {
    packer = {};
    packer.continues = true;
    std::uint32_t address = section(1, 0, 32) + (section(2, 15, 1) == 0 ? 1 : 0);
    if (section.packer != 0) {
        const Section first{context.config, 0};
        const std::uint32_t base = first(1, 0, 32) + (first(2, 15, 1) == 0 ? 1 : 0);
        if ((base & sign_bit) != 0) address += base;
    }
    packer.exponent_address = (address << 4) + plan.out_offset;
    // Formats of 8 bits and less leave room for exponents, even if they have none.
    const bool small = (static_cast<unsigned>(plan.formats.out) & 2) != 0;
    packer.data_address = packer.exponent_address + (small ? section(0, 16, 16) << 4 : 0);
}

/// The row of Dst in which the index-th number lies.
unsigned row_of(const Plan& plan, std::uint32_t first, std::uint32_t index) {
    const std::uint32_t row = (first + index) / row_size;
    if (plan.rows_selected == 1) return row & (dst_rows - 1);
    // The selected of four rows, one after another.
    const std::uint32_t nth = index / row_size;
    std::uint32_t selected = plan.rows_selected;
    for (std::uint32_t skip = 0; skip < nth; ++skip) selected &= selected - 1;
    const auto distance = static_cast<std::uint32_t>(std::countr_zero(selected));
    return (first / row_size + (plan.strided ? 16 : 1) * distance) & (dst_rows - 1);
}

/// Columns that edge masking lets through where the tile position generator stands: a bit for each.
std::uint32_t columns_inside(const Context& context, unsigned packer_number,
                             const PackerState& packer) {
    const ConfigView& config = context.config;
    const unsigned set = extract(config(config::edge_row_set_of_packers), 2 * packer_number, 2);
    const unsigned which = extract(config(config::edge_row_sets.at(set)), 2 * (packer.y & 15), 2);
    return config(config::edge_mask.at(which));
}

/// After `count` numbers, which do not go beyond the generator's row.
void advance_position(const Context& context, unsigned packer_number, PackerState& packer,
                      std::uint32_t count) {
    packer.x += count;
    if (packer.x < row_size) return;
    packer.x = 0;
    if (++packer.y < context.config(config::pack_rows_of_plane.at(packer_number))) return;
    packer.y = 0;
    ++packer.z;
}

/// What is packed of numbers of a row of Dst, from a column on.
void pack_numbers(const Context& context, const Plan& plan, unsigned row, unsigned column,
                  std::uint32_t inside, std::span<std::uint32_t> numbers) {
    std::array<std::uint32_t, row_size> bits{};
    const Dst& dst = context.state.dst;
    const unsigned upper = plan.formats.wide ? wide_row(row) : row;
    if (dst.defined[upper]) {
        const std::uint16_t* const from = dst.rows[upper].data() + column;
        for (std::size_t i = 0; i < numbers.size(); ++i) bits[i] = from[i];
        if (plan.formats.wide) {
            const std::uint16_t* const lower = dst.rows[upper + low_half_distance].data() + column;
            for (std::size_t i = 0; i < numbers.size(); ++i) bits[i] = bits[i] << 16 | lower[i];
        }
    }
    pack_row(plan.formats, bits, numbers);
    const std::uint32_t all = (1u << numbers.size()) - 1;
    if (!plan.zero && (~inside >> column & all) == 0) return;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (plan.zero || (inside >> (column + i) & 1) == 0) numbers[i] = 0;
    }
}

/// Numbers as they follow one another in L1.
template <class Stored>
void write_as(const Context& context, const Plan& plan, std::uint32_t address,
              std::span<const std::uint32_t> numbers) {
    std::array<Stored, row_size> stored;
    const auto bytes = static_cast<std::uint32_t>(numbers.size_bytes() * sizeof(Stored) / 4);
    context.check(address, bytes);
    std::byte* const there = context.l1.bytes.data() + address;
    if (plan.accumulates) {
        std::memcpy(stored.data(), there, bytes);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            stored[i] =
                static_cast<Stored>(accumulated_in_l1(plan.formats.out, stored[i], numbers[i]));
        }
    } else {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            stored[i] = static_cast<Stored>(numbers[i]);
        }
    }
    std::memcpy(there, stored.data(), bytes);
}

void write_numbers(const Context& context, const Plan& plan, std::uint32_t address,
                   std::span<const std::uint32_t> numbers) {
    switch (bits_of(plan.formats.out)) {
        case 32:
            return write_as<std::uint32_t>(context, plan, address, numbers);
        case 16:
            return write_as<std::uint16_t>(context, plan, address, numbers);
        default:
            return write_as<std::uint8_t>(context, plan, address, numbers);
    }
}

using Block = std::array<std::uint16_t, block_size>;

/// A block of BF16 numbers under their largest exponent.
void write_block(const Context& context, Format format, std::uint32_t exponent_address,
                 std::uint32_t address, const Block& block) {
    std::uint32_t shared = 0;
    for (const std::uint16_t number : block) shared = std::max(shared, number >> 7 & 0xffu);
    context.store(exponent_address, static_cast<std::uint8_t>(shared));
    const unsigned bits = bits_of(format);
    const unsigned in_a_byte = 8 / bits;
    for (unsigned at = 0; at < block_size * bits / 8; ++at) {
        std::uint32_t byte = 0;
        for (unsigned i = 0; i < in_a_byte; ++i) {
            byte |= std::uint32_t{blocked(block[at * in_a_byte + i], shared, bits)} << (i * bits);
        }
        context.store(address + at, static_cast<std::uint8_t>(byte));
    }
}

/// The next multiple of 16 bytes, and zeros up to there.
constexpr std::uint32_t padded(std::uint32_t end) {
    return (end + 15) & ~15u;
}
void pad(const Context& context, std::uint32_t end) {
    for (; end % 16 != 0; ++end) context.store(end, std::uint8_t{0});
}

/// Where the packer's numbers begin in Dst: 16 times the row, plus the column.
std::uint32_t first_of(const Context& context, const Plan& plan, unsigned packer) {
    return (plan.first + context.config(config::pack_dst_offset.at(packer)) * row_size) &
           (dst_rows * row_size - 1);
}

void pack(const Context& context, const Plan& plan, unsigned number, bool last) {
    const Section section{context.config, number};
    PackerState& packer = context.state.packers[number];
    if (!packer.continues) begin(context, section, plan, packer);
    const std::uint32_t first = first_of(context, plan, number);
    const bool blocks = is_block(plan.formats.out);
    const unsigned bits = bits_of(plan.formats.out);
    const std::uint32_t data = packer.data_address;
    const std::uint32_t exponents = packer.exponent_address;
    const std::uint32_t data_end = data + plan.count * bits / 8;
    const std::uint32_t exponents_end = exponents + (blocks ? plan.count / block_size : 0);
    const auto write_to = [&](std::uint32_t begin, std::uint32_t end) {
        context.writing(begin, (last ? padded(end) : end) - begin);
    };
    if (plan.accumulates) context.reading(data, data_end - data);
    write_to(data, data_end);
    if (blocks) write_to(exponents, exponents_end);
    const unsigned first_row = row_of(plan, first, 0);
    if (plan.count != 0) {
        const unsigned rows = row_of(plan, first, plan.count - 1) - first_row + 1;
        context.effects.dst_read[number] = {first_row, rows % unsigned{dst_rows}};
    }
    context.effects.added_in_l1 = plan.accumulates;
    Block block;
    for (std::uint32_t index = 0; index < plan.count;) {
        const unsigned column = (first + index) % row_size;
        // Numbers of one row: of Dst, of those selected and of the generator.
        const auto count = static_cast<std::uint32_t>(std::min(
            {row_size - column, row_size - index % row_size,
             packer.x < row_size ? row_size - packer.x : 1, std::size_t{plan.count - index}}));
        const std::uint32_t inside = columns_inside(context, number, packer);
        const std::uint32_t asked = (1u << (column + count)) - (1u << column);
        if ((asked & ~inside) != 0 && context.config.is(config::edge_is_infinite)) {
            refuse(mnemonic, "edge masking with -infinity is not modelled");
        }
        std::array<std::uint32_t, row_size> buffer;
        const auto numbers = std::span(buffer).first(count);
        pack_numbers(context, plan, row_of(plan, first, index), column, inside, numbers);
        advance_position(context, number, packer, count);
        if (!blocks) {
            write_numbers(context, plan, data + index * bits / 8, numbers);
            index += count;
            continue;
        }
        for (const std::uint32_t value : numbers) {
            const std::uint32_t at = index++;
            block[at % block_size] = static_cast<std::uint16_t>(value);
            if (at % block_size == block_size - 1) {
                const std::uint32_t nth = at / block_size;
                write_block(context, plan.formats.out, exponents + nth,
                            data + nth * block_size * bits / 8, block);
            }
        }
    }
    packer.data_address = data_end;
    packer.exponent_address = exponents + plan.count / block_size;
    context.effects.numbers_packed[number] = plan.count;
    context.effects.bytes_packed[number] = data_end - data;
    if (last) {
        pad(context, packer.data_address);
        if (blocks) pad(context, packer.exponent_address);
        packer.continues = false;
    }
}

void advance_counters(const Context& context, std::uint32_t mode_number) {
    const std::uint32_t mode = context.config.own(thread_config::pack_modes.at(mode_number));
    AddressCounters& counters = context.own().counters[2];
    for (unsigned channel = 0; channel < 2; ++channel) {
        const unsigned y = 6 * channel;
        if (extract(mode, y + 5, 1) != 0) {
            set_counter(counters, channel, counter_y, 0);
        } else if (extract(mode, y + 4, 1) != 0) {
            carry_counter(counters, channel, counter_y, extract(mode, y, 4));
        } else {
            advance_counter(counters, channel, counter_y, extract(mode, y, 4));
        }
        const unsigned z = 12 + 2 * channel;
        if (extract(mode, z + 1, 1) != 0) {
            set_counter(counters, channel, counter_z, 0);
        } else {
            advance_counter(counters, channel, counter_z, extract(mode, z, 1));
        }
    }
}

/// A bit for each packer that takes part.
std::uint32_t packers_of(const Context& context, const op::pacr& i) {
    return context.blackhole() || i.packers == 0 ? 1 : i.packers;
}

}  // namespace

std::vector<PackedNumber> places_of(const Context& context, const op::pacr& i, unsigned row,
                                    unsigned column) {
    std::vector<PackedNumber> places;
    const std::uint32_t packers = packers_of(context, i);
    for (unsigned number = 0; number < packer_count; ++number) {
        if ((packers >> number & 1) == 0) continue;
        const Section section{context.config, number};
        const Plan plan = plan_of(context, section, i);
        PackerState packer = context.state.packers[number];
        if (!packer.continues) begin(context, section, plan, packer);
        const std::uint32_t first = first_of(context, plan, number);
        const unsigned bits = bits_of(plan.formats.out);
        for (std::uint32_t index = 0; index < plan.count; ++index) {
            if (row_of(plan, first, index) != row || (first + index) % row_size != column) continue;
            const std::uint32_t bit = index * bits;
            places.push_back({.packer = number,
                              .intermediate = plan.formats.intermediate,
                              .format = plan.formats.out,
                              .address = packer.data_address + bit / 8,
                              .first_bit = bit % 8,
                              .exponent_address = packer.exponent_address + index / block_size,
                              .added = plan.accumulates,
                              .relu_mode = plan.formats.relu_mode});
        }
    }
    return places;
}

void execute(const Context& context, const op::pacr& i) {
    const bool last = i.last != 0 || i.flush != 0;
    const std::uint32_t packers = packers_of(context, i);
    for (unsigned packer = 0; packer < packer_count; ++packer) {
        if ((packers >> packer & 1) == 0) continue;
        pack(context, plan_of(context, {context.config, packer}, i), packer, last);
    }
    advance_counters(context, i.addr_mod);
}

}  // namespace tilewright::tensix
