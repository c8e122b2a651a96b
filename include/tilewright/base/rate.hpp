// Rates of bytes a cycle as exact fractions, and points in time between two cycles.
//
// A link that moves 100 bytes a cycle is busy for 10.24 cycles with 1 KiB. Rounding each piece of a
// transfer would lose or win cycles; so time on a link is counted in fractions, exactly, and
// rounded up to a cycle once, where something becomes visible.
#pragma once

#include <cstdint>

namespace tilewright {

/// `bytes` in `cycles`, in lowest terms. One part of a cycle on such a link is 1 / bytes.
struct Rate {
    std::uint32_t bytes = 1;
    std::uint32_t cycles = 1;
    bool operator==(const Rate&) const = default;
};

/// The simplest fraction that is as good as equal to so many bytes a cycle (to 1 in 10^9), such as
/// 2000/27 for 100 GB/s at 1350 MHz. `bytes_per_cycle` must be from 1/1024 to 65536.
Rate rate_of(double bytes_per_cycle);

/// Bytes over cycles in lowest terms; both must fit into 32 bits when reduced.
Rate make_rate(std::uint64_t bytes, std::uint64_t cycles);

constexpr bool slower(Rate a, Rate b) {
    return std::uint64_t{a.bytes} * b.cycles < std::uint64_t{b.bytes} * a.cycles;
}
constexpr Rate slowest(Rate a, Rate b) {
    return slower(b, a) ? b : a;
}

/// The point `part / of` of a cycle after the beginning of `cycle`; part < of.
struct Moment {
    std::uint64_t cycle = 0;
    std::uint32_t part = 0;
    std::uint32_t of = 1;

    /// The first cycle that does not begin before this point.
    std::uint64_t rounded_up() const { return cycle + (part != 0 ? 1 : 0); }
};

constexpr bool operator<(const Moment& a, const Moment& b) {
    if (a.cycle != b.cycle) return a.cycle < b.cycle;
    return std::uint64_t{a.part} * b.of < std::uint64_t{b.part} * a.of;
}

constexpr Moment later_of(const Moment& a, const Moment& b) {
    return a < b ? b : a;
}

template <class Archive>
void fields(Archive& archive, Moment& m) {
    archive(m.cycle, m.part, m.of);
}

/// The last point of a link of that rate that is not after `m`: within one part of it.
constexpr Moment last_before(const Moment& m, Rate rate) {
    if (m.of == rate.bytes) return m;
    const auto part = static_cast<std::uint32_t>(std::uint64_t{m.part} * rate.bytes / m.of);
    return {m.cycle, part, rate.bytes};
}

/// The first point of a link of that rate that is not before `m`.
constexpr Moment first_after(const Moment& m, Rate rate) {
    if (m.of == rate.bytes) return m;
    const std::uint64_t scaled = std::uint64_t{m.part} * rate.bytes;
    const std::uint64_t part = (scaled + m.of - 1) / m.of;
    if (part == rate.bytes) return {m.cycle + 1, 0, rate.bytes};
    return {m.cycle, static_cast<std::uint32_t>(part), rate.bytes};
}

/// When so many bytes have passed a link of that rate, from a point of that link on.
constexpr Moment after(const Moment& m, std::uint64_t bytes, Rate rate) {
    const std::uint64_t parts = m.part + bytes * rate.cycles;
    return {m.cycle + parts / rate.bytes, static_cast<std::uint32_t>(parts % rate.bytes),
            rate.bytes};
}

}  // namespace tilewright
