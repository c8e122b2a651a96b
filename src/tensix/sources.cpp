#include "tensix/sources.hpp"

#include <utility>

namespace tilewright::tensix {
namespace {

Source& source_of(const Context& context, unsigned unpacker) {
    return unpacker == 0 ? context.state.a : context.state.b;
}

}  // namespace

void flip_sources(const Context& context, std::uint32_t which) {
    const std::uint32_t keep = context.config.own(thread_config::keep_valid);
    for (unsigned i = 0; i < 2; ++i) {
        if ((which >> i & 1) == 0) continue;
        Source& source = source_of(context, i);
        if ((keep >> i & 1) == 0) source.of_matrix().valid = false;
        source.matrix_bank ^= 1;
    }
}

void hand_over(const Context& context, unsigned unpacker, Format format) {
    Source& source = source_of(context, unpacker);
    SourceBank& bank = source.of_unpacker();
    bank.valid = true;
    bank.format = format;
    source.unpack_bank ^= 1;
    const ThreadField& set =
        unpacker == 0 ? thread_config::a_first_set : thread_config::b_first_set;
    source.first_row[context.thread] = static_cast<std::uint8_t>(context.config.own(set) << 4);
}

namespace {

inline __attribute__((always_inline)) SourceFormats formats_in(const Context& context) {
    const ConfigView& config = context.config;
    const auto configured = [&](const ConfigField& override, const ConfigField& value,
                                const ConfigField& format) {
        return static_cast<Format>(config(config.is(override) ? value : format));
    };
    SourceFormats formats;
    formats.a =
        configured(config::a_format_override, config::a_format_override_value, config::a_format);
    formats.b =
        configured(config::b_format_override, config::b_format_override_value, config::b_format);
    formats.b_as_a = formats.a;
    if (context.blackhole()) {
        const Format unpacked_b = context.state.b.of_matrix().format;
        if (config.own(thread_config::own_a_format) == 0) {
            formats.a = context.state.a.of_matrix().format;
            formats.b_as_a = unpacked_b;
        }
        if (config.own(thread_config::own_b_format) == 0) formats.b = unpacked_b;
    }
    if (config.own(thread_config::force_fp16) != 0) {
        formats.a = formats.b = formats.b_as_a = Format::fp16;
    }
    return formats;
}

}  // namespace

SourceFormats source_formats(const Context& context) {
    return with_known_architecture(
        context,
        [](const Context& known) __attribute__((always_inline)) { return formats_in(known); });
}

void execute(const Context& context, const op::cleardvalid& i) {
    for (unsigned which = 0; which < 2; ++which) {
        Source& source = source_of(context, which);
        if (i.reset != 0) {
            source.banks[0].valid = source.banks[1].valid = false;
            source.matrix_bank = source.unpack_bank = 0;
        } else if ((i.flip >> which & 1) != 0) {
            source.of_matrix().valid = false;
            if (i.keep_bank == 0) source.matrix_bank ^= 1;
        }
    }
}

void execute(const Context& context, const op::setdvalid& i) {
    for (unsigned unpacker = 0; unpacker < 2; ++unpacker) {
        if ((i.flip >> unpacker & 1) != 0) {
            hand_over(context, unpacker, source_of(context, unpacker).of_unpacker().format);
        }
    }
}

// It invalidates caches in front of SrcA and SrcB, which are not modelled: they cannot be seen.
void execute(const Context&, const op::gatesrcrst&) {}

void execute(const Context& context, const op::zerosrc& i) {
    for (unsigned which = 0; which < 2; ++which) {
        if ((i.which >> which & 1) == 0) continue;
        Source& source = source_of(context, which);
        const bool lowest = which == 0 && i.negative_infinity != 0;
        SourceRow row;
        row.fill(lowest ? 0x7'ffff : 0);
        for (unsigned bank = 0; bank < 2; ++bank) {
            const unsigned meant = i.matrix_bank != 0 ? source.matrix_bank : source.unpack_bank;
            if (i.both_banks != 0 || bank == meant) source.banks[bank].rows.fill(row);
        }
    }
}

void execute(const Context& context, const op::trnspsrcb&) {
    constexpr unsigned first = 16;
    auto& rows = context.state.b.of_matrix().rows;
    for (unsigned row = 0; row < row_size; ++row) {
        for (unsigned column = 0; column < row; ++column) {
            std::swap(rows[first + row][column], rows[first + column][row]);
        }
    }
}

}  // namespace tilewright::tensix
