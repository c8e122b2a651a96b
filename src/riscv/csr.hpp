// The control and status registers that a hart has. All counters run with the chip clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {

/// The value of a CSR for the instruction that `hart` stands before; nothing if there is none.
/// `cycle` and `time` are HartState::cycles, `instret` is HartState::retired.
std::optional<std::uint32_t> read_csr(const HartState& hart, const Isa& isa, std::uint32_t number);

/// Writes a CSR; false if there is none or it is read-only.
bool write_csr(HartState& hart, const Isa& isa, std::uint32_t number, std::uint32_t value);

/// Its name in assembly, empty if there is none.
std::string_view csr_name(std::uint32_t number);

}  // namespace tilewright::riscv
