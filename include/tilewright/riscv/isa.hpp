// Which instructions a core has: the extensions of RISC-V that are implemented, and the reader of
// ISA strings such as "rv32im_zicsr_zaamo_zba_zbb".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tilewright::riscv {

enum class Extension : std::uint8_t {
    i,          ///< RV32I, version 2.1, always there
    m,          ///< division; multiplication is zmmul, which m brings along
    zmmul,      ///< multiplication only
    zicsr,      ///< CSR accesses
    zicntr,     ///< cycle, time, instret; comes with zicsr, as every core here counts
    zaamo,      ///< read-modify-write atomics
    zalrsc,     ///< load-reserved and store-conditional
    zawrs,      ///< wait on a reservation
    zba,        ///< address generation
    zbb,        ///< basic bit manipulation
    f,          ///< single precision; brings zicsr along, as fcsr is a CSR
    c,          ///< 16-bit instructions; those that load and store floats need f as well
    zifencei,   ///< fence.i
    xtttensix,  ///< the vendor's: words of a coprocessor in the stream
    count_
};

/// A set of extensions.
class Isa {
public:
    constexpr bool has(Extension e) const { return (bits_ >> static_cast<unsigned>(e) & 1) != 0; }
    constexpr Isa& add(Extension e) {
        bits_ |= 1u << static_cast<unsigned>(e);
        return *this;
    }
    constexpr Isa& remove(Extension e) {
        bits_ &= ~(1u << static_cast<unsigned>(e));
        return *this;
    }
    constexpr bool operator==(const Isa&) const = default;

private:
    std::uint32_t bits_ = 1u << static_cast<unsigned>(Extension::i);
};

/// Reads an ISA string: "rv32i", then single letters (m, a, f, c), then names separated by
/// underscores; upper or lower case, version numbers such as "m2p0" allowed and ignored. "a" is
/// zaamo and zalrsc. Throws ConfigError that names what is unknown, unsupported, repeated or
/// missing.
Isa parse_isa(std::string_view text);

/// The canonical string of a set; parse_isa(to_string(isa)) == isa.
std::string to_string(const Isa& isa);

}  // namespace tilewright::riscv
